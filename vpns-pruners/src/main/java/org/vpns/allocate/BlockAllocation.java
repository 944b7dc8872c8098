package org.vpns.allocate;

import org.vpns.Allocation;
import org.vpns.MaskSet;
import org.vpns.Problem;
import org.vpns.Scores;
import org.vpns.Sparsity;

/**
 * Removes whole blocks of b_out outputs by b_in inputs; a convolution's kernel is never split, so a
 * block has {@code b_out b_in k_h k_w} weights, fewer at the edges. Its score is the mean of its
 * members' scores, signed, in which an infinity counts as the largest finite number.
 *
 * <p>Blocks of all parameters are kept in order of score (ties: the lower first position) while
 * their sizes fit into {@link Sparsity#keep}; one that does not fit is skipped. So the sparsity is
 * at least the one asked for, and exceeds it by less than the largest block: {@link
 * MaskSet#sparsity()} of the result is what was reached. Immutable.
 */
final class BlockAllocation implements Allocation {
  private final int outs;
  private final int ins;

  BlockAllocation(int outs, int ins) {
    if (outs < 1 || ins < 1) {
      throw Problem.argument(
          "block without weights",
          "Allocations.blocks",
          "at least 1 x 1",
          outs + " x " + ins,
          "pass outputs, then inputs");
    }
    this.outs = outs;
    this.ins = ins;
  }

  @Override
  public MaskSet allocate(Scores scores, Sparsity sparsity) {
    Problem.given(scores, "Allocation.allocate", "scores");
    Problem.given(sparsity, "Allocation.allocate", "sparsity");
    return allocateWithin(MaskSet.ones(scores.layout()), scores, sparsity);
  }

  /**
   * {@inheritDoc}
   *
   * <p>A block is what survives of it, in score and in size.
   */
  @Override
  public MaskSet allocateWithin(MaskSet survivors, Scores scores, Sparsity sparsity) {
    Problem.given(survivors, "Allocation.allocateWithin", "survivors");
    Problem.given(scores, "Allocation.allocateWithin", "scores");
    Problem.given(sparsity, "Allocation.allocateWithin", "sparsity");
    Blocks blocks = new Blocks(scores, survivors, outs, ins);
    boolean[] kept = new boolean[blocks.count()];
    long left = sparsity.keep(scores.layout().size());
    for (int block : blocks.bestFirst()) {
      if (blocks.size(block) <= left) {
        kept[block] = true;
        left -= blocks.size(block);
      }
    }
    return blocks.masks(kept);
  }

  @Override
  public String describe() {
    return "blocks(" + outs + " x " + ins + ")";
  }

  @Override
  public String toString() {
    return describe();
  }
}
