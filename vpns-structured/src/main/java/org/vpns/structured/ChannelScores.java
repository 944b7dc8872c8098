package org.vpns.structured;

import com.google.common.collect.ImmutableMap;
import java.util.function.ToDoubleFunction;
import org.vpns.Problem;

/** How much each unit that can leave matters: the smallest leave first. Immutable. */
public final class ChannelScores {
  private final ChannelGroups groups;
  private final ImmutableMap<ChannelUnit, Double> scores;

  private ChannelScores(ChannelGroups groups, ImmutableMap<ChannelUnit, Double> scores) {
    this.groups = groups;
    this.scores = scores;
  }

  /**
   * Of all units of the groups that can leave.
   *
   * @throws IllegalArgumentException if a score is not finite
   */
  public static ChannelScores of(ChannelGroups groups, ToDoubleFunction<ChannelUnit> score) {
    Problem.given(groups, "ChannelScores.of", "groups");
    Problem.given(score, "ChannelScores.of", "score");
    ImmutableMap.Builder<ChannelUnit, Double> scores = ImmutableMap.builder();
    for (ChannelUnit unit : groups.free()) {
      double value = score.applyAsDouble(unit);
      if (!Double.isFinite(value)) {
        throw Problem.argument(
            "score that is not finite",
            "unit "
                + unit.number()
                + " of group "
                + groups.groups().get(unit.group()).name()
                + ", "
                + unit.slices().get(0),
            "a finite number",
            value,
            "look for weights that are not finite, or scale the scores down");
      }
      scores.put(unit, value);
    }
    return new ChannelScores(groups, scores.buildOrThrow());
  }

  /** The groups whose units have scores. */
  public ChannelGroups groups() {
    return groups;
  }

  /**
   * The score of a unit.
   *
   * @throws IllegalArgumentException if it is not of these groups, or stays
   */
  public double score(ChannelUnit unit) {
    Problem.given(unit, "ChannelScores.score", "unit");
    Double score = scores.get(unit);
    if (score == null) {
      throw Problem.argument(
          "unit without score",
          "unit " + unit.number() + " of group " + unit.group(),
          "a unit that can leave of the groups that were scored",
          unit.isFree() ? "a unit of other groups" : "one that stays: " + unit.stays(),
          "take units of groups().free()");
    }
    return score;
  }
}
