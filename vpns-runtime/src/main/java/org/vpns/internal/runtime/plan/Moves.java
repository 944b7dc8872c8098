package org.vpns.internal.runtime.plan;

import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.vpns.graph.op.Operator;
import org.vpns.internal.graph.op.Indexing;
import org.vpns.internal.graph.op.Joining;
import org.vpns.internal.graph.op.Shaping;

/**
 * Where the values of an operator's result lay in its input, both row-major and of one image, for
 * operators that compute nothing.
 */
final class Moves {
  private Moves() {}

  /** What a position of the result is in the input, axis by axis. */
  private interface Axes {
    /** Gives false where there is nothing. */
    boolean find(int[] at, int[] source);
  }

  /** Whether values keep their order. */
  static boolean keepsOrder(Operator operator) {
    return operator instanceof Shaping.Reshape
        || operator instanceof Shaping.Squeeze
        || operator instanceof Shaping.ExpandDims;
  }

  /**
   * For each value of an output, where it was, or -1; null if images would not stay apart or the
   * operator is another.
   *
   * @param number which output
   */
  static int @Nullable [] table(Operator operator, int number, int[] in, int[] out) {
    Axes axes = axes(operator, number, in, out);
    return axes == null ? null : table(in, out, axes);
  }

  private static @Nullable Axes axes(Operator operator, int number, int[] in, int[] out) {
    if (operator instanceof Shaping.Transpose t) {
      return transposed(t.permutation());
    }
    if (operator instanceof Shaping.Pad p) {
      return padded(p, in);
    }
    if (operator instanceof Shaping.Flip f) {
      List<Integer> axes = f.axes().stream().map(a -> a < 0 ? a + in.length : a - 1).toList();
      return axes.contains(-1) ? null : flipped(axes, in);
    }
    if (operator instanceof Indexing.Slice s) {
      return sliced(s.ranges(), in);
    }
    if (operator instanceof Joining.Split s) {
      int axis = s.axis() < 0 ? s.axis() + in.length : s.axis() - 1;
      int begin = number == 0 ? 0 : Math.toIntExact(s.indices().get(number - 1));
      return axis < 0 ? null : shifted(axis, begin);
    }
    return operator instanceof Shaping.Broadcast ? repeated(in, out) : null;
  }

  private static @Nullable Axes transposed(List<Integer> permutation) {
    if (permutation.get(0) != 0) {
      return null;
    }
    return (at, source) -> {
      for (int i = 0; i < at.length; i++) {
        source[permutation.get(i + 1) - 1] = at[i];
      }
      return true;
    };
  }

  private static @Nullable Axes padded(Shaping.Pad p, int[] in) {
    int axes = p.padding().dimension() / 2;
    if (axes > in.length
        && (p.padding().get(2 * in.length) != 0 || p.padding().get(2 * in.length + 1) != 0)) {
      return null;
    }
    return (at, source) -> {
      for (int i = 0; i < at.length; i++) {
        int fromBack = at.length - 1 - i;
        int before = fromBack < axes ? Math.toIntExact(p.padding().get(2 * fromBack)) : 0;
        source[i] = at[i] - before;
        if (source[i] < 0 || source[i] >= in[i]) {
          return false;
        }
      }
      return true;
    };
  }

  private static Axes flipped(List<Integer> axes, int[] in) {
    return (at, source) -> {
      for (int i = 0; i < at.length; i++) {
        source[i] = axes.contains(i) ? in[i] - 1 - at[i] : at[i];
      }
      return true;
    };
  }

  private static Axes shifted(int axis, int begin) {
    return (at, source) -> {
      System.arraycopy(at, 0, source, 0, at.length);
      source[axis] += begin;
      return true;
    };
  }

  private static @Nullable Axes sliced(List<Indexing.Range> ranges, int[] in) {
    if (!ranges.get(0).equals(Indexing.Range.ALL)) {
      return null;
    }
    int[] begin = new int[in.length];
    int[] step = new int[in.length];
    boolean[] single = new boolean[in.length];
    for (int i = 0; i < in.length; i++) {
      Indexing.Range r = i + 1 < ranges.size() ? ranges.get(i + 1) : Indexing.Range.ALL;
      Long from = r.begin();
      int first = from == null ? 0 : Math.toIntExact(from);
      begin[i] = Math.max(0, Math.min(in[i], first < 0 ? first + in[i] : first));
      Long by = r.step();
      step[i] = by == null ? 1 : Math.toIntExact(by);
      single[i] = r.single();
    }
    return (at, source) -> {
      int axis = 0;
      for (int i = 0; i < in.length; i++) {
        source[i] = begin[i] + (single[i] ? 0 : step[i] * at[axis++]);
      }
      return true;
    };
  }

  private static Axes repeated(int[] in, int[] out) {
    return (at, source) -> {
      for (int i = 0; i < in.length; i++) {
        int axis = out.length - in.length + i;
        source[i] = in[i] == 1 || axis < 0 ? 0 : at[axis];
      }
      return true;
    };
  }

  /** Repeats values along axes that the result has longer. */
  static int[] broadcast(int[] in, int[] out) {
    return table(in, out, repeated(in, out));
  }

  private static int[] table(int[] in, int[] out, Axes axes) {
    int[] table = new int[LayerList.size(out)];
    int[] at = new int[out.length];
    int[] source = new int[in.length];
    for (int i = 0; i < table.length; i++) {
      table[i] = axes.find(at, source) ? index(in, source) : -1;
      for (int d = out.length - 1; d >= 0 && ++at[d] == out[d]; d--) {
        at[d] = 0;
      }
    }
    return table;
  }

  private static int index(int[] shape, int[] at) {
    int index = 0;
    for (int i = 0; i < shape.length; i++) {
      index = index * shape[i] + at[i];
    }
    return index;
  }

  /** Zeros on the map's sides alone: above, left; null if the operator does something else. */
  static int @Nullable [] border(Operator operator, int[] in) {
    if (!(operator instanceof Shaping.Pad p) || p.value() != 0 || in.length != 3) {
      return null;
    }
    boolean spatial =
        IntStream.range(4, p.padding().dimension()).allMatch(i -> p.padding().get(i) == 0);
    boolean grows =
        IntStream.range(0, p.padding().dimension()).allMatch(i -> p.padding().get(i) >= 0);
    if (!spatial || !grows) {
      return null;
    }
    int top = p.padding().dimension() > 2 ? Math.toIntExact(p.padding().get(2)) : 0;
    return new int[] {top, Math.toIntExact(p.padding().get(0))};
  }
}
