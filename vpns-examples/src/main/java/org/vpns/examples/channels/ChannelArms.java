package org.vpns.examples.channels;

import static org.vpns.examples.TrainingSettings.SCORES;
import static org.vpns.examples.TrainingSettings.WEIGHTS;

import com.google.common.collect.ImmutableMap;
import java.util.List;
import java.util.Map;
import org.vpns.Problem;
import org.vpns.Sparsity;
import org.vpns.examples.compare.ComparisonTask;
import org.vpns.examples.compare.MethodRates;
import org.vpns.examples.compare.MethodRecipes;
import org.vpns.optim.UpdateRule;
import org.vpns.report.PruneReport;
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
import org.vpns.study.StudyRun;
import org.vpns.train.Mount;
import org.vpns.train.Recipe;
import org.vpns.train.Stage;

/**
 * The methods of the paper's figure on channels, each of T gradient steps before the channels leave
 * and T after: Slim and DepGraph train towards fewer channels, HYDRA and VPNs learn scores. All
 * channels are ranked together; a tenth of each group stays.
 */
public final class ChannelArms {
  /** What the others are compared to. */
  public static final String HYDRA = "HYDRA on channels";

  /** HYDRA with a prompt everywhere. */
  public static final String VPNS = "VPNs on channels";

  /** L1 on the scales of batch norm. */
  public static final String SLIM = "Slim";

  /** Norms of groups. */
  public static final String DEP_GRAPH = "DepGraph";

  private final MethodRecipes recipes;
  private final MethodRates rates;
  private final Map<String, Arm> arms =
      ImmutableMap.of(
          SLIM, this::slim, DEP_GRAPH, this::depGraph, HYDRA, this::hydra, VPNS, this::vpns);

  /** Makes a run. */
  private interface Arm {
    ChannelMethodRun at(Sparsity leaving, long seed);
  }

  /**
   * The arms of a task.
   *
   * @param steps T
   */
  public ChannelArms(ComparisonTask task, long steps) {
    recipes = new MethodRecipes(task, steps);
    rates = task.rates();
  }

  /** The methods. */
  public static List<String> names() {
    return List.of(SLIM, DEP_GRAPH, HYDRA, VPNS);
  }

  /** A method at a share of channels that leaves. */
  ChannelMethodRun run(String name, Sparsity leaving, long seed) {
    Arm arm = arms.get(name);
    if (arm == null) {
      throw Problem.argument("no such arm", "ChannelArms", names(), name, "check the spelling");
    }
    return arm.at(leaving, seed);
  }

  /** The same, told by the report of one run; no network is timed. */
  public StudyRun<PruneReport> reported(String name, Sparsity leaving, long seed) {
    return new ReportedChannels(run(name, leaving, seed));
  }

  private ChannelMethodRun slim(Sparsity leaving, long seed) {
    SparseTraining training = SparseTraining.slim().weights(WEIGHTS, rates.weights());
    return sparse(SLIM, training, Importances.normScale(), leaving, seed);
  }

  private ChannelMethodRun depGraph(Sparsity leaving, long seed) {
    UpdateRule withoutDecay = UpdateRule.sgd().momentum(0.9); // the regulariser takes its place
    SparseTraining training = SparseTraining.depGraph().weights(withoutDecay, rates.weights());
    ChannelImportance importance = Importances.l2().normaliser(Normaliser.MAX);
    return sparse(DEP_GRAPH, training, importance, leaving, seed);
  }

  private ChannelMethodRun sparse(
      String name,
      SparseTraining training,
      ChannelImportance importance,
      Sparsity leaving,
      long seed) {
    Stage tune = Stage.tuning(new Stage.Motion(WEIGHTS, rates.weights()), recipes.half()).build();
    Stage towards = training.stage(recipes.half());
    Recipe recipe = recipes.options(Recipe.of(name, Sparsity.DENSE, towards, tune), seed).build();
    ChannelSelection selection = ChannelSelection.of(ChannelBudget.channels(leaving)).global();
    ChannelTrainer trainer =
        ChannelTrainer.of(recipe).leaving(ChannelChoice.least(importance, selection));
    return new ChannelMethodRun(
        name, leaving, recipe, importance.describe() + "; " + selection.describe(), trainer);
  }

  private ChannelMethodRun hydra(Sparsity leaving, long seed) {
    return learned(HYDRA, leaving, recipes.options(Recipe.of(learned(), leaving), seed).build());
  }

  private ChannelMethodRun vpns(Sparsity leaving, long seed) {
    Recipe recipe =
        recipes
            .options(Recipe.of(learned(), leaving), seed)
            .name(VPNS)
            .prompt(recipes.task().prompt())
            .mount(recipes.learned(Mount.everywhere()))
            .build();
    return learned(VPNS, leaving, recipe);
  }

  private static ChannelMethodRun learned(String name, Sparsity leaving, Recipe recipe) {
    return new ChannelMethodRun(
        name, leaving, recipe, "by the mask that is learned", ChannelTrainer.of(recipe));
  }

  private ChannelPruner learned() {
    return ChannelPruners.hydra()
        .scores(SCORES, rates.scores())
        .weights(WEIGHTS, rates.weights())
        .lengths(recipes.half(), recipes.half(), recipes.half())
        .withoutWarmUp();
  }
}
