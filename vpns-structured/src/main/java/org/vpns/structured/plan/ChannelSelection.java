package org.vpns.structured.plan;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.Sparsity;
import org.vpns.Value;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.ChannelScores;
import org.vpns.structured.ChannelUnit;

/**
 * Which channels leave a network: as much as a {@link ChannelBudget} asks for, those of least score
 * first.
 *
 * <pre>{@code
 * ChannelSelection half = ChannelSelection.of(ChannelBudget.macs(0.5)).roundTo(8);
 * ChannelPlan plan = half.plan(scores);
 * }</pre>
 *
 * <p>Where channels are counted, the count is exact, and of equal scores the lower number is kept.
 * Each group loses the same share unless groups are ranked together; then, where a cost is bounded,
 * step by step the chunk of channels leaves, of all groups' next ones, whose scores are least for
 * the cost that it saves. A tenth of every group stays, and something of every axis. What cannot be
 * obtained so is refused, and the message says what can.
 *
 * <p>Layers are named as in {@link org.vpns.structured.ChannelRules}; a name stands for all groups
 * that the layer makes channels of.
 */
public final class ChannelSelection extends Value<ChannelSelection> {
  private static final String BY_ITSELF = ", each group by itself";

  private ChannelBudget budget;
  private Scope.Rule scope = Scope::local;
  private String ranking = BY_ITSELF;
  private ImmutableList<ImmutableList<String>> sets = ImmutableList.of();
  private Limits limits = Limits.STANDARD;
  private int roundTo = 1;
  private boolean roundDown;
  private @Nullable ChannelGroups reference;

  private ChannelSelection(ChannelBudget budget) {
    this.budget = budget;
  }

  /** Under a budget; each group loses the same share. */
  public static ChannelSelection of(ChannelBudget budget) {
    return new ChannelSelection(Problem.given(budget, "ChannelSelection.of", "budget"));
  }

  /** Under another budget. */
  public ChannelSelection budget(ChannelBudget newBudget) {
    Problem.given(newBudget, "ChannelSelection.budget", "budget");
    return with(selection -> selection.budget = newBudget);
  }

  /**
   * All groups are ranked together. Their scores must be comparable, as normalised ones are. Under
   * a bound for a cost the few channels of the widest maps leave first, since they save most; the
   * trained network that was tried lost much less with {@link #local()}.
   */
  public ChannelSelection global() {
    return scope("", Scope::global);
  }

  /**
   * Each group is ranked by itself and loses the same share, the default: of n channels {@code
   * floor(share n)}, or as many as its floor allows. Under a bound for a cost, one channel at a
   * time leaves the group that has lost the least share.
   */
  public ChannelSelection local() {
    return scope(BY_ITSELF, Scope::local);
  }

  /** Groups of the same kinds of layers in the same order are ranked together. */
  public ChannelSelection isomorphic() {
    return scope(", groups of like layers together", Scope::isomorphic);
  }

  /**
   * The groups of these layers are ranked together, those of no such set each by itself. Can be
   * given again for another set.
   */
  public ChannelSelection together(String... layers) {
    Problem.givenEach(layers, "ChannelSelection.together", "layers");
    ImmutableList<ImmutableList<String>> all =
        ImmutableList.<ImmutableList<String>>builder()
            .addAll(sets)
            .add(ImmutableList.copyOf(layers))
            .build();
    return with(selection -> selection.sets = all)
        .with(selection -> selection.ranking = "")
        .with(
            selection ->
                selection.scope =
                    (whole, others, bounds) -> Scope.together(all, whole, others, bounds));
  }

  private ChannelSelection scope(String name, Scope.Rule rule) {
    return with(selection -> selection.scope = rule)
        .with(selection -> selection.ranking = name)
        .with(selection -> selection.sets = ImmutableList.of());
  }

  /**
   * How many channels of each group stay at least; by default a tenth, rounded up. One stays in any
   * case.
   */
  public ChannelSelection minKeep(int channels) {
    requirePositive(channels, "minKeep");
    return with(selection -> selection.limits = selection.limits.minKeep(channels));
  }

  /** The same for the groups of a layer; of several for one group the largest holds. */
  public ChannelSelection minKeep(String layer, int channels) {
    Problem.given(layer, "ChannelSelection.minKeep", "layer");
    requirePositive(channels, "minKeep");
    return with(selection -> selection.limits = selection.limits.minKeep(layer, channels));
  }

  /** Which share of each group leaves at most; by default all of it, down to its floor. */
  public ChannelSelection maxRemoved(Sparsity share) {
    Problem.given(share, "ChannelSelection.maxRemoved", "share");
    return with(selection -> selection.limits = selection.limits.maxRemoved(share));
  }

