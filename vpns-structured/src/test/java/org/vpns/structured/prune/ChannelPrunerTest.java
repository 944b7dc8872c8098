package org.vpns.structured.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import org.junit.jupiter.api.Test;
import org.vpns.ParameterFilter;
import org.vpns.predict.PrunedModel;
import org.vpns.prompt.Prompts;
import org.vpns.report.PruneReport;
import org.vpns.structured.ChannelRules;
import org.vpns.testing.Outcome;
import org.vpns.testing.TinyResNet;
import org.vpns.testing.train.TinyRuns;
import org.vpns.train.Recipe;
import org.vpns.train.RunListener;
import org.vpns.train.Trainer;

/** What learns which channels stay. */
class ChannelPrunerTest {
  private static Outcome run(Recipe.Builder recipe) {
    return run(recipe, new RunListener() {});
  }

  private static Outcome run(Recipe.Builder recipe, RunListener listener) {
    try (Model model = TinyResNet.newModel();
        NDManager manager = NDManager.newBaseManager();
        PrunedModel pruned =
            Trainer.of(recipe.build()).listener(listener).fit(model, TinyRuns.splits(manager))) {
      return Outcome.of(pruned);
    }
  }

  private static PruneReport report(Recipe.Builder recipe) {
    try (Model model = TinyResNet.newModel();
        NDManager manager = NDManager.newBaseManager();
        PrunedModel pruned = Trainer.of(recipe.build()).fit(model, TinyRuns.splits(manager))) {
      return pruned.report();
    }
  }

  private static ChannelPruner hydra() {
    return ChannelRuns.quick(ChannelPruners.hydra());
  }

  private static ChannelPruner vpns() {
    return ChannelRuns.quick(ChannelPruners.vpns());
  }

  /** VPNs is HYDRA with a prompt, on channels too: bit for bit. */
  @Test
  void hydraWithAPromptEverywhere_isVpns() {
    Outcome vpns = run(ChannelRuns.recipe(vpns(), "0.5").prompt(Prompts.pad(4)));
    assertThat(run(ChannelRuns.recipe(hydra(), "0.5").prompt(Prompts.pad(4)))).isEqualTo(vpns);
    assertThat(vpns.prompt()).isNotEmpty();
    Outcome plain = run(ChannelRuns.recipe(hydra(), "0.5"));
    assertThat(run(ChannelRuns.recipe(vpns(), "0.5").withoutPrompt())).isEqualTo(plain);
    assertThat(plain.prompt()).isEmpty();
  }

  /** Closed gates open again, because they have a gradient. */
  @Test
  void scores_thatTrain_moveTheMask() {
    Recipe.Builder still = ChannelRuns.recipe(hydra().withoutWarmUp(), "0.5");
    PruneReport report = report(still);
    assertThat(report.warnings()).noneMatch(text -> text.contains("the one that they began with"));
    assertThat(report.stages()).extracting("name").containsExactly("find channels", "tune");
  }

  @Test
  void sparsity_countsChannels_andTheReportCountsWeights() {
    PruneReport report = report(ChannelRuns.recipe(hydra(), "0.5"));
    assertThat(report.sparsity()).isEqualTo("0.5");
    assertThat(report.kept()).isLessThan(report.prunable());
    assertThat(report.provenance().get("stage 2 find channels"))
        .contains("L2 magnitude; reduction mean, normaliser mean; 0.5 of the channels");
    assertThat(report.warnings()).isEmpty();
  }

  @Test
  void sparsityOfLessThanAChannel_isTold() {
    assertThat(report(ChannelRuns.recipe(hydra(), "0.02")).warnings()) // of 48
        .containsExactly(
            "nothing was removed by stage 'find channels': sparsity 0.02 came to less than one");
  }

  @Test
  void weightsThatAreNotPrunable_keepWhatTheyRead() {
    Recipe.Builder recipe =
        ChannelRuns.recipe(hydra(), "0.5").prunable(ParameterFilter.weights().except("fc.*"));
    assertThat(report(recipe).warnings())
        .containsExactly(
            "channels that cannot be shut off stay: fc.weight, which reads them and is not"
                + " prunable");
  }

  @Test
  void tooMuch_isRefused_withWhatCanBeReached() {
    // 1 + 1 + 2 + 2 of 8 + 8 + 16 + 16 stay
    assertThatThrownBy(() -> run(ChannelRuns.recipe(hydra(), "0.9")))
        .hasMessage(
            "budget out of reach: channels of conv1 and 3 more; expected <= 5 of 48, found nearest 6"
                + " (all groups at their floor); lower minKeep, raise maxRemoved, or ask for less.");
  }

  @Test
  void rules_keepWhatTheyName() {
    Outcome kept =
        run(
            ChannelRuns.recipe(
                hydra().rules(ChannelRules.standard().keepOutputs("layer2.0.conv1")), "0.5"));
    // rows of 16 x 3 x 3 weights leave whole
    assertThat(kept.masks().get("layer2.0.conv2.weight").kept() % 144).isZero();
    assertThat(kept.masks().get("layer2.0.conv2.weight").kept()).isLessThan(2304);
  }
}
