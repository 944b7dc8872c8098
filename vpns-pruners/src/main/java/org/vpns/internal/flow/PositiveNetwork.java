package org.vpns.internal.flow;

import static java.util.Objects.requireNonNull;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.GradientCollector;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.vpns.LabelAssignment;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.Problem;
import org.vpns.graph.GraphNode;
import org.vpns.graph.GraphParameter;
import org.vpns.graph.GraphRun;
import org.vpns.graph.ModelGraph;
import org.vpns.graph.NetworkValues;
import org.vpns.internal.network.GradientGate;

/**
 * A network with every weight replaced by its absolute value ({@link PositiveRule}), in double
 * precision, and one input of ones. What comes out, summed, is its flow R; a weight's share of it
 * is |z| dR/d|z|.
 */
public final class PositiveNetwork implements AutoCloseable {
  private final ModelGraph graph;
  private final GraphRun run;
  private final PositiveRule rule;
  private final Layout layout;
  private final NDManager manager;
  private final @Nullable NDArray[] known;
  private final float[][] weights;
  private final NDArray none;
  private final Map<GraphNode, Integer> tapped;
  private @Nullable LabelAssignment counted;
  private final NDArray input;
  private final boolean waysAlone;

  /**
   * What flows.
   *
   * @param total R
   * @param shares |z| dR/d|z| in the layout's order; each layer's sum to R, or to less where others
   *     lie beside it
   */
  public record Flow(double total, double[] shares) {}

  /**
   * The positive network of a block, which stays as it is.
   *
   * @param shape of one input, (channels, height, width)
   * @param layout tensors whose shares are wanted
   * @param released the form of the published code
   * @param identities kinds of operators that become the identity
   */
  public PositiveNetwork(
      Block block, Shape shape, Layout layout, boolean released, Set<String> identities) {
    this(block, shape, layout, released, identities, false);
  }

  /**
   * A network whose ways are asked for, not how much flows: operators that are not understood pass
   * on what they get, and kept weights and scales of 0 count as 1.
   */
  public static PositiveNetwork ofWays(Block block, Shape shape, Layout layout) {
    return new PositiveNetwork(block, shape, layout, false, Set.of(), true);
  }

  private PositiveNetwork(
      Block block,
      Shape shape,
      Layout layout,
      boolean released,
      Set<String> identities,
      boolean waysAlone) {
    this.layout = layout;
    this.waysAlone = waysAlone;
    NetworkValues network = TracedBlock.of(block, shape);
    graph = network.graph();
    run = GraphRun.of(graph);
    rule = new PositiveRule(graph, released, waysAlone, identities);
    weights = new float[layout.tensors()][0];
    manager = block.getParameters().valueAt(0).getArray().getManager().newSubManager();
    try {
      known =
          network.byTensor(this::parameter, constant -> PositiveRule.constant(constant, manager));
      requireAll();
      tapped = tapped();
      input = manager.ones(new Shape(1).addAll(shape), DataType.FLOAT64);
      none = manager.zeros(new Shape(1), DataType.FLOAT64);
    } catch (Throwable e) {
      manager.close();
      throw e;
    }
  }

  private NDArray parameter(GraphParameter p, NDArray array) {
    if (layout.contains(p.path())) {
      weights[layout.indexOf(p.path())] = array.toFloatArray();
    }
    NDArray positive = PositiveRule.parameter(array, manager);
    if (waysAlone) {
      try (NDArray zeros = positive.eq(0);
          NDArray ones = zeros.toType(DataType.FLOAT64, true)) {
        positive.addi(ones);
      }
    }
    return positive;
  }

  private void requireAll() {
    for (int i = 0; i < weights.length; i++) {
      if (weights[i].length != layout.size(i)) {
        throw Problem.argument(
            "mask of another network",
            layout.path(i),
            "a parameter of shape " + layout.shape(i),
            weights[i].length + " weights",
            "pass the network that the masks were made for");
      }
    }
  }

  /** The flow with removed weights at 0. */
  public Flow flow(MaskSet masks) {
    try (NDScope arrays = new NDScope();
        NDManager scope = manager.newSubManager();
        GradientCollector collector = GradientGate.open(manager)) {
      arrays.suppressNotUsedWarning();
      @Nullable NDArray[] values = known.clone();
      NDArray[] leaves = new NDArray[layout.tensors()];
      Tap[] taps = new Tap[layout.tensors()];
      for (int i = 0; i < leaves.length; i++) {
        int tensor = graph.parameter(layout.path(i)).tensor();
        NDArray whole = requireNonNull(known[tensor]);
        leaves[i] = masked(whole, masks.get(layout.path(i)), scope);
        leaves[i].setRequiresGradient(!tapped.containsValue(i));
        values[tensor] = leaves[i];
      }
      input.tempAttach(scope);
      NDArray total = scope.zeros(new Shape(), DataType.FLOAT64);
      NDList outputs =
          run.run(
              values,
              new NDList(input),
              false,
              (node, in, pass) -> {
                NDArray[] out = rule.apply(node, in, pass);
                Integer index = tapped.get(node);
                if (index == null) {
                  return out;
                }
                Tap tap = Tap.of(node, requireNonNull(in[0]), out[0]);
                taps[index] = tap;
                return new NDArray[] {out[0].add(tap.outgoing())};
              });
      for (NDArray output : outputs) {
        total = total.add(counted(output, scope).sum());
      }
      collector.backward(total);
      return new Flow(total.getDouble(), shares(leaves, taps, masks));
    }
  }

