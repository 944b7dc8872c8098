package org.vpns.structured;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.vpns.structured.Parts.chain;
import static org.vpns.structured.Parts.conv;
import static org.vpns.structured.Parts.group;
import static org.vpns.structured.Parts.grouped;
import static org.vpns.structured.Parts.lambda;
import static org.vpns.structured.Parts.linear;
import static org.vpns.structured.Parts.positions;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.pooling.Pool;
import java.util.List;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.graph.GraphEditor;
import org.vpns.graph.LayerTable;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.structured.ChannelUnit.Role;
import org.vpns.structured.ChannelUnit.Slice;

/**
 * What another tool for channels gets wrong in finding and removing them (D10 to D23, D29 and D30
 * of the study that reproduced it), and what is right.
 */
class DefectsTest extends SmallNetworks {
  private static final float[] SIX = {1, 2, 3, 4, 5, 6};

  /** D10: outputs were pruned. */
  @Test
  void result_ofTheNetwork_keepsItsChannels() {
    NetworkValues network = network(conv(6), conv(4));
    ChannelGroups groups = ChannelGroups.of(network.graph());
    requireStays(group(groups, "1"), "result of the network");
    assertThat(group(groups, "0").free()).hasSize(6);
    assertThat(groups.toString())
        .isEqualTo(
            String.join(
                System.lineSeparator(),
                "2 groups, 6 of 10 channels can leave",
                "0: 6 channels",
                "  made by 0.weight[0]",
                "  with 0.bias[0]",
                "  read by 1.weight[1]",
                "1: 4 channels",
                "  made by 1.weight[0]",
                "  with 1.bias[0]",
                "  4 stay result of the network"));
  }

  /** D10: so were maps that are a result beside others. */
  @Test
  void map_thatIsAResultToo_keepsItsChannels() {
    NetworkValues network =
        network(
            conv(8),
            new ParallelBlock(
                lists ->
                    new NDList(lists.get(0).singletonOrThrow(), lists.get(1).singletonOrThrow()),
                List.of(Blocks.identityBlock(), chain(conv(6), conv(2)))));
    assertThat(network.graph().outputs()).hasSize(2);
    ChannelGroups groups = ChannelGroups.of(network.graph());
    requireStays(groups.groups().get(0), "result of the network");
    assertThat(groups.groups().get(1).free()).hasSize(6);
    halved(network);
  }

  /** D11: shared parameters came apart. */
  @Test
  void layer_usedTwice_hasOneSliceForBoth() {
    Block shared = conv(3);
    NetworkValues network = network(conv(3), shared, Activation.reluBlock(), shared, conv(2));
    ChannelGroup group = ChannelGroups.of(network.graph()).groups().get(0);
    String weight =
        group.units().get(0).slices(Role.OUT).stream()
            .map(Slice::parameter)
            .filter(path -> !path.equals("0.weight"))
            .findFirst()
            .orElseThrow();
    assertThat(positions(group, weight, 0)).isEqualTo(positions(group, weight, 1));
    NetworkValues smaller = halved(network);
    assertThat(smaller.graph().parameters()).hasSameSizeAs(network.graph().parameters());
  }

  /** D12: pieces of a split kept their old sizes, whether a number of pieces was given or sizes. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void pieces_ofASplit_areCutWhereTheyEndNow(boolean sizes) {
    NetworkValues network =
        network(
            conv(8),
            lambda(
                x -> {
                  NDList halves = sizes ? x.split(new long[] {4}, 1) : x.split(2, 1);
                  return halves.get(0).concat(halves.get(1).neg(), 1);
                }),
            conv(2));
    ChannelGroups groups = ChannelGroups.of(network.graph());
    List<ChannelUnit> units = group(groups, "0").units();
    Removal.requireMasked(groups, network, units.subList(0, 2), images(), manager);
    assertThat(groups.emptied(units.subList(0, 4))).startsWith("split");
    assertThatThrownBy(() -> groups.removal(network, units.subList(0, 4)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("nothing left of an axis: split");
  }

  /** D12: so did ranges. */
  @Test
  void range_besideTheWhole_losesWhatTheWholeLoses() {
    NetworkValues network =
        network(conv(8), lambda(x -> x.concat(x.get(":, :4").neg(), 1)), conv(2));
    assertThat(positions(ChannelGroups.of(network.graph()).groups().get(0), "2.weight", 1))
        .startsWith(List.of(0, 8), List.of(1, 9))
        .endsWith(List.of(6), List.of(7));
    halved(network);
  }

