package org.vpns.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.vpns.ParameterFilter;
import org.vpns.ParameterPaths;
import org.vpns.graph.GraphBlock;
import org.vpns.internal.onnx.ZooGraphs;
import org.vpns.onnx.OrtFile.Values;
import org.vpns.testing.Engines;

/** Files in the manner of the model zoo's, which hold one image: several are as each alone. */
final class FixedZooTest {
  private static final int IMAGES = 3;

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(ZooGraphs.class)
  void imagesOfABatch_giveWhatOnnxRuntimeGivesEach(ZooGraphs network) throws IOException {
    Path file = Files.write(folder.resolve("network.onnx"), network.file());
    int size = (int) ZooGraphs.input().size();
    double[] x = new Random(3).doubles(IMAGES * size, -2, 2).toArray();
    try (OrtFile runtime = OrtFile.open(file);
        Model model = Onnx.read(file)) {
      double[] expected = new double[0];
      for (int i = 0; i < IMAGES; i++) {
        double[] image = Arrays.copyOfRange(x, i * size, (i + 1) * size);
        double[] one =
            runtime
                .run(List.of(new Values(ZooGraphs.input(), DataType.FLOAT32, image)))
                .get(0)
                .numbers();
        int from = expected.length;
        expected = Arrays.copyOf(expected, from + one.length);
        System.arraycopy(one, 0, expected, from, one.length);
      }
      assertDifferent(expected);
      assertSame(outputs(model, x), expected);

      Path again = folder.resolve("again.onnx");
      Onnx.write((GraphBlock) model.getBlock(), again);
      try (Model read = Onnx.read(again)) {
        assertSame(outputs(read, x), expected);
        assertThat(ParameterPaths.of(read.getBlock()).prunable(ParameterFilter.weights()))
            .isEqualTo(ParameterPaths.of(model.getBlock()).prunable(ParameterFilter.weights()));
      }
    }
  }

  /** The images matter, else mixed ones would look right. */
  private static void assertDifferent(double[] outputs) {
    int part = outputs.length / IMAGES;
    for (int i = 1; i < IMAGES; i++) {
      double difference = 0;
      for (int k = 0; k < part; k++) {
        difference = Math.max(difference, Math.abs(outputs[i * part + k] - outputs[k]));
      }
      // a hundred times what is allowed below
      assertThat(difference).isGreaterThan(1e-3);
    }
  }

  private static float[] outputs(Model model, double[] x) {
    float[] images = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      images[i] = (float) x[i];
    }
    Shape shape = new Shape(IMAGES).addAll(ZooGraphs.input().slice(1));
    return Engines.evaluate(model.getBlock(), images, shape);
  }

  private static void assertSame(float[] found, double[] expected) {
    assertThat(found).hasSameSizeAs(expected);
    double largest = Arrays.stream(expected).map(Math::abs).max().orElse(0);
    for (int i = 0; i < found.length; i++) {
      // another runtime, some ten layers of single precision
      assertThat((double) found[i]).isEqualTo(expected[i], Offset.offset(1e-5 * largest));
    }
  }
}
