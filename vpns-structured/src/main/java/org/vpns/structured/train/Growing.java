package org.vpns.structured.train;

import java.util.Arrays;
import org.vpns.Problem;
import org.vpns.optim.StateVisitor;

/** Decay of each unit's own strength, which grows after each epoch. */
final class Growing extends ChannelRegulariser<Growing> {
  private static final double EPSILON = 1e-8;

  private final double start;
  private final double delta;

  Growing(double start, double delta) {
    this.start = start;
    this.delta = delta;
  }

  @Override
  Term begin(TrainedGroups groups) {
    UnitSlices weights = groups.weights();
    float[] strengths = new float[weights.units()];
    Arrays.fill(strengths, (float) start);
    return new Term() {
      @Override
      public void add(Gradients gradients) {
        Problem.given(gradients, "Regulariser.Term.add", "gradients");
        double[] factors = new double[strengths.length];
        for (int u = 0; u < factors.length; u++) {
          factors[u] = strengths[u];
        }
        weights.addScaled(gradients, factors);
      }

      @Override
      public void epochEnded(Weights now) {
        Problem.given(now, "Regulariser.Term.epochEnded", "now");
        double[] below = weights.belowLargest(weights.meanSquares(now), EPSILON);
        for (int u = 0; u < below.length; u++) {
          strengths[u] = (float) (strengths[u] + delta * below[u]);
        }
      }

      @Override
      public void visit(StateVisitor visitor) {
        Problem.given(visitor, "Regulariser.Term.visit", "visitor");
        visitor.floats("strengths", strengths, 0, strengths.length);
      }
    };
  }

  @Override
  String options() {
    return "growing from " + start + " by " + delta;
  }
}
