package org.vpns.onnx;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;
import org.vpns.graph.GraphBlock;
import org.vpns.onnx.OrtFile.Values;
import org.vpns.onnx.SmallGraphs.Draw;

/**
 * Random networks, written for a batch of 1 as PyTorch writes them without dynamic axes, and read
 * again: they give what the open network gives, at any batch.
 */
class FixedBatchLawsTest {
  @Property(tries = 200, shrinking = ShrinkingMode.BOUNDED)
  void network_writtenForBatchOne_readsAsTheOpenOne(
      @ForAll @IntRange(min = 0) int seed, @ForAll @IntRange(min = 1, max = 12) int steps) {
    assertReadsAsTheOpenOne(seed, steps);
  }

  @Tag("slow")
  @Property(tries = 5000, shrinking = ShrinkingMode.BOUNDED)
  void manyNetworks_writtenForBatchOne_readAsTheOpenOnes(
      @ForAll @IntRange(min = 0) int seed, @ForAll @IntRange(min = 1, max = 25) int steps) {
    assertReadsAsTheOpenOne(seed, steps);
  }

  private static void assertReadsAsTheOpenOne(int seed, int steps) {
    try (NDManager manager = NDManager.newBaseManager()) {
      GraphBlock block = SmallGraphs.block(RandomGraphs.of(seed, steps), manager, seed);
      Path file = Files.createTempFile("fixed", ".onnx");
      try {
        Onnx.write(block, file);
        Files.write(file, fixed(Files.readAllBytes(file)));
        try (Model model = Onnx.read(file)) {
          GraphBlock read = (GraphBlock) model.getBlock();
          for (int batch = 1; batch <= 5; batch++) {
            List<Values> inputs = SmallGraphs.inputs(block.graph(), batch, Draw.NORMAL, 7);
            // one engine, in the same order; some operators are put otherwise in files
            SmallGraphs.assertClose(
                SmallGraphs.forward(read, inputs),
                SmallGraphs.forward(block, inputs),
                5e-6,
                "batch " + batch);
          }
        }
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A file with the number of images, 1, wherever the open one computes or copies it. */
  private static byte[] fixed(byte[] open) throws IOException {
    ModelProto.Builder model = ModelProto.parseFrom(open).toBuilder();
    GraphProto.Builder graph = model.getGraphBuilder();
    for (ValueInfoProto.Builder input : graph.getInputBuilderList()) {
      input
          .getTypeBuilder()
          .getTensorTypeBuilder()
          .getShapeBuilder()
          .getDimBuilder(0)
          .setDimValue(1);
    }
    Map<String, TensorProto.Builder> tensors = new HashMap<>();
    graph.getInitializerBuilderList().forEach(t -> tensors.put(t.getName(), t));
    List<NodeProto> nodes = List.copyOf(graph.getNodeList());
    graph.clearNode();
    for (NodeProto node : nodes) {
      if (node.getOpType().equals("Shape") && node.getAttributeCount() == 1) {
        // the number of images
        graph.addInitializer(longs(node.getOutput(0), 1));
      } else if (node.getOpType().equals("Flatten")) {
        String shape = node.getOutput(0) + ".shape";
        graph.addInitializer(longs(shape, 1, -1));
        graph.addNode(node.toBuilder().clearAttribute().setOpType("Reshape").addInput(shape));
      } else {
        graph.addNode(node);
        if (node.getOpType().equals("Reshape") && tensors.containsKey(node.getInput(1))) {
          // all shapes of the random networks are "as the batch, what remains"
          TensorProto.Builder shape = tensors.get(node.getInput(1));
          TensorProto constant = longs(shape.getName(), 1, -1);
          if (shape.getDims(0) != 2) {
            throw new IllegalStateException(shape.toString());
          }
          shape.clear().mergeFrom(constant);
        }
      }
    }
    return model.build().toByteArray();
  }

  private static TensorProto longs(String name, long... values) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(TensorProto.DataType.INT64.getNumber())
            .addDims(values.length);
    for (long value : values) {
      tensor.addInt64Data(value);
    }
    return tensor.build();
  }
}
