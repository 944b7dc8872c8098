package org.vpns.examples.exports;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.examples.EngineSettings;
import org.vpns.graph.GraphBlock;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.io.SafeTensors;
import org.vpns.onnx.Onnx;

/** Small networks of torchvision's blocks as PyTorch exports them, and what the check says. */
final class ExportCheckTest {
  @TempDir Path folder;

  @BeforeAll
  static void setEngine() {
    EngineSettings.apply();
  }

  private Path copy(String name) throws IOException {
    try (Stream<Path> files = Files.list(resource(name))) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve(String.valueOf(file.getFileName())));
      }
    }
    return folder;
  }

  private static Path resource(String name) {
    try {
      return Path.of(Objects.requireNonNull(ExportCheckTest.class.getResource(name)).toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  private String value(List<String> line, String heading, int number) {
    List<String> headings = List.of(ExportCheck.HEADINGS.split("\t"));
    int at = headings.indexOf(heading);
    return line.get(at + number);
  }

  private List<String> check() {
    return List.of(new ExportCheck(folder).line().split("\t", -1));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "shuffle_static_11",
        "se_static_14",
        "attention_static_13",
        "layer_scale_open_17",
        "dense_training_9",
        "branches_static_13"
      })
  void export_givesPyTorchsAnswersAndGradients_andGoesRoundPruned(String name) throws IOException {
    copy(name);
    List<String> line = check();
    assertThat(line.get(0)).as(line.toString()).isEqualTo("right");
    assertThat(line).hasSameSizeAs(ExportCheck.HEADINGS.split("\t"));
    // some 20 layers of single precision, each exact to 6e-8, beside answers in double precision
    assertThat(Double.parseDouble(value(line, "output error", 0))).isLessThan(1e-5);
    assertThat(Double.parseDouble(value(line, "gradient error", 0))).isLessThan(1e-5);
    assertThat(value(line, "weights", 0)).isEqualTo(value(line, "weights", 1));
    assertThat(Double.parseDouble(value(line, "pruned, written, read", 0))).isLessThan(1e-5);
    assertThat(folder.resolve("pruned.onnx")).doesNotExist();
  }

  @Test
  void exportOfTrainingMode_isFilledByName_andKeepsAllParameters() throws IOException {
    copy("dense_training_9");
    List<String> line = check();
    assertThat(value(line, "weights named as in the .pth", 0)).matches("(\\d+) of \\1");
    assertThat(Double.parseDouble(value(line, ".pth by name", 0))).isLessThan(1e-5);
    assertThat(value(line, "parameters", 0)).isEqualTo(value(line, "parameters", 1));
  }

  @Test
  void otherAnswers_areToldAsWrong() throws IOException {
    copy("branches_static_13");
    Path file = folder.resolve("answers.safetensors");
    SafeTensors answers = SafeTensors.read(file);
    SafeTensors.Builder changed = SafeTensors.builder();
    for (String name : answers.names()) {
      float[] values = answers.floats(name);
      if (name.equals("y") || name.equals("g.8.weight")) {
        values[3] *= 1.1f;
      }
      changed.putFloats(name, answers.shape(name), values);
    }
    changed.write(file);
    Path facts = folder.resolve("facts.properties");
    Files.writeString(facts, Files.readString(facts).replace("weights=", "weights=1"));
    assertThat(check().get(0)).isEqualTo("wrong: output, gradient, weights");
  }

  /**
   * y = z + relu(z - b), z = a x. With x = a = 1 + 2^-23, a x is b = 1 + 2^-22 and 2^-46, which
   * single precision rounds away: its ReLU is closed, dy/dx = a. In double it is open, dy/dx = 2 a.
   */
  @ParameterizedTest
  @CsvSource({"2, right", "3, wrong: gradient"})
  void gradientThatSinglePrecisionGetsWrong_isDecidedInDouble(double factor, String verdict)
      throws IOException {
    float a = Math.nextUp(1f);
    float b = 1 + 0x1p-22f;
    writeKink(a, b);
    float[] x = {a, a, a};
    float[] y = {a * a, a * a, a * a, a * a, a * a, a * a};
    float g = (float) (2 * factor * a);
    SafeTensors.builder()
        .putFloats("x", new Shape(3, 1, 1, 1), x)
        .putFloats("y", new Shape(3, 2, 1, 1), y)
        .putFloats("w", new Shape(3, 2, 1, 1), new float[] {1, 1, 1, 1, 1, 1})
        .putFloats("gx", new Shape(3, 1, 1, 1), new float[] {g, g, g})
        .write(folder.resolve("answers.safetensors"));
    Files.writeString(
        folder.resolve("facts.properties"),
        "ownOutputError=0\nownGradientError=0\nweights=2\nparameters=2\n");
    List<String> line = check();
    assertThat(line.get(0)).as(line.toString()).isEqualTo(verdict);
    assertThat(value(line, "remark", 0)).startsWith("gradients in double precision: ");
  }

  private void writeKink(float a, float b) throws IOException {
    SequentialBlock block =
        new SequentialBlock()
            .add(
                Conv2d.builder()
                    .setKernelShape(new Shape(1, 1))
                    .setFilters(2)
                    .optBias(false)
                    .build())
            .add(z -> new NDList(z.head().add(Activation.relu(z.head().sub(b)))));
    try (NDManager manager = NDManager.newBaseManager()) {
      block.initialize(manager, DataType.FLOAT32, new Shape(1, 1, 1, 1));
      block.getParameters().valueAt(0).getArray().set(new float[] {a, a});
      NetworkValues network = BlockTracer.network(block, new Shape(1, 1, 1));
      Onnx.write(GraphBlock.of(network, manager), folder.resolve("network.onnx"));
    }
  }

  @Test
  void fileThatIsRefused_isToldWithItsReason() throws IOException {
    copy("branches_static_13");
    Files.writeString(folder.resolve("network.onnx"), "no network");
    List<String> line = check();
    assertThat(line).hasSameSizeAs(ExportCheck.HEADINGS.split("\t"));
    assertThat(line.get(0)).isEqualTo("refused");
    assertThat(line.get(line.size() - 1)).contains("expected").doesNotContain(folder.toString());
  }
}
