package org.vpns.train;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.vpns.Allocation;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.Problem;
import org.vpns.Scorer;
import org.vpns.Scores;
import org.vpns.ScoringContext;
import org.vpns.Sparsity;
import org.vpns.internal.run.Fingerprints;
import org.vpns.internal.text.Texts;

/** The fixed masks that {@link MaskRule} makes. */
final class FixedMasks {
  /** The mask of the stage before. */
  static final MaskRule KEPT = new Kept();

  private FixedMasks() {}

  /** The scores of a scorer that may be another author's. */
  static Scores scores(Scorer scorer, ScoringContext context) {
    return Problem.given(
        scorer.score(context), String.valueOf(scorer.describe()), "what Scorer.score gives");
  }

  private record Kept() implements FixedMask {
    @Override
    public MaskSet begin(ScoringContext context, MaskSet current) {
      Problem.given(context, "MaskRule.begin", "context");
      Problem.given(current, "MaskRule.begin", "current");
      return current;
    }

    @Override
    public String describe() {
      return "keep";
    }

    @Override
    public String toString() {
      return describe();
    }
  }

  /** A mask that was found before. */
  record Given(MaskSet masks) implements FixedMask {
    @Override
    public MaskSet begin(ScoringContext context, MaskSet current) {
      Problem.given(context, "MaskRule.begin", "context");
      Problem.given(current, "MaskRule.begin", "current");
      return masks.inOrderOf(context.layout());
    }

    /**
     * Checks that it is as sparse as is asked for.
     *
     * @param where for the message
     */
    void requireSparsity(Sparsity sparsity, String where) {
      long least = sparsity.keep(masks.size());
      long most = sparsity.mostKept(masks.layout());
      if (masks.kept() < least || masks.kept() > most) {
        throw Problem.state(
            "given mask of another sparsity",
            where,
            (most > least ? least + " to " + most : least)
                + " of "
                + masks.size()
                + " weights kept at sparsity "
                + sparsity,
            masks.kept(),
            "give the recipe the mask's sparsity, Sparsity.removing("
                + (masks.size() - masks.kept())
                + ", "
                + masks.size()
                + ")");
      }
    }

    @Override
    public String describe() {
      return "given, " + masks.kept() + " of " + masks.size() + ", " + Fingerprints.digest(masks);
    }

    @Override
    public String toString() {
      return describe();
    }
  }

  /**
   * The best by one scoring.
   *
   * @param nested whether removed weights stay removed
   */
  record Scored(Scorer scorer, Allocation allocation, Sparsity sparsity, boolean nested)
      implements FixedMask {
    @Override
    public MaskSet begin(ScoringContext context, MaskSet current) {
      Problem.given(context, "MaskRule.begin", "context");
      Problem.given(current, "MaskRule.begin", "current");
      MaskSet among = nested ? current : MaskSet.ones(context.layout());
      return context.select(scorer, scores(scorer, context), among, allocation, sparsity, "");
    }

    @Override
    public String describe() {
      return (nested ? "nested " : "")
          + Texts.own(scorer.describe(), scorer, "Scorer")
          + ", "
          + Texts.own(allocation.describe(), allocation, "Allocation")
          + ", "
          + sparsity;
    }

    @Override
    public String toString() {
      return describe();
    }
  }

  /**
   * As many weights of each parameter as another rule keeps, at uniformly random positions: what
   * remains of a method when all but its layer-wise densities is taken away (SNIP-ratio and
   * GraSP-ratio in Liu et al. 2022, "The unreasonable effectiveness of random pruning").
   *
   * <p>The positions of a parameter are drawn from its own stream, {@code random-positions/} and
   * its path, so they depend on its count alone.
   *
   * @param moved whether positions are drawn until they differ from the rule's, where they can
   */
  record RandomPositions(MaskRule counts, boolean moved) implements FixedMask {
    @Override
    public MaskSet begin(ScoringContext context, MaskSet current) {
      Problem.given(context, "MaskRule.begin", "context");
      Problem.given(current, "MaskRule.begin", "current");
      Map<String, Mask> masks = new LinkedHashMap<>();
      counts
          .begin(context, current)
          .asMap()
          .forEach(
              (path, mask) -> {
                RandomGenerator random = context.random("random-positions/" + path);
                Mask drawn = draw(mask, random);
                while (moved && drawn.equals(mask) && canMove(mask)) {
                  drawn = draw(mask, random);
                }
                masks.put(path, drawn);
              });
      return MaskSet.of(masks);
    }

    @Override
    public boolean isExact() {
      return counts.isExact();
    }

    private static boolean canMove(Mask mask) {
      return mask.kept() > 0 && mask.kept() < mask.size();
    }

    private static Mask draw(Mask like, RandomGenerator random) {
      boolean[] kept = new boolean[like.size()];
      Arrays.fill(kept, 0, like.kept(), true);
      shuffle(kept, random);
      return Mask.of(like.shape(), i -> kept[i]);
    }

    /** Fisher and Yates: every order is equally likely. */
    private static void shuffle(boolean[] entries, RandomGenerator random) {
      for (int i = entries.length - 1; i > 0; i--) {
        int j = random.nextInt(i + 1);
        boolean entry = entries[i];
        entries[i] = entries[j];
        entries[j] = entry;
      }
    }

    @Override
    public String describe() {
      return (moved ? "shuffled within each parameter: " : "random positions with the counts of ")
          + Texts.own(counts.describe(), counts, "MaskRule");
    }

    @Override
    public String toString() {
      return describe();
    }
  }
}
