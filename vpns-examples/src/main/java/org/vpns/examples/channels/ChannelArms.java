package org.vpns.examples.channels;

import static org.vpns.examples.TrainingSettings.BATCH;
import static org.vpns.examples.TrainingSettings.PROMPT;
import static org.vpns.examples.TrainingSettings.PROMPT_RATE;
import static org.vpns.examples.TrainingSettings.SCORES;
import static org.vpns.examples.TrainingSettings.SCORE_RATE;
import static org.vpns.examples.TrainingSettings.WEIGHTS;
import static org.vpns.examples.TrainingSettings.WEIGHT_RATE;

import com.google.common.collect.ImmutableMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.vpns.Sparsity;
import org.vpns.examples.SourceNetwork;
import org.vpns.mapping.Mappings;
import org.vpns.optim.UpdateRule;
import org.vpns.prompt.Prompts;
import org.vpns.structured.plan.ChannelBudget;
import org.vpns.structured.plan.ChannelSelection;
import org.vpns.structured.prune.ChannelChoice;
import org.vpns.structured.prune.ChannelPruner;
import org.vpns.structured.prune.ChannelPruners;
import org.vpns.structured.prune.ChannelTrainer;
import org.vpns.structured.score.ChannelImportance;
import org.vpns.structured.score.Importances;
import org.vpns.structured.score.Normaliser;
import org.vpns.structured.train.SparseTraining;
import org.vpns.train.Length;
import org.vpns.train.Mount;
import org.vpns.train.Recipe;
import org.vpns.train.Stage;

/**
 * The methods of the paper's figure on channels, each of T gradient steps before the channels leave
 * and T after: Slim and DepGraph train towards fewer channels, HYDRA and VPNs learn scores. All
 * channels are ranked together; a tenth of each group stays.
 */
final class ChannelArms {
  /** What the others are compared to. */
  static final String BASELINE = "HYDRA on channels";

  private static final String VPNS = "VPNs on channels";

  private final Map<String, Function<Sparsity, ChannelMethodRun>> arms;

  private final long seed;
  private final Length length;

  /**
   * The arms of a seed.
   *
   * @param steps T
   */
  ChannelArms(long seed, long steps) {
    this.seed = seed;
    length = Length.iterations(steps);
    arms =
        ImmutableMap.of(
            "Slim",
            this::slim,
            "DepGraph",
            this::depGraph,
            BASELINE,
            this::hydra,
            VPNS,
            this::vpns);
  }

  /** The methods. */
  static Set<String> names() {
    return new ChannelArms(1, 1).arms.keySet();
  }

  /** A method at a share of channels that leaves. */
  ChannelMethodRun run(String name, Sparsity leaving) {
    Function<Sparsity, ChannelMethodRun> arm = arms.get(name);
    if (arm == null) {
      throw new IllegalArgumentException(name);
    }
    return arm.apply(leaving);
  }

  private ChannelMethodRun slim(Sparsity leaving) {
    SparseTraining training = SparseTraining.slim().weights(WEIGHTS, WEIGHT_RATE);
    return sparse("Slim", training, Importances.normScale(), leaving);
  }

  private ChannelMethodRun depGraph(Sparsity leaving) {
    UpdateRule withoutDecay = UpdateRule.sgd().momentum(0.9); // the regulariser takes its place
    SparseTraining training = SparseTraining.depGraph().weights(withoutDecay, WEIGHT_RATE);
    return sparse("DepGraph", training, Importances.l2().normaliser(Normaliser.MAX), leaving);
  }

  private ChannelMethodRun sparse(
      String name, SparseTraining training, ChannelImportance importance, Sparsity leaving) {
    Stage tune = Stage.tuning(new Stage.Motion(WEIGHTS, WEIGHT_RATE), length).build();
    Recipe recipe = finish(Recipe.of(name, Sparsity.DENSE, training.stage(length), tune)).build();
    ChannelSelection selection = ChannelSelection.of(ChannelBudget.channels(leaving));
    ChannelTrainer trainer =
        ChannelTrainer.of(recipe).leaving(ChannelChoice.least(importance, selection));
    return new ChannelMethodRun(
        name, leaving, recipe, importance.describe() + "; " + selection.describe(), trainer);
  }

  private ChannelMethodRun hydra(Sparsity leaving) {
    return learned(BASELINE, leaving, finish(Recipe.of(learned(), leaving)).build());
  }

  /** HYDRA with a prompt everywhere. */
  private ChannelMethodRun vpns(Sparsity leaving) {
    Recipe recipe =
        finish(Recipe.of(learned(), leaving))
            .name(VPNS)
            .prompt(Prompts.pad(8))
            .mount(Mount.everywhere().trained(PROMPT, PROMPT_RATE))
            .build();
    return learned(VPNS, leaving, recipe);
  }

  private static ChannelMethodRun learned(String name, Sparsity leaving, Recipe recipe) {
    return new ChannelMethodRun(
        name, leaving, recipe, "by the mask that is learned", ChannelTrainer.of(recipe));
  }

  private ChannelPruner learned() {
    return ChannelPruners.hydra()
        .scores(SCORES, SCORE_RATE)
        .weights(WEIGHTS, WEIGHT_RATE)
        .lengths(length, length, length)
        .withoutWarmUp();
  }

  private Recipe.Builder finish(Recipe.Builder recipe) {
    return recipe
        .mapping(Mappings.frequency().onDense())
        .input(SourceNetwork.input())
        .batchSize(BATCH)
        .seed(seed);
  }
}