  /**
   * What enters a layer, and zeros added to what leaves it, whose gradient is that of what leaves.
   */
  private record Tap(GraphNode node, NDArray incoming, NDArray outgoing) {
    static Tap of(GraphNode node, NDArray incoming, NDArray result) {
      NDArray zeros = result.getManager().zeros(result.getShape(), result.getDataType());
      zeros.setRequiresGradient(true);
      return new Tap(node, incoming, zeros);
    }

    WeightGradient gradient(Shape weight) {
      return LayerGradient.of(
          node.operator(),
          weight,
          incoming.getShape(),
          incoming.toDoubleArray(),
          outgoing.getShape(),
          outgoing.getGradient().toDoubleArray());
    }
  }

  /** Layers whose gradient is put together here, and which tensor of the layout they read. */
  private Map<GraphNode, Integer> tapped() {
    Map<GraphNode, Integer> found = new HashMap<>();
    for (int i = 0; i < layout.tensors(); i++) {
      int weight = graph.parameter(layout.path(i)).tensor();
      for (ModelGraph.Reader reader : graph.readers(weight)) {
        GraphNode node = reader.node();
        if (graph.readers(weight).size() == 1
            && reader.input() == 1
            && rule.isWeighted(node)
            && LayerGradient.pays(node.operator(), graph.tensor(node.outputs().get(0)).shape())) {
          found.put(node, i);
        }
      }
    }
    return found;
  }

  /** From now on R is the sum of those outputs that stand for a class; null = of all. */
  public void countOnly(@Nullable LabelAssignment mapping) {
    counted = mapping;
  }

  private NDArray counted(NDArray output, NDManager scope) {
    LabelAssignment mapping = counted;
    if (mapping == null) {
      return output;
    }
    if (!output.getShape().equals(new Shape(1, mapping.sources()))) {
      throw Problem.argument(
          "logits do not fit the label mapping",
          "SynFlowScorer.mappedOutputsOnly",
          new Shape(1, mapping.sources()),
          output.getShape(),
          "use the mapping made for this network");
    }
    double[] counts = new double[mapping.sources()];
    Arrays.fill(counts, 1);
    mapping.unmapped().forEach(source -> counts[source] = 0);
    return output.mul(scope.create(counts, output.getShape()));
  }

  /** A leaf of its own; where nothing is removed it shares the whole array's memory. */
  private NDArray masked(NDArray whole, Mask mask, NDManager scope) {
    if (mask.kept() == mask.size()) {
      return whole.stopGradient();
    }
    boolean[] kept = new boolean[mask.size()];
    for (int i = 0; i < kept.length; i++) {
      kept[i] = (mask.word(i >>> 6) >>> i & 1) != 0;
    }
    NDArray keep = scope.create(kept, whole.getShape());
    return whole.getNDArrayInternal().where(keep, none.broadcast(whole.getShape()));
  }

  private double[] shares(NDArray[] leaves, @Nullable Tap[] taps, MaskSet masks) {
    double[] shares = new double[layout.size()];
    for (int i = 0; i < leaves.length; i++) {
      Tap tap = taps[i];
      WeightGradient gradient =
          tap == null ? engineGradient(leaves[i]) : tap.gradient(layout.shape(i));
      share(i, gradient, masks.get(layout.path(i)), shares);
    }
    return shares;
  }

  private static WeightGradient engineGradient(NDArray leaf) {
    NDArray gradient = leaf.getGradient();
    DoubleBuffer values =
        gradient
            .toByteBuffer(!gradient.getDevice().isGpu())
            .order(ByteOrder.nativeOrder())
            .asDoubleBuffer();
    return (row, into) -> values.get(row * into.length, into, 0, into.length);
  }

  private void share(int tensor, WeightGradient gradient, Mask mask, double[] shares) {
    float[] own = weights[tensor];
    double[] row = new double[Math.toIntExact(layout.fanIn(tensor))];
    for (int from = 0; from < own.length; from += row.length) {
      gradient.row(from / row.length, row);
      int at = layout.offset(tensor) + from;
      for (int k = 0; k < row.length; k++) {
        int j = from + k;
        boolean kept = (mask.word(j >>> 6) >>> j & 1) != 0;
        // a removed weight has no share, whatever an infinite gradient would make of it
        double size = own[j] == 0 && waysAlone ? 1 : Math.abs((double) own[j]);
        shares[at + k] = kept && size != 0 ? size * row[k] : 0;
      }
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
