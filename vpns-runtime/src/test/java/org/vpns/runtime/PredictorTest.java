package org.vpns.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.vpns.ImageInput;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.ParameterFilter;
import org.vpns.ParameterPaths;
import org.vpns.model.ResNets;
import org.vpns.predict.Inference;
import org.vpns.predict.PrunedModel;

/** A pruned model's predictions, wherever it runs. */
class PredictorTest {
  private static final List<String> NAMES =
      IntStream.range(0, 10).mapToObj(i -> "class " + i).toList();

  @ParameterizedTest
  @EnumSource(Inference.class)
  void predictor_ofAPrunedModel_classifiesAsTheEngine(Inference inference) throws Exception {
    Random random = new Random(1);
    try (Model model = ResNets.small().newModel("small", 1)) {
      Layout layout = ParameterPaths.of(model.getBlock()).prunable(ParameterFilter.weights());
      MaskSet masks =
          MaskSet.of(layout, i -> Mask.of(layout.shape(i), j -> random.nextInt(10) == 0));
      try (PrunedModel pruned = PrunedModel.of(model, masks, ImageInput.of(1, 32, 32), NAMES)) {
        for (int i = 0; i < 2; i++) {
          Image image = image(40 + i, random);
          try (Predictor<Image, Classifications> expected = pruned.newPredictor();
              Predictor<Image, Classifications> found = pruned.newPredictor(inference)) {
            assertSame(found.predict(image), expected.predict(image));
          }
        }
      }
    }
  }

  private static Image image(int side, Random random) {
    BufferedImage pixels = new BufferedImage(side, side, BufferedImage.TYPE_BYTE_GRAY);
    for (int i = 0; i < side * side; i++) {
      pixels.getRaster().setSample(i % side, i / side, 0, random.nextInt(256));
    }
    return ImageFactory.getInstance().fromImage(pixels);
  }

  private static void assertSame(Classifications found, Classifications expected) {
    for (String name : NAMES) {
      // what a logit's rounding makes of a probability
      assertThat(found.get(name).getProbability())
          .isCloseTo(
              expected.get(name).getProbability(), org.assertj.core.data.Offset.offset(1e-4));
    }
  }
}
