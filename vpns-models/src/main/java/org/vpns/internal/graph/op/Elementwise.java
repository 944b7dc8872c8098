package org.vpns.internal.graph.op;

import static org.vpns.internal.graph.op.Arguments.array;
import static org.vpns.internal.graph.op.Arguments.ex;
import static org.vpns.internal.graph.op.Arguments.one;
import static org.vpns.internal.graph.op.Arguments.present;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Locale;
import java.util.function.BiFunction;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.vpns.KeptNumber;
import org.vpns.Problem;
import org.vpns.graph.op.ForwardPass;
import org.vpns.graph.op.Operator;

/** Arguments that work on each value by itself. */
public final class Elementwise {
  private Elementwise() {}

  /** An operator whose results are, at each place, of what it reads there, stretched axes apart. */
  public sealed interface EachValue extends Operator {}

  /** Functions of one value. */
  public enum Function {
    /** max(x, 0). */
    RELU(x -> x.getNDArrayInternal().relu()),
    /** 1 / (1 + exp(-x)). */
    SIGMOID(x -> x.getNDArrayInternal().sigmoid()),
    /** Hyperbolic tangent. */
    TANH(NDArray::tanh),
    /** x times the normal distribution's probability of less than x, exact. */
    GELU(x -> x.getNDArrayInternal().gelu()),
    /** Scaled exponential linear unit. */
    SELU(x -> x.getNDArrayInternal().selu()),
    /** log(1 + exp(x)). */
    SOFTPLUS(x -> x.getNDArrayInternal().softPlus()),
    /** x / (1 + |x|). */
    SOFTSIGN(x -> x.getNDArrayInternal().softSign()),
    /** Error function. */
    ERF(NDArray::erf),
    /** Square root. */
    SQRT(NDArray::sqrt),
    /** x x. */
    SQUARE(NDArray::square),
    /** Exponential function. */
    EXP(NDArray::exp),
    /** Natural logarithm. */
    LOG(NDArray::log),
    /** Logarithm to base 2. */
    LOG2(NDArray::log2),
    /** -x. */
    NEG(NDArray::neg),
    /** |x|. */
    ABS(NDArray::abs),
    /** -1, 0 or 1. */
    SIGN(NDArray::sign),
    /** Next integer below. */
    FLOOR(NDArray::floor),
    /** Next integer above. */
    CEIL(NDArray::ceil),
    /** Nearest integer, halves to even. */
    ROUND(NDArray::round),
    /** Sine. */
    SIN(NDArray::sin),
    /** Cosine. */
    COS(NDArray::cos),
    /** Tangent. */
    TAN(NDArray::tan),
    /** Inverse sine. */
    ASIN(NDArray::asin),
    /** Inverse cosine. */
    ACOS(NDArray::acos),
    /** Inverse tangent. */
    ATAN(NDArray::atan),
    /** Hyperbolic sine. */
    SINH(NDArray::sinh),
    /** Hyperbolic cosine. */
    COSH(NDArray::cosh),
    /** Whether x is 0 or false. */
    NOT(NDArray::logicalNot),
    /** Whether x is not a number. */
    IS_NAN(NDArray::isNaN),
    /** x, through which no gradient flows. */
    STOP_GRADIENT(NDArray::stopGradient);

    private final UnaryOperator<NDArray> call;

    Function(UnaryOperator<NDArray> call) {
      this.call = call;
    }

    /** Whether the result is true or false. */
    public boolean isTruth() {
      return this == NOT || this == IS_NAN;
    }
  }

  /**
   * A function of one value.
   *
   * @param function the function
   */
  public record Unary(Function function) implements EachValue {
    @Override
    public String kind() {
      return lower(function);
    }

    @Override
    public NDArray[] apply(@Nullable NDArray[] in, ForwardPass pass) {
      return one(function.call.apply(array(in, 0)));
    }

    @Override
    public List<Shape> outputShapes(List<@Nullable Shape> in, long batch) {
      return List.of(present(in, 0, this));
    }

    @Override
    public DataType outputType(int output, List<@Nullable DataType> in) {
      return function.isTruth() ? DataType.BOOLEAN : present(in, 0, this);
    }
  }

