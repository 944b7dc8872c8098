package org.vpns.structured.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.Sparsity;
import org.vpns.allocate.Allocations;
import org.vpns.graph.ModelGraph;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.predict.PrunedModel;
import org.vpns.score.Scorers;
import org.vpns.structured.plan.ChannelBudget;
import org.vpns.structured.plan.ChannelSelection;
import org.vpns.structured.score.Importances;
import org.vpns.testing.Outcome;
import org.vpns.testing.TinyResNet;
import org.vpns.testing.train.TinyRuns;
import org.vpns.train.Length;
import org.vpns.train.MaskRule;
import org.vpns.train.Pass;
import org.vpns.train.Recipe;
import org.vpns.train.RunListener;
import org.vpns.train.Stage;
import org.vpns.train.Target;
import org.vpns.train.Trainer;

/** Networks whose single weights are masked lose channels, and smaller ones are masked. */
class MaskedChannelsTest {
  private static final Sparsity HALF = Sparsity.of("0.5");

  /** With momentum and decay, which would move a weight off zero that no mask holds. */
  private static final Stage.Motion MOTION =
      new Stage.Motion(UpdateRule.sgd().momentum(0.9).decay(1e-2), LearningRate.constant(0.02));

  private static final ChannelChoice CHOICE =
      ChannelChoice.least(
          Importances.l2(), ChannelSelection.of(ChannelBudget.channels(Sparsity.of("0.25"))));

  private static MaskRule magnitude(Sparsity sparsity) {
    return MaskRule.once(Scorers.magnitude(), Allocations.global(), sparsity);
  }

  private static Stage train(MaskRule mask) {
    return Stage.builder("train")
        .mask(mask)
        .train(Target.WEIGHTS, MOTION)
        .pass(Pass.plain())
        .length(Length.iterations(3))
        .build();
  }

  private static Stage tune(MaskRule mask) {
    return Stage.tuning(MOTION, Length.iterations(4)).keepLast().mask(mask).build();
  }

  private static ChannelTrainer trainer(MaskRule before, MaskRule after) {
    Recipe recipe =
        Recipe.of("sparse", HALF, train(before), tune(after))
            .input(TinyRuns.input())
            .batchSize(TinyRuns.BATCH)
            .build();
    return ChannelTrainer.of(recipe).leaving(CHOICE);
  }

  private static ChannelRun fit(ChannelTrainer trainer) {
    try (Model model = TinyResNet.newModel();
        NDManager manager = NDManager.newBaseManager()) {
      return trainer.fit(model, TinyRuns.splits(manager));
    }
  }

  /** The mask that a rule makes of the whole network. */
  private static MaskSet whole(MaskRule rule) {
    try (Model model = TinyResNet.newModel();
        NDManager manager = NDManager.newBaseManager()) {
      Recipe recipe = Recipe.of("mask", HALF, train(rule)).input(TinyRuns.input()).build();
      return Trainer.of(recipe).findMask(model, TinyRuns.splits(manager));
    }
  }

  /** What the channels that left have left of it. */
  private static MaskSet left(MaskSet whole, ChannelRun run) {
    try (Model model = TinyResNet.newModel()) {
      ModelGraph graph = BlockTracer.trace(model.getBlock(), new Shape(3, 16, 16));
      return run.report().plan().slices(graph).cut(whole);
    }
  }

  private static void requireZerosOff(PrunedModel result) {
    Map<String, List<Integer>> bits = Outcome.parameters(result.model());
    for (Map.Entry<String, Mask> entry : result.masks().asMap().entrySet()) {
      Mask mask = entry.getValue();
      List<Integer> own = bits.get(entry.getKey());
      for (int i = 0; i < mask.size(); i++) {
        if (!mask.isKept(i)) {
          assertThat(own.get(i)).as("%s, %d", entry.getKey(), i).isZero(); // +0.0, not -0.0
        }
      }
    }
  }

