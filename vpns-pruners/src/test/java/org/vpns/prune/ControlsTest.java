package org.vpns.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.Sparsity;
import org.vpns.control.Controls;
import org.vpns.predict.PrunedModel;
import org.vpns.prompt.Prompts;
import org.vpns.report.Accuracy;
import org.vpns.report.PruneReport;
import org.vpns.testing.Outcome;
import org.vpns.train.ImageSets;
import org.vpns.train.Recipe;
import org.vpns.train.Trainer;

/** Controls differ from their recipe in the one thing they are for. */
final class ControlsTest {
  private static Recipe recipe(Method method) {
    return method.recipe("0.8").build();
  }

  /** What a run left. */
  private record Ran(Outcome outcome, PruneReport report) {
    MaskSet masks() {
      return outcome.masks();
    }

    List<Double> losses(int stage) {
      return report.stages().get(stage).losses();
    }

    Map<String, Integer> counts() {
      return outcome.masks().asMap().entrySet().stream()
          .collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue().kept()));
    }
  }

  private static Ran run(Recipe recipe) {
    try (Model model = FixtureRuns.block();
        NDManager manager = NDManager.newBaseManager()) {
      ImageSets splits = SmallRuns.splits(manager).test(SmallRuns.dataset(manager, 90, 128));
      try (PrunedModel pruned = Trainer.of(recipe).fit(model, splits)) {
        return new Ran(Outcome.of(pruned), pruned.report());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"VPNS", "OMP", "SNIP", "LOTTERY", "HYDRA"})
  void shuffledMask_keepsEveryCount_andMovesEveryLayer(Method method) {
    Ran own = run(recipe(method));
    Ran control = run(Controls.shuffledMask(recipe(method)));
    assertThat(control.counts()).isEqualTo(own.counts());
    own.masks()
        .asMap()
        .forEach(
            (path, mask) -> {
              if (mask.kept() > 0 && mask.kept() < mask.size()) {
                assertThat(control.masks().get(path)).as(path).isNotEqualTo(mask);
              }
            });
    int last = own.report().stages().size() - 1;
    for (int i = 0; i < last; i++) {
      assertThat(control.losses(i)).isEqualTo(own.losses(i));
    }
    assertThat(control.report().gradientSteps()).isEqualTo(own.report().gradientSteps());
    assertThat(control.report().recipe()).isEqualTo(own.report().recipe() + ", shuffled mask");
  }

  @Test
  void randomMask_keepsEveryCount() {
    Ran own = run(recipe(Method.VPNS));
    Ran control = run(Controls.randomMask(recipe(Method.VPNS)));
    assertThat(control.counts()).isEqualTo(own.counts());
    assertThat(control.masks()).isNotEqualTo(own.masks());
  }

  /** The mask is the recipe's, the weights are new: at rate 0 they are still where they began. */
  @Test
  void redrawnWeights_tunesNewWeightsUnderTheSameMask() {
    Ran own = run(recipe(Method.VPNS));
    Ran control = run(Controls.redrawnWeights(recipe(Method.VPNS)));
    assertThat(control.masks()).isEqualTo(own.masks());
    assertThat(control.losses(0)).isEqualTo(own.losses(0));
    assertThat(control.losses(1).get(0)).isNotEqualTo(own.losses(1).get(0));
    assertThat(control.report().gradientSteps()).isEqualTo(own.report().gradientSteps());
  }

  /** 4 + 4 iterations of VPNs, of one or two passes; 9 stages of 4 of LTH at 0.8. */
  @Test
  void scratch_tunesForTheWholeBudget() {
    assertThat(tuningSteps(Method.VPNS)).isEqualTo(8);
    assertThat(tuningSteps(Method.VPNS_ALTERNATING)).isEqualTo(16);
    assertThat(tuningSteps(Method.LOTTERY)).isEqualTo(36);
    assertThat(tuningSteps(Method.OMP)).isEqualTo(4);
    Ran own = run(recipe(Method.VPNS));
    assertThat(run(Controls.scratch(recipe(Method.VPNS))).masks()).isEqualTo(own.masks());
  }

  private static long tuningSteps(Method method) {
    PruneReport report = run(Controls.scratch(recipe(method))).report();
    return report.stages().get(report.stages().size() - 1).gradientSteps();
  }

  /** Two plain passes on the two batches of the alternating form. */
  @Test
  void withoutPrompt_leavesPassesAndBatches() {
    Recipe own = recipe(Method.VPNS_ALTERNATING);
    Recipe control = Controls.withoutPrompt(own);
    assertThat(control.prompt()).isNull();
    assertThat(control.gradientSteps(SmallRuns.IMAGES)).isEqualTo(own.gradientSteps(40));
    Ran ran = run(control);
    assertThat(ran.report().images()).isEqualTo(run(own).report().images());
    // at the start the frame shows nothing, so the first step is the same
    assertThat(ran.losses(0).get(0)).isEqualTo(run(own).losses(0).get(0));
    assertThat(control.stages().get(0).passes().get(0))
        .hasToString("plain on prompt, shuffled, not augmented");
  }

  @ParameterizedTest
  @EnumSource(names = {"VPNS", "VPNS_ALTERNATING", "VPNS_PAPER_COMPAT"})
  void equalCost_isHydraAtAsManyGradientSteps(Method method) {
    Recipe own = recipe(method);
    Recipe control = Controls.equalCost(own);
    assertThat(control.gradientSteps(40)).isEqualTo(own.gradientSteps(40));
    long each = 4L * method.passes;
    Recipe hydra =
        Recipe.of(Method.HYDRA.pruner(SmallRuns.SGD), Sparsity.of("0.8"))
            .name(control.name())
            .input(SmallRuns.input())
            .batchSize(SmallRuns.BATCH)
            .iterations(each, each)
            .build();
    if (method != Method.VPNS_PAPER_COMPAT) { // which takes the last epoch, HYDRA the best
      assertThat(run(control).outcome()).isEqualTo(run(hydra).outcome());
    }
  }

  /** BiP's passes move different things, so they are left apart. */
  @Test
  void equalCost_ofPassesThatMoveDifferentTargets_leavesThem() {
    Recipe own = Method.BIP.recipe("0.8").prompt(Prompts.pad(4)).build();
    Recipe control = Controls.equalCost(own);
    assertThat(control.stages().get(0).passes()).hasSize(2);
    assertThat(control.gradientSteps(40)).isEqualTo(own.gradientSteps(40));
  }

  /** Weights are the pretrained ones times the mask, before and after; the prompt has moved. */
  @ParameterizedTest
  @EnumSource(names = {"VPNS", "OMP"})
  void promptOnly_movesThePromptAlone(Method method) {
    Recipe own = prompted(method);
    Ran control = run(Controls.promptOnly(own));
    assertThat(control.masks()).isEqualTo(run(own).masks());
    try (Model model = FixtureRuns.block()) {
      Map<String, List<Integer>> before = Outcome.parameters(model);
      control
          .outcome()
          .parameters()
          .forEach(
              (path, bits) -> {
                if (control.masks().asMap().containsKey(path)) {
                  Mask mask = control.masks().get(path);
                  for (int i = 0; i < bits.size(); i++) {
                    int expected = mask.isKept(i) ? before.get(path).get(i) : 0;
                    assertThat(bits.get(i)).isEqualTo(expected);
                  }
                } else if (method == Method.OMP) { // finding a mask moves statistics
                  assertThat(bits).as(path).isEqualTo(before.get(path));
                }
              });
    }
    assertThat(control.outcome().prompt()).anyMatch(bits -> bits << 1 != 0);
    Accuracy zeroShot = control.report().pruned();
    assertThat(zeroShot).isNotNull();
    assertThat(control.report().tuned().plain()).isEqualTo(zeroShot.plain());
  }

  private static Recipe prompted(Method method) {
    Recipe.Builder recipe = method.recipe("0.8");
    return (method == Method.VPNS ? recipe : recipe.prompt(Prompts.pad(4))).build();
  }

  @Test
  void densePromptOnly_leavesTheNetworkWhole() {
    Recipe control = Controls.densePromptOnly(recipe(Method.VPNS));
    Ran ran = run(control);
    try (Model model = FixtureRuns.block()) {
      assertThat(ran.outcome().parameters()).isEqualTo(Outcome.parameters(model));
    }
    assertThat(ran.report().kept()).isEqualTo(ran.report().prunable());
    assertThat(ran.report().sparsity()).isEqualTo("0");
    assertThat(ran.outcome().prompt()).anyMatch(bits -> bits << 1 != 0);
  }

  @Test
  void lowerResolution_isAPlainRunOnSmallerImages() {
    Recipe control = Controls.lowerResolution(recipe(Method.VPNS), 4, 4);
    Recipe expected =
        Recipe.of(Method.HYDRA.pruner(SmallRuns.SGD), Sparsity.of("0.8"))
            .name("VPNs, 4 x 4 images, no prompt")
            .input(SmallRuns.input().imageSize(4, 4))
            .batchSize(SmallRuns.BATCH)
            .build();
    assertThat(run(control).outcome()).isEqualTo(run(expected).outcome());
    assertThatThrownBy(() -> Controls.lowerResolution(recipe(Method.VPNS), 33, 16))
        .hasMessageStartingWith("image size does not fit the canvas: ");
  }

  @Test
  void controlsThatDoNotApply_areRefused() {
    for (Method method : List.of(Method.GRADUAL, Method.SET, Method.RIGL, Method.BIP)) {
      assertThatThrownBy(() -> Controls.shuffledMask(recipe(method)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("no tuning to control: Controls, recipe ");
    }
    assertThatThrownBy(() -> Controls.withoutPrompt(recipe(Method.HYDRA)))
        .hasMessageStartingWith(
            "no prompt to control for: Controls.withoutPrompt, recipe HYDRA; expected ");
    assertThatThrownBy(() -> Controls.equalCost(recipe(Method.OMP)))
        .hasMessageStartingWith("no prompt to control for: Controls.equalCost, recipe OMP;");
    assertThatThrownBy(() -> Controls.promptOnly(recipe(Method.OMP)))
        .hasMessageStartingWith("no prompt to control for: Controls.promptOnly, recipe OMP;");
  }
}
