package org.vpns.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.ImageInput;
import org.vpns.PromptFactory;
import org.vpns.VisualPrompt;
import org.vpns.io.FormatException;
import org.vpns.io.SafeTensors;
import org.vpns.predict.PromptFile;
import org.vpns.spi.PromptProvider;
import org.vpns.testing.Providers;

/** Prompts of regions that are none of the library's. */
class OwnRegionTest {
  private static final ImageInput CANVAS = ImageInput.of(2, 3, 4);
  private static final PromptSpec BAR =
      Prompts.region("bar", (canvas, row, column) -> row == 0 && column > 0);

  @Test
  void region_isThatOfTheRule_andStandsInTheOptions() {
    try (PromptRunner runner = new PromptRunner(BAR, CANVAS)) {
      assertThat(runner.prompt.kind()).isEqualTo("region");
      assertThat(runner.prompt.activePixels()).isEqualTo(3);
      assertThat(runner.prompt.parameterCount()).isEqualTo(6);
      assertThat(runner.prompt.options()).isEqualTo(Map.of("name", "bar", "pixels", "3x4 1 3 8"));
      runner.set(1, 2, 3, 4, 5, 6);
      assertThat(runner.prompt.picture())
          .containsExactly(0, 1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 5, 6, 0, 0, 0, 0, 0, 0, 0, 0);
    }
    assertThat(BAR.sigmoid().describe()).isEqualTo("bar.sigmoid()");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Prompts.region(" ", (canvas, row, column) -> true))
        .withMessageStartingWith("prompt without a name: Prompts.region;");
  }

  @Test
  void file_ofOtherPixels_isRefused(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("prompt.safetensors");
    try (PromptRunner runner = new PromptRunner(BAR, CANVAS)) {
      PromptFile.save(runner.noise(3).prompt, file);
      Map<String, String> good = SafeTensors.read(file).metadata();
      for (String pixels :
          new String[] {
            "",
            "3x4",
            "3x4 ",
            "4x3 1 3 8",
            "3x4 1 3 7",
            "3x4 1 3 9",
            "3x4 1 -3 14",
            "3x4 1 3 8 x",
            "3x4 99999999999",
            "3x4 2147483647 2147483647 14",
            "3x4 0 12"
          }) {
        SafeTensors.Builder changed = SafeTensors.builder();
        good.forEach(
            (key, value) -> changed.metadata(key, key.equals("option.pixels") ? pixels : value));
        changed.putFloats("delta", new Shape(6), runner.values()).write(file);
        assertThatExceptionOfType(FormatException.class)
            .as(pixels)
            .isThrownBy(() -> PromptFile.load(runner.manager, file));
      }
    }
  }

  @Property(tries = 100)
  void runs_ofAnyPixels_areReadBack(
      @ForAll @IntRange(min = 1, max = 9) int height,
      @ForAll @IntRange(min = 1, max = 9) int width,
      @ForAll long seed) {
    Random random = new Random(seed);
    boolean[] mask = new boolean[height * width];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = random.nextInt(3) == 0;
    }
    ImageInput canvas = ImageInput.of(1, height, width);
    assertThat(PixelRuns.read(PixelRuns.write(mask, canvas), canvas)).isEqualTo(mask);
  }

  /** Single pixels here and there: more text than a stream's string takes. */
  @Test
  void parameters_ofAVeryRaggedRegion_areSavedAndLoaded() throws Exception {
    PromptSpec ragged =
        Prompts.region("ragged", (canvas, row, column) -> (row * 7 + column * 13) % 3 == 0);
    ImageInput large = ImageInput.of(1, 300, 300);
    try (PromptRunner saved = new PromptRunner(ragged, large);
        PromptRunner loaded = new PromptRunner(ragged, large)) {
      saved.noise(3);
      assertThat(saved.prompt.options().get("pixels").length()).isGreaterThan(65_535);
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      saved.prompt.saveParameters(new DataOutputStream(bytes));
      loaded.prompt.loadParameters(
          loaded.manager, new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
      assertThat(loaded.values()).containsExactly(saved.values());
    }
  }

  /** One value for a channel, which two opposite corners share. */
  private record Corners(ImageInput canvas) implements Region {
    static PromptSpec spec() {
      return Prompts.of("corners", Map.of("pixels", 1), Corners::new);
    }

    @Override
    public int storedPixels() {
      return 1;
    }

    @Override
    public boolean[] mask() {
      boolean[] mask = new boolean[canvas.height() * canvas.width()];
      mask[0] = true;
      mask[mask.length - 1] = true;
      return mask;
    }

    @Override
    public NDArray picture(NDArray values, boolean training, long batch) {
      int height = canvas.height();
      int width = canvas.width();
      NDArray corner = values.reshape(canvas.channels(), 1, 1);
      return corner
          .pad(new Shape(0, width - 1, 0, height - 1), 0)
          .add(corner.pad(new Shape(width - 1, 0, height - 1, 0), 0));
    }
  }

  /** Knows corners, and knows the library's kinds by its provider. */
  public static final class CornersProvider implements PromptProvider {
    @Override
    public boolean provides(String kind) {
      return kind.equals("corners");
    }

    @Override
    public PromptFactory create(String kind, Map<String, String> options) {
      return options.containsKey("form") ? Corners.spec().sigmoid() : Corners.spec();
    }
  }

  @Test
  void kindOfOnesOwn_sharesValues_learnsAndIsLoadedByItsProvider(@TempDir Path folder)
      throws Exception {
    Path file = folder.resolve("prompt.safetensors");
    try (PromptRunner runner = new PromptRunner(Corners.spec(), ImageInput.of(1, 2, 2))) {
      runner.set(0.25f);
      PromptRunner.Pass pass =
          runner.pass(new float[4], new Shape(1, 1, 2, 2), new float[] {1, 2, 3, 4});
      assertThat(pass.out()).containsExactly(0.25f, 0, 0, 0.25f);
      assertThat(pass.grad()).containsExactly(5);
      assertThat(runner.prompt.activePixels()).isEqualTo(2);
      VisualPrompt again =
          Providers.with(
              () -> {
                PromptFile.save(runner.prompt, file);
                return PromptFile.load(runner.manager, file);
              },
              PromptProvider.class,
              CornersProvider.class);
      assertThat(again.picture()).containsExactly(runner.prompt.picture());
      assertThat(again).hasToString(runner.prompt.toString());
    }
    assertThat(Corners.spec().describe()).isEqualTo("corners(pixels=1)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Prompts.of("pad", Map.of(), Corners::new))
        .withMessageStartingWith("kind of prompt taken: Prompts.of;");
  }
}
