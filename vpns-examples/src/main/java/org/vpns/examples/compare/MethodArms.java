package org.vpns.examples.compare;

import static org.vpns.examples.TrainingSettings.WEIGHTS;

import org.vpns.ImageInput;
import org.vpns.Sparsity;
import org.vpns.allocate.Allocations;
import org.vpns.control.Controls;
import org.vpns.prune.OneShotPruner;
import org.vpns.prune.Pruners;
import org.vpns.score.Scorers;
import org.vpns.train.Mount;
import org.vpns.train.Pass;
import org.vpns.train.Pruner;
import org.vpns.train.Recipe;
import org.vpns.train.Stage;
import org.vpns.train.Target;

/**
 * All methods with a task's rates, in 2T gradient steps where the method allows it; prompts in some
 * of their places; and controls. LTH trains T steps in each of its rounds and T in tuning, which is
 * many more, and "HYDRA 2x steps" twice as many; their cost stands beside them.
 */
public final class MethodArms {
  private final ComparisonTask task;
  private final MethodRecipes recipes;
  private final ArmTable arms;

  private MethodArms(ComparisonTask task, MethodRecipes recipes) {
    this.task = task;
    this.recipes = recipes;
    arms = new ArmTable(recipes);
    dense();
    methods();
    prompts();
    controls();
  }

  /**
   * The arms of a task.
   *
   * @param steps T
   */
  public static ArmTable of(ComparisonTask task, long steps) {
    return new MethodArms(task, new MethodRecipes(task, steps)).arms;
  }

  /** What nothing is removed from, at sparsity 0 whatever is asked for. */
  private void dense() {
    Stage tune =
        Stage.builder("tune")
            .train(Target.WEIGHTS, WEIGHTS, task.rates().weights())
            .pass(Pass.plain())
            .length(recipes.whole())
            .build();
    arms.put(
        "Dense",
        (sparsity, seed) ->
            recipes.options(Recipe.of("Dense", Sparsity.DENSE, tune), seed).build());
    arms.prompted(
        "Dense (prompt only)",
        recipes.omp(),
        r -> r.mount(recipes.learned(Mount.everywhere())),
        Controls::densePromptOnly);
  }

  private void methods() {
    MethodRates rates = task.rates();
    arms.plain("Random", recipes.tuned(Pruners.random()));
    arms.plain("Random ERK", recipes.tuned(Pruners.layerwiseRandom(Allocations.erk())));
    arms.plain("OMP", recipes.omp());
    arms.plain("OMP ratio", recipes.tuned(Pruners.magnitude().randomPositions()));
    arms.plain("SNIP", recipes.tuned(Pruners.snip()));
    arms.plain("GraSP", recipes.tuned(Pruners.grasp()));
    arms.plain("SynFlow", recipes.tuned(Pruners.synFlow()));
    arms.plain("LTH", recipes.lottery());
    arms.plain("GMP", Pruners.gradual().weights(WEIGHTS, rates.weights()).length(recipes.whole()));
    arms.plain("SET", Pruners.set().weights(WEIGHTS, rates.weights()).length(recipes.whole()));
    arms.plain(
        "RigL",
        Pruners.rigl()
            .every(rates.riglEvery())
            .weights(WEIGHTS, rates.weights())
            .length(recipes.whole()));
    arms.plain(
        "ITOP",
        Pruners.itop()
            .every(rates.itopEvery())
            .weights(WEIGHTS, rates.weights())
            .length(recipes.whole()));
    arms.plain("BiP", recipes.bip());
    arms.plain("HYDRA", recipes.hydra());
    arms.plain("HYDRA 2x steps", recipes.hydraTwice());
    arms.prompted("VPNs", recipes.vpns(), r -> r);
    arms.prompted("VPNs alternating", recipes.vpnsAlternating(), r -> r);
  }

  /** Where the prompt is: figures 1 and 7 and A11 of the paper. */
  private void prompts() {
    everywhere("OMP + prompt", recipes.omp());
    everywhere("SynFlow + prompt", recipes.tuned(Pruners.synFlow()));
    arms.prompted(
        "VPNs (finding only)", recipes.vpns(), r -> r.mount(Mount.in(Mount.Place.FINDING)));
    arms.prompted("VPNs (tuning only)", recipes.vpns(), r -> r.mount(Mount.in(Mount.Place.TUNING)));
    arms.prompted(
        "OMP (prompt afterwards)",
        recipes.omp().length(recipes.half()),
        r -> r.mount(recipes.learned(Mount.afterwards(recipes.half()))));
    arms.prompted(
        "OMP (prompt only)",
        recipes.omp(),
        r -> r.mount(recipes.learned(Mount.everywhere())),
        Controls::promptOnly);
  }

  private void everywhere(String name, Pruner pruner) {
    arms.prompted(name, pruner, r -> r.mount(recipes.learned(Mount.everywhere())));
  }

  private void controls() {
    arms.prompted(
        "VPNs alternating (no prompt)", recipes.vpnsAlternating(), r -> r, Controls::withoutPrompt);
    arms.prompted("VPNs (shuffled mask)", recipes.vpns(), r -> r, Controls::shuffledMask);
    arms.prompted("VPNs (redrawn weights)", recipes.vpns(), r -> r, Controls::redrawnWeights);
    arms.prompted("VPNs (scratch)", recipes.vpns(), r -> r, Controls::scratch);
    arms.plain(
        "OMP (inverted)",
        recipes.tuned(new OneShotPruner("OMP (inverted)", Scorers.inverted(Scorers.magnitude()))));
    ImageInput input = task.input();
    arms.prompted(
        "VPNs (smaller images without prompt)",
        recipes.vpns(),
        r -> r,
        r -> Controls.lowerResolution(r, input.height() * 3 / 4, input.width() * 3 / 4));
    if (task.leavesOutputsUnmapped()) {
      arms.put("OMP (mapped rows only)", arms.recipes(recipes.omp()), MappedRows::only);
      arms.put("HYDRA (mapped rows only)", arms.recipes(recipes.hydra()), MappedRows::only);
    }
  }
}
