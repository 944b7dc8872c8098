package org.vpns.internal.graph.width;

import com.google.common.primitives.Ints;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.graph.op.Operator;
import org.vpns.internal.graph.op.Indexing.Range;

/**
 * Positions that stay, in their new order. What does not fit together is refused with the node's
 * name.
 *
 * @param node name of the node
 * @param kind kind of its operator
 * @param measures whether it takes a mean or a variance for a norm
 */
public record KeptPositions(String node, String kind, boolean measures) implements Positions {
  /** The positions written out, for an axis of this length. */
  public static int[] positions(int @Nullable [] kept, long length) {
    return kept == null ? IntStream.range(0, Math.toIntExact(length)).toArray() : kept;
  }

  /** Positions, or null if they are all of an axis in order. */
  public static int @Nullable [] simplified(int[] positions, long length) {
    return Arrays.equals(positions, positions(null, length)) ? null : positions;
  }

  private static String text(int @Nullable [] kept) {
    return kept == null
        ? "all"
        : kept.length > 16 ? kept.length + " of them" : Arrays.toString(kept);
  }

  private IllegalArgumentException refused(String expected, Object found) {
    return Problem.argument(
        "narrowing does not fit",
        "node '" + node + "' (" + kind + ")",
        expected,
        found,
        "keep the same positions on both sides, or the whole width");
  }

  @Override
  public void same(String what, int @Nullable [] a, int @Nullable [] b) {
    if (!Arrays.equals(a, b)) {
      throw refused("the same " + what, text(a) + " and " + text(b));
    }
  }

  @Override
  public void whole(String expected, int @Nullable [] axis) {
    if (axis != null) {
      throw refused(expected, text(axis) + " of an axis");
    }
  }

  @Override
  public int[] joined(int[] @Nullable [] parts, int[] lengths) {
    int[] positions = {};
    int offset = 0;
    for (int i = 0; i < parts.length; i++) {
      int begin = offset;
      int[] own = positions(parts[i], lengths[i]);
      positions = Ints.concat(positions, IntStream.of(own).map(p -> begin + p).toArray());
      offset += lengths[i];
    }
    return positions;
  }

  @Override
  public int[] @Nullable [] pieces(int[] axis, int[] lengths) {
    int[] @Nullable [] pieces = new int[lengths.length] @Nullable [];
    int at = 0;
    int offset = 0;
    for (int i = 0; i < lengths.length; i++) {
      int begin = offset;
      int end = begin + lengths[i];
      int[] own = IntStream.of(axis).filter(p -> p >= begin && p < end).toArray();
      if (own.length == 0 || !Arrays.equals(own, Arrays.copyOfRange(axis, at, at + own.length))) {
        throw refused("something of each piece, one piece after the other", text(axis));
      }
      pieces[i] = simplified(IntStream.of(own).map(p -> p - begin).toArray(), lengths[i]);
      at += own.length;
      offset = end;
    }
    return pieces;
  }

  @Override
  public Taken taken(int[] axis, Range range, int[] taken) {
    int[] at = IntStream.range(0, axis.length).filter(i -> Ints.contains(taken, axis[i])).toArray();
    if (at.length == 0 || at[at.length - 1] - at[0] != at.length - 1) {
      throw refused("kept positions side by side in the range", text(axis));
    }
    if (range.single()) {
      return new Taken(Range.at(at[0]), null);
    }
    int[] own = IntStream.of(at).map(i -> Ints.indexOf(taken, axis[i])).toArray();
    return new Taken(
        new Range((long) at[0], (long) at[0] + at.length, null, false),
        simplified(own, taken.length));
  }

  @Override
  public int[] reversed(int[] axis, int length) {
    int[] turned = IntStream.of(axis).map(p -> length - 1 - p).toArray();
    Ints.reverse(turned);
    return turned;
  }

  @Override
  public int @Nullable [] repeated(int @Nullable [] axis, int length, int times) {
    int[] all =
        IntStream.of(positions(axis, length))
            .flatMap(p -> IntStream.range(p * times, (p + 1) * times))
            .toArray();
    return simplified(all, (long) length * times);
  }

  @Override
  public int @Nullable [] tiled(int @Nullable [] axis, int length, int times) {
    int[] all =
        IntStream.range(0, times)
            .flatMap(b -> IntStream.of(positions(axis, length)).map(p -> b * length + p))
            .toArray();
    return simplified(all, (long) length * times);
  }

  @Override
  public void blocks(int @Nullable [] axis, int length, int blocks) {
    int[] kept = positions(axis, length);
    int before = length / blocks;
    int now = kept.length / blocks;
    for (int i = 0; i < kept.length; i++) {
      if (now * blocks != kept.length || kept[i] / before != i / now) {
        throw refused("as many rows of each of " + blocks + " groups", text(kept));
      }
    }
  }

  /** What stays is written out as entries, which must be positions of each new axis by itself. */
  @Override
  public int[] @Nullable [] moved(
      int[] from, int[] @Nullable [] axes, int[] to, int first, int folded) {
    int[] entries = entries(from, axes);
    int[] @Nullable [] result = new int[to.length] @Nullable [];
    int stride = Arrays.stream(to).reduce(1, Math::multiplyExact);
    for (int d = 0; d < to.length; d++) {
      int length = to[d];
      stride /= length;
      int each = stride;
      int[] positions = IntStream.of(entries).map(e -> e / each % length).distinct().toArray();
      result[d] = simplified(positions, length);
      if (d < folded) {
        whole("all that goes into the axis of the images", result[d]);
      }
    }
    if (!Arrays.equals(entries(to, result), entries)) {
      throw refused("kept positions that are a block in the new shape too", Arrays.toString(to));
    }
    return result;
  }

  /** Row-major numbers of the entries that stay. */
  private static int[] entries(int[] lengths, int[] @Nullable [] axes) {
    int[] entries = {0};
    for (int d = 0; d < lengths.length; d++) {
      int length = lengths[d];
      int[] positions = positions(axes[d], length);
      entries =
          IntStream.of(entries)
              .flatMap(e -> IntStream.of(positions).map(p -> e * length + p))
              .toArray();
    }
    return entries;
  }

  @Override
  public void unknown(Operator operator, Iterable<Axes> inputs) {
    throw Problem.argument(
        "operator that cannot be narrowed",
        "'" + kind + "' at node '" + node + "'",
        WidthRules.known(),
        operator,
        "keep the whole width of what it reads");
  }
}
