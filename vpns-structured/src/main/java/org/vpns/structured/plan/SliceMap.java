package org.vpns.structured.plan;

import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableMap;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.Problem;
import org.vpns.graph.GraphParameter;
import org.vpns.graph.ModelGraph;
import org.vpns.structured.ChannelUnit;

/**
 * What stays of each parameter of a network that loses channels. Whatever belongs to the entries of
 * parameters, such as an optimiser's moments and masks, is cut like the parameters themselves.
 * Immutable; made by {@link ChannelPlan#slices}.
 */
public final class SliceMap {
  /** What stays of a parameter: by axis the positions, rising. */
  private record Kept(Shape shape, int[][] axes) {
    Shape narrowed() {
      return new Shape(Arrays.stream(axes).mapToLong(axis -> axis.length).toArray());
    }

    /** Row-major numbers of the entries. */
    int[] entries() {
      int[] entries = {0};
      for (int axis = 0; axis < axes.length; axis++) {
        int length = Math.toIntExact(shape.get(axis));
        int[] positions = axes[axis];
        int[] before = entries;
        entries = new int[before.length * positions.length];
        for (int i = 0; i < entries.length; i++) {
          entries[i] = before[i / positions.length] * length + positions[i % positions.length];
        }
      }
      return entries;
    }
  }

  private final ImmutableMap<String, Kept> parameters;

  private SliceMap(Map<String, Kept> parameters) {
    this.parameters = ImmutableMap.copyOf(parameters);
  }

  static SliceMap of(ModelGraph graph, Collection<ChannelUnit> leaving) {
    Map<String, Map<Integer, BitSet>> gone = new HashMap<>();
    for (ChannelUnit unit : leaving) {
      for (ChannelUnit.Slice slice : unit.slices()) {
        BitSet own =
            gone.computeIfAbsent(slice.parameter(), p -> new HashMap<>())
                .computeIfAbsent(slice.axis(), a -> new BitSet());
        slice.positions().forEach(own::set);
      }
    }
    Map<String, Kept> parameters = new LinkedHashMap<>();
    for (GraphParameter p : graph.parameters()) {
      Map<Integer, BitSet> own = gone.getOrDefault(p.path(), Map.of());
      int[][] axes = new int[p.shape().dimension()][];
      for (int axis = 0; axis < axes.length; axis++) {
        BitSet out = own.getOrDefault(axis, new BitSet());
        axes[axis] =
            IntStream.range(0, Math.toIntExact(p.shape().get(axis)))
                .filter(i -> !out.get(i))
                .toArray();
      }
      parameters.put(p.path(), new Kept(p.shape(), axes));
    }
    return new SliceMap(parameters);
  }

  private Kept kept(String path, Shape shape) {
    Kept kept = parameters.get(path);
    if (kept == null || !kept.shape.equals(shape)) {
      throw Problem.argument(
          "parameter of another network",
          "SliceMap, '" + path + "'",
          kept == null ? "one of " + parameters.size() + " parameters" : kept.shape,
          kept == null ? "none of this path" : shape,
          "cut what belongs to the network before it lost channels");
    }
    return kept;
  }

  /**
   * The shapes of parameters as they will be.
   *
   * @throws IllegalArgumentException if the layout has other parameters than the whole network
   */
  public Layout cut(Layout layout) {
    Problem.given(layout, "SliceMap.cut", "layout");
    Map<String, Shape> shapes = new LinkedHashMap<>();
    for (int i = 0; i < layout.tensors(); i++) {
      shapes.put(layout.path(i), kept(layout.path(i), layout.shape(i)).narrowed());
    }
    return Layout.of(shapes);
  }

  /**
   * What stays of numbers that belong to the entries of parameters.
   *
   * @param layout the whole network's parameters, or some of them
   * @param values one for each of their entries, parameter after parameter, row-major
   * @return what stays of them, as {@link #cut(Layout)} lies
   * @throws IllegalArgumentException if the layout has other parameters than the whole network, or
   *     the numbers are not as many
   */
  public float[] cut(Layout layout, float[] values) {
    Problem.given(layout, "SliceMap.cut", "layout");
    Problem.given(values, "SliceMap.cut", "values");
    if (values.length != layout.size()) {
      throw Problem.argument(
          "numbers of another network",
          "SliceMap.cut",
          layout.size(),
          values.length,
          "pass one number for each entry");
    }
    float[] left = new float[cut(layout).size()];
    int at = 0;
    for (int i = 0; i < layout.tensors(); i++) {
      for (int entry : kept(layout.path(i), layout.shape(i)).entries()) {
        left[at++] = values[layout.offset(i) + entry];
      }
    }
    return left;
  }

  /**
   * Masks for the smaller network, which keep what they kept.
   *
   * @throws IllegalArgumentException if they are masks of another network
   */
  public MaskSet cut(MaskSet masks) {
    Problem.given(masks, "SliceMap.cut", "masks");
    Map<String, Mask> left = new LinkedHashMap<>();
    masks
        .asMap()
        .forEach(
            (path, mask) -> {
              Kept kept = kept(path, mask.shape());
              int[] entries = kept.entries();
              left.put(path, Mask.of(kept.narrowed(), i -> mask.isKept(entries[i])));
            });
    return MaskSet.of(left);
  }

  /** How many parameters become smaller. */
  @Override
  public String toString() {
    long smaller =
        parameters.values().stream().filter(kept -> !kept.narrowed().equals(kept.shape)).count();
    return "SliceMap (" + smaller + " of " + parameters.size() + " parameters smaller)";
  }
}
