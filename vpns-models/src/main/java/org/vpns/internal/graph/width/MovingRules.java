package org.vpns.internal.graph.width;

import static org.vpns.internal.graph.width.WidthRules.result;

import ai.djl.ndarray.types.Shape;
import com.google.common.primitives.Ints;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.graph.op.Arguments;
import org.vpns.internal.graph.op.Indexing;
import org.vpns.internal.graph.op.Indexing.Range;
import org.vpns.internal.graph.op.Joining;
import org.vpns.internal.graph.op.Shaping;
import org.vpns.internal.graph.width.Positions.Taken;
import org.vpns.internal.graph.width.WidthRules.Result;

/** Rules of {@link WidthRules} for operators that move positions and compute nothing. */
final class MovingRules {
  private MovingRules() {}

  static Result concat(WidthRules node, Joining.Concat concat) {
    int along = Arguments.axis(concat.axis(), node.input(0).rank(), concat);
    Axes output = sameParts(node, along);
    if (IntStream.range(0, node.inputs()).allMatch(i -> node.axis(i, along) == null)) {
      return result(concat, output); // the axis may be the batch, whose length is unknown
    }
    int[] @Nullable [] parts = new int[node.inputs()] @Nullable [];
    int[] lengths = new int[node.inputs()];
    for (int i = 0; i < parts.length; i++) {
      parts[i] = node.axis(i, along);
      lengths[i] = node.length(i, along);
    }
    return result(concat, output.with(along, node.positions().joined(parts, lengths)));
  }

  static Result stack(WidthRules node, Joining.Stack stack) {
    Axes output = sameParts(node, -1);
    return result(stack, output.inserted(Arguments.axis(stack.axis(), output.rank() + 1, stack)));
  }

  /** All parts lose the same of all axes but one. */
  private static Axes sameParts(WidthRules node, int along) {
    for (int i = 1; i < node.inputs(); i++) {
      for (int d = 0; d < node.input(0).rank(); d++) {
        if (d != along) {
          node.positions().same("positions of all parts", node.axis(0, d), node.axis(i, d));
        }
      }
    }
    return node.input(0);
  }

  static Result split(WidthRules node, Joining.Split split) {
    int along = Arguments.axis(split.axis(), node.input(0).rank(), split);
    int[] all = node.axis(0, along);
    if (all == null) {
      return node.same(split);
    }
    int[] lengths =
        node.made().stream().mapToInt(piece -> Math.toIntExact(piece.get(along))).toArray();
    int[] @Nullable [] pieces = node.positions().pieces(all, lengths);
    List<Axes> outputs = new ArrayList<>();
    List<Long> indices = new ArrayList<>();
    long at = 0;
    for (int i = 0; i < pieces.length; i++) {
      int[] piece = pieces[i];
      outputs.add(node.input(0).with(along, piece));
      at += piece == null ? lengths[i] : piece.length;
      indices.add(at);
    }
    return new Result(
        new Joining.Split(indices.subList(0, indices.size() - 1), split.axis()), outputs);
  }

  static Result slice(WidthRules node, Indexing.Slice slice) {
    List<Range> ranges = new ArrayList<>(slice.ranges());
    Axes output = node.input(0);
    for (int axis = ranges.size() - 1; axis >= 0; axis--) {
      Range range = ranges.get(axis);
      int[] positions = node.axis(0, axis);
      if (range.single()) {
        output = output.without(axis);
      }
      if (positions != null && !range.equals(Range.ALL)) {
        Taken taken =
            node.positions().taken(positions, range, positions(range, node.length(0, axis)));
        ranges.set(axis, taken.range());
        output = range.single() ? output : output.with(axis, taken.positions());
      }
    }
    return result(new Indexing.Slice(ranges), output);
  }

