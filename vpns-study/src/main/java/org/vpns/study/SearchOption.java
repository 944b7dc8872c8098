package org.vpns.study;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.vpns.Problem;

/**
 * Something that a search chooses, such as a learning rate, and the values that it tries.
 * Immutable.
 *
 * @param <T> of the values
 */
public final class SearchOption<T> {
  private final String name;
  private final List<T> values;
  private final List<String> words;

  private SearchOption(String name, List<T> values, List<String> words) {
    this.name = name;
    this.values = values;
    this.words = words;
  }

  /**
   * Numbers, or values whose text says what they are.
   *
   * @param name as tables call it
   * @param values at least one, each once
   * @throws IllegalArgumentException if there is none, or two have the same text
   */
  @SafeVarargs
  @SuppressWarnings("varargs") // the list is a copy
  public static <T> SearchOption<T> of(String name, T... values) {
    Problem.givenEach(values, "SearchOption.of", "values");
    return of(name, SearchOption::words, List.of(values));
  }

  /**
   * Values with words of one's own.
   *
   * @param name as tables call it
   * @param words for a value, other ones for each
   * @param values at least one
   * @throws IllegalArgumentException if there is none, or two have the same words
   */
  public static <T> SearchOption<T> of(
      String name, Function<? super T, String> words, List<T> values) {
    Problem.given(name, "SearchOption.of", "name");
    Problem.given(words, "SearchOption.of", "words");
    List<T> copy = List.copyOf(Problem.givenEach(values, "SearchOption.of", "values"));
    if (copy.isEmpty()) {
      throw Problem.argument(
          "option without values",
          "SearchOption " + name,
          "at least 1 value",
          0,
          "name values to try, or leave the option out");
    }
    Set<String> seen = new HashSet<>();
    List<String> said = new ArrayList<>();
    for (T value : copy) {
      String text = words.apply(value);
      if (!seen.add(text)) {
        throw Problem.argument(
            "value twice",
            "SearchOption " + name,
            "values that differ",
            "'" + text + "' for two",
            "leave one out, or give them words that tell them apart");
      }
      said.add(text);
    }
    return new SearchOption<>(name, copy, List.copyOf(said));
  }

  private static String words(Object value) {
    return value instanceof Double || value instanceof Float
        ? number(value.toString())
        : value.toString();
  }

  /** Without exponent and idle zeros; what is no number stays. */
  private static String number(String numeral) {
    try {
      return new BigDecimal(numeral).stripTrailingZeros().toPlainString();
    } catch (NumberFormatException e) {
      return numeral;
    }
  }

  /** As tables call it. */
  public String name() {
    return name;
  }

  /** The values in their order. */
  public List<T> values() {
    return values;
  }

  /** Words for a value. */
  String words(int index) {
    return words.get(index);
  }

  @Override
  public String toString() {
    return name + " " + words;
  }
}
