package org.vpns.structured.score;

import java.util.Locale;
import java.util.function.ToDoubleBiFunction;
import java.util.stream.DoubleStream;

/**
 * How the scores that a unit has in the members of its group become one. Members stand in the order
 * in which the network reads their parameters. A unit has no part in some of them where a piece of
 * its group is read by itself.
 */
public enum Reduction {
  /** Sum over the number of the group's members, as in DepGraph. */
  MEAN((own, members) -> DoubleStream.of(own).sum() / members),
  /** Sum. */
  SUM((own, members) -> DoubleStream.of(own).sum()),
  /** Largest of those that the unit has. */
  MAX((own, members) -> DoubleStream.of(own).max().orElse(0)),
  /** Product of those that the unit has. */
  PROD((own, members) -> DoubleStream.of(own).reduce(1, (a, b) -> a * b)),
  /** That of the first member that the unit has: mostly the filters that make it. */
  FIRST((own, members) -> own[0]),
  /** That of the last member that the unit has. */
  LAST((own, members) -> own[own.length - 1]);

  @SuppressWarnings("ImmutableEnumChecker") // the rules have no state
  private final ToDoubleBiFunction<double[], Integer> rule;

  Reduction(ToDoubleBiFunction<double[], Integer> rule) {
    this.rule = rule;
  }

  /**
   * One score.
   *
   * @param own the unit's scores in the members that it has, at least 1
   * @param members number of members of the group
   */
  double apply(double[] own, int members) {
    return rule.applyAsDouble(own, members);
  }

  /** Its name in lower case. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
