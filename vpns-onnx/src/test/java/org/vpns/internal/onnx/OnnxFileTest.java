package org.vpns.internal.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.vpns.internal.onnx.Models.model;
import static org.vpns.internal.onnx.Models.node;
import static org.vpns.internal.onnx.Models.number;
import static org.vpns.internal.onnx.Models.ramp;
import static org.vpns.internal.onnx.Models.real;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.SparseTensorProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TrainingInfoProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.Seeds;
import org.vpns.internal.onnx.OnnxFile.OnnxPort;
import org.vpns.io.FormatException;

/** Reading: what a good file tells, and what is said of bad ones. */
final class OnnxFileTest {
  private static final List<String> X = List.of("x");
  private static final List<String> Y = List.of("y");

  @TempDir Path folder;

  static GraphProto.Builder relu() {
    return Models.graph(-1, 3).addNode(node("Relu", X, Y));
  }

  static AbstractThrowableAssert<?, ?> refused(byte[] bytes) {
    FormatException failure =
        catchThrowableOfType(FormatException.class, () -> OnnxReader.parse(bytes, "bad.onnx"));
    assertThat(failure).isNotNull();
    // the one form of every message
    assertThat(failure.getMessage())
        .matches("(?s).+: .*bad\\.onnx.*; expected .+, found .+; .+\\.");
    return assertThat(failure);
  }

  static AbstractThrowableAssert<?, ?> refused(ModelProto.Builder model) {
    return refused(model.build().toByteArray());
  }

  static AbstractThrowableAssert<?, ?> refused(GraphProto.Builder graph) {
    return refused(model(13, graph));
  }

  @Test
  void file_tellsWhatItHolds() throws IOException {
    Path path = folder.resolve("m.onnx");
    GraphProto.Builder graph =
        Models.graph(4, 3, -1, 8)
            .addNode(node("Conv", List.of("x", "w"), List.of("a")))
            .addNode(node("Relu", List.of("a"), List.of("b")))
            .addNode(node("Relu", List.of("b"), Y))
            .addInitializer(ramp("w", new Shape(2, 3, 1, 1)));
    Files.write(path, model(21, graph).setProducerVersion("1.0").build().toByteArray());
    OnnxFile file = OnnxReader.read(path);
    assertThat(file.opset()).isEqualTo(21);
    assertThat(file.producer()).isEqualTo("test 1.0");
    assertThat(file.inputs())
        .containsExactly(new OnnxPort("x", DataType.FLOAT32, new Shape(4, 3, -1, 8)));
    assertThat(file.outputs()).containsExactly("y");
    assertThat(file.operators()).hasToString("{Conv=1, Relu=2}");
    assertThat(file).hasToString(path + ": 3 nodes, 1 tensors, operator set 21");
    assertThat(file.notes()).hasSize(2);
    assertThat(file.notes().get(0)).startsWith("1 convolution and no batch norm");
    assertThat(file.notes().get(1)).startsWith("Input 'x' has the fixed batch size 4");
  }

  @Test
  void duplicateNodeNames_areLegal() throws IOException {
    GraphProto.Builder graph =
        Models.graph(-1, 3)
            .addNode(node("Relu", X, List.of("a")).toBuilder().setName("n"))
            .addNode(node("Relu", List.of("a"), Y).toBuilder().setName("n"));
    assertThat(OnnxReader.parse(model(13, graph).build().toByteArray(), "f").operators())
        .containsEntry("Relu", 2);
  }

