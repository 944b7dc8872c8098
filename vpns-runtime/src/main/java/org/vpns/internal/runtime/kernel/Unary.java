package org.vpns.internal.runtime.kernel;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static org.vpns.internal.runtime.kernel.Wide.FLOATS;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * A function of each value.
 *
 * @param alpha the function's number, if it has one
 * @param clamp applied to its values
 */
public record Unary(Function function, float alpha, Planes in, Planes out, Clamp clamp)
    implements Step {
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

  @Override
  public void run(float[] a, int part, int parts) {
    int begin = out.begin(part, parts);
    int end = out.begin(part + 1, parts);
    for (int c = begin; c < end; c++) {
      plane(a, in.at(c), out.at(c), out.plane());
    }
    out.complete(a, begin, end);
  }

  // a loop for each function: a vector that comes from several places, or goes to another method,
  // becomes an object
  private void plane(float[] a, int x, int y, int n) {
    FloatVector low = broadcast(FLOATS, clamp.low());
    FloatVector high = broadcast(FLOATS, clamp.high());
    FloatVector zero = broadcast(FLOATS, 0);
    FloatVector one = broadcast(FLOATS, 1);
    FloatVector number = broadcast(FLOATS, alpha);
    switch (function) {
      case SIGMOID -> {
        for (int i = 0; i < n; i += Wide.LANES) {
          FloatVector v = fromArray(FLOATS, a, x + i);
          one.div(v.neg().lanewise(VectorOperators.EXP).add(one))
              .max(low)
              .min(high)
              .intoArray(a, y + i);
        }
      }
      case ELU -> {
        for (int i = 0; i < n; i += Wide.LANES) {
          FloatVector v = fromArray(FLOATS, a, x + i);
          v.max(zero)
              .add(v.min(zero).lanewise(VectorOperators.EXPM1).mul(number))
              .max(low)
              .min(high)
              .intoArray(a, y + i);
        }
      }
      case LEAKY -> {
        for (int i = 0; i < n; i += Wide.LANES) {
          FloatVector v = fromArray(FLOATS, a, x + i);
          v.max(zero).add(v.min(zero).mul(number)).max(low).min(high).intoArray(a, y + i);
        }
      }
      case SOFTPLUS -> {
        for (int i = 0; i < n; i += Wide.LANES) {
          FloatVector v = fromArray(FLOATS, a, x + i);
          v.max(zero)
              .add(v.abs().neg().lanewise(VectorOperators.EXP).lanewise(VectorOperators.LOG1P))
              .max(low)
              .min(high)
              .intoArray(a, y + i);
        }
      }
      case SOFTSIGN -> {
        for (int i = 0; i < n; i += Wide.LANES) {
          FloatVector v = fromArray(FLOATS, a, x + i);
          v.div(v.abs().add(one)).max(low).min(high).intoArray(a, y + i);
        }
      }
      case EXP -> {
        for (int i = 0; i < n; i += Wide.LANES) {
          FloatVector v = fromArray(FLOATS, a, x + i);
          v.lanewise(VectorOperators.EXP).max(low).min(high).intoArray(a, y + i);
        }
      }
      case SQRT -> {
        for (int i = 0; i < n; i += Wide.LANES) {
          FloatVector v = fromArray(FLOATS, a, x + i);
          v.lanewise(VectorOperators.SQRT).max(low).min(high).intoArray(a, y + i);
        }
      }
      case SQUARE -> {
        for (int i = 0; i < n; i += Wide.LANES) {
          FloatVector v = fromArray(FLOATS, a, x + i);
          v.mul(v).max(low).min(high).intoArray(a, y + i);
        }
      }
      case NEG -> {
        for (int i = 0; i < n; i += Wide.LANES) {
          FloatVector v = fromArray(FLOATS, a, x + i);
          v.neg().max(low).min(high).intoArray(a, y + i);
        }
      }
      case ABS -> {
        for (int i = 0; i < n; i += Wide.LANES) {
          FloatVector v = fromArray(FLOATS, a, x + i);
          v.abs().max(low).min(high).intoArray(a, y + i);
        }
      }
      case SAME -> {
        for (int i = 0; i < n; i += Wide.LANES) {
          FloatVector v = fromArray(FLOATS, a, x + i);
          v.max(low).min(high).intoArray(a, y + i);
        }
      }
      case TANH -> tanh(a, x, y, n);
      case GELU -> gelu(a, x, y, n);
      case ERF -> erf(a, x, y, n);
    }
  }

  private void tanh(float[] a, int x, int y, int n) {
    FloatVector low = broadcast(FLOATS, clamp.low());
    FloatVector high = broadcast(FLOATS, clamp.high());
    // beyond 10 it is 1 to the last bit
    FloatVector most = broadcast(FLOATS, 10);
    FloatVector least = broadcast(FLOATS, -10);
    for (int i = 0; i < n; i += Wide.LANES) {
      FloatVector v = fromArray(FLOATS, a, x + i).max(least).min(most);
      v.lanewise(VectorOperators.TANH).max(low).min(high).intoArray(a, y + i);
    }
  }

  private void gelu(float[] a, int x, int y, int n) {
    FloatVector low = broadcast(FLOATS, clamp.low());
    FloatVector high = broadcast(FLOATS, clamp.high());
    FloatVector half = broadcast(FLOATS, 0.5f);
    erf(a, x, y, n, ROOT_HALF);
    for (int i = 0; i < n; i += Wide.LANES) {
      FloatVector p = fromArray(FLOATS, a, y + i).fma(half, half);
      p.mul(fromArray(FLOATS, a, x + i)).max(low).min(high).intoArray(a, y + i);
    }
  }

  private void erf(float[] a, int x, int y, int n) {
    FloatVector low = broadcast(FLOATS, clamp.low());
    FloatVector high = broadcast(FLOATS, clamp.high());
    erf(a, x, y, n, 1);
    for (int i = 0; i < n; i += Wide.LANES) {
      fromArray(FLOATS, a, y + i).max(low).min(high).intoArray(a, y + i);
    }
  }

  /** Of x times a number; Abramowitz and Stegun 7.1.26: wrong by at most 1.5e-7. */
  private static void erf(float[] a, int x, int y, int n, float factor) {
    FloatVector by = broadcast(FLOATS, factor);
    FloatVector one = broadcast(FLOATS, 1);
    FloatVector p = broadcast(FLOATS, 0.3275911f);
    FloatVector c1 = broadcast(FLOATS, 0.254829592f);
    FloatVector c2 = broadcast(FLOATS, -0.284496736f);
    FloatVector c3 = broadcast(FLOATS, 1.421413741f);
    FloatVector c4 = broadcast(FLOATS, -1.453152027f);
    FloatVector c5 = broadcast(FLOATS, 1.061405429f);
    FloatVector tiny = broadcast(FLOATS, 1e-30f);
    FloatVector huge = broadcast(FLOATS, 1e30f);
    for (int i = 0; i < n; i += Wide.LANES) {
      FloatVector v = fromArray(FLOATS, a, x + i).mul(by);
      FloatVector z = v.abs();
      FloatVector t = one.div(z.fma(p, one));
      FloatVector sum = t.fma(c5, c4).fma(t, c3).fma(t, c2).fma(t, c1).mul(t);
      FloatVector e = z.mul(z).neg().lanewise(VectorOperators.EXP);
      FloatVector sign = v.max(tiny.neg()).min(tiny).mul(huge);
      one.sub(sum.mul(e)).mul(sign).intoArray(a, y + i);
    }
  }
}
