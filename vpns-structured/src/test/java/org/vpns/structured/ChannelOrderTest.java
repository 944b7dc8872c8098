package org.vpns.structured;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.vpns.graph.GraphComparison;
import org.vpns.graph.GraphParameter;
import org.vpns.graph.NetworkValues;
import org.vpns.structured.ChannelUnit.Slice;
import org.vpns.structured.score.ChannelContext;
import org.vpns.structured.score.Importances;

/** The order of a group's channels means nothing (C15 of the study). */
class ChannelOrderTest {
  @Property(tries = 40)
  void twoUnitsOfAGroup_exchangedInAllSlices_leaveTheNetworkAsItWas_andExchangeTheirScores(
      @ForAll long seed) {
    try (NDManager manager = NDManager.newBaseManager()) {
      NetworkValues network = RandomGraphs.of(seed, manager);
      // pieces of a split may go different ways: there it matters in which a channel is
      if (network.graph().nodes().stream().anyMatch(n -> n.operator().kind().equals("split"))) {
        return;
      }
      ChannelGroups groups = ChannelGroups.of(network.graph());
      NDArray x = GraphComparison.images(manager, new Shape(2).addAll(RandomGraphs.IMAGE));
      float[] expected = Masking.run(network, x);
      ChannelScores scores = Importances.l2().score(ChannelContext.of(network, groups));
      for (ChannelGroup group : groups.groups()) {
        List<ChannelUnit> pair = alike(group);
        if (pair.isEmpty()) {
          continue;
        }
        NetworkValues other = exchanged(network, pair.get(0), pair.get(1), manager);
        float largest = 1;
        for (float value : expected) {
          largest = Math.max(largest, Math.abs(value));
        }
        // sums over channels in another order
        assertThat(Masking.run(other, x))
            .as("%s of %s", pair, group)
            .containsExactly(expected, within(1e-5f * largest));
        ChannelScores now = Importances.l2().score(ChannelContext.of(other, groups));
        for (ChannelUnit unit : group.free()) {
          ChannelUnit before =
              unit.equals(pair.get(0))
                  ? pair.get(1)
                  : unit.equals(pair.get(1)) ? pair.get(0) : unit;
          assertThat(now.score(unit)).isCloseTo(scores.score(before), within(1e-9));
        }
      }
    }
  }

  /** The first and the last unit that have slices of the same sizes in the same axes. */
  private static List<ChannelUnit> alike(ChannelGroup group) {
    for (ChannelUnit a : group.free()) {
      for (int i = group.free().size() - 1; i > 0; i--) {
        ChannelUnit b = group.free().get(i);
        if (b.number() > a.number() && axes(a).equals(axes(b))) {
          return List.of(a, b);
        }
      }
    }
    return List.of();
  }

  private static List<String> axes(ChannelUnit unit) {
    List<String> axes = new ArrayList<>();
    for (Slice slice : sorted(unit)) {
      axes.add(slice.parameter() + " " + slice.axis() + " " + slice.positions().size());
    }
    return axes;
  }

  private static List<Slice> sorted(ChannelUnit unit) {
    return unit.slices().stream()
        .sorted(Comparator.comparing(Slice::parameter).thenComparing(Slice::axis))
        .toList();
  }

  private static NetworkValues exchanged(
      NetworkValues network, ChannelUnit a, ChannelUnit b, NDManager manager) {
    Map<String, float[]> values = new HashMap<>();
    Map<String, NDArray> arrays = new HashMap<>();
    network
        .graph()
        .parameters()
        .forEach(p -> values.put(p.path(), network.array(p).toFloatArray()));
    for (int s = 0; s < a.slices().size(); s++) {
      Slice one = sorted(a).get(s);
      Slice two = sorted(b).get(s);
      GraphParameter p = network.graph().parameter(one.parameter());
      for (int i = 0; i < one.positions().size(); i++) {
        exchange(
            values.get(p.path()),
            p.shape(),
            one.axis(),
            one.positions().get(i),
            two.positions().get(i));
      }
    }
    network
        .graph()
        .parameters()
        .forEach(p -> arrays.put(p.path(), manager.create(values.get(p.path()), p.shape())));
    return NetworkValues.of(network.graph(), arrays);
  }

  private static void exchange(float[] values, Shape shape, int axis, int a, int b) {
    int length = (int) shape.get(axis);
    int inner = (int) shape.slice(axis + 1).size();
    for (int block = 0; block < values.length; block += length * inner) {
      for (int i = 0; i < inner; i++) {
        float value = values[block + a * inner + i];
        values[block + a * inner + i] = values[block + b * inner + i];
        values[block + b * inner + i] = value;
      }
    }
  }
}
