package org.vpns.examples.figures;

import java.util.List;
import java.util.stream.Collectors;
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
  /** Behind the title of a figure. */
  String titleEnd() {
    return " (" + task.name() + ")" + caution;
  }

  /** All of it, as a sentence. */
  String inWords() {
    return "Task "
        + task.name()
        + caution
        + "; sparsities "
        + sparsities.stream().map(Sparsity::toString).collect(Collectors.joining(", "))
        + "; seeds "
        + seeds.stream().map(Object::toString).collect(Collectors.joining(", "))
        + ".";
  }

  /** The same with other sparsities. */
  Setting with(List<Sparsity> others) {
    return new Setting(task, steps, caution, others, seeds);
  }
}
