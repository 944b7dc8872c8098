package org.vpns.internal.runtime.kernel;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static org.vpns.internal.runtime.kernel.Wide.FLOATS;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * Where the values of a plane come from, vector by vector: whole vectors are copied, those that
 * miss some lanes masked, and the rest, those that are strewn among them, moved one by one: the
 * compiler does not always look into how vectors are gathered, and then makes objects.
 *
 * @param fill what lies where there is no source
 * @param copies where a vector goes, where it was
 * @param masked likewise, and its first lane among the masks
 * @param fills vectors of nothing but {@code fill}
 * @param singles where a float goes, where it was
 * @param masks a lane that has a source has all bits set
 */
record Pattern(float fill, int[] copies, int[] masked, int[] fills, int[] singles, int[] masks) {
  /**
   * A pattern.
   *
   * @param to places that get a value
   * @param from for each of them, where its value lies; -1 for {@code fill}
   */
  static Pattern of(int[] to, int[] from, float fill) {
    Sorting sorting = new Sorting(fill);
    sorting.add(to, from);
    return sorting.pattern();
  }

  /** Puts vectors where they belong. */
  private static final class Sorting {
    private final float fill;
    private final Ints copies = new Ints();
    private final Ints masked = new Ints();
    private final Ints fills = new Ints();
    private final Ints singles = new Ints();
    private final Ints masks = new Ints();
    private final Map<Long, Integer> numbers = new LinkedHashMap<>();

    Sorting(float fill) {
      this.fill = fill;
    }

    Pattern pattern() {
      return new Pattern(
          fill, copies.values(), masked.values(), fills.values(), singles.values(), masks.values());
    }

    void add(int[] to, int[] from) {
      int i = 0;
      while (i < to.length) {
        if (isVector(to, i)) {
          addVector(to[i], Arrays.copyOfRange(from, i, i + Wide.LANES));
          i += Wide.LANES;
        } else {
          singles.add(to[i], from[i]);
          i++;
        }
      }
    }

    private static boolean isVector(int[] to, int i) {
      if (i + Wide.LANES > to.length) {
        return false;
      }
      for (int l = 1; l < Wide.LANES; l++) {
        if (to[i + l] != to[i] + l) {
          return false;
        }
      }
      return true;
    }

    private void addVector(int to, int[] from) {
      int[] lanes = new int[Wide.LANES];
      int some = Move.ANYTHING;
      int base = 0;
      boolean shifted = true;
      for (int l = 0; l < Wide.LANES; l++) {
        lanes[l] = from[l] == Move.FILL ? 0 : -1;
        if (from[l] >= 0) {
          base = some < 0 ? from[l] - l : base;
          some = from[l];
          shifted &= from[l] - l == base;
        }
      }
      boolean whole = Arrays.stream(lanes).allMatch(l -> l == -1);
      if (some < 0) {
        if (!whole) { // otherwise nobody reads it
          fills.add(to);
        }
      } else if (!shifted || !whole && fill != 0) {
        for (int l = 0; l < Wide.LANES; l++) {
          singles.add(to + l, from[l] == Move.ANYTHING ? Move.FILL : from[l]);
        }
      } else if (whole) {
        copies.add(to, base);
      } else {
        int number =
            numbers.computeIfAbsent(
                Wide.bits(lanes),
                k -> {
                  masks.add(lanes);
                  return numbers.size() * Wide.LANES;
                });
        masked.add(to, base, number);
      }
    }
  }

  /** Moves a share of a plane. */
  void apply(float[] a, int source, int target, int part, int parts) {
    vectors(a, source, target, part, parts);
    int[] s = singles;
    int last = 2 * Wide.begin(s.length / 2, part + 1, parts);
    for (int i = 2 * Wide.begin(s.length / 2, part, parts); i < last; i += 2) {
      a[target + s[i]] = s[i + 1] < 0 ? fill : a[source + s[i + 1]];
    }
  }

  private void vectors(float[] a, int source, int target, int part, int parts) {
    int[] c = copies;
    int last = 2 * Wide.begin(c.length / 2, part + 1, parts);
    for (int i = 2 * Wide.begin(c.length / 2, part, parts); i < last; i += 2) {
      fromArray(FLOATS, a, source + c[i + 1]).intoArray(a, target + c[i]);
    }
    int[] m = masked;
    last = 3 * Wide.begin(m.length / 3, part + 1, parts);
    for (int i = 3 * Wide.begin(m.length / 3, part, parts); i < last; i += 3) {
      IntVector lanes = IntVector.fromArray(Wide.INTS, masks, m[i + 2]);
      fromArray(FLOATS, a, source + m[i + 1])
          .reinterpretAsInts()
          .and(lanes)
          .reinterpretAsFloats()
          .intoArray(a, target + m[i]);
    }
    FloatVector outside = broadcast(FLOATS, fill);
    last = Wide.begin(fills.length, part + 1, parts);
    for (int i = Wide.begin(fills.length, part, parts); i < last; i++) {
      outside.intoArray(a, target + fills[i]);
    }
  }

  /** A list of numbers. */
  private static final class Ints {
    private int[] values = {};
    private int size;

    void add(int... more) {
      if (size + more.length > values.length) {
        values = Arrays.copyOf(values, Math.max(2 * values.length, size + more.length));
      }
      System.arraycopy(more, 0, values, size, more.length);
      size += more.length;
    }

    int[] values() {
      if (values.length != size) {
        values = Arrays.copyOf(values, size);
      }
      return values;
    }
  }
}
