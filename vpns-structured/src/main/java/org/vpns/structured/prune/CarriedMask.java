package org.vpns.structured.prune;

import org.vpns.MaskSet;
import org.vpns.Problem;
import org.vpns.ScoringContext;
import org.vpns.internal.run.Fingerprints;
import org.vpns.internal.text.Texts;
import org.vpns.train.FixedMask;
import org.vpns.train.MaskRule;

/**
 * The mask that a rule makes after another mask.
 *
 * @param carried that mask
 * @param rule what makes of it the mask of a stage
 */
record CarriedMask(MaskSet carried, MaskRule rule) implements FixedMask {
  @Override
  public MaskSet begin(ScoringContext context, MaskSet current) {
    Problem.given(context, "MaskRule.begin", "context");
    Problem.given(current, "MaskRule.begin", "current");
    return rule.begin(context, carried.inOrderOf(context.layout()));
  }

  @Override
  public boolean isExact() {
    return rule.isExact();
  }

  @Override
  public String describe() {
    return Texts.own(rule.describe(), rule, "MaskRule")
        + ", after "
        + carried.kept()
        + " of "
        + carried.size()
        + ", "
        + Fingerprints.digest(carried);
  }

  @Override
  public String toString() {
    return describe();
  }
}
