package org.vpns.graph.trace;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.index.dim.NDIndexAll;
import ai.djl.ndarray.index.dim.NDIndexElement;
import ai.djl.ndarray.index.dim.NDIndexFixed;
import ai.djl.ndarray.index.dim.NDIndexSlice;
import ai.djl.ndarray.index.dim.NDIndexTake;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.graph.op.Indexing;
import org.vpns.internal.graph.op.Indexing.Range;

/** What an index means. */
final class Indices {
  private Indices() {}

  /** The meaning; null for masks, picks and new axes. */
  static @Nullable Call read(NDArray x, NDIndex index) {
    List<NDIndexElement> elements = new ArrayList<>(index.getIndices());
    int ellipsis = index.getEllipsisIndex();
    if (ellipsis >= 0) {
      while (elements.size() < x.getShape().dimension()) {
        elements.add(ellipsis, new NDIndexAll());
      }
    }
    List<Range> ranges = new ArrayList<>();
    Call taken = null;
    for (NDIndexElement element : elements) {
      if (element instanceof NDIndexTake take && taken == null) {
        taken = Call.of(new Indexing.Take(ranges.size()), x, take.getIndex());
        ranges.add(Range.ALL);
      } else if (element instanceof NDIndexAll) {
        ranges.add(Range.ALL);
      } else if (element instanceof NDIndexFixed fixed) {
        ranges.add(Range.at(fixed.getIndex()));
      } else if (element instanceof NDIndexSlice slice) {
        ranges.add(new Range(slice.getMin(), slice.getMax(), slice.getStep(), false));
      } else {
        return null;
      }
    }
    if (taken != null && ellipsis >= 0) {
      return null;
    }
    boolean whole = ranges.stream().allMatch(Range.ALL::equals);
    if (taken != null) {
      return whole ? taken : null;
    }
    return Call.view(new Indexing.Slice(ranges), x);
  }

  /** The same index with other arrays in it. */
  static NDIndex with(NDIndex index, UnaryOperator<NDArray> real) {
    if (index.getIndices().stream().noneMatch(e -> e instanceof NDIndexTake)) {
      return index;
    }
    NDIndex result = new NDIndex();
    for (NDIndexElement element : index.getIndices()) {
      result.addAllDim();
      result
          .getIndices()
          .set(
              result.getIndices().size() - 1,
              element instanceof NDIndexTake take
                  ? new NDIndexTake(real.apply(take.getIndex()))
                  : element);
    }
    return result;
  }
}
