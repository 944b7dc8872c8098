package org.vpns.internal.graph.op;

import static org.vpns.internal.graph.op.Arguments.array;
import static org.vpns.internal.graph.op.Arguments.misfit;
import static org.vpns.internal.graph.op.Arguments.one;
import static org.vpns.internal.graph.op.Arguments.present;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.index.dim.NDIndexElement;
import ai.djl.ndarray.index.dim.NDIndexSlice;
import ai.djl.ndarray.index.dim.NDIndexTake;
import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vpns.graph.op.ForwardPass;
import org.vpns.graph.op.Operator;

/** Arguments that select by position. */
public final class Indexing {
  private Indexing() {}

  /**
   * What is taken of one axis.
   *
   * @param begin first position; negative from the back; null for the first of all
   * @param end position after the last; negative from the back; null for the end
   * @param step distance between positions; null for 1
   * @param single whether only {@code begin} is taken and the axis goes away
   */
  public record Range(
      @Nullable Long begin, @Nullable Long end, @Nullable Long step, boolean single) {
    /** The whole axis. */
    public static final Range ALL = new Range(null, null, null, false);

    /** One position; the axis goes away. */
    public static Range at(long position) {
      return new Range(position, null, null, true);
    }

    /** Number of positions of an axis of this length, or -1 if that is unknown. */
    long count(long length) {
      if (length == -1) {
        return -1;
      }
      long by = step == null ? 1 : step;
      long from = within(begin, 0, length);
      long to = Math.max(from, within(end, length, length));
      return (to - from + by - 1) / by;
    }

    private static long within(@Nullable Long position, long absent, long length) {
      long at = position == null ? absent : position;
      return Math.max(0, Math.min(length, at < 0 ? at + length : at));
    }
  }

  /** Adds an element so that the index counts it. */
  private static void add(NDIndex index, NDIndexElement element) {
    index.addAllDim();
    index.getIndices().set(index.getIndices().size() - 1, element);
  }

  /**
   * Ranges and single positions of the first axes; the others stay whole.
   *
   * @param ranges one for each of the first axes
   */
  public record Slice(List<Range> ranges) implements Operator {
    /** Copies the list. */
    public Slice {
      ranges = ImmutableList.copyOf(ranges);
    }

    @Override
    public String kind() {
      return "slice";
    }

    @Override
    public NDArray[] apply(@Nullable NDArray[] in, ForwardPass pass) {
      NDIndex index = new NDIndex();
      for (Range range : ranges) {
        Long begin = range.begin();
        if (range.single() && begin != null) {
          index.addIndices(begin);
        } else if (range.equals(Range.ALL)) {
          index.addAllDim();
        } else {
          add(index, new NDIndexSlice(begin, range.end(), range.step()));
        }
      }
      return one(array(in, 0).get(index));
    }

    @Override
    public List<Shape> outputShapes(List<@Nullable Shape> in, long batch) {
      Shape x = present(in, 0, this);
      if (ranges.size() > x.dimension()) {
        throw misfit(this, "at most " + x.dimension() + " ranges", in);
      }
      List<Long> result = new ArrayList<>();
      for (int i = 0; i < x.dimension(); i++) {
        Range range = i < ranges.size() ? ranges.get(i) : Range.ALL;
        Long step = range.step();
        if (step != null && step < 1) {
          throw misfit(this, "steps of at least 1", step);
        }
        Long begin = range.begin();
        if (!range.single()) {
          result.add(range.equals(Range.ALL) ? Long.valueOf(x.get(i)) : range.count(x.get(i)));
        } else if (begin == null || x.get(i) != -1 && (begin < -x.get(i) || begin >= x.get(i))) {
          throw misfit(this, "a position within " + x.get(i), in);
        }
      }
      return List.of(new Shape(result.stream().mapToLong(Long::longValue).toArray()));
    }
  }

  /**
   * Positions of an axis, in the order of the second input, an array of integers whose axes take
   * the place of this one. Negative ones count from the end.
   *
   * @param axis the axis
   */
  public record Take(int axis) implements Operator {
    @Override
    public String kind() {
      return "take";
    }

    @Override
    public NDArray[] apply(@Nullable NDArray[] in, ForwardPass pass) {
      NDIndex index = new NDIndex();
      for (int i = 0; i < axis; i++) {
        index.addAllDim();
      }
      add(index, new NDIndexTake(array(in, 1)));
      return one(array(in, 0).get(index));
    }

    @Override
    public List<Shape> outputShapes(List<@Nullable Shape> in, long batch) {
      Shape x = present(in, 0, this);
      int front = Arguments.axis(axis, x.dimension(), this);
      return List.of(x.slice(0, front).addAll(present(in, 1, this)).addAll(x.slice(front + 1)));
    }
  }

  /**
   * For each integer of the second input the element at that position of an axis, at its own
   * positions of the others.
   *
   * @param axis the axis; negative from the back
   */
  public record Gather(int axis) implements Operator {
    @Override
    public String kind() {
      return "gather";
    }

    @Override
    public NDArray[] apply(@Nullable NDArray[] in, ForwardPass pass) {
      return one(array(in, 0).gather(array(in, 1), axis));
    }

    @Override
    public List<Shape> outputShapes(List<@Nullable Shape> in, long batch) {
      Shape x = present(in, 0, this);
      Shape index = present(in, 1, this);
      int along = Arguments.axis(axis, x.dimension(), this);
      boolean fits = index.dimension() == x.dimension();
      for (int i = 0; fits && i < x.dimension(); i++) {
        fits = i == along || x.get(i) == -1 || index.get(i) <= x.get(i);
      }
      if (!fits) {
        throw misfit(this, "positions of at most " + x + " but along axis " + along, in);
      }
      return List.of(index);
    }
  }
}
