package org.vpns.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.ImageInput;
import org.vpns.LabelAssignment;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.ParameterFilter;
import org.vpns.ParameterPaths;
import org.vpns.PromptFactory;
import org.vpns.VisualPrompt;
import org.vpns.internal.runtime.Against;
import org.vpns.io.FormatException;
import org.vpns.io.MaskFile;
import org.vpns.model.ResNets;
import org.vpns.predict.PrunedModel;
import org.vpns.prompt.Prompts;
import org.vpns.testing.Engines;

/** A saved result that is served without an engine, against the engine. */
class SparseModelTest {
  private static final SparseRuntime COLD = SparseRuntime.standard().warmUp(Duration.ZERO);
  private static final ImageInput INPUT =
      ImageInput.of(1, 32, 32)
          .imageSize(24, 20)
          .normalisation(new float[] {0.4f}, new float[] {0.3f});
  private static final LabelAssignment PAIRS =
      LabelAssignment.of(
          10, new int[][] {{7, 2}, {0, 5}, {9, 1}}, LabelAssignment.Reduction.LOGSUMEXP);
  private static final List<String> NAMES = List.of("cat", "dog", "owl");

  @TempDir private Path folder;
  private Model model;
  private MaskSet masks;

  @BeforeEach
  void prune() {
    Random random = new Random(1);
    model = ResNets.small().newModel("small", 1);
    Layout layout = ParameterPaths.of(model.getBlock()).prunable(ParameterFilter.weights());
    masks = MaskSet.of(layout, i -> Mask.of(layout.shape(i), j -> random.nextInt(10) == 0));
  }

  @AfterEach
  void close() {
    model.close();
  }

