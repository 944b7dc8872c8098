package org.vpns.study;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.vpns.Problem;
import org.vpns.Sparsity;
import org.vpns.predict.PrunedModel;
import org.vpns.report.PruneReport;
import org.vpns.train.Recipe;
import org.vpns.train.Trainer;

/** A recipe's run gives its report. */
record RecipeRun(Recipe recipe, Fitting fitting) implements StudyRun<PruneReport> {
  @Override
  public String method() {
    return recipe.name();
  }

  @Override
  public Sparsity sparsity() {
    return recipe.sparsity();
  }

  @Override
  public long seed() {
    return recipe.seed();
  }

  @Override
  public Map<String, String> options() {
    return recipe.options();
  }

  @Override
  public long gradientSteps(long images) {
    return recipe.gradientSteps(images);
  }

  @Override
  public PruneReport run(Place place) throws IOException {
    Problem.given(place, "StudyRun.run", "place");
    Trainer trainer =
        trainer(place)
            .listener(place.listener())
            .sharedStages(place.stages())
            .checkpoints(place.checkpoints())
            .resume();
    try (PrunedModel pruned = trainer.fit(place.network(), place.images())) {
      PruneReport report = pruned.report();
      if (place.model() != null) {
        pruned.save(place.model());
      }
      return report;
    }
  }

  private Trainer trainer(Place place) {
    return Trainer.of(
        Problem.given(
            fitting.fit(recipe, place.network(), place.images()),
            fitting.getClass().getName(),
            "what StudyRun.Fitting.fit gives"));
  }

  @Override
  public void write(PruneReport result, Path file) throws IOException {
    Problem.given(result, "StudyRun.write", "result");
    Problem.given(file, "StudyRun.write", "file");
    result.write(file);
  }

  @Override
  public PruneReport read(Path file, Place place) throws IOException {
    Problem.given(file, "StudyRun.read", "file");
    Problem.given(place, "StudyRun.read", "place");
    Map<String, String> identity = trainer(place).identity(place.network(), place.images());
    return PruneReport.read(file).requireRunOf(identity, file);
  }

  @Override
  public String line(PruneReport result) {
    Problem.given(result, "StudyRun.line", "result");
    return result.line();
  }
}
