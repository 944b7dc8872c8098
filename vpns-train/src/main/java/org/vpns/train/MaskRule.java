package org.vpns.train;

import org.vpns.Allocation;
import org.vpns.Choice;
import org.vpns.MaskSet;
import org.vpns.Scorer;
import org.vpns.ScoringContext;
import org.vpns.Sparsity;

/** Where a stage's mask comes from. */
public interface MaskRule {
  /**
   * The mask with which the stage begins.
   *
   * @param context weights and random streams
   * @param current the mask so far
   */
  MaskSet begin(ScoringContext context, MaskSet current);

  /** For the record. */
  String describe();

  /** Whether the mask always stays as it is. */
  default boolean isKeep() {
    return false;
  }

  /** The mask stays as it is. */
  static MaskRule keep() {
    return new MaskRule() {
      @Override
      public MaskSet begin(ScoringContext context, MaskSet current) {
        return current;
      }

      @Override
      public String describe() {
        return "keep";
      }

      @Override
      public boolean isKeep() {
        return true;
      }
    };
  }

  /** Scores the weights once and keeps the best. */
  static MaskRule once(Scorer scorer, Allocation allocation, Sparsity sparsity) {
    return new MaskRule() {
      @Override
      public MaskSet begin(ScoringContext context, MaskSet current) {
        return new Choice.Rule(scorer.describe(), allocation, sparsity)
            .choose(context, scorer.score(context), MaskSet.ones(context.layout()), "");
      }

      @Override
      public String describe() {
        return scorer.describe() + ", " + allocation.describe() + ", " + sparsity;
      }
    };
  }

  /**
   * Scores the weights once and keeps the best of those that the mask so far keeps: {@link
   * Allocation#allocateWithin}. Removed weights stay removed.
   */
  static MaskRule nested(Scorer scorer, Allocation allocation, Sparsity sparsity) {
    return new MaskRule() {
      @Override
      public MaskSet begin(ScoringContext context, MaskSet current) {
        return new Choice.Rule(scorer.describe(), allocation, sparsity)
            .choose(context, scorer.score(context), current, "");
      }

      @Override
      public String describe() {
        return "nested " + once(scorer, allocation, sparsity).describe();
      }
    };
  }

  /** Each parameter keeps as many weights as under another rule, at random positions. */
  static MaskRule randomPositions(MaskRule counts) {
    return new RandomPositions(counts, false);
  }

  /**
   * Another rule's mask with its entries shuffled within each parameter, which changes every
   * parameter's mask that does not keep all or nothing.
   */
  static MaskRule shuffled(MaskRule rule) {
    return new RandomPositions(rule, true);
  }

  /** Learns scores and selects by their absolute value before every pass. */
  static LearnedMask learned(Scorer start, Allocation allocation, Sparsity sparsity) {
    return new LearnedMask(start, allocation, sparsity);
  }
}
