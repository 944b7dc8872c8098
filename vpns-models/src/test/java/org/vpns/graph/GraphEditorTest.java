package org.vpns.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.Dropout;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.nn.pooling.Pool;
import ai.djl.nn.recurrent.GRU;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.internal.graph.op.Elementwise;
import org.vpns.internal.graph.op.Joining;
import org.vpns.internal.graph.op.Layers;

/** Networks changed node by node, and widths narrowed on both sides. */
class GraphEditorTest {
  private static final Shape IMAGE = new Shape(3, 4, 4);

  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void close() {
    manager.close();
  }

  private static Conv2d.Builder conv(int filters) {
    return Conv2d.builder()
        .setFilters(filters)
        .setKernelShape(new Shape(3, 3))
        .optPadding(new Shape(1, 1));
  }

  private static Block lambda(Function<NDArray, NDArray> function) {
    return LambdaBlock.singleton(function);
  }

  private static SequentialBlock chain(Object... parts) {
    SequentialBlock block = new SequentialBlock();
    for (Object part : parts) {
      block.add(part instanceof Conv2d.Builder conv ? conv.build() : (Block) part);
    }
    return block;
  }

  private static Block linear(int units) {
    return Linear.builder().setUnits(units).build();
  }

  private NetworkValues network(Block block) {
    block.initialize(manager, DataType.FLOAT32, new Shape(1).addAll(IMAGE));
    GraphComparison.randomise(block, 3);
    return BlockTracer.network(block, IMAGE);
  }

  private float[] run(NetworkValues network) {
    NDArray x = GraphComparison.images(manager, new Shape(2).addAll(IMAGE));
    return GraphRun.forward(network, new NDList(x)).head().toFloatArray();
  }

  private NetworkValues small() {
    return network(
        chain(
            conv(6),
            BatchNorm.builder().build(),
            Activation.reluBlock(),
            Dropout.builder().optRate(0.5f).build(),
            conv(4)));
  }

  @Test
  void apply_withoutEdits_givesTheNetworkItself() {
    NetworkValues network = small();
    assertThat(GraphEditor.of(network).apply(manager)).isSameAs(network);
  }

  @Test
  void narrow_toAllPositions_changesNothing() {
    NetworkValues network = small();
    GraphEditor editor = GraphEditor.of(network);
    for (GraphParameter p : network.graph().parameters()) {
      for (int axis = 0; axis < p.shape().dimension(); axis++) {
        editor.narrow(p, axis, IntStream.range(0, (int) p.shape().get(axis)).toArray());
      }
    }
    assertThat(editor.apply(manager)).isSameAs(network);
    // with another edit beside it, graph and arrays are the given ones all the same
    GraphNode relu = network.graph().readers(batchNorm(network).outputs().get(0)).get(0).node();
    NetworkValues copy = editor.replace(relu, relu.operator()).apply(manager);
    assertThat(copy.graph()).isEqualTo(network.graph());
    for (GraphParameter p : network.graph().parameters()) {
      assertThat(copy.array(p.path())).isSameAs(network.array(p));
    }
    assertThat(run(copy)).isEqualTo(run(network));
  }

