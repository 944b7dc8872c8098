package org.vpns.internal.onnx;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntPredicate;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.graph.op.Elementwise;
import org.vpns.internal.graph.op.OperatorCall;
import org.vpns.internal.onnx.OnnxValue.OnDevice;
import org.vpns.internal.onnx.OnnxValue.OnHost;
import org.vpns.io.FormatException;

/** Operators of two or more operands, element by element, and the plain functions of one. */
final class ArithmeticOperators {
  private ArithmeticOperators() {}

  static void addTo(OperatorTable table) {
    for (TwoOperands binary : TwoOperands.ALL) {
      table.both(binary.name(), binary.operator());
    }
    table.both("Max", variadic(TwoOperands.MAX));
    table.both("Min", variadic(TwoOperands.MIN));
    table.both("Sum", variadic(TwoOperands.ADD));
    table.add("Mean", ArithmeticOperators::mean);
    table.both("Mod", ArithmeticOperators::mod);
    table.both("Where", ArithmeticOperators::where);
    unary(table, "Neg", x -> -x, x -> -x, NDArray::neg);
    unary(table, "Abs", Math::abs, Math::abs, NDArray::abs);
    unary(table, "Sign", Long::signum, Math::signum, NDArray::sign);
    unary(table, "Floor", x -> x, Math::floor, NDArray::floor);
    unary(table, "Ceil", x -> x, Math::ceil, NDArray::ceil);
    unary(table, "Round", x -> x, Math::rint, NDArray::round);
    ofFloats(table, "Sqrt", Math::sqrt, NDArray::sqrt);
    ofFloats(table, "Reciprocal", x -> 1 / x, x -> x.getNDArrayInternal().rdiv(1));
    unary(table, "Not", x -> 1 - x, x -> x, NDArray::logicalNot);
    ofFloats(table, "Exp", Math::exp, NDArray::exp);
    ofFloats(table, "Log", Math::log, NDArray::log);
    ofFloats(table, "Sin", Math::sin, NDArray::sin);
    ofFloats(table, "Cos", Math::cos, NDArray::cos);
    engine(table, "Tan", NDArray::tan);
    engine(table, "Asin", NDArray::asin);
    engine(table, "Acos", NDArray::acos);
    engine(table, "Atan", NDArray::atan);
    engine(table, "Sinh", NDArray::sinh);
    engine(table, "Cosh", NDArray::cosh);
    engine(table, "Erf", NDArray::erf);
    engine(table, "IsNaN", NDArray::isNaN);
    table.add("IsInf", ArithmeticOperators::infinite);
  }

  private static void unary(
      OperatorTable table,
      String name,
      LongUnaryOperator longs,
      DoubleUnaryOperator reals,
      UnaryOperator<NDArray> engine) {
    table.both(
        name,
        node -> {
          node.requireInputs(1, 1);
          return in ->
              in.onHost(0)
                  ? List.of(OnnxValue.of(HostMath.unary(in.host(0), longs, reals)))
                  : List.of(OnnxValue.of(engine.apply(in.array(0))));
        });
  }

  /**
   * Of integers the standard does not have it, and rounding what it makes of them would be ours.
   */
  private static void ofFloats(
      OperatorTable table, String name, DoubleUnaryOperator reals, UnaryOperator<NDArray> engine) {
    table.both(
        name,
        node -> {
          node.requireInputs(1, 1);
          return in -> {
            requireFloats(in);
            return in.onHost(0)
                ? List.of(OnnxValue.of(HostMath.unary(in.host(0), x -> x, reals)))
                : List.of(OnnxValue.of(engine.apply(in.array(0))));
          };
        });
  }

  private static void engine(OperatorTable table, String name, UnaryOperator<NDArray> engine) {
    table.add(
        name,
        node -> {
          node.requireInputs(1, 1);
          return in -> {
            requireFloats(in);
            return List.of(OnnxValue.of(engine.apply(in.array(0))));
          };
        });
  }

  private static void requireFloats(Operands in) {
    if (!in.engineType(0).isFloating()) {
      throw in.problem(
          "integers where the operator is of floats",
          "float32",
          in.engineType(0),
          "put a Cast to float32 before this node, or export the model again");
    }
  }

