package org.vpns.structured.train;

import org.vpns.Problem;
import org.vpns.Value;
import org.vpns.graph.ModelGraph;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.ChannelRules;
import org.vpns.train.Regulariser;

/**
 * A regulariser of channels, as {@link Regularisers} makes them. When a stage begins, the network
 * is traced, which takes some eight forward passes, and its channels are grouped; those that stay,
 * whether for the rules, because they reach the result or because something that they lie in is
 * frozen, get nothing. Not for TorchScript modules.
 *
 * @param <R> the regulariser itself
 */
public abstract class ChannelRegulariser<R extends ChannelRegulariser<R>> extends Value<R>
    implements Regulariser {
  private ChannelRules rules = ChannelRules.standard();

  ChannelRegulariser() {}

  /**
   * What may leave the network; default {@link ChannelRules#standard()}. What is frozen keeps its
   * shape, unless they are {@link ChannelRules#frozenToo()}.
   */
  public R rules(ChannelRules newRules) {
    Problem.given(newRules, "ChannelRegulariser.rules", "rules");
    return with(regulariser -> ((ChannelRegulariser<?>) regulariser).rules = newRules);
  }

  @Override
  public final Term begin(Weights weights) {
    Problem.given(weights, "ChannelRegulariser.begin", "weights");
    ModelGraph graph = BlockTracer.trace(weights.block(), weights.inputShape());
    ChannelGroups groups = ChannelGroups.of(graph, rules.keepFrozen(graph, weights.block()));
    return begin(new TrainedGroups(graph, groups, weights, describe()));
  }

  /** Begins with the groups of a network. */
  abstract Term begin(TrainedGroups groups);

  /** Name and options, the rules left out. */
  abstract String options();

  @Override
  public final String describe() {
    String kept = rules.toString();
    return options() + (kept.isEmpty() ? "" : ", " + kept);
  }

  @Override
  public String toString() {
    return describe();
  }
}
