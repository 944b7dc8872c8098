package org.vpns.study;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.vpns.internal.text.Texts;
import org.vpns.study.Difference.Verdict;

/** What may be said of the methods, sparsity by sparsity. */
record FindingsSection(List<Group> groups) implements PageSection {
  /** Statements that are read at a glance; more are folded. */
  private static final int SHOWN = 24;

  /**
   * The statements of one sparsity.
   *
   * @param summary how many of which kind
   */
  record Group(String summary, boolean open, List<Finding> findings) {}

  /** One statement; {@code sign} repeats in words what {@code kind} colours. */
  record Finding(String kind, String sign, String headline, String standing) {}

  static FindingsSection of(Comparison comparison) {
    Map<String, List<Finding>> bySparsity = new LinkedHashMap<>();
    int count = 0;
    for (Claims.Claim claim : Claims.of(comparison)) {
      String sparsity = Comparison.decimal(claim.row().sparsity()).toPlainString();
      bySparsity.computeIfAbsent(sparsity, s -> new ArrayList<>()).add(finding(claim));
      count++;
    }
    boolean open = count <= SHOWN;
    List<Group> groups = new ArrayList<>();
    bySparsity.forEach(
        (sparsity, findings) -> groups.add(new Group(summary(sparsity, findings), open, findings)));
    return new FindingsSection(groups);
  }

  private static Finding finding(Claims.Claim claim) {
    Difference difference = claim.row().difference();
    boolean claimed = difference != null && difference.verdict() == Verdict.BEYOND_NOISE;
    boolean above = claimed && difference != null && difference.mean() > 0;
    return new Finding(
        above ? "above" : claimed ? "below" : "open",
        above ? "▲ above" : claimed ? "▼ below" : "○ no claim",
        claim.headline(),
        claim.standing());
  }

  private static String summary(String sparsity, List<Finding> findings) {
    return "Sparsity "
        + sparsity
        + ": "
        + count(findings, "above")
        + " above, "
        + count(findings, "below")
        + " below, "
        + count(findings, "open")
        + " without a claim";
  }

  private static String count(List<Finding> findings, String kind) {
    return Texts.count(findings.stream().filter(f -> f.kind().equals(kind)).count());
  }

  @Override
  public String name() {
    return "findings";
  }

  @Override
  public String link() {
    return "Findings";
  }

  @Override
  public String title() {
    return "What the figures allow to say";
  }

  @Override
  public boolean isEmpty() {
    return groups.isEmpty();
  }
}
