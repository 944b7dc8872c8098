package org.vpns.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.ParameterPaths;
import org.vpns.io.SafeTensors;

/** A network that runs one layer twice, and files that have its weight under one path or both. */
final class TiedWeightsTest {
  private static final float[] WEIGHT = {1, 2, 3, 4};
  private static final float[] BIAS = {5, 6};

  @TempDir Path folder;
  private NDManager manager;
  private SequentialBlock network;

  @BeforeEach
  void start() {
    manager = NDManager.newBaseManager();
    Linear shared = Linear.builder().setUnits(2).build();
    network = new SequentialBlock().add(shared).add(Activation::relu).add(shared);
    network.initialize(manager, DataType.FLOAT32, new Shape(1, 2));
  }

  @AfterEach
  void stop() {
    manager.close();
  }

  private float[] values(String path) {
    return ParameterPaths.of(network).find(path).parameter().getArray().toFloatArray();
  }

  private Path file(Map<String, float[]> weights) throws IOException {
    SafeTensors.Builder builder = SafeTensors.builder();
    weights.forEach((path, values) -> builder.putFloats(path, new Shape(2, 2), values));
    for (String path : List.of("0.bias", "2.bias")) {
      builder.putFloats(path, new Shape(2), BIAS);
    }
    Path file = folder.resolve("tied.safetensors");
    builder.write(file);
    return file;
  }

  /** What safetensors' own writer leaves of a tied weight is either of its names. */
  @ParameterizedTest
  @ValueSource(strings = {"0.weight", "2.weight"})
  void load_ofOnePath_takesIt(String path) throws IOException {
    LoadReport report = WeightFile.open(file(Map.of(path, WEIGHT))).into(network);
    assertThat(values("0.weight")).isEqualTo(WEIGHT);
    assertThat(report.sources())
        .containsExactly(Map.entry("0.weight", path), Map.entry("0.bias", "0.bias"));
  }

  /** {@code state_dict} has every path; the file was written by PyTorch. */
  @Test
  void load_ofBothPaths_takesThem() throws IOException {
    Path file = folder.resolve("tied.pth");
    try (InputStream in = TiedWeightsTest.class.getResourceAsStream("/torch/tied.pth")) {
      Files.write(file, in.readAllBytes());
    }
    LoadReport report = WeightFile.open(file).into(network);
    assertThat(values("0.weight")).containsExactly(0.5f, -1, 2, 0.25f);
    assertThat(values("0.bias")).containsExactly(3, -4);
    assertThat(report.unexpected()).isEmpty();
  }

  @Test
  void load_ofPathsThatDiffer_isRefusedWithARemedyThatWorks() throws IOException {
    Path path = file(Map.of("0.weight", WEIGHT, "2.weight", new float[] {1, 2, 3.5f, 4}));
    float[] before = values("0.weight");
    WeightFile file = WeightFile.open(path);
    assertThatThrownBy(() -> file.into(network))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "tied weights differ: "
                + path
                + ", 0.weight and 2.weight; expected equal values, as the network holds one tensor"
                + " under both paths, found 3.0 and 3.5 at [2]; untie them in the network, or"
                + " leave one out: WeightFile.open(file).skip(\"2\\\\.weight\").into(model); the"
                + " network is unchanged.");
    assertThat(values("0.weight")).isEqualTo(before);
    file.skip("2\\.weight").into(network);
    assertThat(values("0.weight")).isEqualTo(WEIGHT);
  }

  @Test
  void load_ofNoPath_saysThatItIsMissing() throws IOException {
    WeightFile file = WeightFile.open(file(Map.of()));
    assertThatThrownBy(() -> file.into(network)).hasMessageContaining("1 missing: 0.weight;");
  }

  @Test
  void load_ofAnotherShapeUnderTheSecondPath_namesThatPath() throws IOException {
    Path file = folder.resolve("shapes.safetensors");
    SafeTensors.builder()
        .putFloats("0.weight", new Shape(2, 2), WEIGHT)
        .putFloats("2.weight", new Shape(4), WEIGHT)
        .putFloats("0.bias", new Shape(2), BIAS)
        .write(file);
    assertThatThrownBy(() -> WeightFile.open(file).into(network))
        .hasMessageContaining("2.weight (network (2, 2), file (4))");
  }

  @Test
  void save_writesBothPaths() throws IOException {
    Path file = folder.resolve("saved.safetensors");
    WeightFile.save(network, file, Map.of());
    SafeTensors saved = SafeTensors.read(file);
    assertThat(saved.names()).containsExactly("0.weight", "2.weight", "0.bias", "2.bias");
    assertThat(saved.floats("2.weight")).isEqualTo(values("0.weight"));
    WeightFile.load(network, file);
  }
}
