package org.vpns.examples.figures;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vpns.Sparsity;
import org.vpns.examples.compare.ArmTable;
import org.vpns.examples.compare.ComparisonTask;
import org.vpns.report.PruneReport;
import org.vpns.study.Hypothesis;
import org.vpns.study.Hypothesis.Judgement;
import org.vpns.study.Study;
import org.vpns.study.StudyRun;
import org.vpns.study.StudyTask;

/** A figure of the paper: some methods at some sparsities, and what the paper claims of them. */
public abstract class FigureProgram extends FigureStudy {
  private final String id;
  private final String title;

  /**
   * For subclasses.
   *
   * @param id such as {@code figure-4}
   * @param title such as {@code Methods over sparsities}
   */
  FigureProgram(String id, String title) {
    super("out/" + id);
    this.id = id;
    this.title = title;
  }

  /** The same with sparsities of its own. */
  FigureProgram(String id, String title, List<Sparsity> sparsities) {
    super("out/" + id, sparsities);
    this.id = id;
    this.title = title;
  }

  /** Names of the methods, those of {@link FigureArms}. */
  abstract List<String> methods(ComparisonTask task);

  /** What the paper claims. */
  abstract List<Hypothesis> claims(ComparisonTask task, List<String> sparsities);

  /** What it claims of counts, held against the runs. */
  List<Judgement> counted(List<PruneReport> runs, List<String> sparsities) {
    return List.of();
  }

  /** The setting, where the figure is one of many: with sparsities of its own if it has such. */
  Setting within(Setting all) {
    return all;
  }

  /** What the runs are made on. */
  StudyTask on(ComparisonTask task) {
    return task;
  }

  /** A method's run. */
  StudyRun<PruneReport> arm(
      Setting setting, ArmTable arms, String name, Sparsity sparsity, long seed) {
    return arms.run(name, sparsity, seed);
  }

  /** Draws a picture into the folder, where the figure has one, and gives the file's name. */
  @Nullable String draw(Path folder, Setting setting, List<PruneReport> runs) throws IOException {
    return null;
  }

  /** What the differences of the table are to. */
  String baseline() {
    return "HYDRA";
  }

  /** What of the figure is not here, in words. */
  List<String> remarks() {
    return List.of();
  }

  /** The runs that claims speak of, made of those of the study. */
  List<PruneReport> runs(List<PruneReport> reports) {
    return reports;
  }

  final String id() {
    return id;
  }

  @Override
  public final Integer call() throws IOException {
    Setting setting = setting();
    Study<PruneReport> study = study(setting).in(out());
    Study.Results<PruneReport> results =
        run(study.reporting(r -> write(out(), setting, r.results())));
    if (!results.byCell().isEmpty()) {
      say(write(out(), setting, results.results()).toText());
    }
    return exitCode(results);
  }

  @Override
  protected final Study<PruneReport> study() throws IOException {
    return study(setting());
  }

  /** The figure's runs. */
  final Study<PruneReport> study(Setting setting) {
    ArmTable arms = FigureArms.of(setting.task(), setting.steps());
    List<Study.Arm<PruneReport>> chosen = new ArrayList<>();
    for (String name : methods(setting.task())) {
      chosen.add((sparsity, seed) -> arm(setting, arms, name, sparsity, seed));
    }
    return Study.of(chosen)
        .sparsities(setting.sparsities())
        .seeds(setting.seeds())
        .on(on(setting.task()));
  }

  /** Writes table, page and claims of the figure's runs, of which there is at least one. */
  final FigureResult write(Path folder, Setting setting, List<PruneReport> reports)
      throws IOException {
    ComparisonTask task = setting.task();
    List<String> sparsities = setting.sparsities().stream().map(Sparsity::toString).toList();
    List<PruneReport> runs = runs(reports);
    List<String> notes = new ArrayList<>(remarks());
    notes.addAll(task.remarks());
    FigureResult result =
        FigureResult.of(
                title + setting.titleEnd(), runs, baseline(), claims(task, sparsities), notes)
            .with(counted(runs, sparsities));
    result.write(folder);
    return result.picture(draw(folder, setting, runs));
  }
}
