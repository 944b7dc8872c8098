package org.vpns.examples;

import ai.djl.Model;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.vpns.predict.PrunedModel;
import org.vpns.report.PruneReport;
import org.vpns.study.Study;
import org.vpns.train.ImageSets;
import org.vpns.train.Recipe;
import org.vpns.train.RunListener;
import org.vpns.train.Trainer;

/** Code of the guide "stop and go on". */
final class ResumeExample {
  private ResumeExample() {}

  static PruneReport run(Model model, Recipe recipe, ImageSets images, Path folder)
      throws IOException {
    // README: resume
    Trainer trainer = Trainer.of(recipe).checkpoints(folder.resolve("checkpoints")).resume();
    try (PrunedModel pruned = trainer.fit(model, images)) {
      pruned.save(folder.resolve("result"));
      // README: end
      return pruned.report();
    }
  }

  // README: stop
  /** Ends a run after a time. */
  record Until(Instant end) implements RunListener {
    static Until in(Duration time) {
      return new Until(Instant.now().plus(time));
    }

    @Override
    public boolean isStopRequested() {
      return !Instant.now().isBefore(end);
    }
  }

  // README: end

  static PruneReport stopped(Model model, Recipe recipe, ImageSets images, Path folder) {
    Trainer trainer =
        Trainer.of(recipe)
            .checkpoints(folder.resolve("checkpoints"))
            .checkpointEvery(1)
            .listener(Until.in(Duration.ZERO));
    try (PrunedModel pruned = trainer.fit(model, images)) {
      return pruned.report();
    }
  }

  static Study.Results<PruneReport> study(Study<PruneReport> study, Path folder)
      throws IOException {
    // README: study
    Study.Results<PruneReport> results = study.in(folder).run();
    results.failures().forEach((cell, cause) -> System.err.println(cell.label() + ": " + cause));
    // README: end
    return results;
  }
}
