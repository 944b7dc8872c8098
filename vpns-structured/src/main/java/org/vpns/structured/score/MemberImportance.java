package org.vpns.structured.score;

import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Sets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.vpns.Problem;
import org.vpns.Value;
import org.vpns.structured.ChannelGroup;
import org.vpns.structured.ChannelScores;
import org.vpns.structured.ChannelUnit;
import org.vpns.structured.ChannelUnit.Role;

/**
 * An importance that scores each unit in each member of its group, that is each parameter's axis;
 * the scores of the members become one by a {@link Reduction}, those of a group comparable by a
 * {@link Normaliser}. What is left to say is the score of a slice:
 *
 * <pre>{@code
 * final class LargestWeight extends MemberImportance {
 *   @Override
 *   protected Session open(ChannelContext context) {
 *     return member ->
 *         member.each(context.values(member.parameter()), slice -> largest(slice));
 *   }
 *
 *   @Override
 *   protected String name() {
 *     return "largest weight";
 *   }
 * }
 * }</pre>
 *
 * <p>Members are weights of convolutions and linear layers on either axis, rows of depthwise
 * convolutions, and scales of norms; not biases, unless asked for, statistics or other parameters.
 * A parameter that is used again is one member, several positions of a unit are one slice.
 */
public abstract class MemberImportance extends Value<MemberImportance>
    implements ChannelImportance {
  private Reduction reduction = Reduction.MEAN;
  private Normaliser normaliser = Normaliser.MEAN;
  private ImmutableSet<Role> roles;

  /** Scores one network. */
  public interface Session {
    /**
     * A score for each unit of the member's group, by number, larger for what matters more; what it
     * says of units without slice there does not matter.
     */
    double[] scores(ChannelMember member);
  }

  /** Of weights and of scales of norms. */
  protected MemberImportance() {
    this(Role.OUT, Role.IN, Role.THROUGH, Role.SCALE);
  }

  /** Of members with these roles alone. */
  protected MemberImportance(Role... roles) {
    this.roles = ImmutableSet.copyOf(roles);
  }

  /** How scores of members become one; default {@link Reduction#MEAN}. */
  public MemberImportance reduction(Reduction newReduction) {
    Problem.given(newReduction, "MemberImportance.reduction", "reduction");
    return with(i -> i.reduction = newReduction);
  }

  /** How scores of a group become comparable; default {@link Normaliser#MEAN}. */
  public MemberImportance normaliser(Normaliser newNormaliser) {
    Problem.given(newNormaliser, "MemberImportance.normaliser", "normaliser");
    return with(i -> i.normaliser = newNormaliser);
  }

  /** Biases of layers and shifts of norms score as well. */
  public MemberImportance bias() {
    return with(i -> i.roles = Sets.union(i.roles, ImmutableSet.of(Role.SHIFT)).immutableCopy());
  }

  /** Begins to score a network: what all members need is computed here, once. */
  protected abstract Session open(ChannelContext context);

  /** Such as {@code L2 magnitude}. */
  protected abstract String name();

  /**
   * Scores of all units that can leave.
   *
   * @throws IllegalArgumentException if a score is not finite, or a unit has no member to score by
   */
  @Override
  public final ChannelScores score(ChannelContext context) {
    Problem.given(context, "MemberImportance.score", "context");
    Problem.given(name(), getClass().getName(), "what MemberImportance.name gives");
    Session session = Problem.given(open(context), name(), "what MemberImportance.open gives");
    Map<ChannelUnit, Double> scores = new HashMap<>();
    for (ChannelGroup group : context.groups().groups()) {
      List<ChannelUnit> free = group.free();
      if (!free.isEmpty()) {
        double[] values = normaliser.apply(reduced(session, group, context));
        for (int i = 0; i < values.length; i++) {
          scores.put(free.get(i), values[i]);
        }
      }
    }
    return ChannelScores.of(context.groups(), unit -> scores.getOrDefault(unit, Double.NaN));
  }

  /** One score for each unit that can leave. */
  private double[] reduced(Session session, ChannelGroup group, ChannelContext context) {
    List<ChannelMember> members = new ArrayList<>();
    List<double[]> scores = new ArrayList<>();
    for (ChannelMember member : ChannelMember.of(group, context.network().graph())) {
      if (roles.contains(member.role())) {
        members.add(member);
        scores.add(
            member.require(
                Problem.given(
                    session.scores(member), name(), "what MemberImportance.Session.scores gives"),
                name()));
      }
    }
    return group.free().stream()
        .mapToDouble(
            unit -> {
              double[] own =
                  IntStream.range(0, members.size())
                      .filter(m -> members.get(m).has(unit))
                      .mapToDouble(m -> scores.get(m)[unit.number()])
                      .toArray();
              return finite(reduction.apply(required(own, unit, group), members.size()), unit);
            })
        .toArray();
  }

  private double[] required(double[] own, ChannelUnit unit, ChannelGroup group) {
    if (own.length == 0) {
      String maker = unit.slices(Role.OUT).get(0).parameter();
      throw Problem.argument(
          "nothing to score channels by",
          name() + ", unit " + unit.number() + " of group " + group.name(),
          "a slice of role " + roles,
          unit.slices(),
          "keep these channels by ChannelRules.keepOutputs(\""
              + maker
              + "\"), or take another importance");
    }
    return own;
  }

  private double finite(double score, ChannelUnit unit) {
    if (!Double.isFinite(score)) {
      throw Problem.argument(
          "score that is not finite",
          name() + ", " + unit.slices().get(0) + ", unit " + unit.number(),
          "a finite " + reduction + " over the members",
          score,
          "take another reduction");
    }
    return score;
  }

  @Override
  public final String describe() {
    return name()
        + (roles.contains(Role.SHIFT) ? " with biases" : "")
        + "; reduction "
        + reduction
        + ", normaliser "
        + normaliser;
  }

  /** As {@link #describe()}. */
  @Override
  public final String toString() {
    return describe();
  }
}