  private static GraphNode batchNorm(NetworkValues network) {
    return network.graph().nodes().stream()
        .filter(node -> node.operator() instanceof Layers.BatchNorm)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void drop_ofWhatDoesNothingInEvaluation_keepsOutputs() {
    NetworkValues network = small();
    GraphNode dropout =
        network.graph().nodes().stream()
            .filter(node -> node.operator() instanceof Layers.Dropout)
            .findFirst()
            .orElseThrow();
    NetworkValues without = GraphEditor.of(network).drop(dropout).apply(manager);
    assertThat(without.graph().nodes()).hasSize(network.graph().nodes().size() - 1);
    assertThat(without.graph().parameters()).hasSameSizeAs(network.graph().parameters());
    assertThat(run(without)).isEqualTo(run(network));
  }

  @Test
  void drop_takesAlongWhatNothingElseReads() {
    NetworkValues network = small();
    NetworkValues without = GraphEditor.of(network).drop(batchNorm(network)).apply(manager);
    assertThat(without.graph().parameters())
        .extracting(GraphParameter::path)
        .containsExactly("0.weight", "0.bias", "4.weight", "4.bias");
    assertThat(without.array("4.weight")).isSameAs(network.array("4.weight"));
  }

  @Test
  void replace_byAnotherOperatorAndANewParameter_computesWithThem() {
    NetworkValues network = network(chain(linearOnPixels()));
    GraphNode relu = network.graph().maker(network.graph().outputs().get(0));
    GraphEditor editor = GraphEditor.of(network);
    NDArray two = manager.create(new float[] {2, 2, 2, 2}).duplicate();
    int doubled = editor.add("factor", Parameter.Type.OTHER, false, two);
    NetworkValues changed =
        editor
            .replace(
                relu,
                new Elementwise.Binary(Elementwise.Pair.MUL),
                List.of(relu.inputs().get(0), doubled))
            .apply(manager);
    float[] before = run(network);
    float[] after = run(changed);
    for (int i = 0; i < before.length; i++) {
      assertThat(Math.max(after[i] / 2, 0)).isEqualTo(before[i]);
    }
    assertThat(changed.graph().parameter("factor").trained()).isFalse();
  }

  private static Block linearOnPixels() {
    return chain(linear(4), Activation.reluBlock());
  }

  @Test
  void set_givesAParameterOtherValues() {
    NetworkValues network = network(chain(linear(2)));
    GraphParameter bias = network.graph().parameters().get(1);
    NDArray moved = network.array(bias).add(1);
    float[] before = run(network);
    float[] after = run(GraphEditor.of(network).set(bias, moved).apply(manager));
    for (int i = 0; i < before.length; i++) {
      assertThat(after[i]).isCloseTo(before[i] + 1, within(1e-5f)); // a sum, rounded elsewhere
    }
    assertThat(run(network)).isEqualTo(before);
  }

  /** What stays, by path and axis. */
  private record Plan(Map<String, int[]> kept) {
    static Plan of() {
      return new Plan(new HashMap<>());
    }

    Plan keep(String path, int axis, int... positions) {
      kept.put(path + " " + axis, positions);
      return this;
    }

    /** Rows and biases of a layer, or all that a norm has. */
    Plan rows(String layer, int... positions) {
      return keep(layer + ".weight", 0, positions).keep(layer + ".bias", 0, positions);
    }

    Plan norm(String layer, int... positions) {
      return rows(layer, positions)
          .keep(layer + ".running_mean", 0, positions)
          .keep(layer + ".running_var", 0, positions);
    }

    NetworkValues narrowed(NetworkValues network, NDManager manager) {
      GraphEditor editor = GraphEditor.of(network);
      kept.forEach(
          (key, positions) -> {
            String[] parts = key.split(" ");
            GraphParameter p = network.graph().parameter(parts[0]);
            editor.narrow(p, Integer.parseInt(parts[1]), positions);
          });
      return editor.apply(manager);
    }

    /** The whole network with zeros for what leaves. */
    NetworkValues masked(NetworkValues network) {
      Map<String, NDArray> arrays = new HashMap<>();
      for (GraphParameter p : network.graph().parameters()) {
        NDArray array = network.array(p).duplicate();
        for (int axis = 0; axis < p.shape().dimension(); axis++) {
          int[] positions = kept.get(p.path() + " " + axis);
          boolean statistic = p.type() == Parameter.Type.RUNNING_VAR;
          if (positions != null && !statistic) {
            float[] mask = new float[(int) p.shape().get(axis)];
            Arrays.stream(positions).forEach(i -> mask[i] = 1);
            long[] lengths = new long[p.shape().dimension()];
            Arrays.fill(lengths, 1);
            lengths[axis] = mask.length;
            array = array.mul(array.getManager().create(mask, new Shape(lengths)));
          }
        }
        arrays.put(p.path(), array);
      }
      return NetworkValues.of(network.graph(), arrays);
    }
  }

  private static Arguments narrowing(String name, Block block, Plan plan) {
    return Arguments.of(name, block, plan);
  }

  static Stream<Arguments> widths() {
    return Stream.of(
        narrowing(
            "convolutions with batch norm and pooling",
            chain(
                conv(6),
                BatchNorm.builder().build(),
                Activation.reluBlock(),
                Pool.maxPool2dBlock(new Shape(2, 2), new Shape(2, 2)),
                conv(4)),
            Plan.of().rows("0", 5, 0, 2).norm("1", 5, 0, 2).keep("4.weight", 1, 5, 0, 2)),
        narrowing(
            "depthwise, two outputs per channel",
            chain(conv(6), conv(12).optGroups(6), Activation.leakyReluBlock(0.1f), conv(4)),
            Plan.of()
                .rows("0", 0, 2, 5)
                .rows("1", 0, 1, 4, 5, 10, 11)
                .keep("3.weight", 1, 0, 1, 4, 5, 10, 11)),
        narrowing(
            "groups",
            chain(conv(8), conv(6).optGroups(2), conv(4)),
            Plan.of()
                .rows("0", 0, 3, 4, 7)
                .keep("1.weight", 1, 0, 3)
                .rows("1", 0, 2, 3, 4)
                .keep("2.weight", 1, 0, 2, 3, 4)),
        narrowing(
            "flattened maps",
            chain(conv(3), Blocks.batchFlattenBlock(), linear(5), linear(2)),
            Plan.of()
                .rows("0", 0, 2)
                .keep("2.weight", 1, IntStream.range(0, 48).filter(i -> i / 16 != 1).toArray())
                .rows("2", 4, 1)
                .keep("3.weight", 1, 4, 1)),
        narrowing(
            "global pooling and a linear layer",
            chain(conv(6), Pool.globalAvgPool2dBlock(), linear(2)),
            Plan.of().rows("0", 1, 3).keep("2.weight", 1, 1, 3)),
        narrowing(
            "halves added",
            chain(
                conv(6),
                lambda(
                    x -> {
                      NDList halves = x.split(2, 1);
                      return halves.get(0).add(halves.get(1));
                    }),
                conv(4)),
            Plan.of().rows("0", 0, 2, 3, 5).keep("2.weight", 1, 0, 2)),
        narrowing(
            "pieces of other lengths joined again",
            chain(
                conv(6),
                lambda(
                    x -> {
                      NDList parts = x.split(new long[] {2}, 1);
                      return NDArrays.concat(new NDList(parts.get(1), parts.get(0)), 1);
                    }),
                conv(4)),
            Plan.of().rows("0", 1, 3, 5).keep("2.weight", 1, 1, 3, 5)),
        narrowing(
            "channels shuffled",
            chain(
                conv(6),
                lambda(
                    x -> x.reshape(-1, 2, 3, 4, 4).transpose(0, 2, 1, 3, 4).reshape(-1, 6, 4, 4)),
                conv(4)),
            Plan.of().rows("0", 0, 2, 3, 5).keep("2.weight", 1, 0, 1, 4, 5)),
        narrowing(
            "joined with what stays whole",
            chain(conv(6), lambda(x -> x.concat(x.sum(new int[] {1}, true), 1)), conv(4)),
            Plan.of().rows("0", 0, 2, 5).keep("2.weight", 1, 0, 2, 5, 6)),
        narrowing(
            "a range of channels",
            chain(conv(6), lambda(x -> x.get(":, 1:5, ::2")), conv(4)),
            Plan.of().rows("0", 0, 2, 3, 5).keep("2.weight", 1, 1, 2)),
        narrowing(
            "one channel",
            chain(conv(6), lambda(x -> x.get(":, 3").expandDims(1)), conv(4)),
            Plan.of().rows("0", 0, 3)),
        narrowing(
            "channels padded with zeros",
            chain(conv(6), lambda(x -> x.pad(new Shape(0, 0, 0, 0, 1, 2), 0)), conv(4)),
            Plan.of().rows("0", 0, 5).keep("2.weight", 1, 0, 1, 6, 7, 8)),
        narrowing(
            "a gate of the channels' means",
            chain(
                conv(6),
                lambda(
                    x -> {
                      NDArray mean = x.mean(new int[] {3}, true).mean(new int[] {2}, true);
                      return x.mul(Activation.sigmoid(mean)).clip(-3, 3).add(0.5f);
                    }),
                conv(4)),
            Plan.of().rows("0", 4, 1).keep("2.weight", 1, 4, 1)),
        narrowing(
            "means spread out again",
            chain(
                conv(6),
                lambda(x -> x.mean(new int[] {3}, true).broadcast(x.getShape()).add(x)),
                conv(4)),
            Plan.of().rows("0", 1, 2).keep("2.weight", 1, 1, 2)),
        narrowing(
            "turned, stacked and squeezed",
            chain(
                conv(6),
                lambda(
                    x ->
                        NDArrays.stack(new NDList(x.flip(1), x.flip(1).neg().exp()), 1)
                            .max(new int[] {1}, false)
                            .expandDims(2)
                            .squeeze(2)),
                conv(4)),
            Plan.of().rows("0", 0, 2, 5).keep("2.weight", 1, 0, 3, 5)),
        narrowing(
            "positions that attend to each other",
            chain(
                conv(6),
                lambda(
                    x -> {
                      NDArray rows = x.reshape(-1, 6, 16);
                      return rows.transpose(0, 2, 1).matMul(rows).softmax(2);
                    }),
                linear(3)),
            Plan.of().rows("0", 0, 2, 5)));
  }

  /** What leaves is zero in the masked network, and what reads it is gone on both sides. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("widths")
  void narrow_onBothSidesOfAWidth_equalsTheMaskedNetwork(String name, Block block, Plan plan) {
    NetworkValues network = network(block);
    NetworkValues narrow = plan.narrowed(network, manager);
    assertThat(narrow.graph().nodes())
        .extracting(GraphNode::name)
        .containsExactlyElementsOf(network.graph().nodes().stream().map(GraphNode::name).toList());
    assertThat(narrow.graph().parameters())
        .extracting(GraphParameter::path)
        .containsExactlyElementsOf(
            network.graph().parameters().stream().map(GraphParameter::path).toList());
    float[] expected = run(plan.masked(network));
    // the same products, summed in another order
    assertThat(run(narrow)).containsExactly(expected, within(2e-5f));
    // a block of it trains and saves as any
    GraphBlock copy = GraphBlock.of(narrow, manager);
    assertThat(run(copy.network())).isEqualTo(run(narrow));
  }

  @Test
  void narrow_keepsFlagsTypesAndTheGivenNetwork() {
    NetworkValues network = small();
    float[] before = run(network);
    NetworkValues narrow =
        Plan.of()
            .rows("0", 1, 4)
            .norm("1", 1, 4)
            .keep("4.weight", 1, 1, 4)
            .narrowed(network, manager);
    for (GraphParameter p : narrow.graph().parameters()) {
      GraphParameter old = network.graph().parameter(p.path());
      assertThat(p.type()).isEqualTo(old.type());
      assertThat(p.trained()).isEqualTo(old.trained());
      assertThat(p.dataType()).isEqualTo(old.dataType());
      assertThat(narrow.array(p).getDevice()).isEqualTo(network.array(old).getDevice());
    }
    assertThat(narrow.array("4.bias")).isSameAs(network.array("4.bias"));
    assertThat(narrow.array("1.running_mean").toFloatArray())
        .containsExactly(
            network.array("1.running_mean").getFloat(1),
            network.array("1.running_mean").getFloat(4));
    assertThat(run(network)).isEqualTo(before);
  }

  @Test
  void graph_beforeApplying_countsWhatWillBe() {
    NetworkValues network = small();
    GraphEditor editor =
        GraphEditor.of(network)
            .narrow(network.graph().parameter("0.weight"), 0, 1, 4)
            .narrow(network.graph().parameter("0.bias"), 0, 1, 4)
            .drop(batchNorm(network))
            .narrow(network.graph().parameter("4.weight"), 1, 1, 4);
    // 2 * 3 * 9 weights and 2 biases, 4 * 2 * 9 weights and 4 biases; 16 pixels
    assertThat(LayerTable.of(editor.graph()).parameters()).isEqualTo(56 + 76);
    assertThat(LayerTable.of(editor.graph()).macs()).isEqualTo(16 * (54 + 72));
    assertThat(editor.apply(manager).graph()).isEqualTo(editor.graph());
  }

  @Test
  void narrow_ofALayerNorm_rewritesItsShape() {
    NetworkValues network =
        network(
            chain(Pool.globalAvgPool2dBlock(), linear(6), LayerNorm.builder().build(), linear(2)));
    NetworkValues narrow =
        Plan.of()
            .rows("1", 0, 5)
            .rows("2", 0, 5)
            .keep("3.weight", 1, 0, 5)
            .narrowed(network, manager);
    assertThat(narrow.graph().nodes())
        .filteredOn(node -> node.operator() instanceof Layers.LayerNorm)
        .singleElement()
        .satisfies(
            node ->
                assertThat(((Layers.LayerNorm) node.operator()).shape()).isEqualTo(new Shape(2)));
    assertThat(run(narrow)).hasSize(4);
  }

  @Test
  void split_afterNarrowing_namesTheNewPieces() {
    NetworkValues network =
        network(chain(conv(6), lambda(x -> x.split(new long[] {2}, 1).get(1)), conv(4)));
    NetworkValues narrow =
        Plan.of().rows("0", 0, 3, 5).keep("2.weight", 1, 1, 3).narrowed(network, manager);
    assertThat(narrow.graph().nodes())
        .extracting(GraphNode::operator)
        .contains(new Joining.Split(List.of(1L), 1));
  }

  private void refused(Block block, Plan plan, String message) {
    NetworkValues network = network(block);
    assertThatThrownBy(() -> plan.narrowed(network, manager))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void narrow_onOneSideOnly_isRefusedAtTheNode() {
    refused(
        chain(conv(6), conv(4)),
        Plan.of().rows("0", 0, 2),
        "narrowing does not fit: node '1' (conv); expected the same channels and columns of the"
            + " weight, found [0, 2] and all; keep the same positions");
    refused(
        chain(conv(6), conv(4)),
        Plan.of().keep("0.weight", 0, 0, 2).keep("1.weight", 1, 0, 2),
        "node '0' (conv); expected the same rows and biases");
    refused(
        chain(conv(6), BatchNorm.builder().build(), conv(4)),
        Plan.of().rows("0", 0, 2).keep("2.weight", 1, 0, 2),
        "node '1' (batchNorm); expected the same channels and statistics");
    refused(
        chain(conv(3), lambda(x -> x.add(x.abs().flip(1)))),
        Plan.of().rows("0", 0, 1),
        "(add); expected the same positions of all operands, found [0, 1] and [1, 2]");
  }

  @Test
  void narrow_acrossWhatMixesPositions_isRefusedByName() {
    refused(
        chain(conv(6), lambda(x -> x.softmax(1)), conv(4)),
        Plan.of().rows("0", 0, 2).keep("2.weight", 1, 0, 2),
        "(softmax); expected the whole axis");
    refused(
        chain(conv(6), lambda(x -> x.mean(new int[] {1}, true))),
        Plan.of().rows("0", 0, 2),
        "(mean); expected a sum");
    refused(
        chain(conv(6), lambda(x -> x.reshape(-1, 2, 3, 4, 4))),
        Plan.of().rows("0", 0, 1, 3),
        "(reshape); expected kept positions that are a block");
    refused(
        chain(conv(6), lambda(x -> x.split(2, 1).get(0)), conv(4)),
        Plan.of().rows("0", 3, 4),
        "(split); expected something of each piece");
    refused(
        chain(conv(8), conv(6).optGroups(2)),
        Plan.of().rows("0", 0, 1, 5, 6).keep("1.weight", 1, 0, 1),
        "expected the same channels in all 2 groups");
    refused(
        chain(
            conv(6),
            lambda(x -> x.reshape(-1, 6, 16)),
            GRU.builder().setNumLayers(1).setStateSize(2).optBatchFirst(true).build()),
        Plan.of().rows("0", 0, 1),
        "operator that cannot be narrowed: 'gru' at node");
  }

  @Test
  void edits_ofWhatIsNotThere_areRefused() {
    NetworkValues network = small();
    GraphParameter weight = network.graph().parameter("0.weight");
    GraphEditor editor = GraphEditor.of(network);
    for (int[] positions : new int[][] {{}, {6}, {-1}, {2, 2}}) {
      assertThatThrownBy(() -> editor.narrow(weight, 0, positions))
          .hasMessageStartingWith("positions that are not there: 0.weight, axis 0; expected ");
    }
    assertThatThrownBy(() -> editor.narrow(weight, 4, 0))
        .hasMessageContaining("positions that are not there: 0.weight, axis 4");
    editor.narrow(weight, 0, 1);
    assertThatThrownBy(() -> editor.narrow(weight, 0, 1))
        .hasMessageContaining("narrow an axis once");
    assertThatThrownBy(() -> editor.set(weight, manager.zeros(new Shape(2))))
        .hasMessageStartingWith("values of another shape or type: 0.weight");
    GraphNode conv = network.graph().node("4");
    assertThatThrownBy(() -> editor.drop(conv))
        .hasMessageStartingWith("node that cannot be dropped: '4'");
    assertThatThrownBy(() -> GraphEditor.of(network(chain(linear(2)))).drop(conv))
        .hasMessageContaining("no node of this name: ModelGraph.node");
    editor.drop(batchNorm(network));
    assertThatThrownBy(() -> editor.drop(batchNorm(network)))
        .hasMessageStartingWith("edit of what is not there");
  }
}
