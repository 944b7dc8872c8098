package org.vpns.structured.plan;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.graph.GraphNode;
import org.vpns.graph.GraphParameter;
import org.vpns.graph.ModelGraph;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.op.Operator;
import org.vpns.internal.graph.op.Layers;
import org.vpns.internal.network.Engines;
import org.vpns.latency.Latency;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.ChannelUnit;
import org.vpns.structured.ChannelUnit.Slice;

/**
 * Milliseconds of a network as the sum of its layers' times, from a table that was measured: each
 * convolution and linear layer alone, in its full width, in 3/4, 1/2, 1/4 and 1/8 of it, on the
 * axes that can lose channels.
 *
 * <p>Between its measured points a layer's time is linear in its multiply-adds, and it never falls
 * with more of them: what a wider layer takes is enough for a narrower one. The sum is scaled so
 * that the whole network takes what it was measured to take, all that is no such layer included. So
 * it is a forecast: {@link LatencySearch} checks it by the whole smaller network.
 */
public final class LayerTimes implements LayerwiseCost {
  private static final double[] SHARES = {1, 0.75, 0.5, 0.25, 0.125};

  private final ImmutableMap<String, Curve> curves;
  private final double whole;
  private final double scale;

  /**
   * What is measured of a layer.
   *
   * @param operator in its form for the widths
   * @param input shape of what it reads, the batch open if the network's is
   * @param weight shape of its weight
   */
  private record Layer(Operator operator, Shape input, Shape weight) {
    /** For one image. */
    long macs() {
      List<@Nullable Shape> inputs = List.of(new Shape(1).addAll(input.slice(1)), weight);
      return operator.macs(inputs, operator.outputShapes(inputs, 1));
    }
  }

  /**
   * A layer in its widths.
   *
   * @param times how many of them an image takes, as one for each of its frames
   */
  private record Widths(List<Layer> layers, long times) {}

  /** Milliseconds by multiply-adds, rising. */
  private record Curve(NavigableMap<Long, Double> points) {
    double at(long macs) {
      Map.Entry<Long, Double> below = points.floorEntry(macs);
      Map.Entry<Long, Double> above = points.ceilingEntry(macs);
      if (below == null || above == null) {
        Map.Entry<Long, Double> end = below == null ? points.firstEntry() : points.lastEntry();
        return end.getValue();
      }
      long gap = above.getKey() - below.getKey();
      double share = gap == 0 ? 0 : (double) (macs - below.getKey()) / gap;
      return below.getValue() + share * (above.getValue() - below.getValue());
    }
  }

  private LayerTimes(ImmutableMap<String, Curve> curves, double whole, double scale) {
    this.curves = curves;
    this.whole = whole;
    this.scale = scale;
  }

  /**
   * Measures a network and its layers, all in turn.
   *
   * @param groups its channels, which tell what of a layer can leave
   * @throws IllegalArgumentException if the groups are another network's, or no layer is a
   *     convolution or linear
   */
  public static LayerTimes measure(Latency latency, NetworkValues network, ChannelGroups groups) {
    Problem.given(latency, "LayerTimes.measure", "latency");
    return measure(latency::milliseconds, network, groups);
  }

  /**
   * The same.
   *
   * @param watch milliseconds of networks, timed in turn
   */
  static LayerTimes measure(
      Function<List<NetworkValues>, double[]> watch, NetworkValues network, ChannelGroups groups) {
    Problem.given(network, "LayerTimes.measure", "network");
    Problem.given(groups, "LayerTimes.measure", "groups");
    groups.removal(network, List.of()); // refuses those of another network
    Map<GraphNode, Widths> layers = layers(network.graph(), groups);
    if (layers.isEmpty()) {
      throw Problem.argument(
          "network without layers to time",
          "LayerTimes.measure",
          "convolutions or linear layers with weights",
          network.graph(),
          "bound another cost, such as macs");
    }
    Map<Layer, Integer> numbers = new LinkedHashMap<>();
    layers.values().stream()
        .flatMap(widths -> widths.layers.stream())
        .forEach(layer -> numbers.putIfAbsent(layer, numbers.size() + 1));
    try (NDManager manager = Engines.newManager("layer times")) {
      List<NetworkValues> networks = new ArrayList<>();
      networks.add(network);
      numbers.keySet().forEach(layer -> networks.add(alone(layer, manager)));
      return of(layers, numbers, watch.apply(networks));
    }
  }

