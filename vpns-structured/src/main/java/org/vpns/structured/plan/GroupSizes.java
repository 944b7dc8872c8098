package org.vpns.structured.plan;

import ai.djl.ndarray.types.Shape;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.vpns.graph.GraphNode;
import org.vpns.graph.GraphParameter;
import org.vpns.graph.ModelGraph;
import org.vpns.report.ChannelRecord.Size;
import org.vpns.structured.ChannelGroup;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.ChannelUnit;
import org.vpns.structured.ChannelUnit.Role;

/** What the layers cost that make each group's channels, and all layers together. */
final class GroupSizes {
  private static final Size NOTHING = new Size(0, 0, 0);

  /** Number for layers that are of no group, or of several. */
  private static final int NONE = -1;

  private final Map<Integer, Size> sizes = new HashMap<>();

  private GroupSizes() {}

  /**
   * Of a network.
   *
   * @param graph the network that the groups are of, or what is left of it
   */
  static GroupSizes of(ModelGraph graph, ChannelGroups groups) {
    GroupSizes result = new GroupSizes();
    Map<String, Integer> makers = makers(groups);
    Map<String, Integer> readers = new HashMap<>();
    List<Shape> shapes = graph.imageShapes();
    LayerwiseCost parameters = NetworkCost.parameters();
    LayerwiseCost macs = NetworkCost.macs();
    LayerwiseCost bytes = NetworkCost.bytes();
    for (GraphNode node : graph.nodes()) {
      int group = NONE;
      for (int t : node.inputs()) {
        GraphParameter p = t == ModelGraph.ABSENT ? null : graph.parameterOf(t);
        group = p == null || group != NONE ? group : makers.getOrDefault(p.path(), NONE);
      }
      for (int t : node.inputs()) {
        GraphParameter p = t == ModelGraph.ABSENT ? null : graph.parameterOf(t);
        if (p != null) {
          readers.putIfAbsent(p.path(), group);
        }
      }
      double own = macs.of(node, node.inputShapes(shapes::get), node.outputShapes(shapes::get));
      result.add(group, new Size(0, (long) own, 0));
    }
    for (GraphParameter p : graph.parameters()) {
      Size own = new Size((long) parameters.of(p, p.shape()), 0, (long) bytes.of(p, p.shape()));
      result.add(readers.getOrDefault(p.path(), NONE), own);
    }
    return result;
  }

  /** The group whose channels a parameter makes or scales, if it is one. */
  private static Map<String, Integer> makers(ChannelGroups groups) {
    Map<String, Integer> makers = new HashMap<>();
    for (ChannelGroup group : groups.groups()) {
      for (ChannelUnit unit : group.units()) {
        for (ChannelUnit.Slice slice : unit.slices()) {
          Role role = slice.role();
          if (role == Role.OUT || role == Role.THROUGH || role == Role.SCALE) {
            makers.merge(
                slice.parameter(),
                group.number(),
                (a, b) -> a.equals(b) ? a : Integer.valueOf(NONE));
          }
        }
      }
    }
    return makers;
  }

  private void add(int group, Size size) {
    sizes.merge(group, size, Size::plus);
  }

  Size of(int group) {
    return sizes.getOrDefault(group, NOTHING);
  }

  /** All together. */
  Size all() {
    return sizes.values().stream().reduce(NOTHING, Size::plus);
  }
}