  /** Beyond the largest number of single precision, on the sides that count. */
  private static OnnxOperator.Step infinite(OnnxNode node) throws FormatException {
    node.requireInputs(1, 1);
    boolean above = node.flag("detect_positive", true);
    boolean below = node.flag("detect_negative", true);
    return in -> {
      requireFloats(in);
      NDArray x = in.array(0);
      NDArray size = above && below ? in.temporary(x.abs()) : above ? x : in.temporary(x.neg());
      float limit = above || below ? Float.MAX_VALUE : Float.POSITIVE_INFINITY;
      return List.of(OnnxValue.of(size.gt(limit)));
    };
  }

  private static OnnxOperator variadic(TwoOperands binary) {
    return node -> {
      node.requireEachInput();
      return in -> List.of(folded(binary, in));
    };
  }

  private static OnnxValue folded(TwoOperands binary, Operands in) {
    OnnxValue result = in.value(0);
    for (int i = 1; i < in.count(); i++) {
      if (i > 1 && result instanceof OnnxValue.OnDevice device) {
        in.temporary(device.array());
      }
      result = binary.apply(in, result, in.value(i));
    }
    return result;
  }

  private static OnnxOperator.Step mean(OnnxNode node) throws FormatException {
    node.requireEachInput();
    return in -> {
      OnnxValue sum = folded(TwoOperands.ADD, in);
      if (in.count() == 1) {
        return List.of(sum);
      }
      NDArray array =
          sum instanceof OnnxValue.OnDevice device
              ? in.temporary(device.array())
              : in.constant(((OnnxValue.OnHost) sum).tensor());
      return List.of(OnnxValue.of(array.div(in.count())));
    };
  }

  private static OnnxOperator.Step mod(OnnxNode node) throws FormatException {
    node.requireInputs(2, 2);
    boolean ofDividend = node.flag("fmod", false);
    LongBinaryOperator longs = ofDividend ? (x, y) -> x % y : Math::floorMod;
    DoubleBinaryOperator reals = (x, y) -> ofDividend ? x % y : x - y * Math.floor(x / y);
    return in -> {
      in.requireSameType(in.value(0), in.value(1));
      if (in.allOnHost()) {
        return List.of(OnnxValue.of(HostMath.binary(in, in.host(0), in.host(1), longs, reals)));
      }
      Shapes.broadcast(in, in.shape(0), in.shape(1));
      NDArray x = in.array(0);
      NDArray y = in.array(1);
      if (!ofDividend) {
        return List.of(OnnxValue.of(x.mod(y)));
      }
      // the sign of the dividend: x - y trunc(x / y)
      NDArray whole = in.temporary(TwoOperands.quotient(in, x, y));
      NDArray product = in.temporary(whole.mul(y));
      return List.of(OnnxValue.of(in.temporary(x.sub(product)).toType(x.getDataType(), true)));
    };
  }

  private static OnnxOperator.Step where(OnnxNode node) throws FormatException {
    node.requireInputs(3, 3);
    return in -> {
      Shape shape =
          Shapes.broadcast(in, in.shape(0), Shapes.broadcast(in, in.shape(1), in.shape(2)));
      in.requireSameType(in.value(1), in.value(2));
      if (in.allOnHost()) {
        return List.of(OnnxValue.of(hostWhere(in, shape)));
      }
      return List.of(OnnxValue.of(chosen(in.array(1), in.array(0), in.array(2))));
    };
  }

  /** One value where a condition holds, another elsewhere; all are spread to one shape. */
  static NDArray chosen(NDArray on, NDArray condition, NDArray off) {
    return OperatorCall.run(new Elementwise.Where(), on, condition, off).singletonOrThrow();
  }

  private static HostTensor hostWhere(Operands in, Shape shape) {
    HostTensor condition = in.host(0);
    HostTensor a = in.host(1);
    HostTensor b = in.host(2);
    int[] at = Shapes.broadcastPlaces(condition.shape(), shape);
    int[] x = Shapes.broadcastPlaces(a.shape(), shape);
    int[] y = Shapes.broadcastPlaces(b.shape(), shape);
    return HostTensor.made(
        a.type(),
        shape,
        i -> condition.longAt(at[i]) != 0 ? a.longAt(x[i]) : b.longAt(y[i]),
        i -> condition.longAt(at[i]) != 0 ? a.doubleAt(x[i]) : b.doubleAt(y[i]));
  }

