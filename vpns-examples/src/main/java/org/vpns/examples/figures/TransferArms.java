package org.vpns.examples.figures;

import static org.vpns.examples.TrainingSettings.WEIGHTS;

import java.util.function.UnaryOperator;
import org.vpns.LabelMapping;
import org.vpns.Sparsity;
import org.vpns.allocate.Allocations;
import org.vpns.examples.compare.ArmTable;
import org.vpns.examples.compare.ComparisonTask;
import org.vpns.examples.compare.MethodRecipes;
import org.vpns.score.Scorers;
import org.vpns.train.MaskRule;
import org.vpns.train.Pass;
import org.vpns.train.Pruner;
import org.vpns.train.Recipe;
import org.vpns.train.Stage;
import org.vpns.train.Target;

/**
 * Figure 6: masks that are found where the network was trained, and tuned on the task's images,
 * without a prompt, for 2T steps.
 */
final class TransferArms {
  static final String OMP = "OMP, mask of the source";
  static final String HYDRA = "HYDRA, mask of the source";
  static final String VPNS = "VPNs, mask of the source";

  private final ComparisonTask task;
  private final ComparisonTask.Source source;
  private final MethodRecipes recipes;
  private final ArmTable arms;

  private TransferArms(
      ComparisonTask task, ComparisonTask.Source source, MethodRecipes recipes, ArmTable arms) {
    this.task = task;
    this.source = source;
    this.recipes = recipes;
    this.arms = arms;
  }

  /** Adds the arms, if the task has images that its network was trained on. */
  static void add(ComparisonTask task, MethodRecipes recipes, ArmTable arms) {
    ComparisonTask.Source source = task.source();
    if (source != null) {
      TransferArms transfer = new TransferArms(task, source, recipes, arms);
      // by magnitude a mask is that of the source's network, whatever the images
      arms.put(OMP, (sparsity, seed) -> transfer.tuning(OMP, sparsity, seed));
      transfer.add(HYDRA, recipes.hydra(), r -> r);
      transfer.add(VPNS, recipes.vpns(), r -> r.prompt(task.prompt()));
    }
  }

  private void add(String name, Pruner pruner, UnaryOperator<Recipe.Builder> options) {
    arms.run(
        name,
        (sparsity, seed) -> tuning(name, sparsity, seed),
        tuning -> new TransferRun(task, source, finding(pruner, options, tuning), tuning));
  }

  private Recipe tuning(String name, Sparsity sparsity, long seed) {
    Stage stage =
        Stage.builder("tune")
            .mask(MaskRule.once(Scorers.magnitude(), Allocations.global(), sparsity))
            .train(Target.WEIGHTS, WEIGHTS, task.rates().weights())
            .pass(Pass.plain())
            .length(recipes.whole())
            .build();
    return recipes.options(Recipe.of(name, sparsity, stage), seed).build();
  }

  /** The first stage, which learns the mask. */
  private Recipe finding(Pruner pruner, UnaryOperator<Recipe.Builder> options, Recipe tuning) {
    Recipe whole =
        options
            .apply(Recipe.of(pruner, tuning.sparsity()))
            .mapping(LabelMapping.identity())
            .input(source.input())
            .batchSize(task.batchSize())
            .seed(tuning.seed())
            .build();
    return whole.toBuilder().stages(whole.stages().subList(0, 1)).build();
  }
}
