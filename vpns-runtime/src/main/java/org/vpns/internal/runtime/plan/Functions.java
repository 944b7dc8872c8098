package org.vpns.internal.runtime.plan;

import org.jspecify.annotations.Nullable;
import org.vpns.graph.op.Operator;
import org.vpns.internal.graph.op.Elementwise;
import org.vpns.internal.runtime.kernel.Binary;
import org.vpns.internal.runtime.kernel.Clamp;
import org.vpns.internal.runtime.kernel.Unary;

/** What the graph's functions are to the runtime. */
final class Functions {
  private Functions() {}

  /** One of: limits, a function of one value, a function of a value and a number. */
  record Form(
      @Nullable Clamp clamp,
      Unary.@Nullable Function function,
      Binary.@Nullable Function binary,
      float number) {
    Unary.Function requireFunction() {
      if (function == null) {
        throw new IllegalStateException("no function");
      }
      return function;
    }
  }

  /** An operator that works on each value by itself, or null. */
  static @Nullable Form form(Operator operator) {
    if (operator instanceof Elementwise.Clip clip) {
      return new Form(new Clamp((float) clip.low(), (float) clip.high()), null, null, 0);
    }
    if (operator instanceof Elementwise.Sloped s) {
      Unary.Function function = s.exponential() ? Unary.Function.ELU : Unary.Function.LEAKY;
      return new Form(null, function, null, s.alpha());
    }
    if (operator instanceof Elementwise.WithNumber n) {
      Binary.Function binary = pair(n.function());
      return binary == null ? null : new Form(null, null, binary, (float) n.number());
    }
    if (operator instanceof Elementwise.Unary u) {
      if (u.function() == Elementwise.Function.RELU) {
        return new Form(Clamp.RELU, null, null, 0);
      }
      Unary.Function function = single(u.function());
      return function == null ? null : new Form(null, function, null, 0);
    }
    return null;
  }

  private static Unary.@Nullable Function single(Elementwise.Function function) {
    return switch (function) {
      case SIGMOID -> Unary.Function.SIGMOID;
      case TANH -> Unary.Function.TANH;
      case GELU -> Unary.Function.GELU;
      case SOFTPLUS -> Unary.Function.SOFTPLUS;
      case SOFTSIGN -> Unary.Function.SOFTSIGN;
      case ERF -> Unary.Function.ERF;
      case EXP -> Unary.Function.EXP;
      case SQRT -> Unary.Function.SQRT;
      case SQUARE -> Unary.Function.SQUARE;
      case NEG -> Unary.Function.NEG;
      case ABS -> Unary.Function.ABS;
      default -> null;
    };
  }

  /** A function of two values, or null. */
  static Binary.@Nullable Function pair(Elementwise.Pair function) {
    return switch (function) {
      case ADD -> Binary.Function.ADD;
      case SUB -> Binary.Function.SUB;
      case MUL -> Binary.Function.MUL;
      case DIV -> Binary.Function.DIV;
      case MAX -> Binary.Function.MAX;
      case MIN -> Binary.Function.MIN;
      default -> null;
    };
  }
}
