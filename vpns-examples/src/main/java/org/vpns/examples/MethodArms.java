package org.vpns.examples;

import static org.vpns.examples.QuickStartArms.PROMPT;
import static org.vpns.examples.QuickStartArms.SCORES;
import static org.vpns.examples.QuickStartArms.WEIGHTS;

import java.util.LinkedHashMap;
import java.util.Map;
import org.vpns.Sparsity;
import org.vpns.allocate.Allocations;
import org.vpns.prune.BipPruner;
import org.vpns.prune.Pruners;
import org.vpns.train.Length;
import org.vpns.train.Pruner;
import org.vpns.train.Recipe;

/**
 * All methods with a task's rates, in 2T gradient steps where the method allows it. LTH trains T
 * steps in each of its rounds and T in tuning, which is many more; its cost stands beside it.
 */
final class MethodArms {
  private MethodArms() {}

  /** The methods, by the name that the table gives them. */
  static Map<String, Pruner> all(MethodRates rates, long steps) {
    Length half = Length.iterations(steps);
    Length whole = Length.iterations(2 * steps);
    Map<String, Pruner> all = new LinkedHashMap<>();
    all.put("Random", Pruners.random().weights(WEIGHTS, rates.weights()).length(whole));
    all.put(
        "Random ERK",
        Pruners.layerwiseRandom(Allocations.erk()).weights(WEIGHTS, rates.weights()).length(whole));
    all.put("OMP", Pruners.magnitude().weights(WEIGHTS, rates.weights()).length(whole));
    all.put(
        "OMP ratio",
        Pruners.magnitude().randomPositions().weights(WEIGHTS, rates.weights()).length(whole));
    all.put(
        "OMP + prompt",
        Pruners.magnitude()
            .promptInTuning(PROMPT, rates.prompt())
            .weights(WEIGHTS, rates.weights())
            .length(whole));
    all.put("SNIP", Pruners.snip().weights(WEIGHTS, rates.weights()).length(whole));
    all.put("GraSP", Pruners.grasp().weights(WEIGHTS, rates.weights()).length(whole));
    all.put("SynFlow", Pruners.synFlow().weights(WEIGHTS, rates.weights()).length(whole));
    all.put("LTH", Pruners.lottery().weights(WEIGHTS, rates.weights()).lengths(half, half));
    all.put("GMP", Pruners.gradual().weights(WEIGHTS, rates.weights()).length(whole));
    all.put("SET", Pruners.set().weights(WEIGHTS, rates.weights()).length(whole));
    all.put(
        "RigL",
        Pruners.rigl().every(rates.riglEvery()).weights(WEIGHTS, rates.weights()).length(whole));
    all.put(
        "ITOP",
        Pruners.itop().every(rates.itopEvery()).weights(WEIGHTS, rates.weights()).length(whole));
    all.put("BiP", bip(rates, steps));
    all.put(
        "HYDRA",
        Pruners.hydra()
            .scores(SCORES, rates.scores())
            .weights(WEIGHTS, rates.weights())
            .lengths(half, half));
    all.put(
        "VPNs",
        Pruners.vpns()
            .scores(SCORES, rates.scores())
            .promptInFinding(PROMPT, rates.prompt())
            .weights(WEIGHTS, rates.weights())
            .promptInTuning(PROMPT, rates.prompt())
            .lengths(half, half));
    return all;
  }

  /** Two gradient steps for each iteration of both levels, the rest for tuning. */
  private static Pruner bip(MethodRates rates, long steps) {
    MethodRates.Bip own = rates.bip();
    long joint = Math.max(1, Math.round(own.jointShare() * steps));
    BipPruner bip =
        Pruners.bip()
            .scores(SCORES, own.scores())
            .lowerRate(own.lower())
            .gamma(own.gamma())
            .length(Length.iterations(joint));
    long left = 2 * (steps - joint);
    return left == 0 ? bip : bip.tuning(WEIGHTS, rates.weights(), Length.iterations(left));
  }

  /** The recipe of a method. */
  static Recipe recipe(
      ComparisonTask task, String name, Pruner pruner, Sparsity sparsity, long seed) {
    Recipe.Builder recipe =
        Recipe.of(pruner, sparsity)
            .name(name)
            .mapping(task.mapping())
            .input(task.input())
            .batchSize(task.batchSize())
            .seed(seed);
    return (pruner.usesPrompt() ? recipe.prompt(task.prompt()) : recipe).build();
  }
}
