package org.vpns.structured.plan;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.vpns.graph.GraphNode;
import org.vpns.graph.GraphParameter;
import org.vpns.graph.ModelGraph;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.ChannelUnit;
import org.vpns.structured.ChannelWidth;

/**
 * Keeps the cost of every layer and parameter, and counts those anew whose shapes change. Shapes
 * follow from the widths of axes, which are whole numbers less what has left of them: no graph is
 * made, and no layer is counted that costs nothing.
 */
final class LayerMeter implements CostMeter {
  private final LayerwiseCost cost;
  private final Shrinking shrinking;

  /** What can be priced: the nodes, then the parameters. */
  private final List<Item> items = new ArrayList<>();

  private final double[] prices;

  /** By width: the items of some price with a tensor that has it. */
  private final int[][] itemsOf;

  /** By group: those items, and after them the widths. */
  private final BitSet[] reach;

  /** By tensor: axis, width, axis, width ... */
  private final int[][] axes;

  private final Shape[] shapes;
  private final int[] pending;

  /** A layer or parameter, priced by the shapes of its tensors. */
  private interface Item {
    /** The cost in present shapes, less what is pending. */
    double price();
  }

  LayerMeter(LayerwiseCost cost, ChannelGroups groups, Shrinking shrinking) {
    this.cost = cost;
    this.shrinking = shrinking;
    ModelGraph graph = groups.graph();
    int tensors = graph.tensors().size();
    List<List<Integer>> readers = new ArrayList<>(); // items by tensor
    List<List<Integer>> places = new ArrayList<>();
    shapes = graph.imageShapes().toArray(new Shape[0]);
    for (int t = 0; t < tensors; t++) {
      readers.add(new ArrayList<>());
      places.add(new ArrayList<>());
    }
    List<ChannelWidth> widths = groups.widths();
    pending = new int[widths.size()];
    for (int w = 0; w < pending.length; w++) {
      for (ChannelWidth.Place place : widths.get(w).places()) {
        places.get(place.tensor()).addAll(List.of(place.axis(), w));
      }
    }
    axes = places.stream().map(l -> l.stream().mapToInt(i -> i).toArray()).toArray(int[][]::new);
    for (GraphNode node : graph.nodes()) {
      node.inputs().stream()
          .filter(t -> t != ModelGraph.ABSENT)
          .forEach(t -> readers.get(t).add(items.size()));
      node.outputs().forEach(t -> readers.get(t).add(items.size()));
      items.add(
          () -> this.cost.of(node, node.inputShapes(this::shape), node.outputShapes(this::shape)));
    }
    for (GraphParameter p : graph.parameters()) {
      readers.get(p.tensor()).add(items.size());
      items.add(() -> this.cost.of(p, shape(p.tensor())));
    }
    prices = items.stream().mapToDouble(this::price).toArray();
    itemsOf = new int[pending.length][];
    for (int w = 0; w < pending.length; w++) {
      itemsOf[w] =
          widths.get(w).places().stream()
              .flatMap(place -> readers.get(place.tensor()).stream())
              .mapToInt(i -> i)
              .filter(i -> prices[i] != 0)
              .distinct()
              .sorted()
              .toArray();
    }
    reach = new BitSet[groups.groups().size()];
    Arrays.setAll(reach, g -> new BitSet());
    for (int w = 0; w < pending.length; w++) {
      for (ChannelUnit unit : widths.get(w).positions().keySet()) {
        BitSet own = reach[unit.group()];
        if (!own.get(items.size() + w)) {
          own.set(items.size() + w);
          Arrays.stream(itemsOf[w]).forEach(own::set);
        }
      }
    }
    settle(shrinking.gone()); // what has a share of its own leaves before anything is counted
  }

  private double price(Item item) {
    return CostMeter.require(cost, item.price());
  }

  /** Of a tensor, less what is pending. */
  private Shape shape(int tensor) {
    int[] own = axes[tensor];
    long[] lengths = null;
    for (int i = 0; i < own.length; i += 2) {
      int less = pending[own[i + 1]];
      if (less != 0) {
        lengths = lengths == null ? shapes[tensor].getShape().clone() : lengths;
        lengths[own[i]] -= less;
      }
    }
    // without a layout, it makes one of streams
    return lengths == null ? shapes[tensor] : new Shape(lengths, shapes[tensor].getLayout());
  }

  /** Makes units pending; the items that they change. */
  private BitSet touched(List<ChannelUnit> units) {
    BitSet touched = new BitSet();
    BitSet widths = new BitSet();
    for (ChannelUnit unit : units) {
      int[] effects = shrinking.effects(unit);
      for (int i = 0; i < effects.length; i += 2) {
        pending[effects[i]] += effects[i + 1];
        widths.set(effects[i]);
      }
    }
    widths.stream().forEach(w -> Arrays.stream(itemsOf[w]).forEach(touched::set));
    return touched;
  }

  @Override
  public double now() {
    double sum = 0; // in order, as a graph's is summed
    for (double price : prices) {
      sum += price;
    }
    return sum;
  }

  @Override
  public double saved(List<ChannelUnit> units) {
    BitSet touched = touched(units);
    double saved = 0;
    for (int i = touched.nextSetBit(0); i >= 0; i = touched.nextSetBit(i + 1)) {
      saved += prices[i] - price(items.get(i));
    }
    Arrays.fill(pending, 0);
    return saved;
  }

  @Override
  public void remove(List<ChannelUnit> units) {
    settle(units);
    shrinking.remove(units);
  }

  /** Prices and shapes without units. */
  private void settle(List<ChannelUnit> units) {
    BitSet touched = touched(units);
    for (int i = touched.nextSetBit(0); i >= 0; i = touched.nextSetBit(i + 1)) {
      prices[i] = price(items.get(i));
    }
    for (int t = 0; t < shapes.length; t++) {
      shapes[t] = shape(t);
    }
    Arrays.fill(pending, 0);
  }

  @Override
  public boolean related(int group, int other) {
    return reach[group].intersects(reach[other]);
  }
}
