package org.vpns.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.graph.GraphBlock;
import org.vpns.onnx.OrtFile.Values;
import org.vpns.testing.SharedData;

/**
 * Files of one image and one input that others made, from folder {@code onnx-files} beside the
 * checkout: the model zoo's as the ONNX project keeps them, without weights ({@code
 * onnx/backend/test/data/light}), the Ultra-Light face detectors, PaddlePaddle's. Each image of a
 * batch gives what ONNX Runtime gives it alone.
 */
@Tag("slow")
final class RealFilesTest {
  private static final int IMAGES = 3;

  @TempDir Path folder;

  @Test
  void filesOfOthers_giveEachImageWhatOnnxRuntimeGivesIt() throws IOException {
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(SharedData.require("onnx-files"), "*.onnx")) {
      for (Path file : files) {
        Path whole = folder.resolve(file.getFileName().toString());
        Files.write(whole, withWeights(ModelProto.parseFrom(Files.readAllBytes(file))));
        assertEachImageAsAlone(whole);
        Files.delete(whole);
      }
    }
  }

  private static void assertEachImageAsAlone(Path file) throws IOException {
    try (Model model = Onnx.read(file);
        OrtFile runtime = OrtFile.open(file);
        NDManager manager = NDManager.newBaseManager()) {
      GraphBlock block = (GraphBlock) model.getBlock();
      assertThat(block.graph().parameters()).as("%s", file).hasSizeGreaterThan(10);
      Shape image =
          new Shape(1).addAll(block.graph().tensor(block.graph().inputs().get(0)).shape().slice(1));
      Random random = new Random(3);
      NDList batch = new NDList();
      double[][] expected = new double[IMAGES][];
      for (int i = 0; i < IMAGES; i++) {
        double[] x = random.doubles(image.size(), -2, 2).toArray();
        Values values = new Values(image, DataType.FLOAT32, x);
        expected[i] = runtime.run(List.of(values)).get(0).numbers();
        batch.add(values.toArray(manager));
      }
      NDList result =
          block.forward(
              new ParameterStore(manager, false), new NDList(NDArrays.concat(batch)), false);
      double[] found = Values.of(result.get(0)).numbers();
      assertThat(found).hasSize(IMAGES * expected[0].length);
      for (int i = 0; i < found.length; i++) {
        double right = expected[i / expected[0].length][i % expected[0].length];
        // another runtime, up to some hundred layers of single precision
        double largest = Math.max(1, Math.abs(right));
        assertThat(found[i]).as("%s", file).isEqualTo(right, Offset.offset(1e-4 * largest));
      }
    }
  }

  /** Random numbers where a file has one value throughout in place of its weights. */
  private static byte[] withWeights(ModelProto model) {
    Map<String, TensorProto> stored = new HashMap<>();
    model.getGraph().getInitializerList().forEach(t -> stored.put(t.getName(), t));
    Map<String, Boolean> around1 = new HashMap<>();
    for (NodeProto node : model.getGraph().getNodeList()) {
      if (node.getOpType().equals("BatchNormalization")) {
        around1.put(node.getInput(1), true);
        around1.put(node.getInput(4), true);
      }
    }
    GraphProto.Builder graph = model.getGraph().toBuilder().clearNode();
    Random random = new Random(1);
    for (NodeProto node : model.getGraph().getNodeList()) {
      TensorProto sizes =
          node.getOpType().equals("ConstantOfShape") ? stored.get(node.getInput(0)) : null;
      if (sizes == null) {
        graph.addNode(node);
      } else {
        graph.addInitializer(
            weights(
                node.getOutput(0), sizes, around1.containsKey(node.getOutput(0)) ? 1 : 0, random));
      }
    }
    return model.toBuilder().setGraph(graph).build().toByteArray();
  }

  private static TensorProto weights(String name, TensorProto sizes, float middle, Random random) {
    LongBuffer raw =
        sizes.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN).asLongBuffer();
    int rank = Math.max(sizes.getInt64DataCount(), raw.remaining());
    TensorProto.Builder tensor = TensorProto.newBuilder().setName(name).setDataType(1);
    long count = 1;
    for (int i = 0; i < rank; i++) {
      long size = raw.hasRemaining() ? raw.get(i) : sizes.getInt64Data(i);
      tensor.addDims(size);
      count *= size;
    }
    // values keep their size from layer to layer
    double spread =
        rank > 1 ? Math.sqrt(2.0 * tensor.getDims(0) / count) : middle == 1 ? 0.05 : 0.1;
    for (long i = 0; i < count; i++) {
      tensor.addFloatData((float) (middle + spread * random.nextGaussian()));
    }
    return tensor.build();
  }
}
