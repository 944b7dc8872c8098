package org.vpns.structured.train;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.vpns.Problem;
import org.vpns.graph.ModelGraph;
import org.vpns.internal.graph.op.Layers;
import org.vpns.structured.ChannelGroup;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.ChannelUnit;
import org.vpns.structured.ChannelUnit.Role;
import org.vpns.structured.ChannelUnit.Slice;
import org.vpns.train.Regulariser;

/** The groups of a network that trains; their units that can leave are numbered throughout. */
final class TrainedGroups {
  /** Weights: what scores, and what is pulled. */
  private static final Set<Role> WEIGHTS = EnumSet.of(Role.OUT, Role.IN, Role.THROUGH, Role.SCALE);

  private final ModelGraph graph;
  private final ChannelGroups groups;
  private final Regulariser.Weights weights;
  private final String regulariser;

  /**
   * Of a network.
   *
   * @param regulariser for messages
   */
  TrainedGroups(
      ModelGraph graph, ChannelGroups groups, Regulariser.Weights weights, String regulariser) {
    this.graph = graph;
    this.groups = groups;
    this.weights = weights;
    this.regulariser = regulariser;
  }

  /** Rows and columns of layers and scales of norms. */
  UnitSlices weights() {
    return slices("weights of channels", slice -> WEIGHTS.contains(slice.role()));
  }

  /** Biases and shifts. */
  UnitSlices shifts() {
    return slices("biases", slice -> slice.role() == Role.SHIFT);
  }

  /**
   * Scales of batch norms.
   *
   * @throws IllegalArgumentException if channels that can leave have none
   */
  UnitSlices batchNormScales() {
    List<String> without =
        groups.groups().stream()
            .filter(group -> !group.free().isEmpty() && axes(group, this::isBatchNormScale) == 0)
            .map(ChannelGroup::name)
            .toList();
    if (!without.isEmpty()) {
      throw Problem.argument(
          "channels without batch norm",
          regulariser + ", " + Problem.listed(without, 8),
          "a batch norm over all channels that can leave",
          without.size() + " of " + groups.groups().size() + " groups without",
          "keep them with ChannelRules.keepOutputs(\""
              + without.get(0)
              + "\"), or take Regularisers.groupLasso, which needs no norm");
    }
    return slices("scales of batch norms", this::isBatchNormScale);
  }

  private boolean isBatchNormScale(Slice slice) {
    return slice.role() == Role.SCALE
        && graph.readers(graph.parameter(slice.parameter()).tensor()).stream()
            .anyMatch(reader -> reader.node().operator() instanceof Layers.BatchNorm);
  }

  private static String axis(Slice slice) {
    return slice.parameter() + "[" + slice.axis() + "]";
  }

  private static int axes(ChannelGroup group, Predicate<Slice> wanted) {
    return (int)
        group.units().stream()
            .flatMap(unit -> unit.slices().stream())
            .filter(wanted)
            .map(TrainedGroups::axis)
            .distinct()
            .count();
  }

  private UnitSlices slices(String what, Predicate<Slice> wanted) {
    Set<String> trained = new HashSet<>(weights.paths());
    Map<String, ParameterSlices> parameters = new LinkedHashMap<>();
    List<UnitSlices.Range> ranges = new ArrayList<>();
    int next = 0;
    for (ChannelGroup group : groups.groups()) {
      int first = next;
      for (ChannelUnit unit : group.free()) {
        for (Slice slice : unit.slices()) {
          if (wanted.test(slice)) {
            parameters
                .computeIfAbsent(
                    slice.parameter(),
                    path -> new ParameterSlices(path, weights.shape(path), trained.contains(path)))
                .give(slice.axis(), slice.positions(), next);
          }
        }
        next++;
      }
      if (next > first) {
        ranges.add(new UnitSlices.Range(first, next, axes(group, wanted)));
      }
    }
    UnitSlices found = new UnitSlices(List.copyOf(parameters.values()), ranges, next);
    if (!found.move()) {
      throw Problem.argument(
          "regulariser that moves nothing",
          regulariser,
          what + " that the stage trains",
          parameters.isEmpty()
              ? "none in the network"
              : "none of " + Problem.listed(List.copyOf(parameters.keySet()), 8),
          "train WEIGHTS, and freeze them not");
    }
    return found;
  }
}
