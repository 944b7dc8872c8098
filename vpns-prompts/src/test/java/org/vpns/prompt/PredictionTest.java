package org.vpns.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.LambdaBlock;
import java.awt.image.BufferedImage;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.vpns.ImageInput;
import org.vpns.predict.PromptTranslator;

class PredictionTest {
  @Test
  void predictor_addsThePromptToAnImageOfAnySize() throws Exception {
    ImageInput input = ImageInput.of(3, 8, 6).imageSize(4, 2).imageNetNormalisation();
    BufferedImage black = new BufferedImage(13, 5, BufferedImage.TYPE_INT_RGB);
    Image image = ImageFactory.getInstance().fromImage(black);
    try (PromptRunner runner = new PromptRunner(Prompts.pad(1), input);
        Model model = Model.newInstance("recorder")) {
      runner.noise(3);
      float[][] seen = new float[1][];
      model.setBlock(
          new LambdaBlock(
              x -> {
                NDArray array = x.singletonOrThrow();
                seen[0] = array.toFloatArray();
                return new NDList(array.mean(new int[] {3}).mean(new int[] {2}));
              },
              "recorder"));
      int before = runner.manager.getManagedArrays().size();
      try (Predictor<Image, Classifications> predictor =
          model.newPredictor(PromptTranslator.of(runner.prompt, List.of("r", "g", "b")))) {
        predictor.predict(image);
        assertThat(seen[0])
            .containsExactly(runner.evaluate(new float[24], new Shape(1, 3, 4, 2)), within(1e-6f));
        predictor.batchPredict(List.of(image, image));
        assertThat(seen[0]).hasSize(2 * 3 * 8 * 6);
      }
      assertThat(runner.manager.getManagedArrays().size()).isEqualTo(before);
    }
  }
}