  /** D13: one half of a split got all the credit, then nothing could leave. */
  @Test
  void halvesAddedUp_areChannelsOfBoth() {
    NetworkValues network =
        network(
            conv(8),
            lambda(
                x -> {
                  NDList halves = x.split(2, 1);
                  return halves.get(0).add(halves.get(1));
                }),
            conv(2));
    ChannelGroups groups = ChannelGroups.of(network.graph());
    ChannelGroup group = groups.groups().get(0);
    assertThat(positions(group, "0.weight", 0))
        .containsExactly(List.of(0, 4), List.of(1, 5), List.of(2, 6), List.of(3, 7));
    assertThat(positions(group, "2.weight", 1))
        .containsExactly(List.of(0), List.of(1), List.of(2), List.of(3));
    NetworkValues smaller =
        Removal.requireMasked(groups, network, group.free().subList(2, 4), images(), manager);
    assertThat(smaller.graph().parameter("0.weight").shape().get(0)).isEqualTo(4);
    assertThat(smaller.graph().parameter("2.weight").shape().get(1)).isEqualTo(2);
  }

  /** D14: channels were not followed through a shuffle. */
  @Test
  void shuffledChannels_areFollowed() {
    NetworkValues network =
        network(
            conv(8),
            lambda(x -> x.reshape(-1, 2, 4, 4, 4).transpose(0, 2, 1, 3, 4).reshape(-1, 8, 4, 4)),
            conv(2));
    ChannelGroup group = ChannelGroups.of(network.graph()).groups().get(0);
    assertThat(positions(group, "0.weight", 0).get(1)).containsExactly(1, 5);
    assertThat(positions(group, "2.weight", 1).get(1)).containsExactly(2, 3);
    halved(network);
  }

  /** D15: columns behind a flatten were taken in the order before it. */
  @Test
  void columns_behindChannelsThatLieLast_areThoseOfTheChannel() {
    NetworkValues network =
        network(conv(4), lambda(x -> x.transpose(0, 2, 3, 1).reshape(-1, 64)), linear(2));
    ChannelGroup group = ChannelGroups.of(network.graph()).groups().get(0);
    assertThat(positions(group, "2.weight", 1).get(1))
        .hasSize(16)
        .startsWith(1, 5, 9, 13)
        .endsWith(61);
    halved(network);
  }

  /** D16: channels of the image were taken for those behind them. */
  @Test
  void channels_behindThoseOfTheImage_areCountedFromThere() {
    NetworkValues network = network(besideTheImage(4, NDArrays::concat), conv(2));
    ChannelGroup group = ChannelGroups.of(network.graph()).groups().get(0);
    assertThat(group.free()).hasSize(4);
    assertThat(group.units().get(0).slices(Role.IN).get(0).positions()).containsExactly(3);
    halved(network);
  }

  /** D16: so were those of a constant. */
  @Test
  void channels_behindThoseOfAConstant_areCountedFromThere() {
    NetworkValues network =
        network(
            conv(4),
            lambda(
                x ->
                    x.getManager()
                        .create(SIX, new Shape(1, 6, 1, 1))
                        .broadcast(new Shape(x.getShape().get(0), 6, 4, 4))
                        .concat(x, 1)),
            conv(2));
    ChannelGroup group = ChannelGroups.of(network.graph()).groups().get(0);
    assertThat(positions(group, "2.weight", 1))
        .containsExactly(List.of(6), List.of(7), List.of(8), List.of(9));
    halved(network);
  }

  /** D17: what is added to the image lost channels. */
  @Test
  void channels_addedToTheImage_stay_andSaySo() {
    NetworkValues network =
        network(besideTheImage(3, (all, axis) -> all.get(0).add(all.get(1))), conv(2));
    requireStays(
        ChannelGroups.of(network.graph()).groups().get(0),
        "(add) must lose the same positions of all operands, of which some stay");
  }

  private static Block besideTheImage(int filters, BiFunction<NDList, Integer, NDArray> together) {
    return new ParallelBlock(
        lists ->
            new NDList(
                together.apply(
                    new NDList(lists.get(0).singletonOrThrow(), lists.get(1).singletonOrThrow()),
                    1)),
        List.of(Blocks.identityBlock(), conv(filters)));
  }

  /** D18: a map of one channel kept all others. */
  @Test
  void gate_ofOneChannel_isNoChannelOfWhatItGates() {
    Block gate = conv(1);
    NetworkValues network =
        network(
            conv(6),
            new ParallelBlock(
                lists -> {
                  NDArray maps = lists.get(0).singletonOrThrow();
                  return new NDList(maps.mul(Activation.sigmoid(lists.get(1).singletonOrThrow())));
                },
                List.of(Blocks.identityBlock(), gate)),
            conv(2));
    assertThat(ChannelGroups.of(network.graph()).groups().get(0).free()).hasSize(6);
    halved(network);
  }

