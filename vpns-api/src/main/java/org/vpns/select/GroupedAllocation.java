package org.vpns.select;

import java.util.List;
import org.vpns.Allocation;
import org.vpns.Layout;
import org.vpns.MaskSet;
import org.vpns.Problem;
import org.vpns.Scores;
import org.vpns.Sparsity;

/**
 * An allocation that divides the tensors into groups, each with its own number of survivors, before
 * it sees a score. Learned scores are selected anew at every step; for these allocations the
 * trainer does that in one pass over memory.
 */
public interface GroupedAllocation extends Allocation {
  /** The groups: each tensor in exactly one. */
  List<TensorGroup> groups(Layout layout, Sparsity sparsity);

  @Override
  default MaskSet allocate(Scores scores, Sparsity sparsity) {
    Problem.given(scores, "GroupedAllocation.allocate", "scores");
    Problem.given(sparsity, "GroupedAllocation.allocate", "sparsity");
    List<TensorGroup> groups =
        Problem.givenEach(
            groups(scores.layout(), sparsity), describe(), "what GroupedAllocation.groups gives");
    return Selection.largest(scores, groups, Selection.Order.VALUE);
  }
}