  /**
   * A rectifier with a number: alpha x (leaky) or alpha (exp(x) - 1) (exponential) below 0.
   *
   * @param exponential which of both
   * @param alpha the number
   */
  public record Sloped(boolean exponential, float alpha) implements EachValue {
    @Override
    public String kind() {
      return exponential ? "elu" : "leakyRelu";
    }

    @Override
    public NDArray[] apply(@Nullable NDArray[] in, ForwardPass pass) {
      return one(exponential ? ex(in).elu(alpha) : ex(in).leakyRelu(alpha));
    }

    @Override
    public List<Shape> outputShapes(List<@Nullable Shape> in, long batch) {
      return List.of(present(in, 0, this));
    }
  }

  /** Functions of two values. */
  public enum Pair {
    /** a + b. */
    ADD(NDArray::add, NDArray::add),
    /** a - b. */
    SUB(NDArray::sub, NDArray::sub),
    /** a b. */
    MUL(NDArray::mul, NDArray::mul),
    /** a / b. */
    DIV(NDArray::div, NDArray::div),
    /** Remainder of a / b. */
    MOD(NDArray::mod, NDArray::mod),
    /** a to the power of b. */
    POW(NDArray::pow, NDArray::pow),
    /** The larger one. */
    MAX(NDArray::maximum, NDArray::maximum),
    /** The smaller one. */
    MIN(NDArray::minimum, NDArray::minimum),
    /** a = b. */
    EQ(NDArray::eq, NDArray::eq),
    /** a not b. */
    NEQ(NDArray::neq, NDArray::neq),
    /** a &gt; b. */
    GT(NDArray::gt, NDArray::gt),
    /** a &gt;= b. */
    GTE(NDArray::gte, NDArray::gte),
    /** a &lt; b. */
    LT(NDArray::lt, NDArray::lt),
    /** a &lt;= b. */
    LTE(NDArray::lte, NDArray::lte),
    /** Whether both are true. */
    AND(NDArray::logicalAnd),
    /** Whether one of both is true. */
    OR(NDArray::logicalOr),
    /** Whether exactly one of both is true. */
    XOR(NDArray::logicalXor);

    private final BinaryOperator<NDArray> withArray;
    private final @Nullable BiFunction<NDArray, Number, NDArray> withNumber;

    Pair(BinaryOperator<NDArray> withArray, BiFunction<NDArray, Number, NDArray> withNumber) {
      this.withArray = withArray;
      this.withNumber = withNumber;
    }

    Pair(BinaryOperator<NDArray> withArray) {
      this.withArray = withArray;
      this.withNumber = null;
    }

    /** Whether the result is true or false. */
    public boolean isTruth() {
      return compareTo(EQ) >= 0;
    }

    /** Whether the operands are true or false, too: no number takes the place of one. */
    public boolean isLogical() {
      return compareTo(AND) >= 0;
    }

    NDArray of(NDArray a, NDArray b) {
      return withArray.apply(a, b);
    }

    NDArray of(NDArray a, Number b) {
      if (withNumber == null) {
        throw new IllegalArgumentException(this + " with a number");
      }
      return isReadAgain() ? KeptNumber.apply(withArray, withNumber, a, b) : withNumber.apply(a, b);
    }

    /** Whether gradients depend on the second operand. */
    private boolean isReadAgain() {
      return compareTo(MUL) >= 0 && compareTo(EQ) < 0;
    }
  }

  /**
   * A function of two arrays, broadcast.
   *
   * @param function the function
   */
  public record Binary(Pair function) implements EachValue {
    @Override
    public String kind() {
      return lower(function);
    }

    @Override
    public NDArray[] apply(@Nullable NDArray[] in, ForwardPass pass) {
      return one(function.of(array(in, 0), array(in, 1)));
    }

    @Override
    public List<Shape> outputShapes(List<@Nullable Shape> in, long batch) {
      return List.of(Arguments.broadcast(present(in, 0, this), present(in, 1, this), this));
    }

    @Override
    public DataType outputType(int output, List<@Nullable DataType> in) {
      DataType common = Arguments.promoted(present(in, 0, this), present(in, 1, this));
      if (function.isTruth()) {
        return DataType.BOOLEAN;
      }
      return function == Pair.DIV && !common.isFloating() ? DataType.FLOAT32 : common;
    }
  }

