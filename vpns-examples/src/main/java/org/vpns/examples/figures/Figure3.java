package org.vpns.examples.figures;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.vpns.examples.compare.ComparisonTask;
import org.vpns.report.PruneReport;
import org.vpns.study.Hypothesis;
import picocli.CommandLine.Command;

/** Figure 3: pictures of learned prompts, of three kinds with equally many pixels. */
@Command(
    name = "Figure3",
    description = "Figure 3: pictures of learned prompts: a frame, a square, one that jumps.")
public final class Figure3 extends FigureProgram {
  private static final String FILE = "figure-3.svg";

  /** Reads no option yet. */
  public Figure3() {
    super("figure-3", "Figure 3: learned prompts");
  }

  /** Runs the program; see {@code --help}. */
  public static void main(String[] args) {
    new Figure3().execute(args);
  }

  @Override
  List<String> methods(ComparisonTask task) {
    return new Figure10c().methods(task);
  }

  /** It is a picture. */
  @Override
  List<Hypothesis> claims(ComparisonTask task, List<String> sparsities) {
    return List.of();
  }

  @Override
  List<String> remarks() {
    return List.of(
        "Above what is added to an image: grey is nothing, white and black the largest value;"
            + " below the first test image with it. The square that jumps stands in the middle.",
        "The prompts are those of the first seed at the first sparsity that has a run.");
  }

  @Override
  String draw(Path folder, Setting setting, List<PruneReport> runs) throws IOException {
    PromptGallery.of(setting.task(), runs).write(folder.resolve(FILE));
    return FILE;
  }
}
