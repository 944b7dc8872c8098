package org.vpns.structured.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.norm.LayerNorm;
import com.google.gson.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vpns.Layout;
import org.vpns.graph.ModelGraph;
import org.vpns.graph.NetworkValues;
import org.vpns.structured.Attention;
import org.vpns.structured.ChannelRules;
import org.vpns.structured.FixtureNetworks;
import org.vpns.structured.Removal;

/** Where units are shut off, which of them cannot be, and which leave. */
class GatedUnitsTest {
  private static final Shape IMAGE = new Shape(3, 4, 4);

  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void close() {
    manager.close();
  }

  private FixtureNetworks.Built fixture(String name) {
    JsonObject json =
        FixtureNetworks.all()
            .filter(network -> network.get("name").getAsString().equals(name))
            .findFirst()
            .orElseThrow();
    return FixtureNetworks.build(json, manager);
  }

  private static Layout layout(ModelGraph graph, String... paths) {
    Map<String, Shape> tensors = new LinkedHashMap<>();
    for (String path : paths) {
      tensors.put(path, graph.parameter(path).shape());
    }
    return Layout.of(tensors);
  }

  private List<String> slices(String... prunable) {
    FixtureNetworks.Built built = fixture("attention");
    ModelGraph graph = built.network().graph();
    GatedUnits gated = GatedUnits.of(graph, built.rules(), layout(graph, prunable));
    return gated.slices().get(0).stream().map(Object::toString).toList();
  }

  /** Queries and keys of three positions in two heads; products alone read them. */
  @Test
  void queriesAndKeys_areShutOffAtTheFirstMakerThatIsPrunableWhole() {
    assertThat(slices("q.weight", "q.bias", "k.weight", "k.bias", "v.weight", "o.weight"))
        .containsExactly("q.weight[0: 0, 3]", "q.bias[0: 0, 3]");
    assertThat(slices("q.weight", "k.weight", "k.bias", "v.weight", "o.weight"))
        .containsExactly("k.weight[0: 0, 3]", "k.bias[0: 0, 3]");
  }

  @Test
  void queriesAndKeys_whoseBiasIsNotPrunable_stay_andTheOthersDoNot() {
    FixtureNetworks.Built built = fixture("attention");
    ModelGraph graph = built.network().graph();
    Layout weights = layout(graph, "q.weight", "k.weight", "v.weight", "o.weight");
    GatedUnits gated = GatedUnits.of(graph, built.rules(), weights);
    assertThat(gated.groups().groups().get(0).free()).isEmpty();
    assertThat(gated.groups().free()).hasSize(3);
    assertThat(gated.slices().get(0)).hasToString("[o.weight[1: 0, 3]]");
    assertThat(gated.warning())
        .isEqualTo(
            "channels that cannot be shut off stay: q, which products of matrices alone read, and"
                + " whose bias is not prunable");
  }

  @Test
  void channelsThatANormMeasures_stay() {
    SequentialBlock block =
        new SequentialBlock()
            .add(conv(4))
            .add(LayerNorm.builder().build())
            .add(conv(3))
            .add(conv(2));
    NetworkValues network = Removal.network(block, IMAGE, manager);
    GatedUnits gated =
        GatedUnits.of(
            network.graph(),
            ChannelRules.standard(),
            layout(network.graph(), "0.weight", "2.weight", "3.weight"));
    assertThat(gated.groups().free()).hasSize(3);
    assertThat(gated.slices().get(0)).hasToString("[3.weight[1: 0]]");
    assertThat(gated.warning()).contains("0, measured by 1");
  }

  private static Block conv(int filters) {
    return Conv2d.builder().setFilters(filters).setKernelShape(new Shape(1, 1)).build();
  }

  @Test
  void networkWithoutSuchChannels_isRefused() {
    NetworkValues network =
        Removal.network(new SequentialBlock().add(conv(4)).add(conv(2)), IMAGE, manager);
    assertThatThrownBy(
            () ->
                GatedUnits.of(
                    network.graph(), ChannelRules.standard(), layout(network.graph(), "0.weight")))
        .hasMessage(
            "no channel that can be shut off: 2 groups of channels; expected at least 1 that"
                + " prunable weights alone read, found 1.weight, which reads them and is not"
                + " prunable; let the recipe's filter and the rules leave the weights that read"
                + " some.");
  }

  /** Of a packed layer the output reads the values, and a product the queries and keys. */
  @Test
  void gates_thatDoNotShutOff_areRefused_wholeHeadsAreNot() {
    SequentialBlock block = new SequentialBlock();
    for (Block part : Attention.packed()) {
      block.add(part);
    }
    NetworkValues network = Removal.network(block, IMAGE, manager);
    ModelGraph graph = network.graph();
    Layout layout = layout(graph, "1.weight", "3.weight");
    GatedUnits inside = GatedUnits.of(graph, ChannelRules.standard(), layout);
    assertThatThrownBy(() -> ChannelCut.requireGatesThatShutOff(network, inside, layout, IMAGE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "channels that gates do not shut off: channel 0 of 1; expected results that differ by")
        .hasMessageContaining("ChannelRules.keepOutputs(\"1\")");
    String reshape =
        graph.nodes().stream()
            .filter(node -> node.operator().kind().equals("reshape"))
            .toList()
            .get(1)
            .name();
    ChannelRules heads = ChannelRules.standard().channelAxis(reshape, 3);
    ChannelCut.requireGatesThatShutOff(network, GatedUnits.of(graph, heads, layout), layout, IMAGE);
  }
}
