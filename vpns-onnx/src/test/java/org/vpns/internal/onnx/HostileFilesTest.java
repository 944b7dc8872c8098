package org.vpns.internal.onnx;

import static org.vpns.internal.onnx.HostileModels.IMAGE;
import static org.vpns.internal.onnx.HostileModels.SIZES;
import static org.vpns.internal.onnx.HostileModels.assertRefused;
import static org.vpns.internal.onnx.HostileModels.chain;
import static org.vpns.internal.onnx.HostileModels.chained;
import static org.vpns.internal.onnx.HostileModels.file;
import static org.vpns.internal.onnx.Models.floats;
import static org.vpns.internal.onnx.Models.model;
import static org.vpns.internal.onnx.Models.node;
import static org.vpns.internal.onnx.Models.number;
import static org.vpns.internal.onnx.Models.port;

import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.internal.io.MemoryBound;

/** What a file says of its images, names and number of parts is held against memory first. */
final class HostileFilesTest {
  @ParameterizedTest
  @ValueSource(strings = {"onnx-16000.onnx", "onnx-40000.onnx"})
  void images_thatNoHeapHolds_areRefusedBeforeTheyAreMade(String name) throws IOException {
    try (InputStream in = HostileFilesTest.class.getResourceAsStream("/onnx-hostile/" + name)) {
      assertRefused(Objects.requireNonNull(in).readAllBytes(), "images too large");
    }
  }

  @Test
  void batches_thatNoHeapHolds_areRefused() {
    NodeProto pool = node("GlobalAveragePool", List.of("x"), List.of("y"));
    for (long size : SIZES) {
      assertRefused(file(port("x", size, 3, 1L << 7, 8), List.of(), pool), "images too");
      assertRefused(file(port("x", 1, 3, size, size), List.of(), pool), "images too large");
      assertRefused(file(port("x", -1, 3, size, size), List.of(), pool), "images too large");
    }
  }

  @Test
  void names_longerThanAnyNetworkHas_areRefused() {
    String name = "n".repeat(MemoryBound.NAME + 1);
    assertRefused(
        file(
            IMAGE,
            List.of(),
            node("Relu", List.of("x"), List.of("y")).toBuilder().setName(name).build()),
        "name too long");
    assertRefused(
        file(
            IMAGE,
            List.of(),
            node("Relu", List.of("x"), List.of(name)),
            node("Relu", List.of(name), List.of("y"))),
        "name too long");
    assertRefused(
        file(
            IMAGE,
            List.of(floats(name, new Shape(1), 1)),
            node("Relu", List.of("x"), List.of("y"))),
        "name too long");
  }

  @Test
  void nodes_moreThanAnyNetworkHas_areRefused() {
    NodeProto[] nodes =
        IntStream.range(0, MemoryBound.NODES + 1)
            .mapToObj(i -> node("Relu", List.of(i == 0 ? "x" : "n" + i), List.of("n" + (i + 1))))
            .toArray(NodeProto[]::new);
    assertRefused(file(IMAGE, List.of(), nodes), "too many nodes");
  }

  /** Thousands of nodes are those of networks that have something to learn. */
  @Test
  void nodes_manyOfANetworkThatStoresNothing_areRefusedBeforeTheyRun() {
    NodeProto[] nodes =
        IntStream.range(0, 2049)
            .mapToObj(i -> node("Cos", List.of(i == 0 ? "x" : "n" + i), List.of("n" + (i + 1))))
            .toArray(NodeProto[]::new);
    assertRefused(file(IMAGE, List.of(), nodes), "too many nodes");
    // one node more for each 16 stored numbers
    TensorProto stored = floats("w", new Shape(16), new float[16]);
    assertRefused(file(IMAGE, List.of(stored), nodes), "output 'y'");
  }

  /** A weight counts at each node that reads it, also as it was turned, but never as it grew. */
  @Test
  void nodes_thatReadAWeight_areAsManyMoreAsItHasNumbersForThem() {
    // it is read once to be turned
    assertRefused(read("Add", 2050, 4099), "output 'y'");
    assertRefused(read("Add", 2049, 4099), "too many nodes");
    assertRefused(
        read("Concat", 10, 2069), "'axis'"); // counted, and found wrong for another reason
    assertRefused(read("Concat", 10, 2070), "too many nodes");
  }

  /** It was read by 50,000 nodes, which took most of a minute and all memory. */
  @Test
  void nodes_thatReadASmallWeight_areNotAsManyAsThereMayBe() {
    int most = 2048 + 4 + 12 * 1024;
    assertRefused(read("Add", most - 1, most), "output 'y'");
    assertRefused(read("Add", most, most + 1), "too many nodes");
  }

