package org.vpns.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter.Type;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto.Dimension;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.graph.GraphBlock;
import org.vpns.graph.GraphConstant;
import org.vpns.graph.ModelGraph;
import org.vpns.internal.graph.op.Elementwise.Binary;
import org.vpns.internal.graph.op.Elementwise.Function;
import org.vpns.internal.graph.op.Elementwise.Pair;
import org.vpns.internal.graph.op.Elementwise.Unary;
import org.vpns.internal.graph.op.Filling.Fill;
import org.vpns.internal.graph.op.Joining.Split;
import org.vpns.internal.graph.op.Layers.Linear;
import org.vpns.internal.graph.op.Pooling;
import org.vpns.internal.graph.op.Pooling.Pool;
import org.vpns.internal.graph.op.Shaping.Broadcast;
import org.vpns.internal.graph.op.Shaping.Reshape;
import org.vpns.onnx.SmallGraphs.Draw;

/** What a file holds: names, arrays, ends, properties. */
final class GraphExportTest {
  @TempDir Path folder;
  private final NDManager manager = NDManager.newBaseManager();
  private final ModelGraph.Builder builder = ModelGraph.builder();

  @AfterEach
  void close() {
    manager.close();
  }

  private int input(long... perImage) {
    return builder.input(new Shape(-1).addAll(new Shape(perImage)), DataType.FLOAT32);
  }

  private int weight(String path, long... shape) {
    return builder.parameter(path, Type.WEIGHT, true, new Shape(shape), DataType.FLOAT32);
  }

  private int node(String name, org.vpns.graph.op.Operator operator, Integer... inputs) {
    return builder.node(name, operator, List.of(inputs)).get(0);
  }

  private GraphBlock block(Integer... outputs) {
    return SmallGraphs.block(builder.build(List.of(outputs)), manager, 3);
  }

  private Path file() {
    return folder.resolve("network.onnx");
  }

  private ModelProto written(OnnxExport export) throws IOException {
    export.write(file());
    return ModelProto.parseFrom(SmallGraphs.bytes(file()));
  }

  private static Map<String, TensorProto> arrays(ModelProto model) {
    return model.getGraph().getInitializerList().stream()
        .collect(Collectors.toMap(TensorProto::getName, t -> t));
  }

  private static String dimensions(ValueInfoProto value) {
    return value.getType().getTensorType().getShape().getDimList().stream()
        .map(d -> d.getDimParam().isEmpty() ? text(d) : d.getDimParam())
        .toList()
        .toString();
  }

  private static String text(Dimension d) {
    return d.getValueCase() == Dimension.ValueCase.VALUE_NOT_SET ? "?" : "" + d.getDimValue();
  }

