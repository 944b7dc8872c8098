package org.vpns.onnx;

import ai.djl.Model;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.ndarray.NDManager;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.vpns.ImageInput;
import org.vpns.LabelAssignment;
import org.vpns.MaskSet;
import org.vpns.ParameterFilter;
import org.vpns.ParameterPaths;
import org.vpns.Seeds;
import org.vpns.predict.PrunedModel;
import org.vpns.report.PruneReport;

/** Pruned models put together by hand, and images for them. */
final class PrunedNetworks {
  private PrunedNetworks() {}

  /**
   * A pruned model whose mask keeps all.
   *
   * @param prompted whether with a random prompt, large enough that the clamp acts
   */
  static PrunedModel of(Model model, ImageInput input, boolean prompted, LabelAssignment mapping) {
    return of(
        model,
        MaskSet.ones(ParameterPaths.of(model.getBlock()).prunable(ParameterFilter.weights())),
        input,
        prompted,
        mapping);
  }

  /** A pruned model of any mask; the model's weights stay as they are. */
  static PrunedModel of(
      Model model, MaskSet set, ImageInput input, boolean prompted, LabelAssignment mapping) {
    NDManager manager = model.getNDManager().newSubManager();
    PruneReport report =
        new PruneReport(
            "none",
            "0",
            7,
            set.size(),
            set.kept(),
            set.size(),
            List.of(),
            null,
            null,
            null,
            List.of(),
            mapping.toArray(),
            null,
            List.of(),
            Map.of(),
            null);
    return new PrunedModel(
        model,
        set,
        input,
        prompted ? new CanvasPrompt(input, picture(input), manager) : null,
        mapping,
        IntStream.range(0, mapping.targets()).mapToObj(i -> "class \"" + i + "\" <é>").toList(),
        ParameterFilter.weights(),
        report,
        null,
        manager);
  }

  private static float[] picture(ImageInput input) {
    RandomGenerator random = new Seeds(3).stream("picture");
    float[] values = new float[input.channels() * input.height() * input.width()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian() * 0.5f;
    }
    return values;
  }

  /** A picture of noise. */
  static Image image(int height, int width, int seed) {
    RandomGenerator random = new Seeds(seed).stream("image");
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, random.nextInt(1 << 24));
      }
    }
    return ImageFactory.getInstance().fromImage(image);
  }
}
