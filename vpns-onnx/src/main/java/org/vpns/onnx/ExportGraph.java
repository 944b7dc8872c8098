package org.vpns.onnx;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.common.primitives.Longs;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.vpns.graph.GraphConstant;
import org.vpns.graph.GraphNode;
import org.vpns.graph.GraphParameter;
import org.vpns.graph.ModelGraph;

/**
 * The graph of a file in the making: its nodes in order, and the arrays they read. Parameters bear
 * their paths; those that nothing reads are left out.
 */
final class ExportGraph {
  private final ExportSource source;
  private final ModelGraph graph;
  private final GraphProto.Builder proto = GraphProto.newBuilder().setName("network");
  private final Map<String, ExportTensor> stored = new LinkedHashMap<>();
  private final Map<String, ExportTensor> available = new HashMap<>();
  private final Set<String> parameters = new HashSet<>();
  private final Set<String> taken = new HashSet<>();
  private final Set<String> nodeNames = new HashSet<>();
  private final String[] names;
  private @Nullable String batch;

  ExportGraph(ExportSource source) {
    this.source = source;
    graph = source.network().graph();
    names = new String[graph.tensors().size()];
    nameTensors();
  }

  /** The network that becomes the file. */
  ModelGraph graph() {
    return graph;
  }

  /** Nodes, inputs and outputs, without stored arrays. */
  GraphProto.Builder proto() {
    return proto;
  }

  /** The stored arrays that nodes read. */
  List<ExportTensor> stored() {
    return List.copyOf(stored.values());
  }

  /** Whether a stored array is one of floats that do not learn. */
  boolean isConstant(ExportTensor tensor) {
    boolean number = tensor.dimensions().isEmpty() || !tensor.type().isFloating();
    return !number && !parameters.contains(tensor.name());
  }

  /** Name of a tensor. */
  String name(int tensor) {
    return names[tensor];
  }

  /** A name for a value that no other has: the wanted one, or that with a number. */
  String unique(String wanted) {
    return ExportSource.unique(wanted, taken);
  }

  private void nameTensors() {
    taken.addAll(source.inputs());
    taken.addAll(source.outputs());
    for (GraphParameter p : graph.parameters()) {
      String name = unique(p.path());
      names[p.tensor()] = name;
      available.put(name, tensor(name, p));
      parameters.add(name);
    }
    for (int i = 0; i < graph.inputs().size(); i++) {
      names[graph.inputs().get(i)] = source.inputs().get(i);
    }
    for (GraphConstant c : graph.constants()) {
      String name = unique(c.name());
      names[c.tensor()] = name;
      available.put(name, new ExportTensor(name, c.type(), dimensions(c.shape()), c::values));
    }
    for (int i = 0; i < graph.outputs().size(); i++) {
      int tensor = graph.outputs().get(i);
      if (graph.maker(tensor) != null && names[tensor] == null) {
        names[tensor] = source.outputs().get(i);
      }
    }
    for (GraphNode node : graph.nodes()) {
      for (int i = 0; i < node.outputs().size(); i++) {
        if (names[node.outputs().get(i)] == null) {
          String place = node.outputs().size() == 1 ? "" : "/" + i;
          names[node.outputs().get(i)] = unique(node.name() + place);
        }
      }
    }
  }

  private ExportTensor tensor(String name, GraphParameter p) {
    return new ExportTensor(
        name,
        p.dataType(),
        dimensions(p.shape()),
        () -> source.network().array(p).toByteBuffer(true));
  }

  private static List<Long> dimensions(Shape shape) {
    return Longs.asList(shape.getShape());
  }

  /** Adds a node, and keeps the arrays that it reads. */
  void add(NodeProto.Builder node) {
    proto.addNode(node.setName(ExportSource.unique(node.getName(), nodeNames)));
    for (String input : node.getInputList()) {
      ExportTensor tensor = available.get(input);
      if (tensor != null) {
        store(tensor);
      }
    }
  }

  /** Keeps an array in the file. */
  String store(ExportTensor tensor) {
    ExportTensor.code(tensor.type());
    stored.put(tensor.name(), tensor);
    return tensor.name();
  }

  /** Name of a list of one number: how many images there are. */
  String batch() {
    if (batch == null) {
      batch = unique("batch");
      NodeProto.Builder shape =
          NodeProto.newBuilder()
              .setOpType("Shape")
              .setName(batch)
              .addInput(names[graph.inputs().get(0)])
              .addOutput(batch);
      shape.addAttribute(
          AttributeProto.newBuilder().setName("end").setType(AttributeType.INT).setI(1));
      add(shape);
    }
    return batch;
  }

  /**
   * Ends the graph: results get their names, inputs and results their shapes. What equals the batch
   * at two batch sizes is the batch; what differs otherwise is open.
   */
  void end() {
    for (int i = 0; i < source.outputs().size(); i++) {
      String name = names[graph.outputs().get(i)];
      if (!name.equals(source.outputs().get(i))) {
        add(
            NodeProto.newBuilder()
                .setOpType("Identity")
                .setName(source.outputs().get(i))
                .addInput(name)
                .addOutput(source.outputs().get(i)));
      }
    }
    List<Shape> two = inputsAt(2);
    List<Shape> three = inputsAt(3);
    for (int i = 0; i < two.size(); i++) {
      int tensor = graph.inputs().get(i);
      proto.addInput(value(names[tensor], graph.tensor(tensor).type(), two.get(i), three.get(i)));
    }
    two = graph.resultShapes(two);
    three = graph.resultShapes(three);
    for (int i = 0; i < two.size(); i++) {
      DataType type = graph.tensor(graph.outputs().get(i)).type();
      proto.addOutput(value(source.outputs().get(i), type, two.get(i), three.get(i)));
    }
  }

  private List<Shape> inputsAt(long images) {
    return graph.inputs().stream()
        .map(t -> graph.tensor(t).shape())
        .map(
            shape ->
                new Shape(LongStream.of(shape.getShape()).map(d -> d == -1 ? images : d).toArray()))
        .toList();
  }

  private static ValueInfoProto value(String name, DataType type, Shape two, Shape three) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (int i = 0; i < two.dimension(); i++) {
      TensorShapeProto.Dimension.Builder dimension = shape.addDimBuilder();
      if (two.get(i) == 2 && three.get(i) == 3) {
        dimension.setDimParam("N");
      } else if (two.get(i) == three.get(i) && two.get(i) != -1) {
        dimension.setDimValue(two.get(i));
      }
    }
    TypeProto.Tensor tensor =
        TypeProto.Tensor.newBuilder().setElemType(ExportTensor.code(type)).setShape(shape).build();
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(tensor))
        .build();
  }
}