  /** The positions that a range takes of an axis, in order. */
  private static int[] positions(Range range, int length) {
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

  static Result take(WidthRules node, Indexing.Take take) {
    node.positions()
        .whole("a whole axis to take from, and all positions", node.axis(0, take.axis()));
    node.wholeBut(1, "a whole axis to take from, and all positions");
    Axes output = node.input(0).without(take.axis());
    for (int i = 0; i < node.input(1).rank(); i++) {
      output = output.inserted(take.axis());
    }
    for (int d = 0; d < node.input(0).rank(); d++) {
      if (d != take.axis()) {
        node.positions().role(0, node.axis(0, d), Positions.Role.OUT);
      }
    }
    return result(take, output);
  }

  static Result gather(WidthRules node, Indexing.Gather gather) {
    String expected = "a whole axis to take from, and all positions";
    int rank = node.input(0).rank();
    int along = Arguments.axis(gather.axis(), rank, gather);
    node.positions().whole(expected, node.axis(0, along));
    node.positions().whole(expected, node.axis(1, along));
    Axes output = Axes.whole(rank);
    for (int d = 0; d < rank; d++) {
      if (d != along) {
        node.positions().same("positions of values and places", node.axis(0, d), node.axis(1, d));
        output = output.with(d, node.axis(1, d));
        node.positions().role(0, node.axis(0, d), Positions.Role.OUT);
      }
    }
    return result(gather, output);
  }

  static Result transpose(WidthRules node, Shaping.Transpose transpose) {
    Axes output = Axes.whole(node.input(0).rank());
    for (int i = 0; i < output.rank(); i++) {
      output = output.with(i, node.axis(0, transpose.permutation().get(i)));
    }
    return result(transpose, output);
  }

  static Result squeeze(WidthRules node, Shaping.Squeeze squeeze) {
    Axes output = node.input(0);
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

  static Result expandDims(WidthRules node, Shaping.ExpandDims expand) {
    Axes x = node.input(0);
    return result(expand, x.inserted(Arguments.axis(expand.axis(), x.rank() + 1, expand)));
  }

  static Result broadcastTo(WidthRules node, Shaping.Broadcast broadcast) {
    Axes output = node.leading(node.made().get(0).dimension(), node.made().get(0).dimension(), 0);
    return result(new Shaping.Broadcast(rewritten(broadcast.shape(), output)), output);
  }

  /** Lengths that name a narrowed axis follow it. */
  private static List<Long> rewritten(List<Long> lengths, Axes output) {
    List<Long> result = new ArrayList<>(lengths);
    for (int i = 0; i < result.size(); i++) {
      int[] positions = output.axis(i);
      if (positions != null && result.get(i) > 0) {
        result.set(i, (long) positions.length);
      }
    }
    return result;
  }

  static Result pad(WidthRules node, Shaping.Pad pad) {
    Axes output = node.input(0);
    for (int i = 0; i < pad.padding().dimension() / 2; i++) {
      int axis = output.rank() - 1 - i;
      int[] positions = node.axis(0, axis);
      int before = Math.toIntExact(pad.padding().get(2 * i));
      int after = Math.toIntExact(pad.padding().get(2 * i + 1));
      if (before < 0 || after < 0) {
        node.positions().whole("padding that adds", positions);
        output = output.with(axis, null);
      } else if (positions != null) {
        int[] @Nullable [] parts = {null, positions, null};
        int[] lengths = {before, node.length(0, axis), after};
        output = output.with(axis, node.positions().joined(parts, lengths));
      }
    }
    return result(pad, output);
  }

  static Result flip(WidthRules node, Shaping.Flip flip) {
    Axes output = node.input(0);
    for (int a : flip.axes()) {
      int axis = Arguments.axis(a, output.rank(), flip);
      int[] positions = node.axis(0, axis);
      if (positions != null) {
        output = output.with(axis, node.positions().reversed(positions, node.length(0, axis)));
      }
    }
    return result(flip, output);
  }

  static Result reshape(WidthRules node, Shaping.Reshape reshape) {
    Axes output = reshaped(node, node.shape(0), node.made().get(0));
    return result(new Shaping.Reshape(rewritten(reshape.shape(), output)), output);
  }

  /**
   * What is known of an array in another shape. Axes of both shapes go together in runs of equal
   * size, from the front up to the batch and from the back up to it; whatever is left in between
   * stays whole.
   */
  private static Axes reshaped(WidthRules node, Shape from, Shape to) {
    Axes result = Axes.whole(to.dimension());
    int front = 0;
    int newFront = 0;
    int[] run;
    while ((run = run(from, front, to, newFront, 1)) != null) {
      result = moved(node, from, front, front + run[0], to, newFront, newFront + run[1], result);
      front += run[0];
      newFront += run[1];
    }
    int back = from.dimension();
    int newBack = to.dimension();
    while (back > front
        && newBack > newFront
        && (run =
                run(
                    from.slice(front),
                    back - 1 - front,
                    to.slice(newFront),
                    newBack - 1 - newFront,
                    -1))
            != null) {
      result = moved(node, from, back - run[0], back, to, newBack - run[1], newBack, result);
      back -= run[0];
      newBack -= run[1];
    }
    return throughImages(
        node, from.slice(front, back), front, to.slice(newFront, newBack), newFront, result);
  }

  /**
   * What is left in between when axes before and behind it have been matched: the axis of the
   * images, which on one of both sides holds some of what lies behind it on the other, as heads.
   *
   * @param i which axis of the input the first of {@code from} is
   * @param j which axis of the output the first of {@code to} is
   */
  private static Axes throughImages(
      WidthRules node, Shape from, int i, Shape to, int j, Axes into) {
    int behind = behindImages(from);
    int newBehind = behindImages(to);
    int[] read = ints(from.slice(behind));
    int[] made = ints(to.slice(newBehind));
    int size = product(read);
    int newSize = product(made);
    boolean fits = behind > 0 && newBehind > 0 && (size % newSize == 0 || newSize % size == 0);
    for (int d = 0; d < (fits ? behind : from.dimension()); d++) {
      node.positions()
          .whole("kept positions that are a block in the new shape too", node.axis(0, i + d));
    }
    if (!fits) {
      return into;
    }
    int[] @Nullable [] axes = axes(node, i + behind, read.length);
    if (size >= newSize) {
      int[] folded = Ints.concat(new int[] {size / newSize}, made);
      return moved(node, read, axes, folded, j + newBehind - 1, 1, into);
    }
    int[] unfolded = Ints.concat(new int[] {newSize / size}, read);
    int[] @Nullable [] all = new int[unfolded.length] @Nullable [];
    System.arraycopy(axes, 0, all, 1, axes.length);
    return moved(node, unfolded, all, made, j + newBehind, 0, into);
  }

  /** Where the axes behind that of the images begin; 0 if there is not exactly one of these. */
  private static int behindImages(Shape shape) {
    int[] open = IntStream.range(0, shape.dimension()).filter(d -> shape.get(d) == -1).toArray();
    return open.length == 1 ? open[0] + 1 : 0;
  }

  private static int product(int[] lengths) {
    return IntStream.of(lengths).map(length -> Math.max(1, length)).reduce(1, Math::multiplyExact);
  }

  /**
   * How many axes of two shapes, from these on in one direction, are the next run; null if the
   * batch is among them, or nothing is left.
   */
  private static int @Nullable [] run(Shape from, int i, Shape to, int j, int step) {
    long size = 1;
    long other = 1;
    int taken = 0;
    int others = 0;
    do {
      boolean first = taken == 0 || others > 0 && size < other;
      Shape shape = first ? from : to;
      int at = first ? i + step * taken++ : j + step * others++;
      if (at < 0 || at >= shape.dimension() || shape.get(at) == -1) {
        return null;
      }
      size *= first ? shape.get(at) : 1;
      other *= first ? 1 : shape.get(at);
    } while (others == 0 || size != other);
    return new int[] {taken, others};
  }

  private static Axes moved(
      WidthRules node, Shape from, int i, int end, Shape to, int j, int newEnd, Axes into) {
    return moved(
        node,
        ints(from.slice(i, end)),
        axes(node, i, end - i),
        ints(to.slice(j, newEnd)),
        j,
        0,
        into);
  }

  private static int[] @Nullable [] axes(WidthRules node, int first, int count) {
    int[] @Nullable [] axes = new int[count] @Nullable [];
    Arrays.setAll(axes, d -> node.axis(0, first + d));
    return axes;
  }

  private static Axes moved(
      WidthRules node,
      int[] from,
      int[] @Nullable [] axes,
      int[] to,
      int first,
      int folded,
      Axes into) {
    if (Arrays.stream(axes).allMatch(axis -> axis == null)) {
      return into;
    }
    int[] @Nullable [] moved = node.positions().moved(from, axes, to, first, folded);
    Axes result = into;
    for (int d = folded; d < moved.length; d++) {
      result = result.with(first + d, moved[d]);
    }
    return result;
  }

  private static int[] ints(Shape shape) {
    return Arrays.stream(shape.getShape()).mapToInt(Ints::checkedCast).toArray();
  }
}
