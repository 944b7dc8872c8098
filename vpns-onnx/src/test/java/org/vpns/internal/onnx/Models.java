package org.vpns.internal.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
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
import java.io.UncheckedIOException;
import java.util.List;
import org.assertj.core.data.Offset;

/** Short ways to write models down. */
final class Models {
  static final int FLOAT = 1;
  static final int INT64 = 7;

  private Models() {}

  static AttributeProto number(String name, long value) {
    return AttributeProto.newBuilder().setName(name).setType(AttributeType.INT).setI(value).build();
  }

  static AttributeProto real(String name, float value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeType.FLOAT)
        .setF(value)
        .build();
  }

  static AttributeProto numbers(String name, long... values) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeType.INTS)
        .addAllInts(Longs.asList(values))
        .build();
  }

  static AttributeProto reals(String name, float... values) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeType.FLOATS)
        .addAllFloats(Floats.asList(values))
        .build();
  }

  static AttributeProto text(String name, String value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeType.STRING)
        .setS(ByteString.copyFromUtf8(value))
        .build();
  }

  static NodeProto node(
      String operator, List<String> inputs, List<String> outputs, AttributeProto... attributes) {
    return NodeProto.newBuilder()
        .setOpType(operator)
        .addAllInput(inputs)
        .addAllOutput(outputs)
        .addAllAttribute(List.of(attributes))
        .build();
  }

  static TensorProto floats(String name, Shape shape, float... values) {
    return TensorProto.newBuilder()
        .setName(name)
        .setDataType(FLOAT)
        .addAllDims(Longs.asList(shape.getShape()))
        .addAllFloatData(Floats.asList(values))
        .build();
  }

  /** Values 0.1, 0.2, ..., in turn positive and negative. */
  static TensorProto ramp(String name, Shape shape) {
    return floats(name, shape, ramp((int) shape.size()));
  }

  static float[] ramp(int size) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (i % 2 == 0 ? 1 : -1) * (i % 17 + 1) / 10f;
    }
    return values;
  }

  static TensorProto longs(String name, long... values) {
    return TensorProto.newBuilder()
        .setName(name)
        .setDataType(INT64)
        .addDims(values.length)
        .addAllInt64Data(Longs.asList(values))
        .build();
  }

  /** A float value; sizes of -1 are open. */
  static ValueInfoProto port(String name, long... sizes) {
    ValueInfoProto.Builder port = ValueInfoProto.newBuilder().setName(name);
    var tensor = port.getTypeBuilder().getTensorTypeBuilder().setElemType(FLOAT);
    tensor.getShapeBuilder();
    for (long size : sizes) {
      var dim = tensor.getShapeBuilder().addDimBuilder();
      if (size < 0) {
        dim.setDimParam("N");
      } else {
        dim.setDimValue(size);
      }
    }
    return port.build();
  }

  /** A graph with input {@code x} and output {@code y}. */
  static GraphProto.Builder graph(long... inputSizes) {
    return GraphProto.newBuilder()
        .setName("g")
        .addInput(port("x", inputSizes))
        .addOutput(ValueInfoProto.newBuilder().setName("y"));
  }

  static ModelProto.Builder model(int opset, GraphProto.Builder graph) {
    return ModelProto.newBuilder()
        .setIrVersion(8)
        .setProducerName("test")
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(opset))
        .setGraph(graph);
  }

  static OnnxFile file(int opset, GraphProto.Builder graph) {
    try {
      return OnnxReader.parse(model(opset, graph).build().toByteArray(), "test.onnx");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A block that belongs to a manager. */
  static OnnxBlock block(OnnxFile file, NDManager manager) {
    try {
      return new OnnxBlock(file, manager);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The same with a bound for the elements that are alive at a time. */
  static OnnxBlock block(OnnxFile file, NDManager manager, long alive) throws IOException {
    OnnxOptions options = OnnxOptions.keeping(name -> false);
    return new OnnxBlock(file, manager, options, FileLimits.usual(file).alive(input -> alive));
  }

  /** The single output for one input. */
  static HostTensor run(OnnxFile file, Shape shape, float... input) {
    try (NDManager manager = NDManager.newBaseManager();
        NDArray x = manager.create(input, shape)) {
      OnnxBlock block = block(file, manager);
      NDList result = block.forward(new ParameterStore(manager, false), new NDList(x), false);
      return NodeCase.host(result.singletonOrThrow());
    }
  }

  /** A graph of one node with input {@code x}, output {@code y} and initialisers. */
  static OnnxFile single(int opset, Shape shape, NodeProto node, TensorProto... tensors) {
    return file(opset, graph(shape.getShape()).addNode(node).addAllInitializer(List.of(tensors)));
  }

  /** Compares a result with numbers that are exact or written with seven digits. */
  static void check(HostTensor actual, Shape shape, double... expected) {
    assertThat(actual.shape()).isEqualTo(shape);
    assertThat(actual.toDoubles()).containsExactly(expected, Offset.offset(1e-6));
  }
}
