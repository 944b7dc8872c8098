package org.vpns.select;

import com.google.common.collect.Comparators;
import com.google.common.collect.ImmutableList;
import java.util.Comparator;
import java.util.List;
import org.vpns.Problem;

/**
 * Tensors that share one budget.
 *
 * @param tensors indices into the layout, ascending
 * @param keep number of their entries to keep
 */
public record TensorGroup(List<Integer> tensors, long keep) {
  /**
   * Copies the list.
   *
   * @throws IllegalArgumentException if the indices do not ascend: ties go to the lower position
   */
  public TensorGroup {
    tensors = ImmutableList.copyOf(Problem.givenEach(tensors, "new TensorGroup", "tensors"));
    if (!Comparators.isInStrictOrder(tensors, Comparator.naturalOrder())) {
      throw Problem.argument(
          "tensors out of order", "TensorGroup", "ascending indices", tensors, "sort them");
    }
  }
}
