package org.vpns.train;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.ScoringContext;

/**
 * As many weights of each parameter as another rule keeps, at uniformly random positions: what
 * remains of a method when all but its layer-wise densities is taken away (SNIP-ratio and
 * GraSP-ratio in Liu et al. 2022, "The unreasonable effectiveness of random pruning").
 *
 * <p>The positions of a parameter are drawn from its own stream, {@code random-positions/} and its
 * path, so they depend on its count alone.
 */
record RandomPositions(MaskRule counts) implements MaskRule {
  @Override
  public MaskSet begin(ScoringContext context, MaskSet current) {
    Map<String, Mask> masks = new LinkedHashMap<>();
    counts
        .begin(context, current)
        .asMap()
        .forEach(
            (path, mask) -> {
              boolean[] kept = new boolean[mask.size()];
              Arrays.fill(kept, 0, mask.kept(), true);
              shuffle(kept, context.random("random-positions/" + path));
              masks.put(path, Mask.of(mask.shape(), i -> kept[i]));
            });
    return MaskSet.of(masks);
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
    return "random positions with the counts of " + counts.describe();
  }
}
