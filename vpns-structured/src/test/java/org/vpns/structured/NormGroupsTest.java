package org.vpns.structured;

import static org.assertj.core.api.Assertions.assertThat;
import static org.vpns.structured.Parts.conv;
import static org.vpns.structured.Parts.groupNorm;
import static org.vpns.structured.Parts.lambda;
import static org.vpns.structured.Parts.linear;
import static org.vpns.structured.Parts.positions;
import static org.vpns.structured.Parts.standardised;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.vpns.graph.GraphNode;
import org.vpns.graph.NetworkValues;

/** Channels through norms that are written out as arithmetic, and through other means and sums. */
class NormGroupsTest extends SmallNetworks {
  /** Something without weights, then scales and shifts of the channels along axis 1. */
  private static final class Scaled extends AbstractBlock {
    private final UnaryOperator<NDArray> first;
    private final Parameter scale;
    private final Parameter shift;

    Scaled(int channels, UnaryOperator<NDArray> first) {
      this.first = first;
      Shape shape = new Shape(channels, 1, 1);
      Parameter.Builder builder = Parameter.builder().optShape(shape);
      scale = addParameter(builder.setName("scale").setType(Parameter.Type.GAMMA).build());
      shift =
          addParameter(
              Parameter.builder()
                  .optShape(shape)
                  .setName("shift")
                  .setType(Parameter.Type.BETA)
                  .build());
    }

    @Override
    protected NDList forwardInternal(
        ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
      NDArray x = inputs.singletonOrThrow();
      return new NDList(
          first
              .apply(x)
              .mul(store.getValue(scale, x.getDevice(), training))
              .add(store.getValue(shift, x.getDevice(), training)));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputs) {
      return inputs;
    }
  }

  private List<String> means(NetworkValues network) {
    return network.graph().nodes().stream()
        .filter(node -> node.operator().kind().equals("mean"))
        .map(GraphNode::name)
        .toList();
  }

  @Test
  void groupNorm_losesTheSameOfEachBlock_andIsNamed() {
    NetworkValues network = network(conv(8), new Scaled(8, x -> groupNorm(x, 8, 2)), conv(2));
    ChannelGroups groups = ChannelGroups.of(network.graph());
    ChannelGroup group = groups.groups().get(0);
    assertThat(positions(group, "0.weight", 0))
        .containsExactly(List.of(0, 4), List.of(1, 5), List.of(2, 6), List.of(3, 7));
    assertThat(positions(group, "1.scale", 0)).isEqualTo(positions(group, "0.weight", 0));
    assertThat(positions(group, "1.shift", 0)).isEqualTo(positions(group, "0.weight", 0));
    assertThat(positions(group, "2.weight", 1)).isEqualTo(positions(group, "0.weight", 0));
    assertThat(group.free()).hasSize(4);
    assertThat(group.measured()).hasSize(2).isEqualTo(means(network));
    NetworkValues smaller = halved(network);
    assertThat(smaller.graph().parameter("1.scale").shape()).isEqualTo(new Shape(4, 1, 1));
  }

  @Test
  void groupNorm_ofManySmallBlocks_losesOfEachBlockToo() {
    // more blocks than a block has entries of one position
    NetworkValues network = network(conv(64), new Scaled(64, x -> groupNorm(x, 64, 32)), conv(2));
    ChannelGroups groups = ChannelGroups.of(network.graph());
    assertThat(groups.groups().get(0).free()).hasSize(2);
    halved(network);
  }

  @Test
  void groupNorm_ofAllChannels_isALayerNorm() {
    NetworkValues network = network(conv(6), new Scaled(6, x -> groupNorm(x, 6, 1)), conv(2));
    ChannelGroups groups = ChannelGroups.of(network.graph());
    assertThat(groups.groups().get(0).free()).hasSize(6);
    assertThat(groups.groups().get(0).measured()).isEqualTo(means(network));
    halved(network);
  }

  @Test
  void instanceNorm_measuresNothingOfOthers() {
    NetworkValues network = network(conv(6), new Scaled(6, x -> groupNorm(x, 6, 6)), conv(2));
    ChannelGroups groups = ChannelGroups.of(network.graph());
    assertThat(groups.groups().get(0).free()).hasSize(6);
    assertThat(groups.groups().get(0).measured()).isEmpty();
    halved(network);
  }

  @Test
  void layerNorm_writtenOut_losesItsChannels_andIsNamed() {
    NetworkValues network =
        network(
            conv(6),
            lambda(x -> standardised(x.transpose(0, 2, 3, 1), 3)),
            linear(5),
            lambda(x -> standardised(x, 3).reshape(-1, 80)),
            linear(2));
    ChannelGroups groups = ChannelGroups.of(network.graph());
    assertThat(groups.free()).hasSize(11);
    assertThat(groups.groups().get(0).measured()).hasSize(2);
    assertThat(groups.groups().get(1).measured()).hasSize(2);
    halved(network);
  }

  @Test
  void rootMeanSquare_overTheChannels_losesThem() {
    NetworkValues network =
        network(
            conv(6),
            lambda(x -> x.mul(x.square().mean(new int[] {1}, true).add(1e-5f).pow(-0.5f))),
            conv(2));
    ChannelGroups groups = ChannelGroups.of(network.graph());
    assertThat(groups.groups().get(0).free()).hasSize(6);
    assertThat(groups.groups().get(0).measured()).isEqualTo(means(network));
    halved(network);
  }

  @Test
  void mean_thatIsOfNoNorm_keepsWhatItIsTakenOver() {
    List<UnaryOperator<NDArray>> others =
        List.of(
            x -> x.sub(x.mean(new int[] {1}, true)),
            // the variance of what is not divided by it
            x -> x.add(x.square().mean(new int[] {1}, true).add(1e-5f).sqrt()),
            x -> x.mul(x.mean(new int[] {1}, true).square().add(1e-5f).sqrt()));
    for (UnaryOperator<NDArray> other : others) {
      NetworkValues network = network(conv(6), lambda(other::apply), conv(2));
      assertThat(ChannelGroups.of(network.graph()).groups().get(0).units())
          .allSatisfy(
              unit ->
                  assertThat(unit.stays())
                      .contains("(mean) needs a sum, to which what is removed adds nothing"));
    }
  }

  @Test
  void sum_overTheChannels_isMaskedExactly() {
    NetworkValues network =
        network(conv(6), lambda(x -> x.mul(x.sum(new int[] {1}, true).mul(0.1f))), conv(2));
    ChannelGroups groups = ChannelGroups.of(network.graph());
    assertThat(groups.groups().get(0).free()).hasSize(6);
    assertThat(groups.groups().get(0).measured()).isEmpty();
    halved(network);
  }
}
