package org.vpns.structured.prune;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.common.primitives.Ints;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.Problem;
import org.vpns.Sparsity;
import org.vpns.graph.GraphParameter;
import org.vpns.graph.GraphRun;
import org.vpns.graph.NetworkValues;
import org.vpns.internal.channels.SliceRuns;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.ChannelRules;
import org.vpns.structured.ChannelUnit;
import org.vpns.structured.ChannelUnit.Role;
import org.vpns.structured.ChannelUnit.Slice;
import org.vpns.structured.plan.ChannelPlan;

/**
 * Channels on their way out of a trained network: the network that they leave, with nothing of them
 * in it, gives what the smaller one gives.
 *
 * @param groups of the network
 * @param plan the units of them that leave
 * @param shut the network with the units shut off; whole where {@code shut} is the trained one
 */
record ChannelCut(ChannelGroups groups, ChannelPlan plan, NetworkValues shut) {
  /** Images of the check. */
  private static final int IMAGES = 4;

  /**
   * What the two may differ by, of the largest logit: sums of float32 in another order through all
   * layers differ by some 1e-6; one channel too many, by tenths.
   */
  private static final float TOLERANCE = 1e-3f;

  /**
   * The units that a mask shuts off.
   *
   * @param masks what was learned
   * @param sparsity that it was learned for
   * @throws IllegalArgumentException if the mask removes anything else
   */
  static ChannelCut byMask(
      NetworkValues trained, ChannelRules rules, MaskSet masks, Sparsity sparsity) {
    GatedUnits gated = GatedUnits.of(trained.graph(), rules, masks.layout());
    GateMasks gates = new GateMasks(gated, masks.layout());
    BitSet open = gates.open(masks);
    MaskSet explained = gates.settled(gates.masks(open));
    if (!explained.equals(masks)) {
      MaskSet more = explained.andNot(masks);
      String where =
          more.asMap().entrySet().stream()
              .filter(entry -> entry.getValue().kept() > 0)
              .map(Map.Entry::getKey)
              .findFirst()
              .orElse("");
      throw Problem.argument(
          "mask of more than channels",
          where,
          "no weight removed but those that read channels which leave",
          more.kept() + " others removed",
          "give method and ChannelTrainer the same rules; or say with ChannelTrainer.leaving which"
              + " channels leave, and the mask of single weights is kept");
    }
    List<ChannelUnit> units = gated.groups().free();
    List<ChannelUnit> leaving =
        IntStream.range(0, units.size()).filter(i -> !open.get(i)).mapToObj(units::get).toList();
    String asked = "what the mask of sparsity " + sparsity + " shuts off";
    return new ChannelCut(gated.groups(), ChannelPlan.of(gated.groups(), leaving, asked), trained);
  }

  /** Units that somebody has chosen. */
  static ChannelCut byChoice(
      NetworkValues trained, ChannelRules rules, ChannelChoice choice, NDManager manager) {
    ChannelGroups groups = ChannelGroups.of(trained.graph(), rules);
    ChannelPlan plan =
        Problem.given(
            choice.plan(groups, trained),
            "ChannelTrainer.leaving",
            "what ChannelChoice.plan gives");
    return new ChannelCut(groups, plan, shutOff(trained, plan.units(groups), manager));
  }

  /** The network with zeros in all that the units have but statistics. */
  private static NetworkValues shutOff(
      NetworkValues network, List<ChannelUnit> units, NDManager manager) {
    Map<String, float[]> values = new HashMap<>();
    for (ChannelUnit unit : units) {
      for (Slice slice : unit.slices()) {
        if (slice.role() != Role.STATISTIC) {
          GraphParameter p = network.graph().parameter(slice.parameter());
          float[] own = values.computeIfAbsent(p.path(), path -> network.array(p).toFloatArray());
          SliceRuns.each(slice, p.shape(), (from, to) -> Arrays.fill(own, from, to, 0));
        }
      }
    }
    return with(network, values, manager);
  }

  /** Units behind gates that are closed, the rest as it is. */
  private static ChannelCut byGates(
      NetworkValues network,
      GatedUnits gated,
      Layout layout,
      List<ChannelUnit> leaving,
      NDManager manager) {
    GateMasks gates = new GateMasks(gated, layout);
    BitSet open = new BitSet();
    List<ChannelUnit> units = gated.groups().free();
    IntStream.range(0, units.size()).forEach(i -> open.set(i, !leaving.contains(units.get(i))));
    MaskSet masks = gates.masks(open);
    Map<String, float[]> values = new HashMap<>();
    for (int t = 0; t < layout.tensors(); t++) {
      Mask mask = masks.mask(t);
      if (mask.kept() < mask.size()) {
        float[] masked = network.array(layout.path(t)).toFloatArray();
        mask.apply(masked);
        values.put(layout.path(t), masked);
      }
    }
    return new ChannelCut(
        gated.groups(), ChannelPlan.of(gated.groups(), leaving), with(network, values, manager));
  }