  /**
   * An operator of two operands, element by element, in its three forms: in Java, on two arrays, on
   * an array and a number. A mirrored form gives the same with the operands exchanged, for a first
   * operand that should not receive the call.
   */
  private static final class TwoOperands {
    static final TwoOperands ADD =
        new TwoOperands("Add", (x, y) -> x + y, Double::sum)
            .arrays(NDArray::add)
            .number(NDArray::add)
            .commutes();
    static final TwoOperands MAX =
        new TwoOperands("Max", Math::max, Math::max)
            .arrays(NDArray::maximum)
            .number(NDArray::maximum)
            .commutes();
    static final TwoOperands MIN =
        new TwoOperands("Min", Math::min, Math::min)
            .arrays(NDArray::minimum)
            .number(NDArray::minimum)
            .commutes();

    /** The operators of exactly two operands. */
    static final List<TwoOperands> ALL =
        ImmutableList.of(
            ADD,
            new TwoOperands("Mul", (x, y) -> x * y, (x, y) -> x * y)
                .arrays(NDArray::mul)
                .number(NDArray::mul)
                .commutes(),
            new TwoOperands("Sub", (x, y) -> x - y, (x, y) -> x - y)
                .arrays(NDArray::sub)
                .number(NDArray::sub)
                .mirroredNumber((b, n) -> b.getNDArrayInternal().rsub(n)),
            new TwoOperands("Div", (x, y) -> x / y, (x, y) -> x / y)
                .arraysWith(TwoOperands::divide)
                .number(NDArray::div)
                .mirroredNumber((b, n) -> b.getNDArrayInternal().rdiv(n))
                .numbersOfFloatsOnly(),
            new TwoOperands("Pow", TwoOperands::power, Math::pow)
                .arraysWith(TwoOperands::raise)
                .number(NDArray::pow)
                .numbersOfFloatsOnly()
                .mixesTypes(),
            comparison("Equal", order -> order == 0, NDArray::eq, NDArray::eq)
                .mirrored(NDArray::eq, NDArray::eq),
            comparison("Greater", order -> order > 0, NDArray::gt, NDArray::gt)
                .mirrored(NDArray::lt, NDArray::lt),
            comparison("Less", order -> order < 0, NDArray::lt, NDArray::lt)
                .mirrored(NDArray::gt, NDArray::gt),
            comparison("GreaterOrEqual", order -> order >= 0, NDArray::gte, NDArray::gte)
                .mirrored(NDArray::lte, NDArray::lte),
            comparison("LessOrEqual", order -> order <= 0, NDArray::lte, NDArray::lte)
                .mirrored(NDArray::gte, NDArray::gte),
            new TwoOperands("And", (x, y) -> x & y, (x, y) -> 0)
                .arrays(NDArray::logicalAnd)
                .commutes(),
            new TwoOperands("Or", (x, y) -> x | y, (x, y) -> 0)
                .arrays(NDArray::logicalOr)
                .commutes(),
            new TwoOperands("Xor", (x, y) -> x ^ y, (x, y) -> 0)
                .arrays(NDArray::logicalXor)
                .commutes());

    private final String name;
    private final LongBinaryOperator longs;
    private final DoubleBinaryOperator reals;
    private boolean compares;
    private boolean numbersOfFloatsOnly;
    private boolean mixesTypes;
    private @Nullable Arrays arrays;
    private @Nullable Arrays mirroredArrays;
    private @Nullable WithNumber number;
    private @Nullable WithNumber mirroredNumber;

    private TwoOperands(String name, LongBinaryOperator longs, DoubleBinaryOperator reals) {
      this.name = name;
      this.longs = longs;
      this.reals = reals;
    }

    private interface Arrays {
      NDArray apply(Operands in, NDArray receiver, NDArray other);
    }

    private interface WithNumber {
      NDArray apply(NDArray receiver, Number number);
    }

    private static TwoOperands comparison(
        String name, IntPredicate holds, BinaryOperator<NDArray> arrays, WithNumber number) {
      // NaN compares false with everything, so Double.compare is no use
      TwoOperands result =
          new TwoOperands(
              name,
              (x, y) -> holds.test(Long.compare(x, y)) ? 1 : 0,
              (x, y) ->
                  !Double.isNaN(x) && !Double.isNaN(y) && holds.test(x < y ? -1 : x > y ? 1 : 0)
                      ? 1
                      : 0);
      result.compares = true;
      return result.arrays(arrays).number(number);
    }

    private TwoOperands arrays(BinaryOperator<NDArray> operator) {
      return arraysWith((in, a, b) -> operator.apply(a, b));
    }

    private TwoOperands arraysWith(Arrays operator) {
      arrays = operator;
      return this;
    }

    private TwoOperands number(WithNumber operator) {
      number = operator;
      return this;
    }

