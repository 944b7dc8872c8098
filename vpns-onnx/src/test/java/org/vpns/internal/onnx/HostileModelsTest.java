package org.vpns.internal.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.vpns.internal.onnx.HostileModels.IMAGE;
import static org.vpns.internal.onnx.HostileModels.SIZES;
import static org.vpns.internal.onnx.HostileModels.assertRefused;
import static org.vpns.internal.onnx.HostileModels.blownUp;
import static org.vpns.internal.onnx.HostileModels.chain;
import static org.vpns.internal.onnx.HostileModels.chained;
import static org.vpns.internal.onnx.HostileModels.file;
import static org.vpns.internal.onnx.Models.floats;
import static org.vpns.internal.onnx.Models.longs;
import static org.vpns.internal.onnx.Models.node;
import static org.vpns.internal.onnx.Models.port;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.internal.onnx.OnnxValue.OnDevice;
import org.vpns.internal.onnx.OnnxValue.Origin;

/** Nodes that ask for all memory or time: each is refused before anything is made. */
final class HostileModelsTest {
  private static long square(long size) {
    return size > Integer.MAX_VALUE ? size : size * size;
  }

  static Stream<byte[]> nodesThatAskForMuch() {
    List<byte[]> files = new ArrayList<>();
    for (long s : SIZES) {
      files.add(blownUp(node("Tile", List.of("x", "s"), List.of("e")), longs("s", 1, 1, s, s)));
      files.add(
          blownUp(node("Expand", List.of("x", "s"), List.of("e")), longs("s", s, s, 3, 8, 8)));
      files.add(
          blownUp(
              node("Pad", List.of("x", "s"), List.of("e")), longs("s", 0, 0, s, s, 0, 0, 0, 0)));
      for (String mode : List.of("nearest", "linear")) {
        files.add(
            blownUp(
                node("Resize", List.of("x", "", "s"), List.of("e"), Models.text("mode", mode)),
                floats("s", new Shape(4), 1, 1, s, s)));
      }
      files.add(
          blownUp(
              node("OneHot", List.of("i", "d", "v"), List.of("e"), Models.number("axis", 1)),
              longs("i", 1).toBuilder().clearDims().addAllDims(List.of(1L, 1L, 1L)).build(),
              longs("d", square(s)),
              floats("v", new Shape(2), 0, 1)));
      files.add(
          blownUp(node("ConstantOfShape", List.of("s"), List.of("e")), longs("s", 1, 3, s, s)));
      files.add(
          blownUp(
              node("Range", List.of("a", "s", "b"), List.of("e")),
              longs("a", 0),
              longs("s", square(s)),
              longs("b", 1)));
      if (s < Integer.MAX_VALUE) {
        files.add(
            blownUp(
                node(
                    "ConvTranspose",
                    List.of("x", "w"),
                    List.of("e"),
                    Models.numbers("strides", s, s)),
                floats("w", new Shape(3, 1, 1, 1), 1, 1, 1)));
        files.add(
            blownUp(
                node("Conv", List.of("x", "w"), List.of("e"), Models.numbers("pads", s, s, s, s)),
                floats("w", new Shape(1, 3, 1, 1), 1, 1, 1)));
      }
    }
    return files.stream();
  }

  @ParameterizedTest
  @MethodSource("nodesThatAskForMuch")
  void values_thatNoMemoryHolds_areRefusedWithTheirNode(byte[] file) {
    assertRefused(file, "hostile, node 0");
  }

