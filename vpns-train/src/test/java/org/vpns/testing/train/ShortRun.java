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

  /** What a run leaves behind that is cut after a step and resumed. */
  static Outcome resumed(Supplier<Recipe> recipe, Path checkpoints, long cut) {
    Trainer trainer = Trainer.of(recipe.get()).checkpoints(checkpoints).checkpointEvery(1);
    try (Model model = TinyResNet.newModel()) {
      assertThatThrownBy(() -> fit(model, trainer.listener(new CutAt(cut))))
          .hasMessageContaining(CUT);
    }
    return outcome(Trainer.of(recipe.get()).checkpoints(checkpoints).checkpointEvery(1).resume());
  }

  /** Counts the steps of one run, which its report must have too; can end it as a failure would. */
  static final class CutAt implements RunListener {
    private final long at;
    private long steps;

    /**
     * @param at the step after which the run ends, from 1; 0 = none
     */
    CutAt(long at) {
      this.at = at;
    }

    long steps() {
      return steps;
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
