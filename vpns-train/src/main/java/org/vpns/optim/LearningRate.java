package org.vpns.optim;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Arrays;
import org.vpns.Problem;
import org.vpns.Value;

/**
 * Learning rate over the steps of a stage. Immutable. A schedule moves per step unless {@link
 * #perEpoch()} is asked for; a warm-up always counts steps.
 */
public final class LearningRate extends Value<LearningRate> {
  private enum Shape {
    CONSTANT,
    COSINE,
    MULTI_STEP
  }

  private final Shape shape;
  private final double rate;
  private double last;
  private double factor = 1;
  private double[] milestones = {};
  private boolean perEpoch;
  private long warmUp;

  private LearningRate(Shape shape, double rate) {
    this.shape = shape;
    this.rate = Checks.notNegative("LearningRate", rate);
  }

  /** The same rate throughout. */
  public static LearningRate constant(double rate) {
    return new LearningRate(Shape.CONSTANT, rate);
  }

  /** {@code rate * (1 + cos(pi t / T)) / 2}: from the given rate towards 0. */
  public static LearningRate cosine(double rate) {
    return cosine(rate, 0);
  }

  /** {@code last + (rate - last) * (1 + cos(pi t / T)) / 2}. */
  public static LearningRate cosine(double rate, double last) {
    double end = Checks.notNegative("LearningRate.cosine", last);
    return new LearningRate(Shape.COSINE, rate).with(r -> r.last = end);
  }

  /**
   * {@code rate * factor^k} where k is the number of milestones reached.
   *
   * @param fractions milestones as decimal fractions of the stage, 0 to below 1; a milestone lies
   *     at {@code floor(fraction * T)}
   */
  public static LearningRate multiStep(double rate, double factor, double... fractions) {
    Problem.given(fractions, "LearningRate.multiStep", "fractions");
    for (double fraction : fractions) {
      Checks.fraction("LearningRate.multiStep", fraction);
    }
    double checked = Checks.notNegative("LearningRate.multiStep", factor);
    return new LearningRate(Shape.MULTI_STEP, rate)
        .with(r -> r.factor = checked)
        .with(r -> r.milestones = fractions.clone());
  }

  /** The same schedule, constant within an epoch. */
  public LearningRate perEpoch() {
    return with(r -> r.perEpoch = true);
  }

  /**
   * The same schedule after {@code steps} steps of linear rise: rate * (t + 1) / steps. The
   * schedule itself then takes the steps that are left; one that is constant within an epoch keeps
   * counting the stage's epochs from its start, so that the rise takes the place of its first
   * values.
   */
  public LearningRate warmUp(long steps) {
    Checks.notNegative("LearningRate.warmUp", (double) steps);
    return with(r -> r.warmUp = steps);
  }

  /**
   * The rate of a step.
   *
   * @param step from 0
   * @param steps of the stage, T
   * @param epoch from 0
   * @param epochs of the stage
   */
  public double at(long step, long steps, int epoch, int epochs) {
    if (step < warmUp) {
      return rate * (step + 1) / warmUp;
    }
    double t = perEpoch ? epoch : step - warmUp;
    double total = perEpoch ? epochs : steps - warmUp;
    return switch (shape) {
      case CONSTANT -> rate;
      case COSINE -> last + (rate - last) * (1 + Math.cos(Math.PI * t / total)) / 2;
      case MULTI_STEP -> {
        long reached = Arrays.stream(milestones).filter(f -> milestone(f, total) <= t).count();
        yield rate * Math.pow(factor, (double) reached);
      }
    };
  }

  /** floor(fraction * total) of the decimal fraction: 0.29 of 100 is 29, not 28.999... */
  private static double milestone(double fraction, double total) {
    return BigDecimal.valueOf(fraction)
        .multiply(BigDecimal.valueOf(total))
        .setScale(0, RoundingMode.FLOOR)
        .doubleValue();
  }

  /** Shape and numbers. */
  public String describe() {
    String text =
        switch (shape) {
          case CONSTANT -> "constant " + rate;
          case COSINE -> "cosine " + rate + " to " + last;
          case MULTI_STEP -> rate + " x " + factor + " at " + Arrays.toString(milestones);
        };
    return text + (perEpoch ? " per epoch" : "") + (warmUp > 0 ? ", warm-up " + warmUp : "");
  }

  @Override
  public String toString() {
    return describe();
  }
}
