package org.vpns.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.graph.GraphFile;
import org.vpns.graph.ModelGraph;
import org.vpns.internal.graph.op.Elementwise;
import org.vpns.io.SafeTensors;
import org.vpns.testing.Engines;
import org.vpns.testing.JavaProcess;

/** Files for which the heap is too small, and the same with more memory. */
final class HeapRemediesTest {
  private static final String MORE = "give Java more memory with -Xmx";

  /** More than a heap of 64 MB lets a file have, and much less than one of 1 GB does. */
  private static final int MANY = 3_000_000;

  @TempDir Path folder;

  private static GraphProto.Builder graph(long... image) {
    ValueInfoProto.Builder input = ValueInfoProto.newBuilder().setName("x");
    var tensor = input.getTypeBuilder().getTensorTypeBuilder().setElemType(1);
    tensor.getShapeBuilder().addDimBuilder().setDimParam("N");
    LongStream.of(image).forEach(n -> tensor.getShapeBuilder().addDimBuilder().setDimValue(n));
    return GraphProto.newBuilder()
        .setName("g")
        .addInput(input)
        .addOutput(ValueInfoProto.newBuilder().setName("y"));
  }

  private static NodeProto node(String operator, String output, String... inputs) {
    return NodeProto.newBuilder()
        .setOpType(operator)
        .addAllInput(List.of(inputs))
        .addOutput(output)
        .build();
  }

  private static TensorProto longs(String name, long... values) {
    TensorProto.Builder tensor = TensorProto.newBuilder().setName(name).setDataType(7);
    LongStream.of(values).forEach(tensor::addInt64Data);
    return tensor.addDims(values.length).build();
  }

  private static TensorProto floats(String name, int count) {
    return TensorProto.newBuilder()
        .setName(name)
        .setDataType(1)
        .addDims(count)
        .setRawData(ByteString.copyFrom(new byte[Float.BYTES * count]))
        .build();
  }

  private void write(String name, GraphProto.Builder graph) throws IOException {
    ModelProto.Builder model =
        ModelProto.newBuilder()
            .setIrVersion(8)
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
            .setGraph(graph);
    Files.write(folder.resolve(name + ".onnx"), model.build().toByteArray());
  }

  private void writeFiles() throws IOException {
    NodeProto negative = node("Neg", "y", "x");
    write("weights", graph(3).addNode(negative).addInitializer(floats("unused", 4 * MANY)));
    write(
        "made",
        graph(3)
            .addNode(node("ConstantOfShape", "zeros", "size"))
            .addNode(node("ReduceMean", "m", "zeros"))
            .addNode(node("Add", "y", "x", "m"))
            .addInitializer(longs("size", MANY)));
    write("images", graph(3, 1000, 1000).addNode(negative));
    write(
        "results",
        graph(1).addNode(node("Tile", "y", "x", "times")).addInitializer(longs("times", 1, MANY)));
    SafeTensors.builder()
        .metadata("notes", "x".repeat(MANY))
        .putFloats("w", new Shape(1), new float[] {2})
        .write(folder.resolve("header.safetensors"));
    ModelGraph.Builder builder = ModelGraph.builder();
    int value = builder.input(new Shape(-1, 3), DataType.FLOAT32);
    for (int i = 0; i < 30_000; i++) {
      value =
          builder
              .node(
                  "n" + i,
                  new Elementwise.Unary(Elementwise.Function.NEG),
                  new ArrayList<>(List.of(value)))
              .get(0);
    }
    String text = GraphFile.text(builder.build(List.of(value)));
    Files.writeString(folder.resolve("nodes.json"), text);
  }

  /** What another process makes of each file. */
  private Map<String, String> read(String heap) throws IOException, InterruptedException {
    return JavaProcess.answers(HeapRemediesTest.class, List.of(heap), folder.toString());
  }

  /** Reads the files of a folder, and says what they are or why not. */
  public static void main(String[] args) throws IOException {
    List<Path> files;
    try (var found = Files.list(Path.of(args[0]))) {
      files = found.sorted().toList();
    }
    for (Path file : files) {
      String result;
      try {
        result = of(file);
      } catch (IllegalArgumentException | IOException e) {
        result = e.getMessage();
      }
      System.out.println(file.getFileName() + "\t" + result);
    }
  }

  private static String of(Path file) throws IOException {
    String name = file.getFileName().toString();
    if (name.endsWith(".safetensors")) {
      return SafeTensors.read(file).names().toString();
    }
    if (name.endsWith(".json")) {
      return GraphFile.graph(Files.readString(file), name).nodes().size() + " nodes";
    }
    try (Model model = Onnx.read(file)) {
      if (!name.matches("(weights|made).onnx")) {
        return "read";
      }
      float[] y = Engines.evaluate(model.getBlock(), new float[] {1, 2, 4}, new Shape(1, 3));
      return List.of(y[0], y[1], y[2]).toString();
    }
  }

  /** No array of Java holds them, so that no heap is large enough. */
  @ParameterizedTest
  @ValueSource(longs = {40_000, 1L << 31, 1L << 40})
  void imagesTooLargeForAnyHeap_areToBeSmaller(long side) throws IOException {
    write("endless", graph(3, side, side).addNode(node("Neg", "y", "x")));
    assertThatThrownBy(() -> Onnx.read(folder.resolve("endless.onnx")).close())
        .hasMessageStartingWith("images too large: ")
        .hasMessageEndingWith("; use smaller images.");
  }

  @Test
  void filesTooLargeForTheHeap_areRefused_andReadWithMoreMemory() throws Exception {
    writeFiles();
    Map<String, String> small = read("-Xmx64m");
    assertThat(small.get("weights.onnx"))
        .startsWith("model too large for the heap: ")
        .endsWith("; " + MORE + ".");
    assertThat(small.get("made.onnx"))
        .startsWith("values too large for the heap: ")
        .endsWith("; " + MORE + ".");
    assertThat(small.get("images.onnx"))
        .startsWith("images too large: ")
        .endsWith("; " + MORE + " if it is meant to be so large.");
    assertThat(small.get("results.onnx"))
        .startsWith("values too large to compare: ")
        .endsWith("; " + MORE + ".");
    assertThat(small.get("header.safetensors"))
        .startsWith("safetensors header too large for the heap: ")
        .endsWith("; " + MORE + ".");
    assertThat(small.get("nodes.json")).contains("; " + MORE + " if they are meant");
    Map<String, String> large = read("-Xmx1g");
    assertThat(large)
        .containsEntry("weights.onnx", "[-1.0, -2.0, -4.0]")
        .containsEntry("made.onnx", "[1.0, 2.0, 4.0]")
        .containsEntry("images.onnx", "read")
        .containsEntry("results.onnx", "read")
        .containsEntry("header.safetensors", "[w]")
        .containsEntry("nodes.json", "30000 nodes");
  }
}
