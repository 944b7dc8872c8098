package org.vpns.examples.figures;

import java.util.List;
import org.vpns.Sparsity;
import org.vpns.examples.compare.ComparisonTask;

/**
 * What figures are run on.
 *
 * @param task network and images
 * @param steps T, gradient steps per stage
 * @param caution behind titles, where figures do not count; else empty
 * @param sparsities fractions removed
 * @param seeds of the runs
 */
record Setting(
    ComparisonTask task, long steps, String caution, List<Sparsity> sparsities, List<Long> seeds) {
  /** The same with other sparsities. */
  Setting with(List<Sparsity> others) {
    return new Setting(task, steps, caution, others, seeds);
  }
}
