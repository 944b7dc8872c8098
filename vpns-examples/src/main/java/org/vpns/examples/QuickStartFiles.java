package org.vpns.examples;

import ai.djl.Model;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.vpns.examples.data.OpticalDigits;
import org.vpns.internal.io.AtomicFiles;
import org.vpns.predict.PrunedModel;
import org.vpns.report.PruneReport;
import org.vpns.study.Comparison;
import org.vpns.study.HtmlReport;
import org.vpns.study.data.ImageTable;

/** What the quick start leaves in its folder; files of an earlier run are replaced. */
final class QuickStartFiles {
  static final String MODEL = "best";
  static final String DIGITS = "digits";
  static final String PAGE = "report.html";
  static final String TABLE = "comparison.csv";
  static final String TEXT = "comparison.md";
  static final String RUNS = "runs.json";

  private QuickStartFiles() {}

  /** Writes table, page, reports, the models and digits that the first has not been trained on. */
  static void write(
      Path folder,
      String title,
      Comparison comparison,
      List<PruneReport> reports,
      List<QuickStartBest> best)
      throws IOException {
    Files.createDirectories(folder);
    AtomicFiles.writeText(
        folder.resolve(RUNS),
        reports.stream().map(PruneReport::toJson).collect(Collectors.joining(",\n", "[", "]\n")));
    AtomicFiles.writeText(
        folder.resolve(TEXT),
        comparison.toMarkdown()
            + "\n"
            + String.join("\n\n", QuickStartText.cautions(comparison))
            + "\n");
    AtomicFiles.writeText(folder.resolve(TABLE), comparison.toCsv());
    HtmlReport.write(folder.resolve(PAGE), title, comparison, reports);
    for (QuickStartBest model : best) {
      copy(model.model(), folder.resolve(model(best, model)));
    }
    digits(folder.resolve(DIGITS), OpticalDigits.split(best.get(0).report().seed()).test());
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Model network = SourceNetwork.load();
        PrunedModel pruned = PrunedModel.load(from, network)) {
      pruned.save(to);
    }
  }

  /** Folder of one of the best models: {@value #MODEL}, the others with their sparsity behind. */
  static String model(List<QuickStartBest> best, QuickStartBest model) {
    return model == best.get(0) ? MODEL : MODEL + "-" + model.report().sparsity();
  }

  /** The first image of each class as {@code zero.png} to {@code nine.png}, in its own size. */
  private static void digits(Path folder, ImageTable images) throws IOException {
    Files.createDirectories(folder);
    boolean[] seen = new boolean[images.classes()];
    for (int i = 0; i < images.size(); i++) {
      int label = images.label(i);
      if (!seen[label]) {
        seen[label] = true;
        BufferedImage picture = picture(images.image(i), images.width(), images.height());
        AtomicFiles.write(
            folder.resolve(images.classNames().get(label) + ".png"),
            out -> PngPicture.write(picture, out));
      }
    }
  }

  private static BufferedImage picture(float[] pixels, int width, int height) {
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
    for (int i = 0; i < pixels.length; i++) {
      // The raster takes the grey level as it is; setRGB would convert it.
      picture.getRaster().setSample(i % width, i / width, 0, Math.round(255 * pixels[i]));
    }
    return picture;
  }
}
