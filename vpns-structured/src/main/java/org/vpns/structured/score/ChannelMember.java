package org.vpns.structured.score;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.graph.ModelGraph;
import org.vpns.internal.channels.SliceRuns;
import org.vpns.structured.ChannelGroup;
import org.vpns.structured.ChannelUnit;
import org.vpns.structured.ChannelUnit.Role;
import org.vpns.structured.ChannelUnit.Slice;

/**
 * An axis of a parameter, along which units of one group have their slices: what an importance
 * scores at once.
 */
public final class ChannelMember {
  private final ChannelGroup group;
  private final Slice any;
  private final Shape shape;
  private final long size;
  private final @Nullable Slice[] slices;

  private record Axis(String parameter, int axis) {}

  private ChannelMember(ChannelGroup group, Slice any, Shape shape) {
    this.group = group;
    this.any = any;
    this.shape = shape;
    size = shape.size();
    slices = new Slice[group.units().size()];
  }

  /** The members of a group, in the order in which nodes first read their parameters. */
  static List<ChannelMember> of(ChannelGroup group, ModelGraph graph) {
    Map<Axis, ChannelMember> members = new LinkedHashMap<>();
    for (ChannelUnit unit : group.units()) {
      for (Slice slice : unit.slices()) {
        members.computeIfAbsent(
                    new Axis(slice.parameter(), slice.axis()),
                    key ->
                        new ChannelMember(group, slice, graph.parameter(slice.parameter()).shape()))
                .slices[unit.number()] =
            slice;
      }
    }
    Map<String, Integer> turns = new HashMap<>();
    graph.nodes().forEach(node -> turns.put(node.name(), turns.size()));
    List<ChannelMember> sorted = new ArrayList<>(members.values());
    sorted.sort(
        Comparator.comparing(
                (ChannelMember m) ->
                    graph.readers(graph.parameter(m.parameter()).tensor()).stream()
                        .map(reader -> turns.getOrDefault(reader.node().name(), turns.size()))
                        .findFirst()
                        .orElse(turns.size()))
            .thenComparing(ChannelMember::axis));
    return sorted;
  }

  /** The group. */
  public ChannelGroup group() {
    return group;
  }

  /** Path of the parameter. */
  public String parameter() {
    return any.parameter();
  }

  /** The axis, counted from the front. */
  public int axis() {
    return any.axis();
  }

  /** Numbers of the parameter that lie behind each other for one position of the axis. */
  int inner() {
    return Math.toIntExact(shape.slice(axis() + 1).size());
  }

  /** What the axis is to the channels. */
  public Role role() {
    return any.role();
  }

  /** Number of positions along the axis. */
  public int length() {
    return Math.toIntExact(shape.get(axis()));
  }

  /** Whether a unit has a slice here. */
  public boolean has(ChannelUnit unit) {
    return !positions(Problem.given(unit, "ChannelMember.has", "unit")).isEmpty();
  }

  /** The unit's positions, rising; none if it has no slice here. */
  public List<Integer> positions(ChannelUnit unit) {
    Problem.given(unit, "ChannelMember.positions", "unit");
    if (unit.group() != group.number() || unit.number() >= slices.length) {
      throw Problem.argument(
          "unit of another group",
          "ChannelMember " + this,
          "a unit of group " + group.number() + " (" + group.name() + ")",
          "unit " + unit.number() + " of group " + unit.group(),
          "take units of member.group()");
    }
    Slice slice = slices[unit.number()];
    return slice == null ? List.of() : slice.positions();
  }

  /**
   * What lies in the unit's slice, all its positions, row-major.
   *
   * @param values one for each entry of the parameter, as {@link ChannelContext#values} or a
   *     gradient
   * @throws IllegalArgumentException if they are not as many as the parameter has entries, or one
   *     in the slice is not finite
   */
  public float[] slice(float[] values, ChannelUnit unit) {
    Problem.given(values, "ChannelMember.slice", "values");
    int positions = positions(Problem.given(unit, "ChannelMember.slice", "unit")).size();
    requireFit(values);
    float[] own = new float[values.length / length() * positions];
    int[] at = {0};
    Slice slice = slices[unit.number()];
    if (slice != null) {
      SliceRuns.each(
          slice,
          shape,
          (from, to) -> {
            System.arraycopy(values, from, own, at[0], to - from);
            at[0] += to - from;
          });
    }
    for (float value : own) {
      if (!Float.isFinite(value)) {
        throw Problem.argument(
            "score that is not finite",
            place(unit),
            "finite weights, gradients and scores",
            value,
            "look for weights that are not finite, or images that are not");
      }
    }
    return own;
  }

  private void requireFit(float[] values) {
    if (values.length != size) {
      throw Problem.argument(
          "values do not fit the parameter",
          "ChannelMember " + this,
          size + " values",
          values.length,
          "pass those of member.parameter()");
    }
  }

  /**
   * A score of each unit's slice, 0 where a unit has none.
   *
   * @param values as for {@link #slice}
   * @param score of what lies in a slice
   * @throws IllegalArgumentException if a value or a score is not finite
   */
  public double[] each(float[] values, ToDoubleFunction<float[]> score) {
    Problem.given(values, "ChannelMember.each", "values");
    Problem.given(score, "ChannelMember.each", "score");
    return group.units().stream()
        .mapToDouble(unit -> has(unit) ? score.applyAsDouble(slice(values, unit)) : 0)
        .toArray();
  }

  /**
   * A sum over each unit's slice, 0 where a unit has none; position by position, in the order in
   * which the entries lie, since columns taken out one by one cost far more than their sums.
   *
   * @param values as for {@link #slice}
   * @param term of one entry
   * @throws IllegalArgumentException if a value in a slice is not finite
   */
  double[] sums(float[] values, DoubleUnaryOperator term) {
    requireFit(values);
    double[] byPosition = new double[length()];
    int inner = inner();
    for (int at = 0; at < values.length; ) {
      for (int position = 0; position < byPosition.length; position++) {
        double sum = byPosition[position];
        for (int end = at + inner; at < end; at++) {
          sum += term.applyAsDouble(values[at]);
        }
        byPosition[position] = sum;
      }
    }
    double[] sums = new double[slices.length];
    for (ChannelUnit unit : group.units()) {
      for (int position : positions(unit)) {
        sums[unit.number()] += byPosition[position];
      }
      if (!Double.isFinite(sums[unit.number()])) {
        slice(values, unit); // says which value it is
      }
    }
    return sums;
  }

  /** Scores of each unit, as a session gave them. */
  double[] require(double[] scores, String importance) {
    if (scores.length != slices.length) {
      throw Problem.argument(
          "scores do not fit the group",
          importance + ", " + this,
          slices.length + " scores, one for each unit",
          scores.length,
          "score all units of member.group().units()");
    }
    for (ChannelUnit unit : group.units()) {
      double score = scores[unit.number()];
      if (has(unit) && !Double.isFinite(score)) {
        throw Problem.argument(
            "score that is not finite",
            importance + ", " + place(unit),
            "a finite number",
            score,
            "look for a division by zero, or weights or images that are not finite");
      }
    }
    return scores;
  }

  private String place(ChannelUnit unit) {
    return slices[unit.number()] + ", unit " + unit.number() + " of group " + group.name();
  }

  /** Such as {@code conv1.weight[0]}. */
  @Override
  public String toString() {
    return parameter() + "[" + axis() + "]";
  }
}