  /** D18: attention over the mean of all channels kept them without a word. */
  @Test
  void channels_whoseMeanGatesThem_stay_andSaySo_whileTheRestCanLeave() {
    NetworkValues network =
        network(
            conv(6),
            lambda(x -> x.mul(Activation.sigmoid(x.mean(new int[] {1}, true)))),
            conv(5),
            conv(2));
    ChannelGroups groups = ChannelGroups.of(network.graph());
    requireStays(
        groups.groups().get(0), "(mean) needs a sum, to which what is removed adds nothing");
    assertThat(groups.groups().get(1).free()).hasSize(5);
    halved(network);
  }

  /** D19: a pixel shuffle failed inside of the scores. */
  @Test
  void pixelShuffle_losesAllFiltersOfAChannel() {
    NetworkValues network =
        network(
            conv(12),
            lambda(
                x -> x.reshape(-1, 3, 2, 2, 4, 4).transpose(0, 1, 4, 2, 5, 3).reshape(-1, 3, 8, 8)),
            conv(2));
    assertThat(positions(ChannelGroups.of(network.graph()).groups().get(0), "0.weight", 0))
        .containsExactly(List.of(0, 1, 2, 3), List.of(4, 5, 6, 7), List.of(8, 9, 10, 11));
    halved(network);
  }

  /** D19: a weight that is no parameter failed inside of the scores. */
  @Test
  void convolutionWithAWeightOfTheProgram_keepsWhatItReadsAndMakes_andSaysSo() {
    NetworkValues network = network(conv(8), lambda(x -> bare(x, new Shape(6, 8, 3, 3))), conv(2));
    ChannelGroups groups = ChannelGroups.of(network.graph());
    requireStays(
        group(groups, "0"), "(conv) must lose the same channels and columns of the weight");
    assertThat(groups.free()).isEmpty();
    NetworkValues square = network(conv(8), lambda(x -> bare(x, new Shape(8, 8, 1, 1))), conv(2));
    assertThat(ChannelGroups.of(square.graph()).free()).isEmpty();
  }

  private static NDArray bare(NDArray x, Shape weight) {
    float[] values = new float[(int) weight.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.sin(i + 1);
    }
    NDArray constant = x.getManager().create(values, weight);
    long pad = weight.get(2) / 2;
    return Conv2d.conv2d(x, constant, null, new Shape(1, 1), new Shape(pad, pad), new Shape(1, 1))
        .singletonOrThrow();
  }

  /** D19: a linear layer over the width took it for channels. */
  @Test
  void linearLayerOverTheWidth_readsNoChannels() {
    NetworkValues network = network(conv(6), linear(4), conv(2));
    ChannelGroups groups = ChannelGroups.of(network.graph());
    assertThat(group(groups, "0").free()).hasSize(6);
    NetworkValues smaller = halved(network);
    assertThat(smaller.graph().parameter("1.weight").shape()).isEqualTo(new Shape(4, 4));
  }

  /** D20: a grouped convolution kept the positions of its first block. */
  @Test
  void groupedConvolution_losesTheSameOfEachBlock() {
    NetworkValues network = network(conv(8), grouped(6, 2), conv(2));
    ChannelGroups groups = ChannelGroups.of(network.graph());
    ChannelGroup read = groups.groups().get(0);
    assertThat(positions(read, "0.weight", 0))
        .containsExactly(List.of(0, 4), List.of(1, 5), List.of(2, 6), List.of(3, 7));
    assertThat(positions(read, "1.weight", 1))
        .containsExactly(List.of(0), List.of(1), List.of(2), List.of(3));
    assertThat(positions(groups.groups().get(1), "1.weight", 0))
        .containsExactly(List.of(0, 3), List.of(1, 4), List.of(2, 5));
    List<ChannelUnit> leaving = List.of(read.units().get(1), groups.groups().get(1).units().get(0));
    NetworkValues smaller = Removal.requireMasked(groups, network, leaving, images(), manager);
    assertThat(smaller.graph().parameter("1.weight").shape()).isEqualTo(new Shape(4, 3, 3, 3));
  }

  /** D20: a depthwise convolution of two outputs each failed. */
  @Test
  void depthwise_ofTwoOutputsEach_followsItsChannels() {
    NetworkValues network = network(conv(6), grouped(12, 6), conv(2));
    ChannelGroup group = ChannelGroups.of(network.graph()).groups().get(0);
    assertThat(positions(group, "1.weight", 0)).startsWith(List.of(0, 1), List.of(2, 3));
    assertThat(group.units().get(0).slices(Role.THROUGH)).hasSize(1);
    halved(network);
  }