  @Test
  void sparseNetwork_losesChannels_andKeepsItsMask() {
    MaskSet before = whole(magnitude(HALF));
    try (ChannelRun run = fit(trainer(magnitude(HALF), MaskRule.keep()))) {
      PrunedModel result = run.result();
      MaskSet left = left(before, run);
      assertThat(result.masks().inOrderOf(left.layout())).isEqualTo(left);
      assertThat(left.kept()).isBetween(1L, left.size() - 1);
      requireZerosOff(result);

      ChannelReport report = run.report();
      assertThat(report.removed()).isEqualTo(12);
      assertThat(report.difference()).isLessThan(1e-5); // float32 sums, four layers
      assertThat(report.finding().kept()).isEqualTo(before.kept());
      assertThat(report.tuning().kept()).isEqualTo(left.kept());
      assertThat(report.tuning().prunable()).isEqualTo(left.size());
      assertThat(report.tuning().sparsity())
          .isEqualTo(Sparsity.removing(left.size() - left.kept(), left.size()).toString());
      assertThat(report.tuning().recipe()).isEqualTo("sparse 0.5, without 12 of 48 channels");
      assertThat(report.tuning().warnings()).isEmpty();
      assertThat(report.toString())
          .contains(
              String.format(
                  "weights kept: %,d of %,d (50.00 %%) before the channels left, %,d of %,d (",
                  before.kept(), before.size(), left.kept(), left.size()));
    }
  }

  /** The mask of a loaded result, say: the sparse network's own. */
  @Test
  void givenMask_isKept() {
    MaskSet given = whole(magnitude(HALF));
    try (ChannelRun run = fit(trainer(MaskRule.given(given), MaskRule.keep()))) {
      MaskSet left = left(given, run);
      assertThat(run.result().masks().inOrderOf(left.layout())).isEqualTo(left);
      requireZerosOff(run.result());
    }
  }

  @Test
  void smallerNetwork_isMasked() {
    try (ChannelRun run = fit(trainer(MaskRule.keep(), magnitude(HALF)))) {
      MaskSet masks = run.result().masks();
      assertThat(masks.kept()).isEqualTo(HALF.keep(masks.size()));
      assertThat(run.report().tuning().warnings()).isEmpty();
      requireZerosOff(run.result());
    }
  }

  /** The channels that leave have most of the removed weights: the rest is less sparse. */
  @Test
  void sparseNetwork_losesChannels_andAsManyWeightsAgain() {
    MaskRule again = MaskRule.nested(Scorers.magnitude(), Allocations.global(), HALF);
    MaskSet before = whole(magnitude(HALF));
    try (ChannelRun run = fit(trainer(magnitude(HALF), again))) {
      MaskSet masks = run.result().masks();
      MaskSet left = left(before, run).inOrderOf(masks.layout());
      assertThat(masks.kept()).isEqualTo(HALF.keep(masks.size())).isLessThan(left.kept());
      assertThat(masks.isSubsetOf(left)).isTrue();
      requireZerosOff(run.result());
    }
  }

  @Test
  void run_cutInTuningAndResumed_equalsTheRunThatWentThrough(@TempDir Path folder) {
    ChannelTrainer trainer = trainer(magnitude(HALF), MaskRule.keep());
    RunListener cut =
        new RunListener() {
          private int calls;

          @Override
          public void stepFinished(Step step) {
            if (++calls == 6) { // the third of tuning
              throw new IllegalStateException("cut here");
            }
          }
        };
    ChannelTrainer kept = trainer.checkpoints(folder);
    assertThatThrownBy(() -> fit(kept.listener(cut)).close()).hasMessage("cut here");
    try (ChannelRun whole = fit(trainer);
        ChannelRun resumed = fit(kept.resume())) {
      assertThat(Outcome.parameters(resumed.result().model()))
          .isEqualTo(Outcome.parameters(whole.result().model()));
      assertThat(resumed.result().masks()).isEqualTo(whole.result().masks());
    }
  }
}
