package org.vpns.structured.prune;

import com.google.common.primitives.Ints;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.internal.channels.SliceRuns;
import org.vpns.structured.ChannelUnit;
import org.vpns.structured.ChannelUnit.Slice;

/**
 * Masks by gates: one gate for each unit that can be shut off, in the units' order. What is behind
 * it are the prunable weights of the slices where its unit is shut off.
 */
final class GateMasks {
  private static final int OPEN = -1;

  private final List<ChannelUnit> units;
  private final Layout layout;
  private final List<Tensor> tensors = new ArrayList<>();

  /** The gates along one axis of a tensor, or {@link #OPEN}, by position. */
  private static final class Axis {
    final int[] gates;
    final int stride;

    Axis(int[] gates, int stride) {
      this.gates = gates;
      this.stride = stride;
    }

    int at(int entry) {
      return gates[entry / stride % gates.length];
    }
  }

  /** The gates of one tensor, and the mask that was made last. */
  private static final class Tensor {
    final List<Axis> axes = new ArrayList<>();
    final BitSet gates = new BitSet();
    @Nullable BitSet opened;
    @Nullable Mask mask;
  }

  /**
   * The gates of a network.
   *
   * @param layout its prunable weights
   */
  GateMasks(GatedUnits gated, Layout layout) {
    this.layout = layout;
    units = gated.groups().free();
    for (int t = 0; t < layout.tensors(); t++) {
      tensors.add(new Tensor());
    }
    Map<String, int[]> axes = new HashMap<>();
    for (int gate = 0; gate < units.size(); gate++) {
      for (Slice slice : gated.slices().get(gate)) {
        int[] gates =
            axes.computeIfAbsent(slice.parameter() + "/" + slice.axis(), key -> axis(slice));
        for (int position : slice.positions()) {
          gates[position] = gate;
        }
        tensors.get(layout.indexOf(slice.parameter())).gates.set(gate);
      }
    }
  }

  private int[] axis(Slice slice) {
    int tensor = layout.indexOf(slice.parameter());
    int[] gates = new int[Ints.checkedCast(layout.shape(tensor).get(slice.axis()))];
    Arrays.fill(gates, OPEN);
    int stride = Ints.checkedCast(layout.shape(tensor).slice(slice.axis() + 1).size());
    tensors.get(tensor).axes.add(new Axis(gates, stride));
    return gates;
  }

  /** The mask under which these gates are open. */
  MaskSet masks(BitSet open) {
    return MaskSet.of(layout, t -> mask(t, open));
  }

  /** Made anew where a gate has moved since it was last made. */
  private Mask mask(int tensor, BitSet open) {
    Tensor own = tensors.get(tensor);
    BitSet opened = (BitSet) open.clone();
    opened.and(own.gates);
    Mask mask = own.mask;
    if (mask == null || !opened.equals(own.opened)) {
      mask =
          own.axes.isEmpty()
              ? Mask.ones(layout.shape(tensor))
              : Mask.of(layout.shape(tensor), entry -> isOpen(own, entry, open));
      own.mask = mask;
      own.opened = opened;
    }
    return mask;
  }

  /** The gates that a mask leaves open: all but those with nothing kept behind them. */
  BitSet open(MaskSet masks) {
    BitSet open = new BitSet(units.size());
    for (int t = 0; t < tensors.size(); t++) {
      Mask mask = masks.mask(t);
      for (Axis axis : tensors.get(t).axes) {
        for (int entry = 0; entry < mask.size(); entry++) {
          if (mask.isKept(entry) && axis.at(entry) != OPEN) {
            open.set(axis.at(entry));
          }
        }
      }
    }
    return open;
  }

  /**
   * The same gates, without the other weights of the units that they shut off: nothing reads what
   * these make.
   */
  MaskSet settled(MaskSet masks) {
    BitSet open = open(masks);
    Map<String, boolean[]> gone = new HashMap<>();
    for (int gate = open.nextClearBit(0); gate < units.size(); gate = open.nextClearBit(gate + 1)) {
      for (Slice slice : units.get(gate).slices()) {
        if (layout.contains(slice.parameter())) {
          int tensor = layout.indexOf(slice.parameter());
          boolean[] entries =
              gone.computeIfAbsent(slice.parameter(), p -> new boolean[layout.size(tensor)]);
          SliceRuns.each(
              slice, layout.shape(tensor), (from, to) -> Arrays.fill(entries, from, to, true));
        }
      }
    }
    return MaskSet.of(
        layout,
        t -> {
          boolean[] entries = gone.get(layout.path(t));
          return entries == null
              ? masks.mask(t)
              : masks.mask(t).and(Mask.of(layout.shape(t), entry -> !entries[entry]));
        });
  }

  private static boolean isOpen(Tensor tensor, int entry, BitSet open) {
    for (Axis axis : tensor.axes) {
      int gate = axis.at(entry);
      if (gate != OPEN && !open.get(gate)) {
        return false;
      }
    }
    return true;
  }

  /** As {@link org.vpns.optim.SharedScores.Gates#add}. */
  void add(int tensor, int from, float[] products, int n, BitSet open, double[] sums) {
    List<Axis> axes = tensors.get(tensor).axes;
    for (Axis axis : axes) {
      int inner = from % axis.stride;
      int position = from / axis.stride % axis.gates.length;
      for (int i = 0; i < n; i++) {
        int gate = axis.gates[position];
        if (gate != OPEN && (axes.size() == 1 || othersOpen(axes, axis, from + i, open))) {
          sums[gate] += products[i];
        }
        if (++inner == axis.stride) {
          inner = 0;
          position = position + 1 == axis.gates.length ? 0 : position + 1;
        }
      }
    }
  }

  private static boolean othersOpen(List<Axis> axes, Axis own, int entry, BitSet open) {
    for (Axis axis : axes) {
      int gate = axis.at(entry);
      if (axis != own && gate != OPEN && !open.get(gate)) {
        return false;
      }
    }
    return true;
  }
}
