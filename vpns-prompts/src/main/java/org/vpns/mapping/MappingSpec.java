package org.vpns.mapping;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.vpns.LabelAssignment;
import org.vpns.LabelAssignment.Reduction;
import org.vpns.LabelMapping;
import org.vpns.Problem;
import org.vpns.Value;

/**
 * A label mapping with its options. Defaults: one source per target, mean of several, made under
 * the mask with which the first stage starts.
 */
public final class MappingSpec extends Value<MappingSpec> implements LabelMapping {
  private final String name;
  private final int refreshEpochs;
  private final Rule rule;
  private @Nullable Integer perTarget;
  private @Nullable Reduction reduction;
  private Moment moment = Moment.STARTING_MASK;

  /** Chooses k sources for each target; k times targets is at most sources. */
  interface Rule {
    int[][] assign(Context context, int perTarget);
  }

  MappingSpec(String name, int refreshEpochs, Rule rule) {
    this.name = name;
    this.refreshEpochs = refreshEpochs;
    this.rule = rule;
  }

  /**
   * Gives each target k sources of its own.
   *
   * @param k sources per target, at least 1
   * @throws IllegalArgumentException if k is below 1
   * @throws IllegalStateException if set twice
   */
  public MappingSpec perTarget(int k) {
    if (k < 1) {
      throw Problem.argument(
          "sources per target out of range",
          name + ".perTarget",
          "at least 1",
          k,
          "pass 1 or more");
    }
    checkOnce(perTarget != null, "perTarget");
    return with(m -> m.perTarget = k);
  }

  /**
   * Says how several source logits become one; without effect for one source per target.
   *
   * @throws IllegalStateException if set twice
   */
  public MappingSpec reduction(Reduction how) {
    Problem.given(how, "MappingSpec.reduction", "how");
    checkOnce(reduction != null, "reduction");
    return with(m -> m.reduction = how);
  }

  /**
   * Looks at the dense network instead of the network under its starting mask.
   *
   * @throws IllegalStateException if set twice
   */
  public MappingSpec onDense() {
    checkOnce(moment == Moment.DENSE, "onDense");
    return with(m -> m.moment = Moment.DENSE);
  }

  private void checkOnce(boolean set, String option) {
    if (set) {
      throw Problem.state(
          "option set twice",
          describe() + "." + option,
          option + " once",
          "twice",
          "leave one of them out");
    }
  }

  @Override
  public LabelAssignment assign(Context context) {
    Problem.given(context, "MappingSpec.assign", "context");
    int k = perTarget == null ? 1 : perTarget;
    if ((long) k * context.targets() > context.sources()) {
      throw Problem.argument(
          "too few outputs for the label mapping",
          describe(),
          "at least " + k + " for each of " + context.targets() + " classes",
          context.sources() + " outputs",
          "lower perTarget or use a network with more outputs");
    }
    return LabelAssignment.of(
        context.sources(), rule.assign(context, k), reduction == null ? Reduction.MEAN : reduction);
  }

  @Override
  public int refreshEpochs() {
    return refreshEpochs;
  }

  @Override
  public Moment moment() {
    return moment;
  }

  @Override
  public String describe() {
    return name
        + (perTarget == null ? "" : ".perTarget(" + perTarget + ")")
        + (reduction == null ? "" : ".reduction(" + reduction.name().toLowerCase(Locale.ROOT) + ")")
        + (moment == Moment.DENSE ? ".onDense()" : "");
  }

  @Override
  public String toString() {
    return describe();
  }
}