  @Test
  void file_ofAGraph_hasVersionsNamesAndFingerprint() throws IOException {
    int x = input(4);
    int w = weight("fc.weight", 3, 4);
    GraphBlock block =
        block(node("relu", new Unary(Function.RELU), node("fc", new Linear(), x, w)));
    ModelProto model = written(Onnx.export(block));
    assertThat(model.getIrVersion()).isEqualTo(8);
    assertThat(model.getOpsetImportList()).hasSize(1);
    assertThat(model.getOpsetImport(0).getDomain()).isEmpty();
    assertThat(model.getOpsetImport(0).getVersion()).isEqualTo(17);
    assertThat(model.getProducerName()).isEqualTo("vpns");
    assertThat(model.getMetadataPropsList())
        .containsExactly(
            StringStringEntryProto.newBuilder()
                .setKey("vpns.graph")
                .setValue(block.graph().fingerprint())
                .build());
    assertThat(model.getGraph().getNodeList())
        .extracting(NodeProto::getName, NodeProto::getOpType)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("fc", "Gemm"),
            org.assertj.core.groups.Tuple.tuple("relu", "Relu"));
    assertThat(model.getGraph().getInput(0).getName()).isEqualTo("input");
    assertThat(dimensions(model.getGraph().getInput(0))).isEqualTo("[N, 4]");
    assertThat(model.getGraph().getOutput(0).getName()).isEqualTo("output");
    assertThat(dimensions(model.getGraph().getOutput(0))).isEqualTo("[N, 3]");
    TensorProto stored = arrays(model).get("fc.weight");
    assertThat(stored.getDimsList()).containsExactly(3L, 4L);
    ByteBuffer raw = stored.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    float[] floats = new float[12];
    raw.asFloatBuffer().get(floats);
    assertThat(floats)
        .containsExactly(block.array(block.graph().parameters().get(0)).toFloatArray());
  }

  @Test
  void parameter_usedTwice_isStoredOnce_andUnusedOnesAreLeftOut() throws IOException {
    int x = input(4);
    int w = weight("shared.weight", 4, 4);
    weight("unused.weight", 9, 9);
    builder.constant(new GraphConstant(0, "unused", new Shape(1), DataType.INT8, new byte[] {1}));
    int first = node("first", new Linear(), x, w);
    GraphBlock block = block(node("second", new Linear(), first, w));
    assertThat(arrays(written(Onnx.export(block)))).containsOnlyKeys("shared.weight");
    SmallGraphs.assertFileGivesTheSame(block, Draw.NORMAL, Onnx.export(block), file());
  }

  @Test
  void constants_ofEveryKind_areStored() throws IOException {
    int x = input(2);
    ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putFloat(0.5f).putFloat(-3);
    int c =
        builder.constant(
            new GraphConstant(0, "shift", new Shape(2), DataType.FLOAT32, bytes.array()));
    GraphBlock block = block(node("sum", new Binary(Pair.ADD), x, c));
    SmallGraphs.assertFileGivesTheSame(block, Draw.NORMAL, Onnx.export(block), file());
    assertThat(arrays(written(Onnx.export(block)))).containsOnlyKeys("shift");
    try (Model again = Onnx.read(file())) {
      assertThat(again.getProperty(OnnxImport.CONSTANT_NAMES)).isEqualTo("shift");
      assertThat(again.getProperty(OnnxImport.PARAMETERS)).isEqualTo("0");
    }
  }

  @Test
  void parameter_calledAsAnInput_keepsItsName() throws IOException {
    int x = input(4);
    int w = weight("input", 4, 4);
    ModelProto model = written(Onnx.export(block(node("output", new Linear(), x, w))));
    assertThat(arrays(model)).containsOnlyKeys("input");
    assertThat(model.getGraph().getInput(0).getName()).isEqualTo("input_1");
    assertThat(model.getGraph().getOutput(0).getName()).isEqualTo("output");
  }

  @Test
  void results_thatAreInputsParametersOrTwiceTheSame_areGiven() throws IOException {
    int x = input(4);
    int other = input(2);
    int w = weight("fc.weight", 3, 4);
    int y = node("fc", new Linear(), x, w);
    GraphBlock block = block(y, x, w, y);
    ModelProto model = written(Onnx.export(block));
    assertThat(model.getGraph().getOutputList())
        .extracting(ValueInfoProto::getName)
        .containsExactly("output0", "output1", "output2", "output3");
    assertThat(model.getGraph().getInputList())
        .extracting(ValueInfoProto::getName)
        .containsExactly("input0", "input1");
    assertThat(other).isPositive();
    SmallGraphs.assertFileGivesTheSame(block, Draw.NORMAL, Onnx.export(block), file());
  }

  @Test
  void results_notOfTheBatch_areOpenWhereTheyDependOnIt() throws IOException {
    int x = input(6);
    ModelProto model = written(Onnx.export(block(node("rows", Reshape.to(-1, 3), x))));
    assertThat(dimensions(model.getGraph().getOutput(0))).isEqualTo("[?, 3]");
  }

  @Test
  void fills_ofBatchAndOtherLengths_giveTheSame() {
    int x = input(3);
    int plain = node("plain", new Fill(List.of(2L, 3L), 1.5, DataType.FLOAT32));
    int first = node("first", new Fill(List.of(0L, 2L, 3L), 0, DataType.FLOAT32));
    int middle = node("middle", new Fill(List.of(2L, 0L, 3L), -1, DataType.FLOAT32));
    int only = node("only", new Fill(List.of(0L), 7, DataType.INT64));
    int wide = node("wide", new Broadcast(List.of(4L, 0L, 3L)), x);
    GraphBlock block = block(plain, first, middle, only, wide);
    SmallGraphs.assertFileGivesTheSame(block, Draw.NORMAL, Onnx.export(block), file());
  }

  @Test
  void incompleteWindows_ofMapsOfUnknownSize_giveTheSame() {
    int x = builder.input(new Shape(-1, 2, -1, 8), DataType.FLOAT32);
    Shape window = new Shape(1, 3);
    Shape none = new Shape(0, 0);
    Shape two = new Shape(2, 2);
    int largest = node("max", new Pool(Pooling.Kind.MAX, window, two, none, true, true), x);
    int mean = node("mean", new Pool(Pooling.Kind.AVERAGE, window, two, none, true, true), x);
    GraphBlock block = block(largest, mean);
    SmallGraphs.assertFileGivesTheSame(block, Draw.NORMAL, Onnx.export(block), file());
  }

  @Test
  void split_alongTheBatch_givesTheSame() {
    int x = input(3);
    int doubled = node("doubled", new org.vpns.internal.graph.op.Joining.Concat(0), x, x);
    List<Integer> parts = builder.node("parts", new Split(List.of(1L), 0), List.of(doubled));
    GraphBlock block = block(parts.get(0), parts.get(1));
    SmallGraphs.assertFileGivesTheSame(block, Draw.NORMAL, Onnx.export(block), file());
  }

  @Test
  void file_ofTheSameNetwork_hasTheSameBytes() throws IOException {
    GraphBlock block = large();
    for (OnnxExport export :
        List.of(Onnx.export(block), Onnx.export(block).externalData().probabilities())) {
      export.write(file());
      byte[] first = SmallGraphs.bytes(file());
      export.write(file());
      assertThat(SmallGraphs.bytes(file())).isEqualTo(first);
    }
    Onnx.export(GraphBlock.of(block.network(), manager)).write(file());
    byte[] ofCopy = SmallGraphs.bytes(file());
    Onnx.write(block, file());
    assertThat(SmallGraphs.bytes(file())).isEqualTo(ofCopy);
  }

  private GraphBlock large() {
    int x = input(40);
    int w = weight("first.weight", 30, 40);
    int small = weight("second.weight", 3, 30);
    int third = weight("third.weight", 301, 3);
    int y = node("first", new Linear(), x, w);
    y = node("second", new Linear(), y, small);
    return block(node("third", new Linear(), y, third));
  }

  @Test
  void externalData_onRequest_holdsLargeArraysAligned() throws IOException {
    GraphBlock block = large();
    OnnxExport export = Onnx.export(block).externalData();
    ModelProto model = written(export);
    Path data = folder.resolve("network.onnx.data");
    Map<String, TensorProto> arrays = arrays(model);
    // 30 x 40 and 301 x 3 floats go out, 3 x 30 stay
    assertThat(outside(arrays.get("first.weight")))
        .containsExactly("location=network.onnx.data", "offset=0", "length=4800");
    assertThat(outside(arrays.get("third.weight")))
        .containsExactly("location=network.onnx.data", "offset=4800", "length=3612");
    assertThat(outside(arrays.get("second.weight"))).isEmpty();
    assertThat(arrays.get("second.weight").getRawData().size()).isEqualTo(360);
    assertThat(Files.size(data)).isEqualTo(8412);
    try (var listed = Files.list(folder)) {
      assertThat(listed).containsExactlyInAnyOrder(file(), data);
    }
    SmallGraphs.assertFileGivesTheSame(block, Draw.NORMAL, export, file());
  }

  private static List<String> outside(TensorProto tensor) {
    assertThat(tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL)
        .isEqualTo(tensor.getExternalDataCount() > 0);
    return tensor.getExternalDataList().stream().map(e -> e.getKey() + "=" + e.getValue()).toList();
  }

  @Test
  void externalData_ofUnevenLengths_beginsAtMultiplesOf64() throws IOException {
    int x = input(17);
    int a = weight("a.weight", 17, 17);
    int b = weight("b.weight", 17, 17);
    GraphBlock block = block(node("b", new Linear(), node("a", new Linear(), x, a), b));
    OnnxExport export = Onnx.export(block).externalData();
    // 17 x 17 floats are 1156 bytes; the next multiple of 64 is 1216
    assertThat(outside(arrays(written(export)).get("b.weight"))).contains("offset=1216");
    assertThat(Files.size(folder.resolve("network.onnx.data"))).isEqualTo(1216 + 1156);
    SmallGraphs.assertFileGivesTheSame(block, Draw.NORMAL, export, file());
  }

  @Test
  void options_setTwice_areRefused() {
    OnnxExport export = Onnx.export(large()).externalData();
    assertThatIllegalStateException()
        .isThrownBy(export::externalData)
        .withMessage(
            "option set twice: OnnxExport.externalData; expected it once, found it again; leave one"
                + " out.");
    export.foldBatchNorm().probabilities(); // others are free
  }
}