  /**
   * A function of an array and a number.
   *
   * @param function the function
   * @param number the second operand
   * @param integral whether the number is an integer, which leaves arrays of integers such
   */
  public record WithNumber(Pair function, double number, boolean integral) implements EachValue {
    /** Refuses functions of truth values. */
    public WithNumber {
      if (function.isLogical()) {
        throw Problem.argument(
            "function takes no number",
            "graph operator " + lower(function),
            "a function of numbers",
            number,
            "compare with the number first");
      }
    }

    /** With the number as a program wrote it. */
    public static WithNumber of(Pair function, Number number) {
      boolean integral = !(number instanceof Float || number instanceof Double);
      return new WithNumber(function, number.doubleValue(), integral);
    }

    @Override
    public String kind() {
      return lower(function);
    }

    private Number value() {
      return integral ? (Number) (long) number : floating(number);
    }

    @Override
    public NDArray[] apply(@Nullable NDArray[] in, ForwardPass pass) {
      return one(function.of(array(in, 0), value()));
    }

    @Override
    public List<Shape> outputShapes(List<@Nullable Shape> in, long batch) {
      return List.of(present(in, 0, this));
    }

    @Override
    public DataType outputType(int output, List<@Nullable DataType> in) {
      DataType type = present(in, 0, this);
      if (function.isTruth()) {
        return DataType.BOOLEAN;
      }
      boolean stays = type.isFloating() || integral && function != Pair.DIV;
      return stays ? type : DataType.FLOAT32;
    }
  }

  /**
   * min(max(x, low), high).
   *
   * @param low lower limit
   * @param high upper limit
   */
  public record Clip(double low, double high) implements EachValue {
    @Override
    public String kind() {
      return "clip";
    }

    @Override
    public NDArray[] apply(@Nullable NDArray[] in, ForwardPass pass) {
      return one(array(in, 0).clip(floating(low), floating(high)));
    }

    @Override
    public List<Shape> outputShapes(List<@Nullable Shape> in, long batch) {
      return List.of(present(in, 0, this));
    }
  }

  /** a where a condition holds, else b; inputs a, condition, b. */
  public record Where() implements EachValue {
    @Override
    public String kind() {
      return "where";
    }

    @Override
    public NDArray[] apply(@Nullable NDArray[] in, ForwardPass pass) {
      NDArray a = array(in, 0);
      NDArray condition = array(in, 1);
      if (a.getShape().equals(condition.getShape())) {
        return one(ex(in).where(condition, array(in, 2)));
      }
      // the engine spreads only what is chosen elsewhere
      Shape shape = Arguments.broadcast(a.getShape(), condition.getShape(), this);
      try (NDArray chosen = a.broadcast(shape);
          NDArray where = condition.broadcast(shape)) {
        return one(chosen.getNDArrayInternal().where(where, array(in, 2)));
      }
    }

    @Override
    public List<Shape> outputShapes(List<@Nullable Shape> in, long batch) {
      Shape values = Arguments.broadcast(present(in, 0, this), present(in, 2, this), this);
      return List.of(Arguments.broadcast(values, present(in, 1, this), this));
    }
  }

  /**
   * Values in another type.
   *
   * @param type the type
   */
  public record Cast(DataType type) implements EachValue {
    @Override
    public String kind() {
      return "cast";
    }

    @Override
    public NDArray[] apply(@Nullable NDArray[] in, ForwardPass pass) {
      NDArray x = array(in, 0);
      // the engine's own conversion ends gradients; -0 leaves every number as it is
      boolean learns = type.isFloating() && x.getDataType().isFloating();
      return one(
          learns ? pass.manager().full(x.getShape(), -0f, type).addi(x) : x.toType(type, true));
    }

    @Override
    public List<Shape> outputShapes(List<@Nullable Shape> in, long batch) {
      return List.of(present(in, 0, this));
    }

    @Override
    public DataType outputType(int output, List<@Nullable DataType> in) {
      return type;
    }
  }

  /** What a program wrote as a float goes to the engine as one. */
  private static Number floating(double number) {
    return (float) number == number ? (Number) (float) number : (Number) number;
  }

  private static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
