package org.vpns.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.translate.TranslateException;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.vpns.ImageInput;
import org.vpns.LabelAssignment;

class PromptTranslatorTest {
  private static final ImageInput COLOUR = ImageInput.of(3, 8, 8);
  private static final List<String> RGB = List.of("red", "green", "blue");

  /** A network whose logits are ten times the mean of each channel. */
  private static final Function<NDList, NDList> BRIGHTNESS =
      x -> new NDList(x.singletonOrThrow().mean(new int[] {3}).mean(new int[] {2}).mul(10));

  @Test
  void predict_ofColouredImagesOfAnySize_namesTheColour() throws Exception {
    PromptTranslator translator = PromptTranslator.of(COLOUR, RGB);
    for (int[] size : new int[][] {{8, 8}, {31, 5}, {3, 40}, {1, 1}}) {
      Classifications found = predict(translator, BRIGHTNESS, image(size[0], size[1], 0x0000ff));
      assertThat(found.getClassNames().get(0)).isEqualTo("blue");
      assertThat(found.best().getClassName()).isEqualTo("blue");
      // logits 0, 0, 10
      double top = Math.exp(10) / (Math.exp(10) + 2);
      assertThat(found.best().getProbability()).isCloseTo(top, within(1e-5));
      assertThat(found.getProbabilities().stream().mapToDouble(p -> p).sum())
          .isCloseTo(1, within(1e-6));
    }
  }

  @Test
  void predict_ordersClassesByProbability_equalOnesByName() throws Exception {
    Classifications found =
        predict(PromptTranslator.of(COLOUR, RGB), BRIGHTNESS, image(8, 8, 0x3333ff));
    assertThat(found.getClassNames()).containsExactly("blue", "red", "green");
    assertThat(found.getProbabilities()).isSortedAccordingTo((a, b) -> Double.compare(b, a));
  }

  @Test
  void predict_ofBatch_answersForEach() throws Exception {
    try (Model model = model(BRIGHTNESS);
        Predictor<Image, Classifications> predictor =
            model.newPredictor(PromptTranslator.of(COLOUR, RGB))) {
      List<Classifications> found =
          predictor.batchPredict(List.of(image(9, 9, 0xff0000), image(20, 4, 0x00ff00)));
      assertThat(found.get(0).getClassNames().get(0)).isEqualTo("red");
      assertThat(found.get(1).getClassNames().get(0)).isEqualTo("green");
    }
  }

  /** Of three images and three classes nobody could tell afterwards which axis is which. */
  @Test
  void predict_ofANetworkWithImagesAlongAnotherAxis_isRefused() {
    try (Model model = model(x -> new NDList(BRIGHTNESS.apply(x).singletonOrThrow().transpose()));
        Predictor<Image, Classifications> predictor =
            model.newPredictor(PromptTranslator.of(COLOUR, RGB))) {
      List<Image> images =
          List.of(image(9, 9, 0xff0000), image(20, 4, 0x00ff00), image(8, 8, 0xff));
      assertThatExceptionOfType(TranslateException.class)
          .isThrownBy(() -> predictor.batchPredict(images))
          .havingRootCause()
          .withMessage(
              "network is no classifier: model 'brightness', 1 image; expected logits (batch,"
                  + " classes), found (3, 1); put a block behind it that moves the images in"
                  + " front.");
    }
  }

  @Test
  void predict_withPaddingAndNormalisation_feedsTheNetworkWhatItWasTrainedOn() throws Exception {
    ImageInput input =
        COLOUR.imageSize(4, 4).normalisation(new float[] {0.5f, 0, 0}, new float[] {0.5f, 1, 1});
    float[][] seen = new float[1][];
    predict(
        PromptTranslator.of(input, RGB),
        x -> {
          seen[0] = x.singletonOrThrow().toFloatArray();
          return BRIGHTNESS.apply(x);
        },
        image(4, 4, 0xff3300));
    assertThat(seen[0]).hasSize(3 * 64);
    assertThat(seen[0][0]).isEqualTo(-1f); // padding: (0 - 0.5) / 0.5
    assertThat(seen[0][3 * 8 + 3]).isEqualTo(1f); // red: (1 - 0.5) / 0.5
    assertThat(seen[0][64 + 3 * 8 + 3]).isCloseTo(0.2f, within(1e-6f)); // 0x33 = 51 of 255
    assertThat(seen[0][128 + 3 * 8 + 3]).isZero();
  }

  @Test
  void predict_withOneChannel_seesGrey() throws Exception {
    ImageInput input = ImageInput.of(1, 8, 8);
    BufferedImage grey = new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_GRAY);
    for (int i = 0; i < 64; i++) {
      grey.getRaster().setSample(i % 8, i / 8, 0, 51);
    }
    float[][] seen = new float[1][];
    Function<NDList, NDList> network =
        x -> {
          NDArray array = x.singletonOrThrow();
          seen[0] = array.toFloatArray();
          return new NDList(array.mean(new int[] {3}).mean(new int[] {2}));
        };
    PromptTranslator translator = PromptTranslator.of(input, List.of("all"));
    predict(translator, network, ImageFactory.getInstance().fromImage(grey));
    assertThat(seen[0]).hasSize(64).containsOnly(51 / 255f);
    predict(translator, network, image(8, 8, 0x0000ff));
    assertThat(seen[0]).hasSize(64).containsOnly(29 / 255f); // 0.114 of 255, rounded
  }

  @Test
  void predict_withMapping_usesTheMappedLogits() throws Exception {
    PromptTranslator translator =
        PromptTranslator.of(COLOUR, List.of("sky", "grass"))
            .mapping(LabelAssignment.of(3, new int[][] {{2}, {1}}));
    Classifications found = predict(translator, BRIGHTNESS, image(8, 8, 0x00ff00));
    assertThat(found.getClassNames()).containsExactly("grass", "sky");
    assertThat(found.best().getProbability()).isCloseTo(1 / (1 + Math.exp(-10)), within(1e-6));
  }

  @Test
  void namesThatDoNotFit_areRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PromptTranslator.of(ImageInput.of(4, 8, 8), RGB))
        .withMessageContaining("1 (grey) or 3");
    LabelAssignment two = LabelAssignment.of(3, new int[][] {{2}, {1}});
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PromptTranslator.of(COLOUR, RGB).mapping(two))
        .withMessageContaining("expected 2 names, one for each target, found 3");
    PromptTranslator short1 = PromptTranslator.of(COLOUR, List.of("red", "green"));
    assertThatExceptionOfType(TranslateException.class)
        .isThrownBy(() -> predict(short1, BRIGHTNESS, image(8, 8, 0)))
        .havingRootCause()
        .withMessageContaining("expected 3 names, one for each output, found 2");
  }

  private static Classifications predict(
      PromptTranslator translator, Function<NDList, NDList> network, Image image)
      throws TranslateException {
    try (Model model = model(network);
        Predictor<Image, Classifications> predictor = model.newPredictor(translator)) {
      return predictor.predict(image);
    }
  }

  private static Model model(Function<NDList, NDList> network) {
    Model model = Model.newInstance("brightness");
    Block block = new LambdaBlock(network, "brightness");
    model.setBlock(block);
    return model;
  }

  private static Image image(int width, int height, int rgb) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < width * height; i++) {
      image.setRGB(i % width, i / width, rgb);
    }
    return ImageFactory.getInstance().fromImage(image);
  }
}
