package org.vpns.examples.figures;

import static org.vpns.examples.TrainingSettings.WEIGHTS;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.vpns.LabelMapping;
import org.vpns.MaskSet;
import org.vpns.Sparsity;
import org.vpns.allocate.Allocations;
import org.vpns.examples.compare.ArmTable;
import org.vpns.examples.compare.ComparisonTask;
import org.vpns.examples.compare.MethodRecipes;
import org.vpns.predict.PrunedModel;
import org.vpns.score.Scorers;
import org.vpns.train.ImageSets;
import org.vpns.train.MaskRule;
import org.vpns.train.Pass;
import org.vpns.train.Pruner;
import org.vpns.train.Recipe;
import org.vpns.train.Stage;
import org.vpns.train.Target;
import org.vpns.train.Trainer;

/**
 * Figure 6: masks that are found where the network was trained, and tuned on the task's images,
 * without a prompt, for 2T steps. What finding costs is in no report.
 */
final class TransferArms {
  static final String OMP = "OMP, mask of the source";
  static final String HYDRA = "HYDRA, mask of the source";
  static final String VPNS = "VPNs, mask of the source";

  private final ComparisonTask task;
  private final ComparisonTask.Source source;
  private final MethodRecipes recipes;
  private final ArmTable arms;

  /** Of this process: runs that are read again need the mask to be told from others. */
  private final Map<String, MaskSet> found = new ConcurrentHashMap<>();

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
      transfer.add(OMP, recipes.omp(), r -> r);
      transfer.add(HYDRA, recipes.hydra(), r -> r);
      transfer.add(VPNS, recipes.vpns(), r -> r.prompt(task.prompt()));
    }
  }

  private void add(String name, Pruner pruner, UnaryOperator<Recipe.Builder> options) {
    arms.put(
        name,
        (sparsity, seed) -> tuning(name, sparsity, seed),
        (recipe, network, images) -> recipe(pruner, options, recipe));
  }

  /** Stands for the recipe until the mask is there. */
  private Recipe tuning(String name, Sparsity sparsity, long seed) {
    MaskRule later = MaskRule.once(Scorers.magnitude(), Allocations.global(), sparsity);
    return recipes.options(Recipe.of(name, sparsity, tuning(later)), seed).build();
  }

  private Stage tuning(MaskRule mask) {
    return Stage.builder("tune")
        .mask(mask)
        .train(Target.WEIGHTS, WEIGHTS, task.rates().weights())
        .pass(Pass.plain())
        .length(recipes.whole())
        .build();
  }

  private Recipe recipe(Pruner pruner, UnaryOperator<Recipe.Builder> options, Recipe tuning) {
    Sparsity sparsity = tuning.sparsity();
    Recipe finding =
        options
            .apply(Recipe.of(pruner, sparsity))
            .mapping(LabelMapping.identity())
            .input(source.input())
            .batchSize(task.batchSize())
            .seed(tuning.seed())
            .build();
    String name = tuning.name() + " " + sparsity + " " + tuning.seed();
    MaskSet mask = found.computeIfAbsent(name, n -> find(finding));
    return tuning.toBuilder().stages(List.of(tuning(MaskRule.given(mask)))).build();
  }

  /** By the first stage, which trains only where a mask is learned. */
  private MaskSet find(Recipe recipe) {
    try (Model network = task.network();
        NDManager manager = NDManager.newBaseManager()) {
      ImageSets images = source.images().apply(manager);
      if (recipe.stages().size() == 1) {
        return Trainer.of(recipe).findMask(network, images);
      }
      Recipe first = recipe.toBuilder().stages(recipe.stages().subList(0, 1)).build();
      try (PrunedModel pruned = Trainer.of(first).fit(network, images)) {
        return pruned.masks();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
