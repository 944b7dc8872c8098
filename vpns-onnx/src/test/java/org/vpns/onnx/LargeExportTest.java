package org.vpns.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.graph.GraphBlock;
import org.vpns.graph.ModelGraph;
import org.vpns.internal.graph.op.Layers;
import org.vpns.onnx.OrtFile.Values;

/** A network of more than 1 GiB, which one message cannot hold safely. */
class LargeExportTest {
  private static final int WIDTH = 16_500;

  @Tag("slow")
  @Test
  void networkAboveOneGibibyte_getsASecondFile_withoutBeingAsked(@TempDir Path folder)
      throws IOException {
    ModelGraph.Builder builder = ModelGraph.builder();
    int x = builder.input(new Shape(-1, WIDTH), DataType.FLOAT32);
    int weight =
        builder.parameter(
            "fc.weight", Parameter.Type.WEIGHT, true, new Shape(WIDTH, WIDTH), DataType.FLOAT32);
    int bias =
        builder.parameter("fc.bias", Parameter.Type.BIAS, true, new Shape(WIDTH), DataType.FLOAT32);
    ModelGraph graph =
        builder.build(builder.node("fc", new Layers.Linear(), List.of(x, weight, bias)));
    Path file = folder.resolve("large.onnx");
    try (NDManager manager = NDManager.newBaseManager()) {
      GraphBlock block = GraphBlock.of(graph, manager);
      // ones on the diagonal: the network gives its input back, plus one
      NDArray weights = block.array(graph.parameters().get(0));
      weights.setRequiresGradient(false);
      try (NDArray eye = manager.eye(WIDTH)) {
        weights.addi(eye);
      }
      block.array(graph.parameters().get(1)).set(ones());
      Onnx.write(block, file);
    }
    assertThat(Files.size(file)).isLessThan(10_000);
    long bytes = 4L * WIDTH * WIDTH;
    assertThat(Files.size(folder.resolve("large.onnx.data"))).isGreaterThanOrEqualTo(bytes);
    assertThat(bytes).isGreaterThan(1L << 30);
    double[] input = new double[WIDTH];
    for (int i = 0; i < WIDTH; i++) {
      input[i] = i % 7;
    }
    try (OrtFile ort = OrtFile.open(file)) {
      double[] output =
          ort.run(List.of(new Values(new Shape(1, WIDTH), DataType.FLOAT32, input)))
              .get(0)
              .numbers();
      for (int i = 0; i < WIDTH; i++) {
        assertThat(output[i]).isEqualTo(input[i] + 1);
      }
    }
  }

  private static float[] ones() {
    float[] ones = new float[WIDTH];
    java.util.Arrays.fill(ones, 1);
    return ones;
  }
}