  @Test
  @Tag("slow")
  void concatenations_ofThemselves_areRefusedOnceTheyAreTooLong() {
    // constants, which Java joins, and images, which the engine joins
    for (String first : List.of("k", "x")) {
      List<NodeProto> nodes = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        String last = i == 0 ? first : "c" + (i - 1);
        nodes.add(
            node(
                "Concat",
                List.of(last, last),
                List.of("c" + i),
                Models.number("axis", first.equals("k") ? 0 : 1)));
      }
      nodes.add(node("Add", List.of("x", "c49"), List.of("y")));
      byte[] file =
          file(
              port("x", 1, 1, 1, 1),
              List.of(floats("k", new Shape(1), 1)),
              nodes.toArray(NodeProto[]::new));
      assertRefused(file, "values too large");
    }
  }

  /** Each value is small enough, and closed after its reader; what takes long is their number. */
  @ParameterizedTest
  @ValueSource(strings = {"Cos", "Expand"})
  void nodes_thatEachMakeMuch_areRefusedAfterSome(String operator) {
    List<NodeProto> nodes = new ArrayList<>();
    nodes.add(node("Expand", List.of("x", "s"), List.of("n0")));
    for (int i = 0; i < 100; i++) {
      List<String> in = operator.equals("Cos") ? List.of("n" + i) : List.of("x", "s");
      nodes.add(node(operator, in, List.of("n" + (i + 1))));
    }
    nodes.add(node("GlobalAveragePool", List.of("n100"), List.of("y")));
    byte[] file =
        file(
            port("x", 1, 3, 1, 1),
            List.of(longs("s", 1, 3, 1 << 9, 1 << 9)),
            nodes.toArray(NodeProto[]::new));
    assertRefused(file, "values too large in all");
  }

  @Test
  void outerProducts_areRefusedAfterSome() {
    List<NodeProto> nodes = new ArrayList<>();
    nodes.add(node("MatMul", List.of("x", "r"), List.of("n0")));
    for (int i = 0; i < 100; i++) {
      nodes.add(node("MatMul", List.of("x", "r"), List.of("m" + i)));
      nodes.add(node("Add", List.of("n" + i, "m" + i), List.of("n" + (i + 1))));
    }
    nodes.add(node("GlobalAveragePool", List.of("n100"), List.of("y")));
    byte[] file =
        file(
            port("x", 1, 1, 1 << 6, 1),
            List.of(floats("r", new Shape(1, 1 << 15), new float[1 << 15])),
            nodes.toArray(NodeProto[]::new));
    assertRefused(file, "values too large in all");
  }

  /** Results are small or few; what takes long is what they are made of. */
  static Stream<byte[]> nodesThatGoThroughMuch() {
    NodeProto expand = node("Expand", List.of("x", "s"), List.of("n0"));
    List<byte[]> files = new ArrayList<>();
    for (long batch : new long[] {1, -1}) {
      ValueInfoProto dot = port("x", batch, 1, 1, 1);
      files.add(
          chained(
              dot,
              List.of(longs("s", 1, 1, 1 << 11, 1 << 11)),
              expand,
              chain(9, i -> node("MatMul", List.of("n" + i, "n0"), List.of("n" + (i + 1))))));
      files.add(
          chained(
              dot,
              List.of(longs("s", 1, 64, 1 << 7, 1 << 7), longs("w", 64, 64, 15, 15)),
              node("ConstantOfShape", List.of("w"), List.of("k")),
              Stream.concat(
                      Stream.of(expand),
                      chain(
                          9,
                          i ->
                              node(
                                  "Conv",
                                  List.of("n" + i, "k"),
                                  List.of("n" + (i + 1)),
                                  Models.numbers("pads", 7, 7, 7, 7)))
                          .stream())
                  .toList()));
      files.add(
          chained(
              dot,
              List.of(longs("s", 1, 1, 1 << 11, 1 << 11)),
              expand,
              chain(999, i -> node("GlobalMaxPool", List.of("n0"), List.of("n" + (i + 1))))));
    }
    return files.stream();
  }

  @ParameterizedTest
  @MethodSource("nodesThatGoThroughMuch")
  void nodes_thatGoThroughMuch_areRefusedBeforeTheyDo(byte[] file) {
    assertRefused(file, "too much arithmetic");
  }

  @Test
  void constants_thatGoThroughMuch_areRefused() {
    List<NodeProto> nodes =
        chain(99, i -> node("ReduceMax", List.of("n0"), List.of("n" + (i + 1))));
    byte[] file =
        file(
            IMAGE,
            List.of(longs("s", 1 << 20)),
            Stream.of(
                    Stream.of(node("ConstantOfShape", List.of("s"), List.of("n0"))),
                    nodes.stream(),
                    Stream.of(node("Add", List.of("x", "n99"), List.of("y"))))
                .flatMap(Function.identity())
                .toArray(NodeProto[]::new));
    assertRefused(file, "too much arithmetic");
  }

  @Test
  void values_thatAreStoredOnceAndUsedAnyNumberOfTimes_areRefused() {
    List<NodeProto> copies = chain(999, i -> node("Identity", List.of("w"), List.of("w" + i)));
    List<NodeProto> products =
        chain(999, i -> node("Mul", List.of("n" + i, "w" + i), List.of("n" + (i + 1))));
    List<NodeProto> nodes = new ArrayList<>(copies);
    nodes.add(node("Relu", List.of("x"), List.of("n0")));
    nodes.addAll(products);
    nodes.add(node("GlobalAveragePool", List.of("n999"), List.of("y")));
    byte[] file =
        file(
            port("x", 1, 1, 1 << 8, 1 << 8),
            List.of(floats("w", new Shape(1, 1, 1 << 8, 1 << 8), new float[1 << 16])),
            nodes.toArray(NodeProto[]::new));
    assertRefused(file, "stored values used too often");
  }

  /** The proof of a fixed batch has another way after a refusal, but not after this one. */
  @Test
  void proof_ofANetworkThatAsksForTooMuch_runsOnePass() {
    OnnxFile file =
        assertDoesNotThrow(
            () ->
                OnnxReader.parse(
                    chained(
                        port("x", 1, 1, 1, 1),
                        List.of(longs("s", 1, 1, 1 << 6, 1 << 6)),
                        node("Expand", List.of("x", "s"), List.of("n0")),
                        chain(9, i -> node("Cos", List.of("n" + i), List.of("n" + (i + 1))))),
                    "hostile"));
    Program program = assertDoesNotThrow(() -> Program.of(file));
    int[] passes = {0};
    BatchProof proof =
        new BatchProof(
            program,
            (inputs, lift) -> {
              passes[0]++;
              OnnxPass pass =
                  new OnnxPass(
                      program,
                      inputs.head().getManager(),
                      false,
                      new PassBudget.Limit(1 << 20, 1 << 14, 1 << 20, 1 << 20, 1 << 10),
                      lift);
              pass.set(program.inputs()[0], new OnDevice(inputs.head(), Origin.INPUT));
              program.constants().forEach((place, value) -> pass.set(place, OnnxValue.of(value)));
              return pass;
            },
            1,
            List.of(new Shape(1, 1, 1)),
            List.of(DataType.FLOAT32));
    assertThatThrownBy(proof::batchToOpen)
        .isInstanceOf(Exceeded.class)
        .hasMessageContaining("values too large in all");
    assertThat(passes[0]).isEqualTo(1);
  }

  /** One small weight taken over large images again and again. */
  @ParameterizedTest
  @ValueSource(longs = {1, -1})
  void weights_thatAreUsedAgainAndAgain_areRefused(long batch) {
    List<NodeProto> copies = chain(64, i -> node("Identity", List.of("w"), List.of("w" + i)));
    List<NodeProto> layers =
        chain(
            64,
            i ->
                node(
                    "Conv",
                    List.of(i == 0 ? "x" : "n" + i, "w" + i),
                    List.of("n" + (i + 1)),
                    Models.numbers("pads", 1, 1, 1, 1)));
    List<NodeProto> nodes = new ArrayList<>(copies);
    nodes.addAll(layers);
    nodes.add(node("GlobalAveragePool", List.of("n64"), List.of("y")));
    int channels = 64;
    byte[] file =
        file(
            port("x", batch, channels, 1 << 6, 1 << 6),
            List.of(
                floats(
                    "w", new Shape(channels, channels, 3, 3), new float[9 * channels * channels])),
            nodes.toArray(NodeProto[]::new));
    assertRefused(file, "multiply-adds");
  }

  @Test
  void arithmetic_thatOverflows_isToldWithItsNode() {
    long[] extremes = {Long.MAX_VALUE, Long.MIN_VALUE, 1L << 62, -1, 1L << 32};
    for (String operator : List.of("Reshape", "Expand", "Tile", "ConstantOfShape")) {
      for (long extreme : extremes) {
        long[] sizes = LongStream.generate(() -> extreme).limit(4).toArray();
        List<String> inputs = operator.equals("ConstantOfShape") ? List.of("s") : List.of("x", "s");
        assertRefused(
            blownUp(node(operator, inputs, List.of("e")), longs("s", sizes)), "hostile, node 0");
      }
    }
  }

  /**
   * Whether what a node reads is a statistic everywhere is asked once, not at each of the nodes.
   */
  @Test
  void statistics_thatAllNodesShare_areLookedForOnce() throws IOException {
    GraphProto.Builder graph = Models.graph(-1, 4, 1, 1);
    int count = 14_000;
    for (int i = 0; i < count; i++) {
      graph.addNode(
          node(
              "BatchNormalization",
              List.of(i == 0 ? "x" : "n" + i, "one", "one", "mean", "variance"),
              List.of(i == count - 1 ? "y" : "n" + (i + 1))));
    }
    for (String name : List.of("one", "mean", "variance")) {
      graph.addInitializer(floats(name, new Shape(4), 1, 1, 1, 1));
    }
    OnnxFile file = Models.file(17, graph);
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadCpuTime();
    Program program = Program.of(file);
    // a tenth of a second; at each node anew it takes ten seconds
    assertThat(threads.getCurrentThreadCpuTime() - before).isLessThan(2_000_000_000L);
    assertThat(program.instructions()).hasSize(count);
  }
}
