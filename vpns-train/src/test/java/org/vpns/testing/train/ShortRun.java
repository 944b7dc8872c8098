package org.vpns.testing.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.vpns.predict.PrunedModel;
import org.vpns.report.PruneReport;
import org.vpns.testing.Outcome;
import org.vpns.testing.TinyResNet;
import org.vpns.train.Recipe;
import org.vpns.train.RunListener;
import org.vpns.train.Trainer;

/** What contracts do with the runs of {@link TinyResNet} on the images of {@link TinyRuns}. */
final class ShortRun {
  static final String CUT = "cut here";

  private ShortRun() {}

  static PrunedModel fit(Model model, Trainer trainer) {
    try (NDManager manager = NDManager.newBaseManager()) {
      return trainer.fit(model, TinyRuns.splits(manager));
    }
  }

  static Outcome outcome(Trainer trainer) {
    try (Model model = TinyResNet.newModel();
        PrunedModel pruned = fit(model, trainer)) {
      return Outcome.of(pruned);
    }
  }

  /** Cut after its first step, in the middle and after the last, it goes on to the same bits. */
  static void requireResumable(Supplier<Recipe> recipe, Path folder) {
    CutAt count = new CutAt(0);
    Outcome whole = outcome(Trainer.of(recipe.get()).listener(count));
    for (long cut : new long[] {1, count.steps / 2 + 1, count.steps}) {
      Path checkpoints = folder.resolve("cut" + cut);
      try (Model model = TinyResNet.newModel()) {
        Trainer trainer =
            Trainer.of(recipe.get())
                .checkpoints(checkpoints)
                .checkpointEvery(1)
                .listener(cutAt(cut));
        assertThatThrownBy(() -> fit(model, trainer)).hasMessageContaining(CUT);
      }
      Trainer resumed =
          Trainer.of(recipe.get()).checkpoints(checkpoints).checkpointEvery(1).resume();
      assertThat(outcome(resumed)).as("cut at step " + cut).isEqualTo(whole);
    }
  }

  /** Ends a run after a step, as a failure would; steps are counted from 1. */
  static RunListener cutAt(long step) {
    return new CutAt(step);
  }

  /** Counts the steps of one run, which its report must have too. */
  private static final class CutAt implements RunListener {
    private final long at;
    private long steps;

    CutAt(long at) {
      this.at = at;
    }

    @Override
    public void stepFinished(Step step) {
      if (++steps == at) {
        throw new IllegalStateException(CUT);
      }
    }

    @Override
    public void runFinished(PruneReport report) {
      assertThat(report.gradientSteps()).isEqualTo(steps);
    }
  }
}
