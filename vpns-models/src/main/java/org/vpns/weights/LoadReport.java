package org.vpns.weights;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.vpns.Problem;

/**
 * What a load did, by parameter path or tensor name.
 *
 * @param sources parameters that got values, in definition order, and the tensors of the file that
 *     they got them from
 * @param skipped parameters left as they were because {@link WeightFile#skip} says so
 * @param missing parameters left as they were because the file does not have them; empty unless
 *     lenient
 * @param unexpected tensors of the file that no parameter wants, counters of batch norm excluded;
 *     unless lenient, of whole numbers or truth values alone
 */
public record LoadReport(
    Map<String, String> sources,
    List<String> skipped,
    List<String> missing,
    List<String> unexpected) {
  private static final int MOST_LISTED = 6;

  /** Copies lists and map. */
  public LoadReport {
    sources = ImmutableMap.copyOf(Problem.givenEach(sources, "new LoadReport", "sources"));
    skipped = ImmutableList.copyOf(Problem.givenEach(skipped, "new LoadReport", "skipped"));
    missing = ImmutableList.copyOf(Problem.givenEach(missing, "new LoadReport", "missing"));
    unexpected =
        ImmutableList.copyOf(Problem.givenEach(unexpected, "new LoadReport", "unexpected"));
  }

  /** Parameters that got values from the file, in definition order. */
  public List<String> loaded() {
    return ImmutableList.copyOf(sources.keySet());
  }

  /**
   * Counts, then the first few of each kind: names that are missing or unexpected, and lines {@code
   * parameter <- tensor} for parameters whose values came under another name.
   */
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
        + names("skipped", skipped)
        + names("missing", missing)
        + names("unexpected", unexpected)
        + renamed();
  }

  private static String names(String what, List<String> names) {
    return names.isEmpty() ? "" : "\n  " + what + ": " + Problem.listed(names, MOST_LISTED);
  }

  private String renamed() {
    List<String> pairs =
        sources.entrySet().stream()
            .filter(pair -> !pair.getKey().equals(pair.getValue()))
            .map(pair -> pair.getKey() + " <- " + pair.getValue())
            .toList();
    String first =
        pairs.stream().limit(MOST_LISTED).map(pair -> "\n  " + pair).collect(Collectors.joining());
    int more = pairs.size() - MOST_LISTED;
    return more > 0 ? first + "\n  and " + more + " more under another name" : first;
  }
}
