package org.vpns.study;

import com.google.common.math.LongMath;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.vpns.Problem;
import org.vpns.Value;
import org.vpns.train.Recipe;

/**
 * A method whose settings are searched: all combinations of the values of its options. Immutable.
 *
 * <pre>{@code
 * SearchOption<Double> rate = SearchOption.of("rate", 0.01, 0.03, 0.1);
 * SearchSpace omp =
 *     SearchSpace.of(
 *             "OMP",
 *             (choice, steps) ->
 *                 Recipe.of(
 *                         Pruners.magnitude()
 *                             .weights(UpdateRule.sgd(), LearningRate.cosine(choice.get(rate)))
 *                             .length(Length.iterations(steps)),
 *                         Sparsity.of(0.95))
 *                     .build())
 *         .over(rate);
 * }</pre>
 */
public final class SearchSpace extends Value<SearchSpace> {
  private static final int MOST = 100_000;

  private final String method;
  private final Recipes recipes;
  private List<SearchOption<?>> options = List.of();

  private SearchSpace(String method, Recipes recipes) {
    this.method = method;
    this.recipes = recipes;
  }

  /** Makes recipes of settings. */
  @FunctionalInterface
  public interface Recipes {
    /**
     * The recipe of some settings. Its name and seed are left to the search.
     *
     * @param choice a value of each option
     * @param steps gradient steps that it may take at most, all stages and passes
     */
    Recipe of(Choice choice, long steps);
  }

  /** A value for each option. */
  public static final class Choice {
    private final String method;
    private final Map<SearchOption<?>, Integer> places;

    private Choice(String method, Map<SearchOption<?>, Integer> places) {
      this.method = method;
      this.places = places;
    }

    /**
     * The value of an option.
     *
     * @throws IllegalArgumentException if the method is not searched over the option
     */
    public <T> T get(SearchOption<T> option) {
      Problem.given(option, "SearchSpace.Choice.get", "option");
      Integer place = places.get(option);
      if (place == null) {
        throw Problem.argument(
            "option that is not searched",
            "SearchSpace " + method,
            "one of " + places.keySet().stream().map(SearchOption::name).toList(),
            "'" + option.name() + "'",
            "name it in SearchSpace.over");
      }
      return option.values().get(place);
    }

    /** Words for each value, by the names of the options. */
    public Map<String, String> words() {
      Map<String, String> words = new LinkedHashMap<>();
      places.forEach((option, place) -> words.put(option.name(), option.words(place)));
      return words;
    }

    @Override
    public String toString() {
      return method + " " + words();
    }
  }

  /**
   * A method without options, which is run as it is.
   *
   * @param method as tables call it
   * @param recipes makes its recipes
   */
  public static SearchSpace of(String method, Recipes recipes) {
    Problem.given(method, "SearchSpace.of", "method");
    Problem.given(recipes, "SearchSpace.of", "recipes");
    return new SearchSpace(method, recipes);
  }

  /**
   * With options in place of those before.
   *
   * @throws IllegalArgumentException if two have the same name, or there are more than 100,000
   *     combinations
   */
  public SearchSpace over(SearchOption<?>... newOptions) {
    List<SearchOption<?>> copy =
        List.of(Problem.givenEach(newOptions, "SearchSpace.over", "options"));
    Set<String> names = new HashSet<>();
    long size = 1;
    for (SearchOption<?> option : copy) {
      if (!names.add(option.name())) {
        throw Problem.argument(
            "two options of one name",
            "SearchSpace " + method,
            "a name for each",
            "'" + option.name() + "' twice",
            "rename one of them");
      }
      size = LongMath.saturatedMultiply(size, option.values().size());
    }
    if (size > MOST) {
      throw Problem.argument(
          "grid too large",
          "SearchSpace " + method,
          "at most " + MOST + " combinations",
          size,
          "leave out options or values");
    }
    return with(s -> s.options = copy);
  }

  /** As tables call it. */
  public String method() {
    return method;
  }

  /** All combinations, the values of the last option changing first. */
  List<Choice> choices() {
    List<Map<SearchOption<?>, Integer>> grid = List.of(Map.of());
    for (SearchOption<?> option : options) {
      List<Map<SearchOption<?>, Integer>> longer = new ArrayList<>();
      for (Map<SearchOption<?>, Integer> before : grid) {
        for (int i = 0; i < option.values().size(); i++) {
          Map<SearchOption<?>, Integer> places = new LinkedHashMap<>(before);
          places.put(option, i);
          longer.add(places);
        }
      }
      grid = longer;
    }
    return grid.stream().map(places -> new Choice(method, places)).toList();
  }

  /** The recipe of a choice, under a name of its own. */
  Recipe recipe(Choice choice, long steps, long seed) {
    Recipe recipe =
        Problem.given(recipes.of(choice, steps), "SearchSpace " + method, "what Recipes.of gives");
    return recipe.toBuilder().name(name(choice, steps)).seed(seed).build();
  }

  /** Method, values and steps: short enough for a file, and still a name of its own. */
  private String name(Choice choice, long steps) {
    return choice.places.isEmpty()
        ? method + ", " + steps + " steps"
        : method + " " + String.join(" ", choice.words().values()) + ", " + steps + " steps";
  }

  @Override
  public String toString() {
    return method + " over " + options;
  }
}