  /** D21: queries, keys and values lost channels of one head, and were cut anew across heads. */
  @Test
  void attention_losesTheSameOfAllHeads_valuesApartFromQueries() {
    NetworkValues network = network(Attention.separate(2, 2, 3));
    ChannelGroups groups = ChannelGroups.of(network.graph());
    List<List<Integer>> heads = List.of(List.of(0, 3), List.of(1, 4), List.of(2, 5));
    ChannelGroup queries = groups.groups().get(0);
    assertThat(positions(queries, Attention.QUERIES, 0)).isEqualTo(heads);
    assertThat(positions(queries, Attention.KEYS, 0)).isEqualTo(heads);
    assertThat(queries.units()).allSatisfy(u -> assertThat(u.slices(Role.IN)).isEmpty());
    ChannelGroup values = groups.groups().get(1);
    assertThat(positions(values, Attention.VALUES, 0)).isEqualTo(heads);
    assertThat(positions(values, Attention.RESULT, 1)).isEqualTo(heads);
    halved(network);
  }

  /** D22: a buffer kept its old width. */
  @Test
  void constant_asWideAsTheChannels_keepsThem_andSaysSo() {
    NetworkValues network =
        network(
            conv(6),
            lambda(x -> x.mul(x.getManager().create(SIX, new Shape(1, 6, 1, 1)))),
            conv(2));
    requireStays(
        ChannelGroups.of(network.graph()).groups().get(0),
        "(mul) must lose the same positions of all operands, of which some stay");
  }

  /** D23: frozen parameters came back trainable, or dropped out. */
  @Test
  void frozenParameters_stayFrozen_andTheGivenNetworkStaysAsItIs() {
    SequentialBlock block =
        chain(conv(6), BatchNorm.builder().build(), conv(4), BatchNorm.builder().build(), conv(2));
    NetworkValues plain = Removal.network(block, IMAGE, manager);
    List<String> frozen = List.of("0.weight", "0.bias", "3.weight", "3.bias");
    block.getChildren().get(0).getValue().freezeParameters(true);
    block.getChildren().get(3).getValue().freezeParameters(true);
    NetworkValues network = BlockTracer.network(block, IMAGE);
    requireFrozen(network, frozen);
    assertThat(ChannelGroups.of(network.graph()).groups())
        .isEqualTo(ChannelGroups.of(plain.graph()).groups());
    float[] before = network.array("0.weight").toFloatArray();
    NetworkValues smaller = halved(network);
    requireFrozen(smaller, frozen);
    assertThat(smaller.graph().parameter("1.running_mean").shape().get(0))
        .isEqualTo(smaller.graph().parameter("0.weight").shape().get(0))
        .isLessThan(6);
    assertThat(network.array("0.weight").toFloatArray()).isEqualTo(before);
  }

  private static void requireFrozen(NetworkValues network, List<String> frozen) {
    for (String path :
        List.of(
            "0.weight",
            "0.bias",
            "1.weight",
            "1.bias",
            "2.weight",
            "2.bias",
            "3.weight",
            "3.bias",
            "4.weight",
            "4.bias")) {
      assertThat(network.graph().parameter(path).trained())
          .as(path)
          .isEqualTo(!frozen.contains(path));
    }
  }

  /** D29: biases, norms and pooling counted as multiply-adds. */
  @Test
  void multiplyAdds_areThoseOfProductsAlone() {
    NetworkValues network =
        network(
            conv(4),
            BatchNorm.builder().build(),
            Activation.reluBlock(),
            Pool.globalAvgPool2dBlock(),
            linear(2));
    // 4 x 4 places, 4 x 3 filters of 3 x 3; then 2 rows of 4
    assertThat(LayerTable.of(network.graph()).macs()).isEqualTo(16 * 4 * 3 * 9 + 2 * 4);
    ChannelGroups groups = ChannelGroups.of(network.graph());
    GraphEditor half = groups.removal(network, groups.groups().get(0).free().subList(2, 4));
    assertThat(LayerTable.of(half.graph()).macs()).isEqualTo(16 * 2 * 3 * 9 + 2 * 2);
  }

  /** D29: a convolution with a weight of the program counted as nothing. */
  @Test
  void multiplyAdds_ofAConvolutionWithAWeightOfTheProgram_count() {
    NetworkValues network = network(conv(8), lambda(x -> bare(x, new Shape(6, 8, 3, 3))));
    assertThat(LayerTable.of(network.graph()).macs()).isEqualTo(16 * 8 * 3 * 9 + 16 * 6 * 8 * 9);
  }

  /** D30: what was asked for one network was done to the next. */
  @Test
  void rulesOfOneNetwork_areNotThoseOfTheNext() {
    NetworkValues network = network(conv(6), conv(5), conv(2));
    ChannelRules rules = ChannelRules.standard();
    ChannelRules asked = rules.keepShape("1");
    assertThat(ChannelGroups.of(network.graph(), asked).free()).isEmpty();
    assertThat(ChannelGroups.of(network.graph(), rules).free()).hasSize(11);
    assertThat(ChannelGroups.of(network.graph()).free()).hasSize(11);
  }
}