  /** The same for the groups of a layer; of several for one group the smallest holds. */
  public ChannelSelection maxRemoved(String layer, Sparsity share) {
    Problem.given(layer, "ChannelSelection.maxRemoved", "layer");
    Problem.given(share, "ChannelSelection.maxRemoved", "share");
    return with(selection -> selection.limits = selection.limits.maxRemoved(layer, share));
  }

  /**
   * The groups of a layer lose this share, each by itself; the budget does not count them, if it
   * counts channels. Different shares for layers whose channels leave together are an error.
   */
  public ChannelSelection share(String layer, Sparsity leaving) {
    Problem.given(layer, "ChannelSelection.share", "layer");
    Problem.given(leaving, "ChannelSelection.share", "leaving");
    return with(selection -> selection.limits = selection.limits.share(layer, leaving));
  }

  /**
   * Groups that lose channels keep a multiple of so many; by default of 1. Counts become the next
   * multiple that keeps no fewer, and a group that has none stays whole. Under a bound for a cost
   * the channels leave in chunks from multiple to multiple.
   */
  public ChannelSelection roundTo(int multiple) {
    requirePositive(multiple, "roundTo");
    return with(selection -> selection.roundTo = multiple);
  }

  /** Counts become the next multiple that keeps no more, but above 0 and the floor. */
  public ChannelSelection roundDown() {
    return with(selection -> selection.roundDown = true);
  }

  /**
   * What shares refer to, where the network has lost channels before; by default the network
   * itself. Steps towards a share of the whole network's cost have it:
   *
   * <pre>{@code
   * for (ChannelBudget budget : budgets) {
   *   ChannelGroups now = ChannelGroups.of(network.graph(), whole.lastingRules());
   *   ChannelPlan plan = selection.budget(budget).reference(whole).plan(scores(now, network));
   *   network = plan.apply(network, manager);
   *   ... // train
   * }
   * }</pre>
   *
   * @param whole groups of the network as it was before it lost channels
   */
  public ChannelSelection reference(ChannelGroups whole) {
    Problem.given(whole, "ChannelSelection.reference", "whole");
    return with(selection -> selection.reference = whole);
  }

  private static void requirePositive(int value, String option) {
    if (value < 1) {
      throw Problem.argument(
          "count out of range",
          "ChannelSelection." + option,
          "at least 1",
          value,
          "pass 1 or more");
    }
  }

  /**
   * The channels that leave.
   *
   * @param scores of the network's channels
   * @throws IllegalArgumentException if the budget is out of reach, a layer has an unknown name, or
   *     shares contradict each other
   */
  public ChannelPlan plan(ChannelScores scores) {
    Problem.given(scores, "ChannelSelection.plan", "scores");
    return select(
        scores,
        (selecting, outcome) -> {
          ChannelGroups groups = scores.groups();
          return ChannelPlan.of(
              groups,
              selecting.shrinking().gone(),
              outcome,
              groups.groups().stream().map(selecting::wish).toList());
        });
  }

  /**
   * The channels that {@link #plan} has leave, without what it would cost: for selections that are
   * made over and over.
   *
   * @throws IllegalArgumentException as {@link #plan}
   */
  public List<ChannelUnit> leaving(ChannelScores scores) {
    Problem.given(scores, "ChannelSelection.leaving", "scores");
    return select(scores, (selecting, outcome) -> List.copyOf(selecting.shrinking().gone()));
  }

  private <T> T select(ChannelScores scores, BiFunction<Selecting, Outcome, T> result) {
    ChannelGroups groups = scores.groups();
    ChannelGroups whole = reference == null ? groups : reference;
    Bounds bounds = new Bounds(groups, whole, limits);
    Selecting selecting =
        new Selecting(
            scores,
            whole,
            bounds,
            scope.scopes(whole, bounds.others(), bounds),
            roundTo,
            roundDown,
            new Shrinking(scores, bounds),
            new int[groups.groups().size()]);
    bounds.eachShare(selecting::takeShare);
    return result.apply(selecting, budget.select(selecting));
  }

  /** The budget, how groups are ranked unless all are together, and what else was set. */
  public String describe() {
    StringBuilder text = new StringBuilder(budget.toString()).append(ranking);
    sets.forEach(set -> text.append(", ").append(set).append(" together"));
    text.append(limits.describe());
    text.append(roundTo > 1 ? ", multiples of " + roundTo + (roundDown ? " or fewer" : "") : "");
    return text.append(reference == null ? "" : ", of " + reference.graph().fingerprint())
        .toString();
  }

  /** As {@link #describe()}. */
  @Override
  public String toString() {
    return "ChannelSelection (" + describe() + ")";
  }
}
