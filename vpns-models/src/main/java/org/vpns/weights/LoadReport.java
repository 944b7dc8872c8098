package org.vpns.weights;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a load did, by parameter path or tensor name.
 *
 * @param sources parameters that got values, in definition order, and the tensors of the file that
 *     they got them from
 * @param skipped parameters left as they were because {@link WeightFile#skip} says so
 * @param missing parameters left as they were because the file does not have them; empty unless
 *     lenient
 * @param unexpected tensors of the file that no parameter wants, counters of batch norm excluded;
 *     empty unless lenient
 */
public record LoadReport(
    Map<String, String> sources,
    List<String> skipped,
    List<String> missing,
    List<String> unexpected) {
  /** Copies the lists. */
  public LoadReport {
    sources = ImmutableMap.copyOf(sources);
    skipped = ImmutableList.copyOf(skipped);
    missing = ImmutableList.copyOf(missing);
    unexpected = ImmutableList.copyOf(unexpected);
  }

  /** Parameters that got values from the file, in definition order. */
  public List<String> loaded() {
    return ImmutableList.copyOf(sources.keySet());
  }

  /** Counts, and a line {@code parameter <- tensor} for every parameter that got values. */
  @Override
  public String toString() {
    return sources.size()
        + " loaded, "
        + skipped.size()
        + " skipped, "
        + missing.size()
        + " missing, "
        + unexpected.size()
        + " unexpected"
        + sources.entrySet().stream()
            .map(pair -> "\n  " + pair.getKey() + " <- " + pair.getValue())
            .collect(Collectors.joining());
  }
}
