package org.vpns.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.vpns.graph.SmallNetworks.chain;
import static org.vpns.graph.SmallNetworks.conv;
import static org.vpns.graph.SmallNetworks.linear;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.vpns.internal.graph.op.Elementwise;
import org.vpns.internal.graph.op.Layers;

/** Networks changed node by node; the given one stays as it is. */
class GraphEditorTest extends NetworkCase {
  private NetworkValues small() {
    return network(SmallNetworks.twoConvolutions());
  }

  private static GraphNode batchNorm(NetworkValues network) {
    return network.graph().nodes().stream()
        .filter(node -> node.operator() instanceof Layers.BatchNorm)
        .findFirst()
        .orElseThrow();
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
  void drop_ofWhatReadsAParameter_leavesTheParameterToTheReaders() {
    ModelGraph.Builder builder = ModelGraph.builder();
    int image = builder.input(new Shape(-1).addAll(SmallNetworks.IMAGE), DataType.FLOAT32);
    int scale =
        builder.parameter("scale", Parameter.Type.OTHER, true, new Shape(4), DataType.FLOAT32);
    int bounded =
        builder
            .node("relu", new Elementwise.Unary(Elementwise.Function.RELU), List.of(scale))
            .get(0);
    Elementwise.Binary mul = new Elementwise.Binary(Elementwise.Pair.MUL);
    ModelGraph graph = builder.build(builder.node("mul", mul, List.of(image, bounded)));
    NDArray values = manager.create(new float[] {1, 2, 3, 4}).duplicate();
    NetworkValues network = NetworkValues.of(graph, Map.of("scale", values));
    NetworkValues without = GraphEditor.of(network).drop(graph.node("relu")).apply(manager);
    assertThat(without.graph().nodes()).extracting(GraphNode::name).containsExactly("mul");
    assertThat(run(without)).isEqualTo(run(network));
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
    editor.replace(conv, conv.operator());
    assertThatThrownBy(() -> editor.drop(conv))
        .hasMessageContaining("'4'; expected a node of this graph, edited once, found it edited");
  }
}
