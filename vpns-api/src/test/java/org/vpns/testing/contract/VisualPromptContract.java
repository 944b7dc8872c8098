package org.vpns.testing.contract;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.ImageInput;
import org.vpns.PromptFactory;
import org.vpns.VisualPrompt;
import org.vpns.predict.PromptFile;

/**
 * What every {@link VisualPrompt} promises: outputs of canvas size, nothing added outside its
 * region, a gradient for its learned values, equal prompts of equal streams, and a file from which
 * {@link PromptFile} makes it again, by the {@link org.vpns.spi.PromptProvider}s on the class path.
 *
 * <pre>{@code
 * class CrossPromptTest extends VisualPromptContract {
 *   @Override
 *   protected PromptFactory factory() {
 *     return CrossPrompt.of(4);
 *   }
 * }
 * }</pre>
 */
public abstract class VisualPromptContract {
  private static final ImageInput INPUT =
      ImageInput.of(3, 16, 12)
          .imageSize(10, 8)
          .normalisation(new float[] {0.5f, 0.4f, 0.3f}, new float[] {0.2f, 0.3f, 0.4f});

  private NDManager manager;

  /** Makes prompts for any canvas of at least 16 x 12 with images of 10 x 8. */
  protected abstract PromptFactory factory();

  @BeforeEach
  void open() {
    manager = NDManager.newBaseManager();
  }

  @AfterEach
  void close() {
    manager.close();
  }

  private VisualPrompt prompt() {
    return factory().create(manager, INPUT, new Random(3));
  }

  private NDArray images() {
    Random random = new Random(5);
    float[] values = new float[4 * 3 * 10 * 8];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat();
    }
    try (NDArray borrowed = manager.create(values, new Shape(4, 3, 10, 8))) {
      return borrowed.duplicate();
    }
  }

  private NDArray forward(VisualPrompt prompt, boolean training) {
    return prompt
        .forward(new ParameterStore(manager, false), new NDList(images()), training)
        .singletonOrThrow();
  }

  @Test
  void output_hasTheCanvas_andIsFinite() {
    VisualPrompt prompt = prompt();
    assertThat(forward(prompt, false).getShape()).isEqualTo(new Shape(4, 3, 16, 12));
    assertThat(prompt.plain(new NDList(images())).head().getShape())
        .isEqualTo(new Shape(4, 3, 16, 12));
    for (float value : forward(prompt, false).toFloatArray()) {
      assertThat(value).isFinite();
    }
  }

  @Test
  void numbers_agree() {
    VisualPrompt prompt = prompt();
    assertThat(prompt.region()).hasSize(16 * 12);
    assertThat(prompt.picture()).hasSize(3 * 16 * 12);
    int active = 0;
    for (boolean pixel : prompt.region()) {
      active += pixel ? 1 : 0;
    }
    assertThat(prompt.activePixels()).isEqualTo(active);
    if (prompt.parameterCount() > 0) {
      assertThat(prompt.delta().getArray().size()).isEqualTo(prompt.parameterCount());
    }
    assertThat(prompt.kind()).isNotBlank();
    assertThat(prompt.input()).isEqualTo(INPUT);
  }

  @Test
  void outsideTheRegion_nothingIsAdded() {
    VisualPrompt prompt = prompt();
    fill(prompt);
    float[] picture = prompt.picture();
    float[] prompted = forward(prompt, false).toFloatArray();
    float[] plain = prompt.plain(new NDList(images())).head().toFloatArray();
    for (int channel = 0; channel < 3; channel++) {
      for (int pixel = 0; pixel < 16 * 12; pixel++) {
        if (!prompt.region()[pixel]) {
          assertThat(picture[channel * 16 * 12 + pixel]).isZero();
          for (int image = 0; image < 4; image++) {
            int at = (image * 3 + channel) * 16 * 12 + pixel;
            assertThat(prompted[at]).isEqualTo(plain[at]);
          }
        }
      }
    }
  }

  private static void fill(VisualPrompt prompt) {
    if (prompt.parameterCount() > 0) {
      float[] values = new float[Math.toIntExact(prompt.parameterCount())];
      Random random = new Random(9);
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextGaussian() * 0.3f;
      }
      prompt.delta().getArray().set(values);
    }
  }

  @Test
  void gradient_reachesTheLearnedValues_andTheyAloneAreParameters() {
    VisualPrompt prompt = prompt();
    if (prompt.parameterCount() == 0) {
      assertThat(prompt.getParameters()).isEmpty();
      return;
    }
    assertThat(prompt.getParameters().values()).containsExactly(prompt.delta());
    prompt.draw(new Random(1), 4);
    try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      collector.backward(forward(prompt, true).sum());
    }
    float[] gradient = prompt.delta().getArray().getGradient().toFloatArray();
    assertThat(gradient).hasSize(Math.toIntExact(prompt.parameterCount()));
    int nonZero = 0;
    for (float value : gradient) {
      assertThat(value).isFinite();
      nonZero += value == 0 ? 0 : 1;
    }
    assertThat(nonZero).isPositive();
  }

  @Test
  void file_ofThePrompt_makesAnEqualOne(@TempDir Path folder) throws IOException {
    VisualPrompt prompt = prompt();
    fill(prompt);
    PromptFile.save(prompt, folder.resolve("prompt.safetensors"));
    VisualPrompt again = PromptFile.load(manager, folder.resolve("prompt.safetensors"));
    assertThat(again.kind()).isEqualTo(prompt.kind());
    assertThat(again.options()).isEqualTo(prompt.options());
    assertThat(again.region()).isEqualTo(prompt.region());
    assertThat(again.picture()).isEqualTo(prompt.picture());
    assertThat(forward(again, false).toFloatArray())
        .isEqualTo(forward(prompt, false).toFloatArray());
  }

  /** The logistic function of Java and of an engine may differ in the last bit. */
  @Test
  void picture_isWhatIsAddedToAGreyImage() {
    VisualPrompt prompt = prompt();
    fill(prompt);
    float[] picture = prompt.picture();
    factory()
        .picture(INPUT, prompt.delta().getArray().toFloatArray())
        .ifPresent(same -> assertThat(same).containsExactly(picture, Offset.offset(1e-6f)));
    float[] grey = new float[3 * 10 * 8];
    Arrays.fill(grey, 0.5f);
    NDList images = new NDList(manager.create(grey, new Shape(1, 3, 10, 8)));
    float[] plain = prompt.plain(images).head().toFloatArray();
    ParameterStore store = new ParameterStore(manager, false);
    float[] prompted = prompt.forward(store, images, false).head().toFloatArray();
    for (int i = 0; i < picture.length; i++) {
      float mean = INPUT.mean()[i / 192];
      float std = INPUT.std()[i / 192];
      float sum = Math.max(0, Math.min(1, plain[i] * std + mean + picture[i]));
      assertThat(prompted[i]).isCloseTo((sum - mean) / std, Offset.offset(1e-5f));
    }
  }

  @Test
  void promptsOfTheSameStream_areEqual() {
    VisualPrompt first = prompt();
    VisualPrompt second = prompt();
    assertThat(second.picture()).isEqualTo(first.picture());
    first.draw(new Random(7), 4);
    second.draw(new Random(7), 4);
    assertThat(forward(second, true).toFloatArray()).isEqualTo(forward(first, true).toFloatArray());
    assertThat(second.options()).isEqualTo(first.options());
    assertThat(factory().describe()).isNotBlank().isEqualTo(factory().describe());
  }
}