  /** Each takes three to five arrays for one; it took as long as 70,000 nodes that take one. */
  @ParameterizedTest
  @ValueSource(strings = {"PRelu, ?, s", "Where, c, ?, s", "BatchNormalization, ?, b, b, b, b"})
  void nodes_thatTakeMoreArrays_areFewerThanThoseThatTakeOne(String form) {
    List<String> parts = List.of(form.split(", "));
    List<NodeProto> nodes =
        chain(
            14_000,
            i -> {
              List<String> inputs = new ArrayList<>(parts.subList(1, parts.size()));
              inputs.set(inputs.indexOf("?"), i == 0 ? "x" : "n" + i);
              return node(parts.get(0), inputs, List.of("n" + (i + 1)));
            });
    TensorProto condition =
        floats("c", new Shape(16, 1, 1)).toBuilder()
            .setDataType(TensorProto.DataType.BOOL_VALUE)
            .setRawData(ByteString.copyFrom(new byte[16]))
            .build();
    List<TensorProto> tensors =
        List.of(
            condition,
            floats("s", new Shape(16, 1, 1), new float[16]),
            floats("b", new Shape(16), new float[16]));
    assertRefused(
        chained(port("x", -1, 16, 1, 1), tensors, nodes.get(0), nodes.subList(1, nodes.size())),
        "too many arrays");
  }

  /** A weight of 16 numbers is turned, then read, or put to itself, by some of the nodes. */
  private static byte[] read(String operator, int some, int all) {
    NodeProto[] nodes = new NodeProto[all];
    nodes[0] = node("Transpose", List.of("w"), List.of("n0"));
    for (int i = 1; i < all; i++) {
      boolean image = i == 1 && operator.equals("Add") || i == some + 1;
      String before = image ? "x" : "n" + (i - 1);
      String with = operator.equals("Add") ? "n0" : before;
      nodes[i] =
          i <= some
              ? node(operator, List.of(before, with), List.of("n" + i))
              : node("Cos", List.of(before), List.of("n" + i));
    }
    return file(IMAGE, List.of(floats("w", new Shape(16), new float[16])), nodes);
  }

  /** Each step is many operators, of which the file has one for all. */
  @Test
  void layers_ofMoreStepsThanAnyNetworkTakes_areRefused() {
    List<NodeProto> nodes = new ArrayList<>();
    nodes.add(node("Transpose", List.of("x"), List.of("n0"), Models.numbers("perm", 1, 0, 2)));
    for (int i = 0; i < 5; i++) {
      nodes.add(node("RNN", List.of("n" + i, "w", "w"), List.of("y" + i)));
      nodes.add(node("Squeeze", List.of("y" + i, "one"), List.of("n" + (i + 1))));
    }
    nodes.add(node("Transpose", List.of("n5"), List.of("y"), Models.numbers("perm", 1, 0, 2)));
    List<TensorProto> tensors =
        List.of(floats("w", new Shape(1, 2, 2), new float[4]), Models.longs("one", 1));
    assertRefused(
        file(port("x", -1, 1024, 2), tensors, nodes.toArray(NodeProto[]::new)), "too many steps");
  }

  /** No number is stored of it, and which ones of a matrix count would still be a large table. */
  @Test
  void triangles_ofNoMatrices_areRefusedBeforeATableIsMade() {
    NodeProto[] nodes = {
      node("Trilu", List.of("w"), List.of("t")),
      node("ReduceSum", List.of("t"), List.of("s"), number("keepdims", 0)),
      node("Add", List.of("x", "s"), List.of("y"))
    };
    for (long size : List.of(1L << 16, 50_000L)) {
      assertRefused(
          file(IMAGE, List.of(floats("w", new Shape(0, size, size))), nodes), "constant too large");
    }
  }

  @Test
  void emptyParts_thatTakeMoreAsObjectsThanInTheFile_areRefusedBeforeTheyAreMade() {
    long count = Runtime.getRuntime().maxMemory() / 2 / 200 + 1;
    // a graph whose nodes are empty: tag and length, twice over
    int bytes = Math.toIntExact(Math.min(count, 1 << 28)) * 2;
    byte[] nodes = new byte[bytes];
    for (int i = 0; i < bytes; i += 2) {
      nodes[i] = 0x0a;
    }
    // the same as a field of bytes
    byte[] model =
        ModelProto.newBuilder()
            .setUnknownFields(
                UnknownFieldSet.newBuilder()
                    .addField(
                        ModelProto.GRAPH_FIELD_NUMBER,
                        UnknownFieldSet.Field.newBuilder()
                            .addLengthDelimited(UnsafeByteOperations.unsafeWrap(nodes))
                            .build())
                    .build())
            .build()
            .toByteArray();
    assertRefused(model, "model too large for the heap");
  }
}
