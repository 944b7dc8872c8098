package org.vpns.structured.prune;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.common.primitives.Ints;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.vpns.MaskSet;
import org.vpns.Problem;
import org.vpns.graph.GraphParameter;
import org.vpns.graph.GraphRun;
import org.vpns.graph.NetworkValues;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.ChannelRules;
import org.vpns.structured.ChannelUnit;
import org.vpns.structured.ChannelUnit.Role;
import org.vpns.structured.ChannelUnit.Slice;

/**
 * Channels on their way out of a trained network: the network that they leave, with nothing of them
 * in it, gives what the smaller one gives.
 *
 * @param groups of the network
 * @param leaving units of them
 * @param shut the network with the units shut off; whole where {@code shut} is the trained one
 */
record ChannelCut(ChannelGroups groups, List<ChannelUnit> leaving, NetworkValues shut) {
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
   * @throws IllegalArgumentException if the mask removes anything else
   */
  static ChannelCut byMask(NetworkValues trained, ChannelRules rules, MaskSet masks) {
    GatedUnits gated = GatedUnits.of(trained.graph(), rules, masks.layout());
    ChannelGates gates =
        new ChannelGates(gated, masks.layout(), UnitStart.SQUARES, GlobalUnits.none());
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
          "give method and ChannelTrainer the same rules, and the channels alone a mask");
    }
    List<ChannelUnit> free = gated.groups().free();
    return new ChannelCut(
        gated.groups(),
        free.stream().filter(unit -> !open.get(free.indexOf(unit))).toList(),
        trained);
  }

  /** Units that somebody has chosen. */
  static ChannelCut byChoice(
      NetworkValues trained, ChannelRules rules, ChannelChoice choice, NDManager manager) {
    ChannelGroups groups = ChannelGroups.of(trained.graph(), rules);
    List<ChannelUnit> leaving = List.copyOf(choice.leaving(groups, trained));
    return new ChannelCut(groups, leaving, shutOff(trained, leaving, manager));
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
          Slices.each(slice, p.shape(), i -> own[i] = 0);
        }
      }
    }
    Map<String, NDArray> arrays = new HashMap<>();
    for (GraphParameter p : network.graph().parameters()) {
      float[] own = values.get(p.path());
      arrays.put(p.path(), own == null ? network.array(p) : manager.create(own, p.shape()));
    }
    return NetworkValues.of(network.graph(), arrays);
  }

  /** The smaller network. */
  NetworkValues apply(NDManager manager) {
    return groups.removal(shut, leaving).apply(manager);
  }

  /**
   * The largest difference of the two networks' results, of their largest entry, on random images.
   *
   * @param input shape of one, (channels, height, width)
   * @throws IllegalStateException if it is more than rounding
   */
  double requireSame(NetworkValues smaller, Shape input, NDManager manager) {
    float[] pixels = new float[Ints.checkedCast(IMAGES * input.size())];
    Random random = new Random(7);
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) random.nextGaussian();
    }
    double difference;
    try (NDManager scope = manager.newSubManager()) {
      NDArray images = scope.create(pixels, new Shape(IMAGES).addAll(input));
      float[] before = GraphRun.forward(shut, new NDList(images)).head().toFloatArray();
      float[] after = GraphRun.forward(smaller, new NDList(images)).head().toFloatArray();
      difference = difference(before, after);
    }
    List<String> measured =
        leaving.stream()
            .flatMap(unit -> groups.groups().get(unit.group()).measured().stream())
            .distinct()
            .toList();
    if (measured.isEmpty() && !(difference <= TOLERANCE)) {
      throw Problem.state(
          "network is another without its channels",
          leaving.size() + " channels that leave",
          "results that differ by at most " + TOLERANCE + " of the largest",
          difference,
          "keep the channels that products of matrices or sums read, with"
              + " ChannelRules.keepOutputs; the model is as it was before");
    }
    return difference;
  }

  private static double difference(float[] before, float[] after) {
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < before.length; i++) {
      largest = Math.max(largest, Math.abs(before[i]));
      difference = Math.max(difference, Math.abs((double) before[i] - after[i]));
      if (Float.isNaN(before[i]) || Float.isNaN(after[i])) {
        return Double.NaN;
      }
    }
    return difference == 0 ? 0 : difference / largest;
  }
}
