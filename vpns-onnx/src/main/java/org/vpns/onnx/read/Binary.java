package org.vpns.onnx.read;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.DoubleBinaryOperator;
import java.util.function.IntPredicate;
import java.util.function.LongBinaryOperator;
import org.jspecify.annotations.Nullable;
import org.vpns.onnx.read.Value.OnDevice;
import org.vpns.onnx.read.Value.OnHost;

/**
 * An operator of two operands, element by element, in its three forms: in Java, on two arrays, on
 * an array and a number. A mirrored form gives the same with the operands exchanged, for a first
 * operand that should not receive the call.
 */
final class Binary {
  static final Binary ADD =
      new Binary("Add", (x, y) -> x + y, Double::sum)
          .arrays(NDArray::add)
          .number(NDArray::add)
          .commutes();
  static final Binary MAX =
      new Binary("Max", Math::max, Math::max)
          .arrays(NDArray::maximum)
          .number(NDArray::maximum)
          .commutes();
  static final Binary MIN =
      new Binary("Min", Math::min, Math::min)
          .arrays(NDArray::minimum)
          .number(NDArray::minimum)
          .commutes();

  /** The operators of exactly two operands. */
  static final List<Binary> ALL =
      ImmutableList.of(
          ADD,
          new Binary("Mul", (x, y) -> x * y, (x, y) -> x * y)
              .arrays(NDArray::mul)
              .number(NDArray::mul)
              .commutes(),
          new Binary("Sub", (x, y) -> x - y, (x, y) -> x - y)
              .arrays(NDArray::sub)
              .number(NDArray::sub)
              .mirroredNumber((b, n) -> b.getNDArrayInternal().rsub(n)),
          new Binary("Div", (x, y) -> x / y, (x, y) -> x / y)
              .arraysWith(Binary::divide)
              .number(NDArray::div)
              .mirroredNumber((b, n) -> b.getNDArrayInternal().rdiv(n))
              .numbersOfFloatsOnly(),
          new Binary("Pow", Binary::power, Math::pow)
              .arraysWith(Binary::raise)
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
          new Binary("And", (x, y) -> x & y, (x, y) -> 0).arrays(NDArray::logicalAnd).commutes(),
          new Binary("Or", (x, y) -> x | y, (x, y) -> 0).arrays(NDArray::logicalOr).commutes(),
          new Binary("Xor", (x, y) -> x ^ y, (x, y) -> 0).arrays(NDArray::logicalXor).commutes());

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

  private Binary(String name, LongBinaryOperator longs, DoubleBinaryOperator reals) {
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

  private static Binary comparison(
      String name, IntPredicate holds, BinaryOperator<NDArray> arrays, WithNumber number) {
    // NaN compares false with everything, so Double.compare is no use
    Binary result =
        new Binary(
            name,
            (x, y) -> holds.test(Long.compare(x, y)) ? 1 : 0,
            (x, y) ->
                !Double.isNaN(x) && !Double.isNaN(y) && holds.test(x < y ? -1 : x > y ? 1 : 0)
                    ? 1
                    : 0);
    result.compares = true;
    return result.arrays(arrays).number(number);
  }

  private Binary arrays(BinaryOperator<NDArray> operator) {
    return arraysWith((in, a, b) -> operator.apply(a, b));
  }

  private Binary arraysWith(Arrays operator) {
    arrays = operator;
    return this;
  }

  private Binary number(WithNumber operator) {
    number = operator;
    return this;
  }

  private Binary mirrored(BinaryOperator<NDArray> operator, WithNumber numbers) {
    mirroredArrays = (in, b, a) -> operator.apply(b, a);
    return mirroredNumber(numbers);
  }

  private Binary mirroredNumber(WithNumber operator) {
    mirroredNumber = operator;
    return this;
  }

  private Binary numbersOfFloatsOnly() {
    numbersOfFloatsOnly = true;
    return this;
  }

  private Binary mixesTypes() {
    mixesTypes = true;
    return this;
  }

  private Binary commutes() {
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
  Value apply(Operands in, Value a, Value b) {
    if (!mixesTypes) {
      in.requireSameType(a, b);
    }
    if (a instanceof OnHost x && b instanceof OnHost y) {
      return Value.of(onHost(in, x.tensor(), y.tensor()));
    }
    Shapes.broadcast(in, a.shape(), b.shape());
    WithNumber last = number;
    if (last != null && a instanceof OnDevice x && isNumberFor(x, b)) {
      return Value.of(last.apply(x.array(), ((OnHost) b).tensor().number()));
    }
    WithNumber first = mirroredNumber;
    if (first != null && b instanceof OnDevice y && isNumberFor(y, a)) {
      return Value.of(first.apply(y.array(), ((OnHost) a).tensor().number()));
    }
    Arrays mirrored = mirroredArrays;
    if (mirrored != null && !Operands.isPassing(a) && Operands.isPassing(b)) {
      return Value.of(mirrored.apply(in, in.receiver(b), in.array(a)));
    }
    Arrays plain = arrays;
    if (plain == null) {
      throw new IllegalStateException(name);
    }
    return Value.of(plain.apply(in, in.receiver(a), in.array(b)));
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
  private boolean isNumberFor(OnDevice array, Value value) {
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
      return in.temporary(a.div(b)).trunc();
    }
    // the engine divides integers as floats; doubles are exact to 2^53
    NDArray x = in.temporary(a.toType(DataType.FLOAT64, false));
    NDArray y = in.temporary(b.toType(DataType.FLOAT64, false));
    return in.temporary(x.div(y)).trunc();
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
