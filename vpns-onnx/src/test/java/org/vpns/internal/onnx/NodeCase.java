package org.vpns.internal.onnx;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.vpns.io.FormatException;

/**
 * A test case of the ONNX project: a model of one node or a few, inputs, expected outputs.
 *
 * @param files content by file name: {@code model.onnx}, {@code input_0.pb}, {@code output_0.pb}
 */
record NodeCase(String name, Map<String, byte[]> files) {

  /** The model. */
  OnnxFile model() throws IOException {
    return OnnxReader.parse(raised(content("model.onnx")), name);
  }

  /** Operators that have not changed since an old operator set mean the same in 9. */
  static byte[] raised(byte[] content) {
    try {
      ModelProto.Builder builder = ModelProto.newBuilder().mergeFrom(content);
      for (OperatorSetIdProto.Builder opset : builder.getOpsetImportBuilderList()) {
        opset.setVersion(Math.max(opset.getVersion(), OnnxReader.LEAST_OPSET));
      }
      return builder.build().toByteArray();
    } catch (InvalidProtocolBufferException e) {
      return content;
    }
  }

  /** Inputs as arrays; missing ones are missing. */
  NDList inputs(NDManager manager) throws IOException {
    NDList inputs = new NDList();
    for (HostTensor tensor : tensors("input")) {
      inputs.add(tensor.toArray(manager));
    }
    return inputs;
  }

  /** The same case with all inputs but the first as tensors of the file: weights, axes, shapes. */
  NodeCase frozen() throws IOException {
    ModelProto.Builder model = ModelProto.newBuilder().mergeFrom(content("model.onnx"));
    GraphProto.Builder graph = model.getGraphBuilder();
    Map<String, byte[]> rest = new LinkedHashMap<>(files);
    for (int i = graph.getInputCount() - 1; i > 0; i--) {
      TensorProto tensor = TensorProto.parseFrom(content("input_" + i + ".pb"));
      graph.addInitializer(tensor.toBuilder().setName(graph.getInput(i).getName()));
      graph.removeInput(i);
      rest.remove("input_" + i + ".pb");
    }
    rest.put("model.onnx", model.build().toByteArray());
    return new NodeCase(name + ", frozen", rest);
  }

  /** Content of a file of the case. */
  byte[] content(String file) {
    byte[] content = files.get(file);
    if (content == null) {
      throw new IllegalStateException(name + " has no " + file);
    }
    return content;
  }

  private List<HostTensor> tensors(String kind) throws IOException {
    List<HostTensor> tensors = new ArrayList<>();
    for (int i = 0; files.containsKey(kind + "_" + i + ".pb"); i++) {
      TensorProto proto = TensorProto.parseFrom(content(kind + "_" + i + ".pb"));
      tensors.add(StoredTensor.check(proto, name, new ExternalData(null)).read());
    }
    return tensors;
  }

  /** Expected outputs. */
  List<HostTensor> expected() throws IOException {
    return tensors("output");
  }

  /** Outputs of the interpreter. */
  List<HostTensor> run() throws IOException {
    try (NDManager manager = NDManager.newBaseManager()) {
      OnnxBlock block = new OnnxBlock(model(), manager);
      NDList inputs = inputs(manager);
      List<HostTensor> results = new ArrayList<>();
      for (NDArray output : block.forward(new ParameterStore(manager, false), inputs, false)) {
        results.add(host(output));
      }
      return results;
    }
  }

  /** An array's values in Java. */
  static HostTensor host(NDArray array) {
    Operands.Room room = (node, elements, inJava) -> {};
    OnnxValue value = OnnxValue.of(array);
    return new Operands(NODE, List.of(value), room, null, false).host(0);
  }

  private static final OnnxNode NODE = node();

  private static OnnxNode node() {
    try {
      return new OnnxNode(NodeProto.newBuilder().setOpType("Read").build(), "test", 0, 17);
    } catch (FormatException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * What differs between two tensors, or an empty text.
   *
   * @param tolerance allowed difference, relative to values above 1
   */
  static String difference(HostTensor actual, HostTensor expected, double tolerance) {
    if (!actual.shape().equals(expected.shape())) {
      return "shape " + actual.shape() + " instead of " + expected.shape();
    }
    for (int i = 0; i < expected.size(); i++) {
      double x = actual.doubleAt(i);
      double y = expected.doubleAt(i);
      boolean equal = Double.compare(x, y) == 0 || x == y;
      if (!equal && !(Math.abs(x - y) <= tolerance * Math.max(1, Math.abs(y)))) {
        return "element " + i + " of " + expected.shape() + ": " + x + " instead of " + y;
      }
    }
    return "";
  }

  @Override
  public String toString() {
    return name;
  }
}
