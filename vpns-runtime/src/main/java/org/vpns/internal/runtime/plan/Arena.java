package org.vpns.internal.runtime.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.vpns.Problem;
import org.vpns.internal.runtime.kernel.Wide;

/** Places tensors in one array such that those that are needed at once do not overlap. */
final class Arena {
  /** The array of a large heap region begins 16 bytes behind a multiple of 64. */
  private static final int FRONT = Wide.LANES + 12;

  private Arena() {}

  /** Places all; gives the floats of the array. */
  static int place(List<Slot> slots) {
    List<Slot> largestFirst = new ArrayList<>(slots);
    largestFirst.sort(Comparator.comparingInt((Slot s) -> s.size).reversed());
    List<Slot> placed = new ArrayList<>();
    long end = FRONT;
    for (Slot slot : largestFirst) {
      int base = freePlace(slot, placed);
      slot.place(base);
      placed.add(slot);
      placed.sort(Comparator.comparingInt(Slot::base));
      end = Math.max(end, (long) base + slot.size);
    }
    end += 2L * Wide.LANES;
    if (end > Integer.MAX_VALUE - 8) {
      throw tooLarge(end);
    }
    return (int) end;
  }

  private static int freePlace(Slot slot, List<Slot> placed) {
    long at = FRONT;
    for (Slot other : placed) {
      boolean together = other.first <= slot.last && slot.first <= other.last;
      if (together && other.base() < at + slot.size && at < (long) other.base() + other.size) {
        at = (long) other.base() + other.size;
      }
    }
    if (at + slot.size > Integer.MAX_VALUE - 8L) {
      throw tooLarge(at + slot.size);
    }
    return (int) at;
  }

  private static IllegalArgumentException tooLarge(long floats) {
    return Problem.argument(
        "network whose tensors do not fit one array",
        "sparse runtime",
        "at most " + Integer.MAX_VALUE + " numbers at a time",
        floats,
        "use smaller images");
  }
}
