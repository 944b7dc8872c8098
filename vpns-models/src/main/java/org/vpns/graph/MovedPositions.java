package org.vpns.graph;

import static org.vpns.graph.Narrowing.result;

import ai.djl.ndarray.types.Shape;
import com.google.common.primitives.Ints;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.vpns.graph.Narrowing.Result;
import org.vpns.internal.graph.op.Arguments;
import org.vpns.internal.graph.op.Indexing;
import org.vpns.internal.graph.op.Indexing.Range;
import org.vpns.internal.graph.op.Joining;
import org.vpns.internal.graph.op.Shaping;

/** Rules of {@link Narrowing} for operators that move positions and compute nothing. */
final class MovedPositions {
  private MovedPositions() {}

  static Result concat(Narrowing node, Joining.Concat concat) {
    int along = Arguments.axis(concat.axis(), node.kept(0).rank(), concat);
    requireSameParts(node, along);
    if (IntStream.range(0, node.inputs()).allMatch(i -> node.axis(i, along) == null)) {
      return result(concat, node.kept(0)); // the axis may be the batch, whose length is unknown
    }
    int[] positions = {};
    int offset = 0;
    for (int i = 0; i < node.inputs(); i++) {
      int begin = offset;
      int length = Math.toIntExact(node.shape(i).get(along));
      int[] own = Kept.positions(node.axis(i, along), length);
      positions = Ints.concat(positions, IntStream.of(own).map(p -> begin + p).toArray());
      offset += length;
    }
    return result(concat, node.kept(0).with(along, positions));
  }

  static Result stack(Narrowing node, Joining.Stack stack) {
    requireSameParts(node, -1);
    return result(
        stack, node.kept(0).inserted(Arguments.axis(stack.axis(), node.kept(0).rank() + 1, stack)));
  }

  /** All parts keep the same positions of all axes but one. */
  private static void requireSameParts(Narrowing node, int along) {
    for (int i = 1; i < node.inputs(); i++) {
      for (int d = 0; d < node.kept(0).rank(); d++) {
        if (d != along) {
          node.requireSame("positions of all parts", node.axis(0, d), node.axis(i, d));
        }
      }
    }
  }

  static Result split(Narrowing node, Joining.Split split) {
    int along = Arguments.axis(split.axis(), node.kept(0).rank(), split);
    int[] all = node.axis(0, along);
    if (all == null) {
      return node.same(split);
    }
    List<Kept> pieces = new ArrayList<>();
    List<Long> indices = new ArrayList<>();
    int at = 0;
    int offset = 0;
    for (Shape piece : node.made()) {
      int begin = offset;
      int end = begin + Math.toIntExact(piece.get(along));
      int[] own = IntStream.of(all).filter(p -> p >= begin && p < end).toArray();
      if (own.length == 0 || !Arrays.equals(own, Arrays.copyOfRange(all, at, at + own.length))) {
        throw node.refused("something of each piece, one piece after the other", Kept.text(all));
      }
      int[] within = IntStream.of(own).map(p -> p - begin).toArray();
      pieces.add(node.kept(0).with(along, Kept.simplified(within, end - begin)));
      at += own.length;
      indices.add((long) at);
      offset = end;
    }
    return new Result(
        new Joining.Split(indices.subList(0, indices.size() - 1), split.axis()), pieces);
  }

  static Result slice(Narrowing node, Indexing.Slice slice) {
    List<Range> ranges = new ArrayList<>(slice.ranges());
    Kept output = node.kept(0);
    for (int axis = ranges.size() - 1; axis >= 0; axis--) {
      Range range = ranges.get(axis);
      int[] positions = node.axis(0, axis);
      if (range.single()) {
        output = output.without(axis);
      }
      if (positions != null && !range.equals(Range.ALL)) {
        int[] taken = taken(range, Math.toIntExact(node.shape(0).get(axis)));
        int[] at =
            IntStream.range(0, positions.length)
                .filter(i -> Ints.contains(taken, positions[i]))
                .toArray();
        if (at.length == 0 || at[at.length - 1] - at[0] != at.length - 1) {
          throw node.refused("kept positions side by side in the range", Kept.text(positions));
        }
        if (range.single()) {
          ranges.set(axis, Range.at(at[0]));
        } else {
          ranges.set(axis, new Range((long) at[0], (long) at[0] + at.length, null, false));
          int[] own = IntStream.of(at).map(i -> Ints.indexOf(taken, positions[i])).toArray();
          output = output.with(axis, Kept.simplified(own, taken.length));
        }
      }
    }
    return result(new Indexing.Slice(ranges), output);
  }

  /** The positions that a range takes of an axis, in order. */
  private static int[] taken(Range range, int length) {
    Long begin = range.begin();
    Long end = range.end();
    int from = begin == null ? 0 : within(begin, length);
    int to = range.single() ? from + 1 : end == null ? length : within(end, length);
    int step = range.step() == null ? 1 : Math.toIntExact(range.step());
    return IntStream.iterate(from, i -> i < to, i -> i + step).toArray();
  }

  private static int within(long position, int length) {
    return (int) Math.max(0, Math.min(length, position < 0 ? position + length : position));
  }

  static Result take(Narrowing node, Indexing.Take take) {
    if (node.axis(0, take.axis()) != null || !node.kept(1).isAll()) {
      throw node.refused("a whole axis to take from, and all positions", take);
    }
    Kept output = node.kept(0).without(take.axis());
    for (int i = 0; i < node.kept(1).rank(); i++) {
      output = output.inserted(take.axis());
    }
    return result(take, output);
  }

