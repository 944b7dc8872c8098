package org.vpns.examples.compare;

import static org.vpns.examples.TrainingSettings.PROMPT;
import static org.vpns.examples.TrainingSettings.SCORES;
import static org.vpns.examples.TrainingSettings.WEIGHTS;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.vpns.ImageInput;
import org.vpns.Sparsity;
import org.vpns.allocate.Allocations;
import org.vpns.control.Controls;
import org.vpns.prune.BipPruner;
import org.vpns.prune.OneShotPruner;
import org.vpns.prune.Pruners;
import org.vpns.prune.VpnsPruner;
import org.vpns.report.PruneReport;
import org.vpns.score.Scorers;
import org.vpns.study.StudyRun;
import org.vpns.train.Length;
import org.vpns.train.Mount;
import org.vpns.train.Pass;
import org.vpns.train.Pruner;
import org.vpns.train.Recipe;
import org.vpns.train.Stage;
import org.vpns.train.Target;

/**
 * All methods with a task's rates, in 2T gradient steps where the method allows it; prompts in some
 * of their places; and controls. LTH trains T steps in each of its rounds and T in tuning, which is
 * many more; its cost stands beside it.
 */
final class MethodArms {
  private final ComparisonTask task;
  private final long steps;
  private final Length half;
  private final Length whole;
  private final Map<String, Arm> arms = new LinkedHashMap<>();

  /** One arm: what makes its recipe, and what makes a model its network. */
  private record Arm(Recipes recipes, StudyRun.Fitting fitting) {}

  private interface Recipes {
    Recipe of(Sparsity sparsity, long seed);
  }

  /**
   * The arms of a task.
   *
   * @param steps T
   */
  MethodArms(ComparisonTask task, long steps) {
    this.task = task;
    this.steps = steps;
    half = Length.iterations(steps);
    whole = Length.iterations(2 * steps);
    dense();
    methods();
    prompts();
    controls();
  }

  /** The arms, by the name that the table gives them. */
  Iterable<String> names() {
    return arms.keySet();
  }

  boolean has(String name) {
    return arms.containsKey(name);
  }

  /** The recipe of an arm. */
  Recipe recipe(String name, Sparsity sparsity, long seed) {
    return arm(name).recipes().of(sparsity, seed).toBuilder().name(name).build();
  }

  /** What a study runs of an arm. */
  StudyRun<PruneReport> run(String name, Sparsity sparsity, long seed) {
    return StudyRun.of(recipe(name, sparsity, seed), arm(name).fitting());
  }

  private Arm arm(String name) {
    Arm arm = arms.get(name);
    if (arm == null) {
      throw new IllegalArgumentException(name);
    }
    return arm;
  }

  /** What nothing is removed from, at sparsity 0 whatever is asked for. */
  private void dense() {
    Stage tune =
        Stage.builder("tune")
            .train(Target.WEIGHTS, WEIGHTS, task.rates().weights())
            .pass(Pass.plain())
            .length(whole)
            .build();
    put(
        "Dense",
        (sparsity, seed) -> options(Recipe.of("Dense", Sparsity.DENSE, tune), seed).build());
    prompted(
        "Dense (prompt only)",
        omp(),
        r -> r.mount(learned(Mount.everywhere())),
        Controls::densePromptOnly);
  }

  private void methods() {
    MethodRates rates = task.rates();
    plain("Random", Pruners.random().weights(WEIGHTS, rates.weights()).length(whole));
    plain(
        "Random ERK",
        Pruners.layerwiseRandom(Allocations.erk()).weights(WEIGHTS, rates.weights()).length(whole));
    plain("OMP", omp());
    plain(
        "OMP ratio",
        Pruners.magnitude().randomPositions().weights(WEIGHTS, rates.weights()).length(whole));
    plain("SNIP", Pruners.snip().weights(WEIGHTS, rates.weights()).length(whole));
    plain("GraSP", Pruners.grasp().weights(WEIGHTS, rates.weights()).length(whole));
    plain("SynFlow", synFlow());
    plain("LTH", Pruners.lottery().weights(WEIGHTS, rates.weights()).lengths(half, half));
    plain("GMP", Pruners.gradual().weights(WEIGHTS, rates.weights()).length(whole));
    plain("SET", Pruners.set().weights(WEIGHTS, rates.weights()).length(whole));
    plain(
        "RigL",
        Pruners.rigl().every(rates.riglEvery()).weights(WEIGHTS, rates.weights()).length(whole));
    plain(
        "ITOP",
        Pruners.itop().every(rates.itopEvery()).weights(WEIGHTS, rates.weights()).length(whole));
    plain("BiP", bip());
    plain("HYDRA", hydra());
    prompted("VPNs", vpns(half), r -> r);
    prompted("VPNs alternating", vpns(Length.iterations(steps / 2)).alternating(), r -> r);
  }

