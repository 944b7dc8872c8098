package org.vpns.structured;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vpns.graph.GraphComparison;
import org.vpns.graph.GraphParameter;
import org.vpns.graph.ModelGraph;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.op.Operator;
import org.vpns.internal.graph.op.Layers.Convolution;
import org.vpns.internal.graph.op.TransposedConvolution;
import org.vpns.structured.ChannelUnit.Role;
import org.vpns.structured.ChannelUnit.Slice;

/** Channels through a transposed convolution, whose weight is (in, out / groups, kernel). */
class TransposedGroupsTest {
  private static final int READ = 6;

  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void close() {
    manager.close();
  }

  private static int layer(
      ModelGraph.Builder graph, String name, int x, Operator operator, Shape weight, int made) {
    List<Integer> read = new ArrayList<>(List.of(x));
    read.add(
        graph.parameter(name + ".weight", Parameter.Type.WEIGHT, true, weight, DataType.FLOAT32));
    read.add(
        graph.parameter(
            name + ".bias", Parameter.Type.BIAS, true, new Shape(made), DataType.FLOAT32));
    return graph.node(name, operator, read).get(0);
  }

  private static Convolution convolution() {
    return new Convolution(new Shape(1, 1), new Shape(1, 1), new Shape(1, 1), 1);
  }

  /** Three channels to six, through the transposed convolution, to two. */
  private NetworkValues network(int groups, int per) {
    ModelGraph.Builder graph = ModelGraph.builder();
    int x = graph.input(new Shape(-1, 3, 4, 4), DataType.FLOAT32);
    int made = groups * per;
    x = layer(graph, "a", x, convolution(), new Shape(READ, 3, 3, 3), READ);
    Operator up =
        new TransposedConvolution(
            new Shape(2, 2), List.of(1L, 1L, 0L, 0L), new Shape(1, 1), groups);
    x = layer(graph, "up", x, up, new Shape(READ, per, 3, 3), made);
    x = layer(graph, "b", x, convolution(), new Shape(2, made, 3, 3), 2);
    ModelGraph built = graph.build(List.of(x));
    Random random = new Random(4);
    Map<String, NDArray> arrays = new LinkedHashMap<>();
    for (GraphParameter p : built.parameters()) {
      float[] values = new float[Math.toIntExact(p.shape().size())];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextGaussian();
      }
      arrays.put(p.path(), manager.create(values, p.shape()));
    }
    return NetworkValues.of(built, arrays);
  }

  private static List<List<Integer>> positions(ChannelGroup group, String path, int axis) {
    return group.units().stream()
        .flatMap(unit -> unit.slices().stream())
        .filter(slice -> slice.parameter().equals(path) && slice.axis() == axis)
        .map(Slice::positions)
        .toList();
  }

  @ParameterizedTest(name = "{0} groups, {1} channels each")
  @CsvSource({"1, 4", "2, 2", "3, 4", "6, 1", "6, 2"})
  void removal_throughIt_givesWhatTheMaskedNetworkGives(int groups, int per) {
    NetworkValues network = network(groups, per);
    ChannelGroups found = ChannelGroups.of(network.graph());
    NDArray images = GraphComparison.images(manager, new Shape(2, 3, 4, 4));
    for (int seed = 0; seed < 4; seed++) {
      List<ChannelUnit> leaving = Removal.some(found, found.free(), 0.5, new Random(seed));
      assertThat(leaving).isNotEmpty();
      NetworkValues smaller = Removal.requireMasked(found, network, leaving, images, manager);
      assertThat(smaller.graph().parameter("up.weight").shape().size())
          .isLessThan(network.graph().parameter("up.weight").shape().size());
    }
  }

  @Test
  void oneGroup_readsRowsAndMakesColumns() {
    ChannelGroups groups = ChannelGroups.of(network(1, 4).graph());
    assertThat(groups.toString())
        .isEqualTo(
            String.join(
                System.lineSeparator(),
                "3 groups, 10 of 12 channels can leave",
                "a: 6 channels",
                "  made by a.weight[0]",
                "  with a.bias[0]",
                "  read by up.weight[0]",
                "up: 4 channels",
                "  made by up.weight[1]",
                "  with up.bias[0]",
                "  read by b.weight[1]",
                "b: 2 channels",
                "  made by b.weight[0]",
                "  with b.bias[0]",
                "  2 stay result of the network"));
  }

  @Test
  void severalGroups_loseTheSameOfEach() {
    ChannelGroups groups = ChannelGroups.of(network(2, 2).graph());
    assertThat(positions(groups.groups().get(0), "a.weight", 0))
        .containsExactly(List.of(0, 3), List.of(1, 4), List.of(2, 5));
    assertThat(positions(groups.groups().get(1), "b.weight", 1))
        .containsExactly(List.of(0, 2), List.of(1, 3));
  }

  @Test
  void depthwise_losesTheOutputsOfAChannelWithIt() {
    ChannelGroups groups = ChannelGroups.of(network(6, 2).graph());
    ChannelGroup first = groups.groups().get(0);
    assertThat(first.units().get(0).slices(Role.THROUGH))
        .extracting(Slice::parameter)
        .containsExactly("up.weight");
    assertThat(positions(first, "b.weight", 1)).startsWith(List.of(0, 1), List.of(2, 3));
  }
}