  private PrunedModel pruned(PromptFactory factory) {
    PrunedModel plain = PrunedModel.of(model, masks, INPUT, PAIRS, NAMES);
    NDManager manager = model.getNDManager().newSubManager();
    VisualPrompt prompt = factory.create(manager, INPUT, new Random(3));
    Random random = new Random(4);
    float[] values = new float[(int) prompt.parameterCount()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    prompt.delta().getArray().set(values);
    return new PrunedModel(
        model,
        plain.masks(),
        INPUT,
        prompt,
        PAIRS,
        NAMES,
        plain.filter(),
        plain.report(),
        null,
        manager);
  }

  @Test
  void predictor_withPromptAndMapping_classifiesAsTheEngine() throws Exception {
    for (PromptFactory factory :
        List.of(Prompts.pad(5), Prompts.random(9).sigmoid(), Prompts.random(6).patch())) {
      PrunedModel pruned = pruned(factory);
      pruned.save(folder);
      try (SparseModel served = COLD.load(folder);
          Predictor<Image, Classifications> found = served.newPredictor();
          Predictor<Image, Classifications> expected = pruned.newPredictor()) {
        for (int seed = 0; seed < 3; seed++) {
          Image image = image(30 + 9 * seed, seed);
          assertSame(found.predict(image), expected.predict(image));
        }
        assertThat(served.classNames()).isEqualTo(NAMES);
        assertThat(served.input()).isEqualTo(INPUT);
      }
    }
  }

  @Test
  void network_ofAResultFolder_givesTheModelsLogits() throws Exception {
    PrunedModel.of(model, masks, INPUT, PAIRS, NAMES).save(folder);
    float[] images = Against.noise(2 * 1024, 1);
    float[] expected = Engines.evaluate(model.getBlock(), images, new Shape(2, 1, 32, 32));
    try (SparseModel served = COLD.load(folder)) {
      Against.assertClose(served.network().run(images), expected);
      assertThat(served)
          .hasToString("SparseModel, 3 classes: SparseNetwork, images (1, 32, 32) to 10 numbers");
    }
  }

  @Test
  void load_withThePreparedForm_givesWhatPlanningGives() throws Exception {
    pruned(Prompts.pad(5)).save(folder);
    float[] images = Against.noise(2 * 1024, 1);
    try (SparseModel planned = COLD.load(folder)) {
      Path file = COLD.savePrepared(folder);
      try (SparseModel read = COLD.load(folder);
          Predictor<Image, Classifications> found = read.newPredictor();
          Predictor<Image, Classifications> expected = planned.newPredictor()) {
        assertThat(planned.network().describe()).contains("planned in");
        assertThat(read.network().describe()).contains("read from " + file.getFileName() + " in");
        assertThat(read.network().run(images)).isEqualTo(planned.network().run(images));
        assertThat(found.predict(image(40, 1)).toJson())
            .isEqualTo(expected.predict(image(40, 1)).toJson());
        assertThat(read.classNames()).isEqualTo(NAMES);
        assertThat(read.input()).isEqualTo(INPUT);
      }
    }
  }

  @Test
  void load_ofAResultThatWasReplaced_leavesThePreparedFormAlone() throws Exception {
    PrunedModel.of(model, masks, INPUT, PAIRS, NAMES).save(folder);
    COLD.savePrepared(folder);
    MaskSet all = MaskSet.ones(masks.layout());
    float[] images = Against.noise(1024, 1);
    try (Model other = ResNets.small().newModel("small", 2)) {
      PrunedModel.of(other, all, INPUT, PAIRS, NAMES).save(folder);
      float[] expected = Engines.evaluate(other.getBlock(), images, new Shape(1, 1, 32, 32));
      try (SparseModel served = COLD.load(folder)) {
        assertThat(served.network().describe()).contains("planned in");
        Against.assertClose(served.network().run(images), expected);
      }
    }
  }

  @Test
  void savePrepared_ofNoWholeResult_writesNothing() throws Exception {
    PrunedModel.of(model, masks, INPUT, PAIRS, NAMES).save(folder);
    Files.delete(folder.resolve("network.json"));

    assertThatIOException()
        .isThrownBy(() -> COLD.savePrepared(folder))
        .withMessageContaining("network.json; expected a file, found none");
    assertThat(folder).isDirectoryNotContaining("glob:**.sparse");
  }

  @Test
  void predictorsOfAClosedModel_areRefused() throws Exception {
    PrunedModel.of(model, masks, INPUT, PAIRS, NAMES).save(folder);
    SparseModel served = COLD.load(folder);
    Predictor<Image, Classifications> before = served.newPredictor();
    served.close();
    served.close();

    assertThatIllegalStateException()
        .isThrownBy(served::newPredictor)
        .withMessageContaining("load the result again");
    assertThatExceptionOfType(Exception.class)
        .isThrownBy(() -> before.predict(image(32, 1)))
        .withStackTraceContaining("use after close");
  }

  @Test
  void folders_thatAreNoWholeResult_areRefused() throws Exception {
    PrunedModel.of(model, masks, INPUT, PAIRS, NAMES).save(folder);
    byte[] network = Files.readAllBytes(folder.resolve("network.json"));
    byte[] mask = Files.readAllBytes(folder.resolve("masks.vpns"));

    Files.delete(folder.resolve("network.json"));
    assertThatIOException()
        .isThrownBy(() -> COLD.load(folder))
        .withMessageContaining("network.json; expected a file, found none");
    Files.write(folder.resolve("network.json"), new byte[] {'{', '}'});
    assertDamaged("network description damaged");
    Files.write(folder.resolve("network.json"), network);

    MaskFile.of(MaskSet.ones(masks.layout())).write(folder.resolve("masks.vpns"));
    assertDamaged("weights and masks disagree");
    Files.write(folder.resolve("masks.vpns"), mask);

    String text = Files.readString(folder.resolve("model.json"));
    Files.writeString(
        folder.resolve("model.json"), text.replace("\"sources\": 10", "\"sources\": 11"));
    assertDamaged("expected 11 outputs, found 10");
    Files.writeString(
        folder.resolve("model.json"), text.replace("\"height\": 32", "\"height\": 33"));
    assertDamaged("expected a network for images (1, 33, 32), found (1, 32, 32)");
  }

  private void assertDamaged(String message) {
    assertThatExceptionOfType(FormatException.class)
        .isThrownBy(() -> COLD.load(folder))
        .withMessageContaining(message);
  }

  private static Image image(int side, int seed) throws IOException {
    Random random = new Random(seed);
    BufferedImage pixels = new BufferedImage(side, 40, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < side * 40; i++) {
      pixels.setRGB(i % side, i / side, random.nextInt(1 << 24));
    }
    return ImageFactory.getInstance().fromImage(pixels);
  }

  private static void assertSame(Classifications found, Classifications expected) {
    for (String name : NAMES) {
      // what a logit's rounding makes of a probability
      assertThat(found.get(name).getProbability())
          .isCloseTo(expected.get(name).getProbability(), Offset.offset(1e-4));
    }
    assertThat(found.best().getClassName()).isEqualTo(expected.best().getClassName());
  }
}
