package org.vpns.structured;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.vpns.graph.GraphComparison;
import org.vpns.graph.GraphNode;
import org.vpns.graph.ModelGraph;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.internal.graph.op.TransposedConvolution;

/** Networks with random values, and what holds whatever leaves them. */
public final class Removal {
  /**
   * Of the largest output. The same products are summed in another order, over many layers, in
   * double precision: numbers are exact to 1e-16, and each layer may multiply what is missing.
   */
  static final double TOLERANCE = 1e-9;

  private Removal() {}

  /** A block as a network, its norms' statistics random too. */
  public static NetworkValues network(Block block, Shape image, NDManager manager) {
    if (!block.isInitialized()) {
      block.initialize(manager, DataType.FLOAT32, new Shape(1).addAll(image));
    }
    GraphComparison.randomise(block, 3);
    return BlockTracer.network(block, image);
  }

  /** A share of units in random order, as many of them as leave something of every axis. */
  public static List<ChannelUnit> some(
      ChannelGroups groups, List<ChannelUnit> units, double share, Random random) {
    List<ChannelUnit> mixed = new ArrayList<>(units);
    Collections.shuffle(mixed, random);
    List<ChannelUnit> leaving = new ArrayList<>();
    for (ChannelUnit unit : mixed.subList(0, (int) Math.ceil(share * mixed.size()))) {
      leaving.add(unit);
      if (groups.emptied(leaving) != null) {
        leaving.remove(unit);
      }
    }
    return leaving;
  }

  /** What a removal gave, and how far it is from the masked network relative to its outputs. */
  record Made(NetworkValues smaller, double error) {}

  /** Takes units away, and compares with masks whose norms see nothing of zeros. */
  static Made compared(
      ChannelGroups groups,
      NetworkValues network,
      List<ChannelUnit> leaving,
      NDArray images,
      NDManager manager) {
    NetworkValues smaller = groups.removal(network, leaving).apply(manager);
    Set<String> measured =
        leaving.stream()
            .flatMap(unit -> groups.groups().get(unit.group()).measured().stream())
            .collect(Collectors.toSet());
    double[] found = Masking.exactly(smaller, images, Set.of());
    double[] expected =
        Masking.exactly(Masking.masked(network, leaving, manager), images, measured);
    assertThat(found).hasSameSizeAs(expected);
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < expected.length; i++) {
      largest = Math.max(largest, Math.abs(expected[i]));
      double one = Math.abs(found[i] - expected[i]);
      difference = Double.isNaN(one) ? Double.POSITIVE_INFINITY : Math.max(difference, one);
    }
    return new Made(smaller, difference == 0 ? 0 : difference / largest);
  }

  /** The smaller network, which gives what the masked one gives. */
  public static NetworkValues requireMasked(
      ChannelGroups groups,
      NetworkValues network,
      List<ChannelUnit> leaving,
      NDArray images,
      NDManager manager) {
    Made made = compared(groups, network, leaving, images, manager);
    assertThat(made.error).as("without %s", leaving).isLessThanOrEqualTo(TOLERANCE);
    return made.smaller;
  }

  /**
   * Whether an axis has come to length 1, which holds no channels any more: a grouped convolution
   * of one channel per group is a depthwise one.
   */
  public static boolean hasNewAxesOfOne(ModelGraph before, ModelGraph after) {
    boolean ofParameters =
        after.parameters().stream()
            .anyMatch(p -> isNew(before.parameter(p.path()).shape(), p.shape()));
    return ofParameters
        || after.nodes().stream()
            .anyMatch(
                node ->
                    isNew(
                            before.outputShapes(before.node(node.name())).get(0),
                            after.outputShapes(node).get(0))
                        || isDepthwise(after, node)
                            && !isDepthwise(before, before.node(node.name())));
  }

  /** A transposed convolution of groups of one channel, whose weight has no axis of that length. */
  private static boolean isDepthwise(ModelGraph graph, GraphNode node) {
    return node.operator() instanceof TransposedConvolution conv
        && conv.groups() > 1
        && graph.tensor(node.inputs().get(1)).shape().get(0) == conv.groups();
  }

  private static boolean isNew(Shape before, Shape after) {
    return IntStream.range(0, after.dimension())
        .anyMatch(d -> after.get(d) == 1 && before.get(d) > 1);
  }
}