  private static LayerTimes of(
      Map<GraphNode, Widths> layers, Map<Layer, Integer> numbers, double[] milliseconds) {
    ImmutableMap.Builder<String, Curve> curves = ImmutableMap.builder();
    double sum = 0;
    for (Map.Entry<GraphNode, Widths> entry : layers.entrySet()) {
      long times = entry.getValue().times;
      TreeMap<Long, Double> points = new TreeMap<>();
      for (Layer layer : entry.getValue().layers) {
        double time = times * milliseconds[numbers.getOrDefault(layer, 0)];
        points.merge(times * layer.macs(), time, Math::min);
      }
      // disturbances add time: of a narrow layer that took longer than a wider one, this one's
      // counts
      double least = Double.MAX_VALUE;
      for (Map.Entry<Long, Double> point : points.descendingMap().entrySet()) {
        least = Math.min(least, point.getValue());
        point.setValue(least);
      }
      curves.put(entry.getKey().name(), new Curve(points));
      sum += points.lastEntry().getValue();
    }
    return new LayerTimes(curves.buildOrThrow(), milliseconds[0], milliseconds[0] / sum);
  }

  /** The same layers, for a whole network that takes so long. */
  LayerTimes scaledTo(double milliseconds) {
    return new LayerTimes(curves, milliseconds, scale * (milliseconds / whole));
  }

  /** Each layer to be timed, in its widths. */
  private static Map<GraphNode, Widths> layers(ModelGraph graph, ChannelGroups groups) {
    List<Shape> shapes = graph.imageShapes();
    long batch = graph.tensor(graph.inputs().get(0)).shape().get(0);
    Set<String> shrinking = new HashSet<>();
    for (ChannelUnit unit : groups.free()) {
      for (Slice slice : unit.slices()) {
        shrinking.add(slice.parameter() + " " + slice.axis());
      }
    }
    Map<GraphNode, Widths> layers = new LinkedHashMap<>();
    for (GraphNode node : graph.nodes()) {
      boolean timed =
          node.operator() instanceof Layers.Convolution || node.operator() instanceof Layers.Linear;
      GraphParameter weight = timed ? graph.parameterOf(node.inputs().get(1)) : null;
      if (weight == null) {
        continue;
      }
      Shape image = shapes.get(node.inputs().get(0));
      List<Layer> widths = new ArrayList<>();
      for (double share : SHARES) {
        double out = shrinking.contains(weight.path() + " 0") ? share : 1;
        double in = shrinking.contains(weight.path() + " 1") ? share : 1;
        widths.add(
            node.operator() instanceof Layers.Convolution convolution
                ? convolution(convolution, batch, image, weight.shape(), out, in)
                : linear(node.operator(), batch, image, weight.shape(), out, in));
      }
      boolean isMaps = node.operator() instanceof Layers.Convolution;
      layers.put(node, new Widths(widths, isMaps ? image.get(0) : 1));
    }
    return layers;
  }

  private static Layer convolution(
      Layers.Convolution conv, long batch, Shape image, Shape weight, double out, double in) {
    long groups = conv.groups();
    long perGroup = weight.get(1);
    long made = weight.get(0) / groups;
    if (groups > 1 && perGroup == 1) { // depthwise: whole groups leave
      groups = narrowed(groups, out);
    } else {
      perGroup = narrowed(perGroup, in);
      made = narrowed(made, out);
    }
    Operator operator =
        new Layers.Convolution(
            conv.stride(), conv.padding(), conv.dilation(), Math.toIntExact(groups));
    Shape maps = new Shape(batch, groups * perGroup).addAll(image.slice(2));
    return new Layer(operator, maps, new Shape(groups * made, perGroup).addAll(weight.slice(2)));
  }

  /** Of all rows that it reads of an image, wherever they lie. */
  private static Layer linear(
      Operator operator, long batch, Shape image, Shape weight, double out, double in) {
    long read = narrowed(weight.get(1), in);
    long rows = image.slice(0, image.dimension() - 1).size();
    Shape input = rows == 1 ? new Shape(batch, read) : new Shape(batch, rows, read);
    return new Layer(operator, input, new Shape(narrowed(weight.get(0), out), read));
  }

  private static long narrowed(long length, double share) {
    return (long) Math.ceil(length * share);
  }

  /** A network of one layer. */
  private static NetworkValues alone(Layer layer, NDManager manager) {
    ModelGraph.Builder builder = ModelGraph.builder();
    int input = builder.input(layer.input, DataType.FLOAT32);
    int weight =
        builder.parameter("weight", Parameter.Type.WEIGHT, false, layer.weight, DataType.FLOAT32);
    ModelGraph graph = builder.build(builder.node("layer", layer.operator, List.of(input, weight)));
    return NetworkValues.of(graph, Map.of("weight", manager.ones(layer.weight)));
  }

  /** Milliseconds of the whole network, as measured. */
  public double whole() {
    return whole;
  }

  @Override
  public String name() {
    return "milliseconds";
  }

  @Override
  public double of(GraphNode node, List<@Nullable Shape> inputs, List<Shape> outputs) {
    Problem.given(node, "LayerTimes.of", "node");
    Problem.given(inputs, "LayerTimes.of", "inputs");
    Problem.givenEach(outputs, "LayerTimes.of", "outputs");
    Curve curve = curves.get(node.name());
    return curve == null ? 0 : scale * curve.at(node.operator().macs(inputs, outputs));
  }
}
