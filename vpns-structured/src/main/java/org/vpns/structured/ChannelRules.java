package org.vpns.structured;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.vpns.Problem;
import org.vpns.Value;

/**
 * What may leave a network. By default all channels that do not reach its result; where a reshape
 * makes several axes of one, such as heads and what is in them, channels lie along the longest.
 *
 * <p>A layer is the name of a node of the graph, or the beginning of its parameters' paths: {@code
 * layer1} is all of that block.
 */
public final class ChannelRules extends Value<ChannelRules> {
  private ImmutableSet<String> outputs = ImmutableSet.of();
  private ImmutableSet<String> shapes = ImmutableSet.of();
  private ImmutableMap<String, Integer> axes = ImmutableMap.of();

  private ChannelRules() {}

  /** The defaults. */
  public static ChannelRules standard() {
    return new ChannelRules();
  }

  /** The layer makes what it makes; it may come to read fewer channels. */
  public ChannelRules keepOutputs(String layer) {
    Problem.given(layer, "ChannelRules.keepOutputs", "layer");
    return with(rules -> rules.outputs = added(rules.outputs, layer));
  }

  /** The layer's parameters keep their shapes, so that what it reads stays as well. */
  public ChannelRules keepShape(String layer) {
    Problem.given(layer, "ChannelRules.keepShape", "layer");
    return with(rules -> rules.shapes = added(rules.shapes, layer));
  }

  /**
   * Along which axis of its output a reshape's channels lie.
   *
   * @param reshape name of its node
   * @param axis the axis, counted from the front, batch included; the axis of the heads for whole
   *     heads to leave
   */
  public ChannelRules channelAxis(String reshape, int axis) {
    Problem.given(reshape, "ChannelRules.channelAxis", "reshape");
    return with(
        rules ->
            rules.axes =
                ImmutableMap.<String, Integer>builder()
                    .putAll(rules.axes)
                    .put(reshape, axis)
                    .buildKeepingLast());
  }

  /**
   * What differs from the defaults, such as {@code outputs of [head] kept}; empty if nothing does.
   */
  @Override
  public String toString() {
    List<String> parts = new ArrayList<>();
    if (!outputs.isEmpty()) {
      parts.add("outputs of " + outputs + " kept");
    }
    if (!shapes.isEmpty()) {
      parts.add("shapes of " + shapes + " kept");
    }
    if (!axes.isEmpty()) {
      parts.add("channels along axes " + axes);
    }
    return String.join(", ", parts);
  }

  private static ImmutableSet<String> added(ImmutableSet<String> names, String name) {
    return ImmutableSet.<String>builder().addAll(names).add(name).build();
  }

  /** The layers that make what they make, in the order in which they were named. */
  public Set<String> outputs() {
    return outputs;
  }

  /** The layers whose parameters keep their shapes, in the order in which they were named. */
  public Set<String> shapes() {
    return shapes;
  }

  /** Reshapes, and along which axis of each the channels lie. */
  public Map<String, Integer> axes() {
    return axes;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ChannelRules that
        && outputs.equals(that.outputs)
        && shapes.equals(that.shapes)
        && axes.equals(that.axes);
  }

  @Override
  public int hashCode() {
    return Objects.hash(outputs, shapes, axes);
  }
}