  /** Where the prompt is: figures 1 and 7 and A11 of the paper. */
  private void prompts() {
    prompted("OMP + prompt", omp(), r -> r.mount(learned(Mount.everywhere())));
    prompted("SynFlow + prompt", synFlow(), r -> r.mount(learned(Mount.everywhere())));
    prompted("VPNs (finding only)", vpns(half), r -> r.mount(Mount.in(Mount.Place.FINDING)));
    prompted("VPNs (tuning only)", vpns(half), r -> r.mount(Mount.in(Mount.Place.TUNING)));
    prompted(
        "OMP (prompt afterwards)",
        Pruners.magnitude().weights(WEIGHTS, task.rates().weights()).length(half),
        r -> r.mount(learned(Mount.afterwards(half))));
    prompted(
        "OMP (prompt only)",
        omp(),
        r -> r.mount(learned(Mount.everywhere())),
        Controls::promptOnly);
  }

  private void controls() {
    prompted(
        "VPNs alternating (no prompt)",
        vpns(Length.iterations(steps / 2)).alternating(),
        r -> r,
        Controls::withoutPrompt);
    prompted("VPNs (shuffled mask)", vpns(half), r -> r, Controls::shuffledMask);
    prompted("VPNs (redrawn weights)", vpns(half), r -> r, Controls::redrawnWeights);
    prompted("VPNs (scratch)", vpns(half), r -> r, Controls::scratch);
    plain(
        "OMP (inverted)",
        new OneShotPruner("OMP (inverted)", Scorers.inverted(Scorers.magnitude()))
            .weights(WEIGHTS, task.rates().weights())
            .length(whole));
    ImageInput input = task.input();
    prompted(
        "VPNs (smaller images without prompt)",
        vpns(half),
        r -> r,
        r -> Controls.lowerResolution(r, input.height() * 3 / 4, input.width() * 3 / 4));
    if (task.leavesOutputsUnmapped()) {
      mappedRowsOnly("OMP (mapped rows only)", omp());
      mappedRowsOnly("HYDRA (mapped rows only)", hydra());
    }
  }

  private Pruner omp() {
    return Pruners.magnitude().weights(WEIGHTS, task.rates().weights()).length(whole);
  }

  private Pruner synFlow() {
    return Pruners.synFlow().weights(WEIGHTS, task.rates().weights()).length(whole);
  }

  private Pruner hydra() {
    return Pruners.hydra()
        .scores(SCORES, task.rates().scores())
        .weights(WEIGHTS, task.rates().weights())
        .lengths(half, half);
  }

  private VpnsPruner vpns(Length each) {
    MethodRates rates = task.rates();
    return Pruners.vpns()
        .scores(SCORES, rates.scores())
        .promptInFinding(PROMPT, rates.prompt())
        .weights(WEIGHTS, rates.weights())
        .promptInTuning(PROMPT, rates.prompt())
        .lengths(each, each);
  }

  private Mount learned(Mount mount) {
    return mount.trained(PROMPT, task.rates().prompt());
  }

  /** Two gradient steps for each iteration of both levels, the rest for tuning. */
  private Pruner bip() {
    MethodRates.Bip own = task.rates().bip();
    long joint = Math.max(1, Math.round(own.jointShare() * steps));
    BipPruner bip =
        Pruners.bip()
            .scores(SCORES, own.scores())
            .lowerRate(own.lower())
            .gamma(own.gamma())
            .length(Length.iterations(joint));
    long left = 2 * (steps - joint);
    return left == 0 ? bip : bip.tuning(WEIGHTS, task.rates().weights(), Length.iterations(left));
  }

  private void plain(String name, Pruner pruner) {
    put(name, (sparsity, seed) -> recipe(pruner, sparsity, seed).build());
  }

  private void mappedRowsOnly(String name, Pruner pruner) {
    arms.put(
        name,
        new Arm((sparsity, seed) -> recipe(pruner, sparsity, seed).build(), MappedRows::only));
  }

  private void put(String name, Recipes recipes) {
    arms.put(name, new Arm(recipes, (recipe, model, splits) -> recipe));
  }

  private void prompted(String name, Pruner pruner, UnaryOperator<Recipe.Builder> mounted) {
    prompted(name, pruner, mounted, recipe -> recipe);
  }

  private void prompted(
      String name,
      Pruner pruner,
      UnaryOperator<Recipe.Builder> mounted,
      UnaryOperator<Recipe> control) {
    put(
        name,
        (sparsity, seed) ->
            control.apply(
                mounted.apply(recipe(pruner, sparsity, seed).prompt(task.prompt())).build()));
  }

  private Recipe.Builder recipe(Pruner pruner, Sparsity sparsity, long seed) {
    return options(Recipe.of(pruner, sparsity), seed);
  }

  private Recipe.Builder options(Recipe.Builder recipe, long seed) {
    return recipe
        .mapping(task.mapping())
        .input(task.input())
        .batchSize(task.batchSize())
        .seed(seed);
  }
}
