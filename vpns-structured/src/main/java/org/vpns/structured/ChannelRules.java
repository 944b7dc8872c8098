package org.vpns.structured;

import ai.djl.nn.Block;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.Problem;
import org.vpns.Value;
import org.vpns.graph.GraphParameter;
import org.vpns.graph.ModelGraph;

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
  private boolean frozenToo;

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
   * Channels leave what is frozen as well; what stays of it is not trained. By default {@link
   * #keepFrozen} holds it.
   */
  public ChannelRules frozenToo() {
    return with(rules -> rules.frozenToo = true);
  }

  /**
   * What a network has {@linkplain ParameterPaths#frozen() frozen} keeps its shape, as by {@link
   * #keepShape}, unless these rules are {@link #frozenToo()}. Methods that find channels in
   * training do this themselves.
   *
   * @param graph of the block
   */
  public ChannelRules keepFrozen(ModelGraph graph, Block block) {
    Problem.given(graph, "ChannelRules.keepFrozen", "graph");
    Problem.given(block, "ChannelRules.keepFrozen", "block");
    if (frozenToo) {
      return this;
    }
    Set<String> known =
        graph.parameters().stream().map(GraphParameter::path).collect(Collectors.toSet());
    ChannelRules held = this;
    for (NamedParameter p : ParameterPaths.of(block).frozen()) {
      held = known.contains(p.path()) ? held.keepShape(p.path()) : held;
    }
    return held;
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
    if (frozenToo) {
      parts.add("frozen ones too");
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

  /** Whether channels may leave what is frozen. */
  public boolean isFrozenToo() {
    return frozenToo;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ChannelRules that
        && outputs.equals(that.outputs)
        && shapes.equals(that.shapes)
        && axes.equals(that.axes)
        && frozenToo == that.frozenToo;
  }

  @Override
  public int hashCode() {
    return Objects.hash(outputs, shapes, axes, frozenToo);
  }
}
