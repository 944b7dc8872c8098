package org.vpns.score;

import com.google.common.collect.ImmutableSet;
import org.jspecify.annotations.Nullable;
import org.vpns.LabelAssignment;
import org.vpns.MaskSet;
import org.vpns.Problem;
import org.vpns.Scores;
import org.vpns.ScoringContext;
import org.vpns.Value;
import org.vpns.internal.flow.Digits;
import org.vpns.internal.flow.PositiveNetwork;

/**
 * SynFlow (Tanaka, Kunin, Yamins and Ganguli 2020, "Pruning neural networks without any data by
 * iteratively conserving synaptic flow"): how much of the flow from input to output passes through
 * the weight,
 *
 * <pre>
 * score = |z| dR/d|z|,  R = sum of all outputs of the positive network for an input of ones
 * </pre>
 *
 * in double precision. The positive network has every weight by its absolute value, no biases, and
 * batch norm as a scale, so the flow is conserved: the scores of every set of layers that all paths
 * cross sum to R, and what enters a hidden channel leaves it. Scores are rounded to 10 significant
 * digits, because weights in series carry the same flow and rounding noise must not choose between
 * them.
 *
 * <p>Needs the network's graph, not images. In one round it removes whole layers; ask for rounds
 * ({@code Pruners.synFlow()} takes 100).
 */
public final class SynFlowScorer extends Value<SynFlowScorer> implements RepeatedScorer {
  private boolean released;
  private boolean mappedOnly;
  private ImmutableSet<String> identities = ImmutableSet.of();

  SynFlowScorer() {}

  /**
   * As the published code scores: every entry of the state is made positive, also running means and
   * biases, which stay. Flow is not conserved, and channels of large mean die; on a fresh network
   * both forms agree. In double precision here, in single there.
   */
  public SynFlowScorer released() {
    return with(s -> s.released = true);
  }

  /**
   * Lets R be the sum of those outputs alone that stand for a class, as the label mapping has it;
   * default all outputs. What leads to other outputs alone, such as their rows of the head, scores
   * 0. Needs a label mapping, so a recipe or a batch; images only where the mapping looks at them.
   */
  public SynFlowScorer mappedOutputsOnly() {
    return with(s -> s.mappedOnly = true);
  }

  /**
   * Takes operators of these kinds for the identity, such as {@code sigmoid}, {@code clip} or
   * {@code layerNorm}, which do not conserve flow and are refused otherwise.
   */
  public SynFlowScorer asIdentity(String... kinds) {
    Problem.givenEach(kinds, "SynFlowScorer.asIdentity", "kinds");
    return with(
        s -> s.identities = ImmutableSet.<String>builder().addAll(identities).add(kinds).build());
  }

  @Override
  public Session open(ScoringContext context) {
    Problem.given(context, "SynFlowScorer.open", "context");
    @Nullable LabelAssignment counted = mappedOnly ? context.mapping() : null;
    PositiveNetwork network =
        new PositiveNetwork(
            context.block(), context.inputShape(), context.layout(), released, identities);
    network.countOnly(counted);
    return new Session() {
      @Override
      public Scores score(MaskSet masks) {
        Problem.given(masks, "RepeatedScorer.Session.score", "masks");
        PositiveNetwork.Flow flow = network.flow(masks);
        context.countForward();
        context.countBackward(1);
        if (!Double.isFinite(flow.total())) {
          throw Problem.state(
              "flow is not finite",
              "SynFlow",
              "a number",
              flow.total(),
              "look for weights that are not numbers; the model is as it was");
        }
        double[] shares = flow.shares();
        for (int i = 0; i < shares.length; i++) {
          shares[i] = Digits.ten(shares[i]);
        }
        return Signal.require(Scores.of(context.layout(), shares), masks, "SynFlow");
      }

      @Override
      public void close() {
        network.close();
      }
    };
  }

  @Override
  public String describe() {
    return "SynFlow"
        + (released ? " (released form)" : "")
        + (mappedOnly ? ", mapped outputs only" : "")
        + (identities.isEmpty() ? "" : ", identity for " + identities);
  }

  @Override
  public String toString() {
    return describe();
  }
}