  @Test
  void truncatedFile_isRefusedAtEveryLength() {
    byte[] whole = model(13, relu().addInitializer(ramp("w", new Shape(3)))).build().toByteArray();
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> OnnxReader.parse(cut, "cut"))
          .as("%d bytes", length)
          .isInstanceOf(FormatException.class)
          .hasMessageNotContaining("too large"); // nothing is: the rest is missing
    }
  }

  @Test
  void randomBytes_areRefused() {
    RandomGenerator random = new Seeds(5).stream("bytes");
    for (int i = 0; i < 1000; i++) {
      byte[] bytes = new byte[random.nextInt(200)];
      for (int k = 0; k < bytes.length; k++) {
        bytes[k] = (byte) random.nextInt(256);
      }
      refused(bytes);
    }
  }

  @Test
  void gitLfsPointer_isCalledByItsName() {
    refused("version https://git-lfs.github.com/spec/v1\noid".getBytes(StandardCharsets.UTF_8))
        .hasMessageStartingWith("no ONNX model: bad.onnx")
        .hasMessageContaining("found a Git LFS pointer;")
        .hasMessageContaining("git lfs pull");
  }

  @Test
  void missingFile_isAnIoException() {
    assertThatThrownBy(() -> OnnxReader.read(folder.resolve("none.onnx")))
        .isInstanceOf(java.nio.file.NoSuchFileException.class);
  }

  @Test
  void missingFile_tellsWhereItWasLookedForAndWhatIsThere() throws IOException {
    Files.createFile(folder.resolve("some.onnx"));
    Files.createFile(folder.resolve("a.txt"));
    assertThatThrownBy(() -> OnnxReader.read(folder.resolve("none.onnx")))
        .hasMessage(
            "no such file: "
                + folder.resolve("none.onnx")
                + "; expected an ONNX model, found in "
                + folder
                + " only some.onnx, a.txt; check the path.");
    Path deeper = folder.resolve("missing").resolve("some.onnx");
    assertThatThrownBy(() -> OnnxReader.read(deeper))
        .isInstanceOf(java.nio.file.NoSuchFileException.class)
        .hasMessageEndingWith("found in " + folder + " only some.onnx, a.txt; check the path.");
  }

  @Test
  void folder_isRefusedWithTheModelsInIt() throws IOException {
    assertThatThrownBy(() -> OnnxReader.read(folder))
        .isInstanceOf(java.nio.file.FileSystemException.class)
        .hasMessage(
            "folder in place of a file: "
                + folder
                + "; expected an ONNX model, found a folder with no files; pass the file inside"
                + " that is meant.");
    Files.writeString(folder.resolve("model.json"), "{}");
    assertThatThrownBy(() -> OnnxReader.read(folder))
        .hasMessageStartingWith("result folder in place of a file: ")
        .hasMessageEndingWith("load it with PrunedModel.load(folder).");
  }

  @Test
  void filesOfOtherKinds_areCalledByTheirNames() {
    byte[] zip = {'P', 'K', 3, 4, 0, 0, 8, 8, 0, 0};
    byte[] pickle = {(byte) 0x80, 2, (byte) 0x8a, 10, 'l', (byte) 0xfc};
    byte[] safetensors = {64, 0, 0, 0, 0, 0, 0, 0, '{', '"'};
    refused(zip)
        .hasMessage(
            "no ONNX model: bad.onnx; expected an ONNX model, found a zip archive, as PyTorch"
                + " writes them; open it with WeightFile.open(file), or export the network with"
                + " torch.onnx.export.");
    refused(pickle).hasMessageContaining("found a pickle, as PyTorch wrote them");
    refused(safetensors).hasMessageContaining("found a safetensors file");
    refused("<!DOCTYPE html><html>".getBytes(StandardCharsets.UTF_8))
        .hasMessageContaining("found a web page (HTML)")
        .hasMessageEndingWith("save again.");
  }

  @Test
  void nodes_inAnyOrder_areSorted() throws IOException {
    GraphProto.Builder graph =
        Models.graph(-1, 3)
            .addNode(node("Relu", List.of("c"), Y))
            .addNode(node("Add", List.of("a", "b"), List.of("c")))
            .addNode(node("Neg", List.of("a"), List.of("b")))
            .addNode(node("Exp", X, List.of("a")));
    OnnxFile file = OnnxReader.parse(model(13, graph).build().toByteArray(), "f");
    assertThat(file.nodes().stream().map(item -> item.node().operator()))
        .containsExactly("Exp", "Neg", "Add", "Relu");
    // messages count nodes as the file does
    assertThat(file.nodes().get(0).node().where()).isEqualTo("f, node 3, Exp");
    // exp(x) - exp(x)
    assertThat(Models.run(file, new Shape(1, 3), -1, 0, 1).toDoubles()).containsExactly(0, 0, 0);
  }

  @Test
  void nodes_inACircle_areRefused() {
    refused(
            Models.graph(-1, 3)
                .addNode(node("Add", List.of("x", "b"), List.of("a")))
                .addNode(node("Relu", List.of("a"), List.of("b")))
                .addNode(node("Relu", List.of("b"), Y)))
        .hasMessageStartingWith("value used before it is produced: bad.onnx, node 0, Add")
        .hasMessageContaining("found 'b'");
  }

  @Test
  void deepNesting_isRefusedWithoutOverflow() {
    // optional types of optional types: each one a field 9 that holds a field 1
    ByteString inner = ByteString.EMPTY;
    for (int i = 0; i < 10_000; i++) {
      inner = field(9, field(1, inner));
    }
    ByteString port = field(2, inner);
    ByteString graph = field(11, port);
    refused(field(7, graph).toByteArray())
        .hasMessageStartingWith("no ONNX model: bad.onnx")
        .hasMessageContaining("nest");
  }

  /** A field of bytes: key, length, content. */
  private static ByteString field(int number, ByteString content) {
    ByteString.Output out = ByteString.newOutput();
    try {
      var coded = com.google.protobuf.CodedOutputStream.newInstance(out);
      coded.writeBytes(number, content);
      coded.flush();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return out.toByteString();
  }

  @Test
  void emptyModelsAndGraphs_areRefused() {
    refused(new byte[0]).hasMessageStartingWith("no ONNX model");
    refused(ModelProto.newBuilder().setIrVersion(8)).hasMessageStartingWith("no graph");
    refused(GraphProto.newBuilder()).hasMessageStartingWith("no graph");
    refused(relu().clearInput().addInitializer(ramp("x", new Shape(3))))
        .hasMessageStartingWith("graph without inputs");
    refused(relu().clearOutput()).hasMessageStartingWith("graph without outputs");
    refused(relu().addOutput(Models.port("z"))).hasMessageStartingWith("output without a producer");
    refused(Models.graph(3).addNode(node("Relu", X, List.of())))
        .hasMessageStartingWith("node without an output");
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 6, 29, 99})
  void operatorSet_outsideOf7To28_isRefusedByNumber(int opset) {
    refused(model(opset, relu()))
        .hasMessageStartingWith("operator set not supported: bad.onnx, model")
        .hasMessageContaining("found [" + opset + "]");
  }

  @Test
  void operatorSets_severalOrNone_areRefused() {
    ModelProto.Builder model = model(13, relu());
    refused(model.clone().clearOpsetImport()).hasMessageContaining("found []");
    model.addOpsetImportBuilder().setDomain("ai.onnx").setVersion(14);
    refused(model).hasMessageContaining("found [13, 14]");
    refused(model(13, relu()).setIrVersion(2)).hasMessageStartingWith("version of the format");
    refused(model(13, relu()).setIrVersion(99))
        .hasMessageStartingWith("version of the format")
        .hasMessageContaining("model.ir_version = 10");
  }

  @Test
  void unknownOperators_areListedAtOnce() {
    GraphProto.Builder graph = relu();
    for (int i = 0; i < 3; i++) {
      graph.addNode(node("Loop", X, List.of("l" + i)));
    }
    graph.addNode(node("NonMaxSuppression", X, List.of("n")));
    graph.addNode(node("Relu", X, List.of("d")).toBuilder().setDomain("com.microsoft"));
    refused(graph)
        .hasMessageStartingWith(
            "unsupported operators: 3 x Loop, 1 x NonMaxSuppression, 1 x com.microsoft.Relu in"
                + " bad.onnx; expected")
        .hasMessageContaining("found 5 of 6 nodes");
  }

  @Test
  void operators_areThoseOfTheNetworksForImages() {
    assertThat(OnnxReader.operators())
        .hasSize(128)
        .isSorted()
        .contains("Conv", "Gemm", "BatchNormalization", "Shape", "Where", "LayerNormalization")
        .doesNotContain("Loop", "Scan", "QLinearConv");
  }

  @Test
  void subgraphsAndOtherParts_areRefused() {
    AttributeProto body =
        AttributeProto.newBuilder()
            .setName("body")
            .setType(AttributeType.GRAPH)
            .setG(relu())
            .build();
    refused(Models.graph(3).addNode(node("Loop", X, Y, body)))
        .hasMessageStartingWith("unsupported operators: 1 x Loop");
    refused(Models.graph(3).addNode(node("Relu", X, Y, body)))
        .hasMessageStartingWith("attribute not supported: bad.onnx, node 0, Relu");
    refused(model(13, relu()).addTrainingInfo(TrainingInfoProto.newBuilder()))
        .hasMessageContaining("1 training graphs");
    refused(relu().addSparseInitializer(SparseTensorProto.newBuilder()))
        .hasMessageContaining("1 sparse initialisers");
  }

  @Test
  void wiring_mustHaveOneProducerBeforeEachReader() {
    refused(Models.graph(3).addNode(node("Relu", List.of("nobody"), Y)))
        .hasMessageStartingWith("value used before it is produced: bad.onnx, node 0, Relu")
        .hasMessageContaining("found 'nobody'");
    refused(
            Models.graph(3)
                .addNode(node("Relu", List.of("b"), List.of("a")))
                .addNode(node("Relu", List.of("a"), List.of("b")))
                .addNode(node("Relu", List.of("b"), Y)))
        .hasMessageStartingWith("value used before it is produced");
    refused(relu().addNode(node("Relu", X, Y)))
        .hasMessageStartingWith("value with two producers")
        .hasMessageContaining("'y'");
    refused(relu().addInitializer(ramp("y", new Shape(1))))
        .hasMessageStartingWith("value with two producers");
    refused(relu().addInput(Models.port("x"))).hasMessageStartingWith("value with two producers");
    refused(relu().addInitializer(ramp("w", new Shape(1))).addInitializer(ramp("w", new Shape(1))))
        .hasMessageStartingWith("value with two producers: bad.onnx, initialiser 'w'");
  }

  @Test
  void inputsThatAreNoTensors_areRefused() {
    GraphProto.Builder graph = relu();
    graph
        .getInputBuilder(0)
        .setType(TypeProto.newBuilder().setSequenceType(TypeProto.Sequence.newBuilder()));
    refused(graph).hasMessageStartingWith("input is no tensor: bad.onnx, input 'x'");
    GraphProto.Builder text = relu();
    text.getInputBuilder(0).getTypeBuilder().getTensorTypeBuilder().setElemType(8);
    refused(text).hasMessageStartingWith("tensor type not supported: bad.onnx, input 'x'");
  }

  private static AbstractThrowableAssert<?, ?> refusedTensor(TensorProto.Builder tensor) {
    return refused(relu().addInitializer(tensor));
  }

  @Test
  void tensors_mustHaveTheirDataOnce() {
    TensorProto good = ramp("w", new Shape(2, 2));
    String where = "bad.onnx, initialiser 'w'";
    refusedTensor(good.toBuilder().setDims(0, -2))
        .hasMessageStartingWith("tensor shape out of range: " + where);
    refusedTensor(good.toBuilder().setDims(0, 1L << 40).setDims(1, 1L << 40))
        .hasMessageStartingWith("tensor too large: " + where);
    refusedTensor(good.toBuilder().clearFloatData().setDims(0, 1_000_000))
        .hasMessageStartingWith("tensor data do not fit the shape: " + where)
        .hasMessageContaining("expected 2000000 elements of FLOAT, found 0 elements");
    refusedTensor(good.toBuilder().addFloatData(1))
        .hasMessageStartingWith("tensor data do not fit the shape");
    refusedTensor(good.toBuilder().clearFloatData().setRawData(ByteString.copyFrom(new byte[17])))
        .hasMessageContaining("found 17 bytes");
    refusedTensor(good.toBuilder().setRawData(ByteString.copyFrom(new byte[16])))
        .hasMessageStartingWith("tensor data in two places");
    refusedTensor(good.toBuilder().clearFloatData().addAllInt32Data(List.of(1, 2, 3, 4)))
        .hasMessageStartingWith("tensor data in two places");
    refusedTensor(good.toBuilder().setDataType(8)).hasMessageContaining("found STRING");
    refusedTensor(good.toBuilder().setDataType(14)).hasMessageContaining("found COMPLEX64");
    refusedTensor(good.toBuilder().setDataType(77)).hasMessageContaining("found type 77");
    refusedTensor(good.toBuilder().setSegment(TensorProto.Segment.newBuilder().setBegin(1)))
        .hasMessageContaining("found a segment");
    for (int i = 0; i < 40; i++) {
      good = good.toBuilder().addDims(1).build();
    }
    refusedTensor(good.toBuilder()).hasMessageContaining("at most 32 sizes");
  }

  @Test
  void tensorsOfBooleans_mustBe0Or1() {
    TensorProto flags =
        TensorProto.newBuilder()
            .setName("w")
            .setDataType(9)
            .addDims(1)
            .setRawData(ByteString.copyFrom(new byte[] {2}))
            .build();
    OnnxFile file =
        Models.file(
            13,
            Models.graph(1)
                .addNode(node("Where", List.of("w", "x", "x"), Y))
                .addInitializer(flags));
    assertThatThrownBy(() -> Program.of(file))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("value out of range")
        .hasMessageContaining("found 2");
  }

  @Test
  void names_mustBeText() {
    ByteString bytes = ByteString.copyFrom(new byte[] {(byte) 0xc3, '('});
    GraphProto.Builder graph = relu();
    graph.setNode(0, NodeProto.newBuilder().setOpType("Relu").addInput("x").addOutputBytes(bytes));
    refused(graph).hasMessageMatching("(?s)(name is no text|no ONNX model): .*");
    refused(relu().addInitializer(ramp("w", new Shape(1)).toBuilder().setNameBytes(bytes)))
        .hasMessageMatching("(?s)(name is no text|no ONNX model): .*");
  }

  @Test
  void attributes_mustBeKnownOnceAndOfTheirType() {
    refused(Models.graph(3).addNode(node("Relu", X, Y, number("slope", 1))))
        .hasMessageStartingWith("attribute not supported: bad.onnx, node 0, Relu")
        .hasMessageContaining("found 'slope'");
    refused(Models.graph(3).addNode(node("LeakyRelu", X, Y, number("alpha", 1))))
        .hasMessageStartingWith("attribute has another type")
        .hasMessageContaining("'alpha' as FLOAT, found INT");
    refused(Models.graph(3).addNode(node("Elu", X, Y, real("alpha", 1), real("alpha", 2))))
        .hasMessageStartingWith("malformed attribute");
    refused(Models.graph(3).addNode(node("Elu", X, Y, real("alpha", Float.NaN))))
        .hasMessageStartingWith("attribute out of range: 'alpha'");
    refused(Models.graph(3).addNode(node("Concat", List.of("x", "x"), Y)))
        .hasMessageStartingWith("attribute missing: bad.onnx, node 0, Concat")
        .hasMessageContaining("'axis'");
    refused(Models.graph(3).addNode(node("Conv", X, Y)))
        .hasMessageStartingWith("wrong number of inputs");
    refused(Models.graph(3).addNode(node("Constant", List.of(), Y)))
        .hasMessageStartingWith("constant without one value");
    AttributeProto untyped = real("alpha", 1).toBuilder().clearType().build();
    refused(Models.graph(3).addNode(node("Elu", X, Y, untyped)))
        .hasMessageStartingWith("malformed attribute");
  }
}