  private static NetworkValues with(
      NetworkValues network, Map<String, float[]> values, NDManager manager) {
    Map<String, NDArray> arrays = new HashMap<>();
    for (GraphParameter p : network.graph().parameters()) {
      float[] own = values.get(p.path());
      arrays.put(p.path(), own == null ? network.array(p) : manager.create(own, p.shape()));
    }
    return NetworkValues.of(network.graph(), arrays);
  }

  /**
   * Closes gates of a network, one in each group, and takes their units out: both must give the
   * same.
   *
   * @param layout the prunable weights
   * @param input shape of one image, (channels, height, width)
   * @throws IllegalArgumentException naming a group whose gates do not shut it off
   */
  static void requireGatesThatShutOff(
      NetworkValues network, GatedUnits gated, Layout layout, Shape input) {
    ChannelGroups groups = gated.groups();
    List<ChannelUnit> units =
        groups.groups().stream()
            .filter(group -> !group.free().isEmpty())
            .map(group -> group.free().get(0))
            .filter(unit -> groups.emptied(List.of(unit)) == null)
            .toList();
    if (groups.emptied(units) == null && differs(network, gated, layout, units, input) == null) {
      return;
    }
    for (ChannelUnit unit : units) {
      Double difference = differs(network, gated, layout, List.of(unit), input);
      if (difference != null) {
        String name = groups.groups().get(unit.group()).name();
        throw Problem.argument(
            "channels that gates do not shut off",
            gated.name(unit),
            "results that differ by at most " + TOLERANCE + " of the largest without it",
            difference,
            "something else reads it as well, as products of queries and keys do; keep these"
                + " channels with ChannelRules.keepOutputs(\""
                + name
                + "\")");
      }
    }
  }

  /** By how much more than rounding; null if by no more. */
  private static @Nullable Double differs(
      NetworkValues network,
      GatedUnits gated,
      Layout layout,
      List<ChannelUnit> units,
      Shape input) {
    NDManager owner = network.array(layout.path(0)).getManager();
    try (NDManager scope = owner.newSubManager()) {
      ChannelCut cut = byGates(network, gated, layout, units, scope);
      double difference = cut.difference(cut.apply(scope), input, scope);
      return difference <= TOLERANCE ? null : difference;
    }
  }

  /** The smaller network. */
  NetworkValues apply(NDManager manager) {
    return plan.apply(shut, manager);
  }

  /**
   * The largest difference of the two networks' results, of their largest entry, on random images;
   * any is allowed where norms are taken over channels that leave.
   *
   * @param input shape of one, (channels, height, width)
   * @throws IllegalStateException if it is more than rounding
   */
  double requireSame(NetworkValues smaller, Shape input, NDManager manager) {
    double difference = difference(smaller, input, manager);
    boolean measured =
        plan.units(groups).stream()
            .anyMatch(unit -> !groups.groups().get(unit.group()).measured().isEmpty());
    if (!measured && !(difference <= TOLERANCE)) {
      throw Problem.state(
          "network is another without its channels",
          plan.obtained(),
          "results that differ by at most " + TOLERANCE + " of the largest",
          difference,
          "keep channels that sums or products of matrices read, with ChannelRules.keepOutputs;"
              + " the model is as it was before");
    }
    return difference;
  }

  private double difference(NetworkValues smaller, Shape input, NDManager manager) {
    float[] pixels = new float[Ints.checkedCast(IMAGES * input.size())];
    Random random = new Random(7);
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) random.nextGaussian();
    }
    try (NDManager scope = manager.newSubManager()) {
      NDArray images = scope.create(pixels, new Shape(IMAGES).addAll(input));
      float[] before = GraphRun.forward(shut, new NDList(images)).head().toFloatArray();
      float[] after = GraphRun.forward(smaller, new NDList(images)).head().toFloatArray();
      return difference(before, after);
    }
  }

  private static double difference(float[] before, float[] after) {
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < before.length; i++) {
      double apart = Math.abs((double) before[i] - after[i]);
      if (Double.isNaN(apart)) {
        return apart;
      }
      largest = Math.max(largest, Math.abs(before[i]));
      difference = Math.max(difference, apart);
    }
    return difference == 0 ? 0 : difference / largest;
  }
}
