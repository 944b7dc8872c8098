package org.vpns.weights;

import com.google.common.collect.ImmutableList;
import java.util.List;

/**
 * What a load did, by parameter path or tensor name.
 *
 * @param loaded parameters that got values from the file
 * @param skipped parameters left as they were because {@link WeightFile#skip} says so
 * @param missing parameters left as they were because the file does not have them; empty unless
 *     lenient
 * @param unexpected tensors of the file that no parameter wants, counters of batch norm excluded;
 *     empty unless lenient
 */
public record LoadReport(
    List<String> loaded, List<String> skipped, List<String> missing, List<String> unexpected) {
  /** Copies the lists. */
  public LoadReport {
    loaded = ImmutableList.copyOf(loaded);
    skipped = ImmutableList.copyOf(skipped);
    missing = ImmutableList.copyOf(missing);
    unexpected = ImmutableList.copyOf(unexpected);
  }
}