    private TwoOperands mirrored(BinaryOperator<NDArray> operator, WithNumber numbers) {
      mirroredArrays = (in, b, a) -> operator.apply(b, a);
      return mirroredNumber(numbers);
    }

    private TwoOperands mirroredNumber(WithNumber operator) {
      mirroredNumber = operator;
      return this;
    }

    private TwoOperands numbersOfFloatsOnly() {
      numbersOfFloatsOnly = true;
      return this;
    }

    private TwoOperands mixesTypes() {
      mixesTypes = true;
      return this;
    }

    private TwoOperands commutes() {
      mirroredArrays = arrays;
      mirroredNumber = number;
      return this;
    }

    String name() {
      return name;
    }

    /** The operator as the table wants it. */
    OnnxOperator operator() {
      return node -> {
        node.requireInputs(2, 2);
        return in -> List.of(apply(in, in.value(0), in.value(1)));
      };
    }

    /** The operator on two values. */
    OnnxValue apply(Operands in, OnnxValue a, OnnxValue b) {
      if (!mixesTypes) {
        in.requireSameType(a, b);
      }
      if (a instanceof OnHost x && b instanceof OnHost y) {
        return OnnxValue.of(onHost(in, x.tensor(), y.tensor()));
      }
      Shapes.broadcast(in, a.shape(), b.shape());
      WithNumber last = number;
      if (last != null && a instanceof OnDevice x && isNumberFor(x, b)) {
        return OnnxValue.of(last.apply(x.array(), ((OnHost) b).tensor().number()));
      }
      WithNumber first = mirroredNumber;
      if (first != null && b instanceof OnDevice y && isNumberFor(y, a)) {
        return OnnxValue.of(first.apply(y.array(), ((OnHost) a).tensor().number()));
      }
      Arrays mirrored = mirroredArrays;
      if (mirrored != null && !Operands.isPassing(a) && Operands.isPassing(b)) {
        return OnnxValue.of(mirrored.apply(in, in.array(b), in.array(a)));
      }
      Arrays plain = arrays;
      if (plain == null) {
        throw new IllegalStateException(name);
      }
      return OnnxValue.of(plain.apply(in, in.array(a), in.array(b)));
    }

    private HostTensor onHost(Operands in, HostTensor a, HostTensor b) {
      if (compares) {
        return HostMath.compare(in, a, b, longs, reals);
      }
      if (a.isFloat() != b.isFloat()) {
        HostTensor x = HostMath.cast(a, ElementType.DOUBLE);
        return HostMath.cast(HostMath.binary(in, x, b, longs, reals), a.type());
      }
      return HostMath.binary(in, a, b, longs, reals);
    }

    /** Whether a value is one number that does not add axes to the array. */
    private boolean isNumberFor(OnDevice array, OnnxValue value) {
      return value instanceof OnHost host
          && host.tensor().size() == 1
          && host.tensor().shape().dimension() <= array.array().getShape().dimension()
          && !(numbersOfFloatsOnly && !array.array().getDataType().isFloating());
    }

    private static NDArray divide(Operands in, NDArray a, NDArray b) {
      if (a.getDataType().isFloating()) {
        return a.div(b);
      }
      return in.temporary(quotient(in, a, b)).toType(a.getDataType(), false);
    }

    /** The quotient without its fraction: integers divide towards zero. */
    static NDArray quotient(Operands in, NDArray a, NDArray b) {
      if (a.getDataType().isFloating()) {
        NDArray ratio = in.temporary(a.div(b));
        return in.temporary(ratio.sign()).mul(in.temporary(in.temporary(ratio.abs()).floor()));
      }
      // the engine divides integers as floats; doubles are exact to 2^53
      NDArray x = in.temporary(a.toType(DataType.FLOAT64, false));
      NDArray y = in.temporary(b.toType(DataType.FLOAT64, false));
      return in.temporary(x.div(y)).toType(DataType.INT64, false);
    }

    private static NDArray raise(Operands in, NDArray a, NDArray b) {
      if (a.getDataType() == b.getDataType()) {
        return a.pow(b);
      }
      if (a.getDataType().isFloating()) {
        return a.pow(in.temporary(b.toType(a.getDataType(), false)));
      }
      NDArray x = in.temporary(a.toType(DataType.FLOAT64, false));
      NDArray y = in.temporary(b.toType(DataType.FLOAT64, false));
      return in.temporary(x.pow(y)).toType(a.getDataType(), false);
    }

    private static long power(long x, long y) {
      return (long) Math.pow(x, y);
    }
  }
}