  static Result transpose(Narrowing node, Shaping.Transpose transpose) {
    Kept output = Kept.all(node.kept(0).rank());
    for (int i = 0; i < output.rank(); i++) {
      output = output.with(i, node.axis(0, transpose.permutation().get(i)));
    }
    return result(transpose, output);
  }

  static Result squeeze(Narrowing node, Shaping.Squeeze squeeze) {
    Kept output = node.kept(0);
    int rank = output.rank();
    List<Integer> gone =
        squeeze.axes().stream()
            .map(a -> Arguments.axis(a, rank, squeeze))
            .sorted(Collections.reverseOrder())
            .toList();
    for (int axis : gone) {
      output = output.without(axis);
    }
    return result(squeeze, output);
  }

  static Result expandDims(Narrowing node, Shaping.ExpandDims expand) {
    Kept x = node.kept(0);
    return result(expand, x.inserted(Arguments.axis(expand.axis(), x.rank() + 1, expand)));
  }

  static Result broadcastTo(Narrowing node, Shaping.Broadcast broadcast) {
    Kept output = node.leading(node.made().get(0).dimension(), node.made().get(0).dimension(), 0);
    return result(new Shaping.Broadcast(rewritten(broadcast.shape(), output)), output);
  }

  /** Lengths that name a narrowed axis follow it. */
  private static List<Long> rewritten(List<Long> lengths, Kept output) {
    List<Long> result = new ArrayList<>(lengths);
    for (int i = 0; i < result.size(); i++) {
      int[] positions = output.axis(i);
      if (positions != null && result.get(i) > 0) {
        result.set(i, (long) positions.length);
      }
    }
    return result;
  }

  static Result pad(Narrowing node, Shaping.Pad pad) {
    Kept output = node.kept(0);
    for (int i = 0; i < pad.padding().dimension() / 2; i++) {
      int axis = output.rank() - 1 - i;
      int[] positions = node.axis(0, axis);
      if (positions != null) {
        int before = Math.toIntExact(pad.padding().get(2 * i));
        int after = Math.toIntExact(pad.padding().get(2 * i + 1));
        if (before < 0 || after < 0) {
          throw node.refused("padding that adds", pad);
        }
        int end = before + Math.toIntExact(node.shape(0).get(axis));
        output =
            output.with(
                axis,
                Ints.concat(
                    IntStream.range(0, before).toArray(),
                    IntStream.of(positions).map(p -> before + p).toArray(),
                    IntStream.range(end, end + after).toArray()));
      }
    }
    return result(pad, output);
  }

  static Result flip(Narrowing node, Shaping.Flip flip) {
    Kept output = node.kept(0);
    for (int a : flip.axes()) {
      int axis = Arguments.axis(a, output.rank(), flip);
      int[] positions = node.axis(0, axis);
      if (positions != null) {
        int last = Math.toIntExact(node.shape(0).get(axis)) - 1;
        int[] turned = IntStream.of(positions).map(p -> last - p).toArray();
        Ints.reverse(turned);
        output = output.with(axis, turned);
      }
    }
    return result(flip, output);
  }

  static Result reshape(Narrowing node, Shaping.Reshape reshape) {
    Kept output = reshaped(node.shape(0), node.kept(0), node.made().get(0));
    if (output == null) {
      throw node.refused(
          "kept positions that are a block in the new shape too", node.made().get(0));
    }
    return result(new Shaping.Reshape(rewritten(reshape.shape(), output)), output);
  }

  /**
   * What stays of an array in another shape, or null if no choice of positions along its axes is
   * that. Axes of both shapes go together in runs of equal size; within a run, what stays is
   * written out as positions of all its entries in order, and must be positions of each new axis by
   * itself.
   */
  private static @Nullable Kept reshaped(Shape from, Kept kept, Shape to) {
    Kept result = Kept.all(to.dimension());
    int i = 0;
    int j = 0;
    while (i < from.dimension() || j < to.dimension()) {
      int firstOld = i;
      int firstNew = j;
      long size = i < from.dimension() ? from.get(i++) : 1;
      long other = j < to.dimension() ? to.get(j++) : 1;
      while (size != other) {
        if (size == -1 || other == -1) {
          return null; // the batch is part of it
        }
        if (size < other && i < from.dimension()) {
          size *= from.get(i++);
        } else if (other < size && j < to.dimension()) {
          other *= to.get(j++);
        } else {
          return null;
        }
      }
      if (!IntStream.range(firstOld, i).allMatch(a -> kept.axis(a) == null)) {
        int[] entries = entries(from.slice(firstOld, i), kept, firstOld);
        result = placed(entries, to.slice(firstNew, j), result, firstNew);
        if (result == null) {
          return null;
        }
      }
    }
    return result;
  }

  /** Row-major positions of the entries that stay. */
  private static int[] entries(Shape run, Kept kept, int first) {
    int[] entries = {0};
    for (int d = 0; d < run.dimension(); d++) {
      int length = Math.toIntExact(run.get(d));
      int[] positions = Kept.positions(kept.axis(first + d), length);
      entries =
          IntStream.of(entries)
              .flatMap(e -> IntStream.of(positions).map(p -> e * length + p))
              .toArray();
    }
    return entries;
  }

  /** Entries of a run as positions of its axes, or null if they are not that. */
  private static @Nullable Kept placed(int[] entries, Shape run, Kept into, int first) {
    Kept result = into;
    int stride = Math.toIntExact(run.size());
    for (int d = 0; d < run.dimension(); d++) {
      int length = Math.toIntExact(run.get(d));
      stride /= length;
      int each = stride;
      int[] positions = IntStream.of(entries).map(e -> e / each % length).distinct().toArray();
      result = result.with(first + d, Kept.simplified(positions, length));
    }
    return Arrays.equals(entries(run, result, first), entries) ? result : null;
  }
}
