package com.example.study;

import java.util.LinkedHashMap;
import java.util.Map;
import org.vpns.ScoringSet;
import org.vpns.Sparsity;
import org.vpns.allocate.Allocations;
import org.vpns.allocate.LayerDensities;
import org.vpns.allocate.NOfMAllocation;
import org.vpns.mapping.MappingSpec;
import org.vpns.mapping.Mappings;
import org.vpns.optim.AdamRule;
import org.vpns.optim.LearningRate;
import org.vpns.optim.SgdRule;
import org.vpns.optim.UpdateRule;
import org.vpns.prompt.PromptSpec;
import org.vpns.prompt.Prompts;
import org.vpns.prompt.RandomPromptSpec;
import org.vpns.prune.BernoulliPruner;
import org.vpns.prune.BipPruner;
import org.vpns.prune.GradualPruner;
import org.vpns.prune.HydraPruner;
import org.vpns.prune.LotteryPruner;
import org.vpns.prune.OneShotPruner;
import org.vpns.prune.Pruners;
import org.vpns.prune.RiglPruner;
import org.vpns.prune.SetPruner;
import org.vpns.prune.VpnsPruner;
import org.vpns.schedule.GradualSchedule;
import org.vpns.schedule.Rounds;
import org.vpns.schedule.Schedules;
import org.vpns.score.GraspScorer;
import org.vpns.score.Scorers;
import org.vpns.score.SnipScorer;
import org.vpns.score.SynFlowScorer;
import org.vpns.select.GroupedAllocation;
import org.vpns.train.Length;
import org.vpns.train.Pruner;

/** The methods of a study, each with the settings of this study. */
final class Arms {
  private final Length steps;
  private final SgdRule sgd = UpdateRule.sgd().momentum(0.9).decay(5e-4);
  private final AdamRule adam = UpdateRule.adam().betas(0.9, 0.99);
  private final LearningRate rate = LearningRate.cosine(0.01);

  Arms(Length steps) {
    this.steps = steps;
  }

  /** By the name that the figure gives them. */
  Map<String, Pruner> withoutPrompt() {
    Map<String, Pruner> all = new LinkedHashMap<>();
    oneShot(all);
    gradual(all);
    learned(all);
    return all;
  }

  OneShotPruner magnitude() {
    return Pruners.magnitude().weights(sgd, rate).length(steps);
  }

  VpnsPruner vpns() {
    return Pruners.vpns().promptInTuning(sgd, rate).lengths(steps, steps);
  }

  private void oneShot(Map<String, Pruner> all) {
    LayerDensities densities = LayerDensities.erkPlus(0.5);
    GroupedAllocation layerwise = Allocations.layerwise(densities);
    NOfMAllocation twoOfFour = Allocations.nOfM(2, 4).flattened();
    SnipScorer snip = Scorers.snip().images(ScoringSet.perClass(2)).normalised();
    GraspScorer grasp = Scorers.grasp().images(ScoringSet.perClass(2)).temperature(100);
    SynFlowScorer synFlow = Scorers.synFlow().mappedOutputsOnly();
    all.put("OMP", magnitude());
    all.put("Random ERK+", Pruners.layerwiseRandom(layerwise).length(steps));
    all.put("OMP 2:4", Pruners.magnitude().allocation(twoOfFour).length(steps));
    all.put("SNIP", Pruners.snip(snip).length(steps));
    all.put("GraSP", Pruners.grasp(grasp).length(steps));
    all.put("SynFlow", Pruners.synFlow(synFlow).rounds(3).length(steps));
  }

  private void gradual(Map<String, Pruner> all) {
    GradualSchedule schedule = Schedules.cubic(Sparsity.of(0.5), 2, 1);
    Rounds rounds = new Rounds(Sparsity.of(0.6));
    GradualPruner gradual = Pruners.gradual().schedule(schedule).length(steps);
    LotteryPruner lottery = Pruners.lottery().rounds(rounds).lengths(steps, steps);
    SetPruner set = Pruners.set().zeta(0.2).length(steps);
    RiglPruner rigl = Pruners.rigl().every(1).growAtRandom().length(steps);
    all.put("GMP", gradual);
    all.put("LTH", lottery);
    all.put("SET", set);
    all.put("RigL", rigl);
  }

  private void learned(Map<String, Pruner> all) {
    BernoulliPruner chance = Pruners.bernoulli().length(steps);
    BipPruner bip = Pruners.bip().length(steps).tuning(steps);
    HydraPruner hydra = Pruners.hydra().scores(adam, rate).lengths(steps, steps);
    all.put("Bernoulli", chance);
    all.put("BiP", bip);
    all.put("HYDRA", hydra);
  }

  static PromptSpec frame() {
    return Prompts.pad(2).sigmoid();
  }

  static RandomPromptSpec moving() {
    return Prompts.random(4).perImage();
  }

  static MappingSpec mapping() {
    return Mappings.frequency().perTarget(2);
  }
}
