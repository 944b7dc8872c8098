package org.vpns.internal.runtime.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** A function of each value. */
public final class Unary implements Step {
  /** The functions. */
  public enum Function {
    /** 1 / (1 + exp(-x)). */
    SIGMOID,
    /** Hyperbolic tangent. */
    TANH,
    /** x times the normal distribution's probability of less than x. */
    GELU,
    /** x if it is above 0, else alpha (exp(x) - 1). */
    ELU,
    /** x if it is above 0, else alpha x. */
    LEAKY,
    /** log(1 + exp(x)). */
    SOFTPLUS,
    /** x / (1 + |x|). */
    SOFTSIGN,
    /** Error function. */
    ERF,
    /** Exponential function. */
    EXP,
    /** Square root. */
    SQRT,
    /** x x. */
    SQUARE,
    /** -x. */
    NEG,
    /** |x|. */
    ABS,
    /** x, within the step's limits. */
    SAME
  }

  private static final float ROOT_HALF = (float) Math.sqrt(0.5);

  private final Function function;
  private final float alpha;
  private final Planes in;
  private final Planes out;
  private final Clamp clamp;

  /**
   * @param alpha the function's number, if it has one
   * @param clamp applied to its values
   */
  public Unary(Function function, float alpha, Planes in, Planes out, Clamp clamp) {
    this.function = function;
    this.alpha = alpha;
    this.in = in;
    this.out = out;
    this.clamp = clamp;
  }

  @Override
  public void run(float[] a, int part, int parts) {
    int begin = out.begin(part, parts);
    int end = out.begin(part + 1, parts);
    for (int c = begin; c < end; c++) {
      plane(a, in.at(c), out.at(c), out.plane());
    }
    out.complete(a, begin, end);
  }

  // a loop for each function: what is called inside of it has to be compiled into it
  private void plane(float[] a, int x, int y, int length) {
    switch (function) {
      case SIGMOID -> {
        for (int i = 0; i < length; i += Wide.LANES) {
          clamp.store(sigmoid(Wide.load(a, x + i)), a, y + i);
        }
      }
      case TANH -> {
        for (int i = 0; i < length; i += Wide.LANES) {
          clamp.store(tanh(Wide.load(a, x + i)), a, y + i);
        }
      }
      case GELU -> {
        for (int i = 0; i < length; i += Wide.LANES) {
          FloatVector v = Wide.load(a, x + i);
          clamp.store(erf(v.mul(ROOT_HALF)).add(1).mul(0.5f).mul(v), a, y + i);
        }
      }
      case ELU -> {
        for (int i = 0; i < length; i += Wide.LANES) {
          FloatVector v = Wide.load(a, x + i);
          FloatVector below = v.min(0).lanewise(VectorOperators.EXPM1).mul(alpha);
          clamp.store(v.max(0).add(below), a, y + i);
        }
      }
      case LEAKY -> {
        for (int i = 0; i < length; i += Wide.LANES) {
          FloatVector v = Wide.load(a, x + i);
          clamp.store(v.max(0).add(v.min(0).mul(alpha)), a, y + i);
        }
      }
      case SOFTPLUS -> {
        for (int i = 0; i < length; i += Wide.LANES) {
          FloatVector v = Wide.load(a, x + i);
          FloatVector rest = v.abs().neg().lanewise(VectorOperators.EXP);
          clamp.store(v.max(0).add(rest.lanewise(VectorOperators.LOG1P)), a, y + i);
        }
      }
      case ERF -> {
        for (int i = 0; i < length; i += Wide.LANES) {
          clamp.store(erf(Wide.load(a, x + i)), a, y + i);
        }
      }
      case EXP -> {
        for (int i = 0; i < length; i += Wide.LANES) {
          clamp.store(Wide.load(a, x + i).lanewise(VectorOperators.EXP), a, y + i);
        }
      }
      default -> simple(a, x, y, length);
    }
  }

  private void simple(float[] a, int x, int y, int length) {
    for (int i = 0; i < length; i += Wide.LANES) {
      FloatVector v = Wide.load(a, x + i);
      FloatVector w =
          switch (function) {
            case SOFTSIGN -> v.div(v.abs().add(1));
            case SQRT -> v.sqrt();
            case SQUARE -> v.mul(v);
            case NEG -> v.neg();
            case ABS -> v.abs();
            default -> v;
          };
      clamp.store(w, a, y + i);
    }
  }

  private static FloatVector sigmoid(FloatVector x) {
    FloatVector one = Wide.all(1);
    return one.div(x.neg().lanewise(VectorOperators.EXP).add(one));
  }

  private static FloatVector tanh(FloatVector x) {
    // beyond 10 it is 1 to the last bit
    return x.max(-10).min(10).lanewise(VectorOperators.TANH);
  }

  /** Abramowitz and Stegun 7.1.26: wrong by at most 1.5e-7. */
  private static FloatVector erf(FloatVector x) {
    FloatVector z = x.abs();
    FloatVector one = Wide.all(1);
    FloatVector t = one.div(z.mul(0.3275911f).add(one));
    FloatVector p = t.mul(1.061405429f).add(-1.453152027f);
    p = p.mul(t).add(1.421413741f);
    p = p.mul(t).add(-0.284496736f);
    p = p.mul(t).add(0.254829592f).mul(t);
    FloatVector y = one.sub(p.mul(z.mul(z).neg().lanewise(VectorOperators.EXP)));
    return y.mul(x.max(-1e-30f).min(1e-30f).mul(1e30f));
  }
}
