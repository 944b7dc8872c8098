package org.vpns.examples.figures;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.RandomAccessDataset;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.vpns.ImageInput;
import org.vpns.VisualPrompt;
import org.vpns.examples.PngPicture;
import org.vpns.examples.compare.ComparisonTask;
import org.vpns.internal.io.AtomicFiles;
import org.vpns.internal.network.Engines;
import org.vpns.prompt.Prompts;
import org.vpns.report.PromptRecord;
import org.vpns.report.PruneReport;
import org.vpns.train.ImageSets;

/**
 * Learned prompts side by side, as an SVG file: above what is added to an image, below an image
 * with it, as the network has it before normalisation.
 */
final class PromptGallery {
  private static final int SIDE = 192;
  private static final int GAP = 16;

  private final List<Column> columns = new ArrayList<>();

  /** A prompt and an image with it, values from 0 to 1: channel, row, column. */
  private record Column(String name, PromptRecord prompt, float[] added, float[] image) {}

  private PromptGallery() {}

  /** The prompts of the first run of each method that has one. */
  static PromptGallery of(ComparisonTask task, List<PruneReport> runs) throws IOException {
    Map<String, PruneReport> first = new LinkedHashMap<>();
    runs.stream().filter(r -> r.prompt() != null).forEach(r -> first.putIfAbsent(r.recipe(), r));
    PromptGallery gallery = new PromptGallery();
    float[] canvas = canvas(task, runs.get(0).seed());
    for (PruneReport run : first.values()) {
      PromptRecord prompt = run.prompt();
      if (prompt != null) {
        float[] values = prompt.picture();
        float largest = 0;
        for (float value : values) {
          largest = Math.max(largest, Math.abs(value));
        }
        float[] added = new float[values.length];
        float[] image = new float[values.length];
        for (int i = 0; i < values.length; i++) {
          added[i] = largest == 0 ? 0.5f : 0.5f + values[i] / largest / 2;
          image[i] = Math.min(1, Math.max(0, canvas[i] + values[i]));
        }
        gallery.columns.add(new Column(run.recipe(), prompt, added, image));
      }
    }
    return gallery;
  }

  /** The first test image, or without such the first to train on, placed on the canvas. */
  private static float[] canvas(ComparisonTask task, long seed) throws IOException {
    ImageInput input = task.input();
    try (NDManager manager = Engines.newManager("pictures of prompts")) {
      ImageSets images = task.images(seed, manager);
      RandomAccessDataset test = images.test();
      RandomAccessDataset shown = test == null ? images.train() : test;
      VisualPrompt none =
          Prompts.none().create(manager, input, RandomGenerator.of("L64X128MixRandom"));
      NDArray image = shown.get(manager, 0).getData().get(0).expandDims(0);
      float[] values = none.plain(new NDList(image)).get(0).toFloatArray();
      int area = input.height() * input.width();
      for (int i = 0; i < values.length; i++) {
        values[i] = values[i] * input.std()[i / area] + input.mean()[i / area];
      }
      return values;
    }
  }

  /** Replaces the file as a whole or not at all. */
  void write(Path file) throws IOException {
    int width = GAP + columns.size() * (SIDE + GAP);
    int height = 2 * (SIDE + GAP) + 2 * GAP;
    StringBuilder svg = new StringBuilder();
    svg.append(
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\""
                + " font-family=\"sans-serif\" font-size=\"14\">\n"
                + "<rect width=\"%d\" height=\"%d\" fill=\"white\"/>\n",
            width,
            height,
            width,
            width,
            height));
    for (int i = 0; i < columns.size(); i++) {
      Column column = columns.get(i);
      int x = GAP + i * (SIDE + GAP);
      picture(svg, column.prompt(), column.added(), x, GAP);
      picture(svg, column.prompt(), column.image(), x, 2 * GAP + SIDE);
      svg.append(
          String.format(
              Locale.ROOT,
              "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>\n",
              x + SIDE / 2,
              height - GAP,
              ClaimsPage.escape(column.name())));
    }
    AtomicFiles.writeText(file, svg.append("</svg>\n").toString());
  }

  private static void picture(StringBuilder svg, PromptRecord prompt, float[] values, int x, int y)
      throws IOException {
    svg.append(
        String.format(
            Locale.ROOT,
            "<image x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" style=\"image-rendering:"
                + " pixelated\" href=\"data:image/png;base64,%s\"/>\n",
            x,
            y,
            SIDE,
            SIDE,
            Base64.getEncoder().encodeToString(png(prompt, values))));
  }

  /** Three channels as red, green and blue; of other numbers the first alone, as grey. */
  private static byte[] png(PromptRecord prompt, float[] values) throws IOException {
    int area = prompt.height() * prompt.width();
    int green = prompt.channels() == 3 ? area : 0;
    BufferedImage image =
        new BufferedImage(prompt.width(), prompt.height(), BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < area; i++) {
      int rgb =
          Math.round(255 * values[i]) << 16
              | Math.round(255 * values[green + i]) << 8
              | Math.round(255 * values[2 * green + i]);
      image.setRGB(i % prompt.width(), i / prompt.width(), rgb);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PngPicture.write(image, bytes);
    return bytes.toByteArray();
  }
}
