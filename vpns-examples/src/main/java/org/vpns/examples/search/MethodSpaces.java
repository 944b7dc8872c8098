package org.vpns.examples.search;

import static org.vpns.examples.TrainingSettings.PROMPT;
import static org.vpns.examples.TrainingSettings.SCORES;
import static org.vpns.examples.TrainingSettings.WEIGHTS;

import java.util.List;
import org.vpns.ImageInput;
import org.vpns.LabelMapping;
import org.vpns.Sparsity;
import org.vpns.optim.LearningRate;
import org.vpns.prompt.Prompts;
import org.vpns.prune.Pruners;
import org.vpns.study.SearchOption;
import org.vpns.study.SearchSpace;
import org.vpns.train.Length;
import org.vpns.train.Mount;
import org.vpns.train.Pruner;
import org.vpns.train.Recipe;
import org.vpns.train.Stage;

/**
 * The methods and the settings that a search tries: rates that fall by a cosine, the width of a
 * prompt around the image. Those that find a mask take half of the steps for it.
 *
 * @param input of the network
 * @param mapping which outputs stand for the classes
 * @param sparsity of all but the dense network
 * @param batchSize images per gradient step
 * @param settings that are tried
 */
public record MethodSpaces(
    ImageInput input, LabelMapping mapping, Sparsity sparsity, int batchSize, Settings settings) {
  /** The dense network, trained for as long: what sparse ones are held against. */
  public static final String DENSE = "Dense";

  /**
   * What is tried.
   *
   * @param weights rates of weights, biases and normalisation
   * @param scores rates of learned scores
   * @param prompts rates of a prompt
   * @param width pixels of a prompt on each side
   */
  public record Settings(
      SearchOption<Double> weights,
      SearchOption<Double> scores,
      SearchOption<Double> prompts,
      SearchOption<Integer> width) {

    /** A grid: prompts of an eighth and of a quarter of the shorter side of the canvas. */
    public static Settings grid(ImageInput input) {
      int side = Math.min(input.height(), input.width());
      return new Settings(
          SearchOption.of("weight rate", 0.003, 0.01, 0.03, 0.1, 0.3),
          SearchOption.of("score rate", 0.003, 0.01, 0.03, 0.1),
          SearchOption.of("prompt rate", 0.01, 0.03, 0.1),
          SearchOption.of("prompt width", Math.max(1, side / 8), Math.max(2, side / 4)));
    }

    /** Those of the quick start, chosen by hand. */
    public static Settings byHand() {
      return new Settings(
          SearchOption.of("weight rate", 0.1),
          SearchOption.of("score rate", 0.03),
          SearchOption.of("prompt rate", 0.03),
          SearchOption.of("prompt width", 8));
    }
  }

  /** Magnitude, without and with a prompt, HYDRA, VPNs, GMP. */
  public List<SearchSpace> sparse() {
    return List.of(omp(), ompWithPrompt(), hydra(), vpns(), gmp());
  }

  /** Tuned as it is. */
  public SearchSpace dense() {
    return SearchSpace.of(
            DENSE,
            (choice, steps) -> {
              Stage.Motion motion = new Stage.Motion(WEIGHTS, rate(choice, settings.weights));
              Stage tune = Stage.tuning(motion, Length.iterations(steps)).build();
              return options(Recipe.of(DENSE, Sparsity.DENSE, tune)).build();
            })
        .over(settings.weights);
  }

  /** One shot by magnitude. */
  public SearchSpace omp() {
    return SearchSpace.of("OMP", (choice, steps) -> options(magnitude(choice, steps)).build())
        .over(settings.weights);
  }

  private SearchSpace ompWithPrompt() {
    return SearchSpace.of(
            "OMP + prompt",
            (choice, steps) ->
                options(magnitude(choice, steps))
                    .prompt(Prompts.pad(choice.get(settings.width)))
                    .mount(Mount.everywhere().trained(PROMPT, rate(choice, settings.prompts)))
                    .build())
        .over(settings.weights, settings.width, settings.prompts);
  }

  private Recipe.Builder magnitude(SearchSpace.Choice choice, long steps) {
    return of(
        Pruners.magnitude()
            .weights(WEIGHTS, rate(choice, settings.weights))
            .length(Length.iterations(steps)));
  }

  /** Learned scores. */
  public SearchSpace hydra() {
    return SearchSpace.of(
            "HYDRA",
            (choice, steps) ->
                options(
                        of(
                            Pruners.hydra()
                                .scores(SCORES, rate(choice, settings.scores))
                                .weights(WEIGHTS, rate(choice, settings.weights))
                                .lengths(half(steps), half(steps))))
                    .build())
        .over(settings.scores, settings.weights);
  }

  /** Learned scores with a prompt. */
  public SearchSpace vpns() {
    return SearchSpace.of(
            "VPNs",
            (choice, steps) -> {
              LearningRate prompt = rate(choice, settings.prompts);
              return options(
                      of(
                          Pruners.vpns()
                              .scores(SCORES, rate(choice, settings.scores))
                              .promptInFinding(PROMPT, prompt)
                              .weights(WEIGHTS, rate(choice, settings.weights))
                              .promptInTuning(PROMPT, prompt)
                              .lengths(half(steps), half(steps))))
                  .prompt(Prompts.pad(choice.get(settings.width)))
                  .build();
            })
        .over(settings.scores, settings.weights, settings.width, settings.prompts);
  }

  private SearchSpace gmp() {
    return SearchSpace.of(
            "GMP",
            (choice, steps) ->
                options(
                        of(
                            Pruners.gradual()
                                .weights(WEIGHTS, rate(choice, settings.weights))
                                .length(Length.iterations(steps))))
                    .build())
        .over(settings.weights);
  }

  private static LearningRate rate(SearchSpace.Choice choice, SearchOption<Double> option) {
    return LearningRate.cosine(choice.get(option));
  }

  private static Length half(long steps) {
    return Length.iterations(Math.max(1, steps / 2));
  }

  private Recipe.Builder of(Pruner pruner) {
    return Recipe.of(pruner, sparsity);
  }

  private Recipe.Builder options(Recipe.Builder recipe) {
    return recipe.mapping(mapping).input(input).batchSize(batchSize);
  }
}
