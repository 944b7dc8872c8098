package org.vpns.study;

import java.util.ArrayList;
import java.util.List;
import org.vpns.study.Difference.Verdict;

/** What may be said of the methods. */
record FindingsSection(List<Finding> findings) implements PageSection {
  /** One statement; {@code sign} repeats in words what {@code kind} colours. */
  record Finding(String kind, String sign, String headline, String standing) {}

  static FindingsSection of(Comparison comparison) {
    List<Finding> findings = new ArrayList<>();
    for (Claims.Claim claim : Claims.of(comparison)) {
      Difference difference = claim.row().difference();
      boolean claimed = difference != null && difference.verdict() == Verdict.BEYOND_NOISE;
      boolean above = claimed && difference != null && difference.mean() > 0;
      findings.add(
          new Finding(
              above ? "above" : claimed ? "below" : "open",
              above ? "▲ above" : claimed ? "▼ below" : "○ no claim",
              claim.headline(),
              claim.standing()));
    }
    return new FindingsSection(findings);
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
    return findings.isEmpty();
  }
}
