package org.vpns.structured.score;

import org.vpns.Problem;
import org.vpns.structured.ChannelScores;
import org.vpns.structured.ChannelUnit.Role;

/**
 * Uniform on [0, 1), from the stream {@code random-channels/} and the positions that make the unit,
 * such as {@code conv1.weight[0: 3]}: a unit's number does not depend on the others.
 */
final class RandomImportance implements ChannelImportance {
  @Override
  public ChannelScores score(ChannelContext context) {
    Problem.given(context, "ChannelImportance.score", "context");
    return ChannelScores.of(
        context.groups(),
        unit ->
            context.seeds().stream("random-channels/" + unit.slices(Role.OUT).get(0)).nextDouble());
  }

  @Override
  public String describe() {
    return "random";
  }

  @Override
  public String toString() {
    return describe();
  }
}
