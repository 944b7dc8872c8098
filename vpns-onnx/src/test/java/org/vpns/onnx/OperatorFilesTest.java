package org.vpns.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.IntToDoubleFunction;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.graph.GraphBlock;

/** Small files of single operators, read as networks: three images, values worked out by hand. */
final class OperatorFilesTest {
  private static final int IMAGES = 3;
  private static final Shape IMAGE = new Shape(3, 4, 4);
  private static final int PLACES = 16;

  @TempDir Path folder;

  private Path file(String name) throws IOException {
    Path file = folder.resolve(name);
    try (InputStream in =
        Objects.requireNonNull(
            OperatorFilesTest.class.getResourceAsStream("/onnx-operators/" + name))) {
      Files.copy(in, file);
    }
    return file;
  }

  /** Values from -1.44 to 1.43, no two equal, not in order. */
  private static float[] images() {
    float[] values = new float[IMAGES * (int) IMAGE.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (i * 89 % values.length) / 50f - 1.44f;
    }
    return values;
  }

  private static float[] run(Model model, float[] x, Shape shape) {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDList result =
          model
              .getBlock()
              .forward(
                  new ParameterStore(manager, false), new NDList(manager.create(x, shape)), false);
      return result.singletonOrThrow().toFloatArray();
    }
  }

  private void check(String name, IntToDoubleFunction expected) throws IOException {
    float[] x = images();
    Shape shape = new Shape(IMAGES).addAll(IMAGE);
    Path again = folder.resolve("again.onnx");
    try (Model model = Onnx.read(file(name))) {
      assertClose(run(model, x, shape), expected);
      Onnx.write((GraphBlock) model.getBlock(), again);
    }
    try (Model model = Onnx.read(again)) {
      assertClose(run(model, x, shape), expected);
    }
  }

  private static void assertClose(float[] actual, IntToDoubleFunction expected) {
    assertThat(actual.length).isPositive();
    for (int i = 0; i < actual.length; i++) {
      double right = expected.applyAsDouble(i);
      assertThat((double) actual[i])
          .as("element %d", i)
          // one function in single precision; tan is steep near its poles
          .isCloseTo(right, Offset.offset(1e-5 * Math.max(1, right * right)));
    }
  }

  @Test
  void tan_isRead() throws IOException {
    float[] x = images();
    check("op_Tan.onnx", i -> Math.tan(x[i]));
  }

  @Test
  void not_ofComparison_isRead() throws IOException {
    float[] x = images();
    check("op_Not.onnx", i -> x[i] > 0 ? 0 : 1);
  }

  @Test
  void isNaN_ofNumbers_isZero() throws IOException {
    check("op_IsNaN.onnx", i -> 0);
  }

  @Test
  void argMax_alongChannels_isRead() throws IOException {
    float[] x = images();
    check(
        "op_ArgMax.onnx",
        i -> {
          int at = i / PLACES * 3 * PLACES + i % PLACES;
          int best = 0;
          for (int c = 1; c < 3; c++) {
            best = x[at + c * PLACES] > x[at + best * PLACES] ? c : best;
          }
          return best;
        });
  }

  @Test
  void mod_ofTheDividendsSign_isRead() throws IOException {
    float[] x = images();
    float[] divisors = stored("op_Mod.onnx");
    check("op_Mod.onnx", i -> Math.abs(x[i]) % divisors[i % divisors.length]);
  }

  @Test
  void matMul_withAVector_isRead() throws IOException {
    float[] x = images();
    float[] vector = stored("op_MatMul_vec.onnx");
    check(
        "op_MatMul_vec.onnx",
        i -> {
          double sum = 0;
          for (int k = 0; k < 4; k++) {
            sum += x[4 * i + k] * vector[k];
          }
          return sum;
        });
  }

  @Test
  void pad_ofNegativeWidths_removes() throws IOException {
    float[] x = images();
    // widths -1 before the rows and -1 behind the columns leave 3 x 3 of each 4 x 4
    check("op_Pad_neg.onnx", i -> x[i / 9 * PLACES + (i / 3 % 3 + 1) * 4 + i % 3]);
  }

  /** The values of the file's only tensor. */
  private static float[] stored(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            OperatorFilesTest.class.getResourceAsStream("/onnx-operators/" + name))) {
      TensorProto tensor = ModelProto.parseFrom(in).getGraph().getInitializer(0);
      FloatBuffer values =
          tensor.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
      float[] result = new float[values.remaining()];
      values.get(result);
      return result;
    }
  }

  @Test
  void relu_ofImagesDeclaredAsDouble_isRead() throws IOException {
    try (Model model = Onnx.read(file("double_input.onnx"))) {
      assertThat(model.getBlock()).isInstanceOf(GraphBlock.class);
    }
  }
}
