package org.vpns.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.common.primitives.Floats;
import com.google.common.primitives.Longs;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.graph.GraphBlock;

/** Layers that are read as several operators learn: gradients against differences. */
final class OperatorGradientTest {
  private static final float STEP = 1e-2f;

  @TempDir Path folder;

  private static TensorProto ramp(String name, long... shape) {
    float[] values = new float[(int) new Shape(shape).size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (i * 7 % 11 - 5) / 10f;
    }
    return TensorProto.newBuilder()
        .setName(name)
        .setDataType(1)
        .addAllDims(Longs.asList(shape))
        .addAllFloatData(Floats.asList(values))
        .build();
  }

  private static TensorProto longs(String name, long... values) {
    return TensorProto.newBuilder()
        .setName(name)
        .setDataType(7)
        .addDims(values.length)
        .addAllInt64Data(Longs.asList(values))
        .build();
  }

  private static AttributeProto integer(String name, long value) {
    return AttributeProto.newBuilder().setName(name).setType(AttributeType.INT).setI(value).build();
  }

  private static AttributeProto integers(String name, long... values) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeType.INTS)
        .addAllInts(Longs.asList(values))
        .build();
  }

  private static AttributeProto text(String name, String value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeType.STRING)
        .setS(ByteString.copyFromUtf8(value))
        .build();
  }

  private static NodeProto node(String type, String in, String out, AttributeProto... attributes) {
    return NodeProto.newBuilder()
        .setOpType(type)
        .addAllInput(List.of(in.split(" ", -1)))
        .addAllOutput(List.of(out.split(" ", -1)))
        .addAllAttribute(List.of(attributes))
        .build();
  }

  private static ValueInfoProto images(Shape shape) {
    ValueInfoProto.Builder port = ValueInfoProto.newBuilder().setName("x");
    var tensor = port.getTypeBuilder().getTensorTypeBuilder().setElemType(1);
    tensor.getShapeBuilder().addDimBuilder().setDimParam("N");
    for (long size : shape.getShape()) {
      tensor.getShapeBuilder().addDimBuilder().setDimValue(size);
    }
    return port.build();
  }

  private static NDArray loss(GraphBlock block, NDManager manager, NDArray x) {
    NDArray y =
        block.forward(new ParameterStore(manager, false), new NDList(x), true).singletonOrThrow();
    return y.mul(y).sum();
  }

  private void check(Shape image, List<NodeProto> nodes, TensorProto... tensors)
      throws IOException {
    check(Onnx::open, image, nodes, tensors);
  }

  private void check(
      Function<Path, OnnxImport> open, Shape image, List<NodeProto> nodes, TensorProto... tensors)
      throws IOException {
    GraphProto.Builder graph =
        GraphProto.newBuilder()
            .setName("g")
            .addInput(images(image))
            .addOutput(ValueInfoProto.newBuilder().setName("y"))
            .addAllNode(nodes)
            .addAllInitializer(List.of(tensors));
    Path file = folder.resolve("layer.onnx");
    Path again = folder.resolve("again.onnx");
    Files.write(
        file,
        ModelProto.newBuilder()
            .setIrVersion(8)
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
            .setGraph(graph)
            .build()
            .toByteArray());
    try (Model model = open.apply(file).read();
        NDManager manager = NDManager.newBaseManager()) {
      GraphBlock block = (GraphBlock) model.getBlock();
      Onnx.write(block, again);
      NDArray x = manager.arange(2 * image.size()).sin().reshape(new Shape(2).addAll(image));
      NDArray weight = block.getParameters().get(0).getValue().getArray();
      weight.setRequiresGradient(true);
      try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
        collector.backward(loss(block, manager, x));
      }
      float[] gradient = weight.getGradient().toFloatArray();
      float[] values = weight.toFloatArray();
      for (int i = 0; i < values.length; i += 5) {
        double difference =
            (moved(block, manager, x, weight, values, i, STEP)
                    - moved(block, manager, x, weight, values, i, -STEP))
                / (2 * STEP);
        // a square of a smooth function: the difference is right to the step's square
        assertThat((double) gradient[i])
            .as("weight %d", i)
            .isCloseTo(difference, Offset.offset(2e-2 * Math.max(1, Math.abs(difference))));
      }
      weight.set(values);
      try (Model second = open.apply(again).read()) {
        NDList out =
            second.getBlock().forward(new ParameterStore(manager, false), new NDList(x), false);
        float[] expected =
            block
                .forward(new ParameterStore(manager, false), new NDList(x), false)
                .singletonOrThrow()
                .toFloatArray();
        assertThat(out.singletonOrThrow().toFloatArray())
            .containsExactly(expected, Offset.offset(1e-5f));
      }
    }
  }

  private static float moved(
      GraphBlock block,
      NDManager manager,
      NDArray x,
      NDArray weight,
      float[] values,
      int index,
      float by) {
    float[] changed = values.clone();
    changed[index] += by;
    weight.set(changed);
    return loss(block, manager, x).getFloat();
  }

  @Test
  void convTranspose_learnsAndIsWrittenAgain() throws IOException {
    check(
        new Shape(2, 3, 3),
        List.of(
            node(
                "ConvTranspose",
                "x w b",
                "y",
                integers("strides", 2, 2),
                integers("pads", 1, 1, 0, 1),
                integers("output_padding", 1, 0))),
        ramp("w", 2, 3, 3, 3),
        ramp("b", 3));
  }

  /** As PyTorch writes batch norm that keeps no statistics, so that images change each other. */
  @Test
  void batchNorm_ofStatisticsOfTheImages_letsLearnAndIsWrittenAgain() throws IOException {
    AttributeProto dropped = integer("keepdims", 0);
    NodeProto mean = node("ReduceMean", "c", "m", integers("axes", 0, 2, 3), dropped);
    NodeProto spread = node("ReduceMean", "a", "v", integers("axes", 0, 2, 3), dropped);
    check(
        file -> Onnx.open(file).batch(2),
        new Shape(2, 4, 4),
        List.of(
            node("Conv", "x w", "c"),
            mean,
            node("Mul", "c c", "a"),
            spread,
            node("BatchNormalization", "c g b m v", "n"),
            node("Sigmoid", "n", "y")),
        ramp("w", 3, 2, 2, 2),
        ramp("g", 3),
        ramp("b", 3));
  }

  @Test
  void elementsPutWhereImagesSay_letLearnAndAreWrittenAgain() throws IOException {
    check(
        new Shape(2, 4, 4),
        List.of(
            node("Conv", "x w", "c"),
            node("ArgMax", "x", "i", integer("axis", 1)),
            node("Slice", "i from to axes", "j"),
            node("ReduceMax", "c", "u", integers("axes", 1)),
            node("Sin", "c", "d"),
            node("ScatterElements", "d j u", "y", integer("axis", 1))),
        ramp("w", 3, 2, 2, 2),
        longs("from", 0, 0),
        longs("to", 3, 3),
        longs("axes", 2, 3));
  }

  @Test
  void resize_afterConvolution_learnsAndIsWrittenAgain() throws IOException {
    for (String mode : List.of("nearest", "linear")) {
      check(
          new Shape(2, 4, 4),
          List.of(node("Conv", "x w", "c"), node("Resize", "c  scales", "y", text("mode", mode))),
          ramp("w", 3, 2, 2, 2),
          ramp("scales", 4).toBuilder()
              .clearFloatData()
              .addAllFloatData(Floats.asList(1, 1, 2, 1.5f))
              .build());
    }
  }

  @Test
  void sumsAndTriangles_afterConvolution_letLearnAndAreWrittenAgain() throws IOException {
    NodeProto layer = node("Conv", "x w", "c");
    TensorProto number =
        TensorProto.newBuilder().setName("n").setDataType(7).addInt64Data(-1).build();
    check(
        new Shape(2, 6, 6),
        List.of(layer, node("CumSum", "c n", "y")),
        ramp("w", 3, 2, 2, 2),
        number);
    check(
        new Shape(2, 6, 6),
        List.of(layer, node("Trilu", "c n", "y")),
        ramp("w", 3, 2, 2, 2),
        number);
  }

  @Test
  void recurrentLayers_learnAndAreWrittenAgain() throws IOException {
    for (int gates : new int[] {1, 3, 4}) {
      NodeProto turned = node("Transpose", "x", "s", integers("perm", 1, 0, 2));
      AttributeProto both = text("direction", "bidirectional");
      String operator = gates == 4 ? "LSTM" : gates == 3 ? "GRU" : "RNN";
      NodeProto layer = node(operator, "s w r b", "seq h", both);
      NodeProto back = node("Transpose", "h", "y", integers("perm", 1, 0, 2));
      check(
          new Shape(4, 5),
          List.of(turned, layer, back),
          ramp("w", 2, 3L * gates, 5),
          ramp("r", 2, 3L * gates, 3),
          ramp("b", 2, 6L * gates));
    }
  }
}
