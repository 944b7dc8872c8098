package org.vpns.examples;

import static org.vpns.examples.QuickStartArms.PROMPT;
import static org.vpns.examples.QuickStartArms.PROMPT_RATE;
import static org.vpns.examples.QuickStartArms.SCORES;
import static org.vpns.examples.QuickStartArms.SCORE_RATE;
import static org.vpns.examples.QuickStartArms.WEIGHTS;
import static org.vpns.examples.QuickStartArms.WEIGHT_RATE;

import java.util.LinkedHashMap;
import java.util.Map;
import org.vpns.Sparsity;
import org.vpns.allocate.Allocations;
import org.vpns.mapping.Mappings;
import org.vpns.prompt.Prompts;
import org.vpns.prune.Pruners;
import org.vpns.prune.VpnsPruner;
import org.vpns.train.Length;
import org.vpns.train.Pruner;
import org.vpns.train.Recipe;

/**
 * All methods with the quick start's rates and lengths: 2T gradient steps where the method allows
 * it. LTH trains T steps in each of its rounds and T in tuning, which is many more; its cost stands
 * beside it.
 */
final class MethodArms {
  private MethodArms() {}

  /** The methods, by the name that the table gives them. */
  static Map<String, Pruner> all(long steps) {
    Length half = Length.iterations(steps);
    Length whole = Length.iterations(2 * steps);
    Map<String, Pruner> all = new LinkedHashMap<>();
    all.put("Random", Pruners.random().weights(WEIGHTS, WEIGHT_RATE).length(whole));
    all.put(
        "Random ERK",
        Pruners.layerwiseRandom(Allocations.erk()).weights(WEIGHTS, WEIGHT_RATE).length(whole));
    all.put("OMP", Pruners.magnitude().weights(WEIGHTS, WEIGHT_RATE).length(whole));
    all.put(
        "OMP ratio",
        Pruners.magnitude().randomPositions().weights(WEIGHTS, WEIGHT_RATE).length(whole));
    all.put("OMP + prompt", Pruners.magnitude().weights(WEIGHTS, WEIGHT_RATE).length(whole));
    all.put("SNIP", Pruners.snip().weights(WEIGHTS, WEIGHT_RATE).length(whole));
    all.put("GraSP", Pruners.grasp().weights(WEIGHTS, WEIGHT_RATE).length(whole));
    all.put("SynFlow", Pruners.synFlow().weights(WEIGHTS, WEIGHT_RATE).length(whole));
    all.put("LTH", Pruners.lottery().weights(WEIGHTS, WEIGHT_RATE).lengths(half, half));
    all.put("GMP", Pruners.gradual().weights(WEIGHTS, WEIGHT_RATE).length(whole));
    all.put("SET", Pruners.set().weights(WEIGHTS, WEIGHT_RATE).length(whole));
    all.put("RigL", Pruners.rigl().every(10).weights(WEIGHTS, WEIGHT_RATE).length(whole));
    all.put("ITOP", Pruners.itop().every(10).weights(WEIGHTS, WEIGHT_RATE).length(whole));
    all.put(
        "BiP",
        Pruners.bip()
            .scores(SCORES, SCORE_RATE)
            .trainOthers(WEIGHTS, WEIGHT_RATE)
            .lowerRate(WEIGHT_RATE)
            .length(half));
    all.put(
        "HYDRA",
        Pruners.hydra()
            .scores(SCORES, SCORE_RATE)
            .weights(WEIGHTS, WEIGHT_RATE)
            .lengths(half, half));
    all.put(
        "VPNs",
        Pruners.vpns()
            .scores(SCORES, SCORE_RATE)
            .promptInFinding(PROMPT, PROMPT_RATE)
            .weights(WEIGHTS, WEIGHT_RATE)
            .promptInTuning(PROMPT, PROMPT_RATE)
            .lengths(half, half));
    return all;
  }

  /** The recipe of a method. */
  static Recipe recipe(String name, Pruner pruner, Sparsity sparsity, long seed) {
    Recipe.Builder recipe =
        Recipe.of(pruner, sparsity)
            .name(name)
            .mapping(Mappings.frequency().onDense())
            .input(SourceNetwork.input())
            .batchSize(QuickStartArms.BATCH)
            .seed(seed);
    if (pruner instanceof VpnsPruner) {
      recipe.prompt(Prompts.pad(8));
    } else if (name.endsWith("+ prompt")) {
      recipe.prompt(Prompts.pad(8)).mount(QuickStartArms.PROMPTED);
    }
    return recipe.build();
  }
}
