package org.vpns.onnx.read;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;
import java.util.function.UnaryOperator;
import org.vpns.onnx.read.Operators.Table;

/** Operators of two or more operands, element by element, and the plain functions of one. */
final class ArithmeticOperators {
  private ArithmeticOperators() {}

  static void addTo(Table table) {
    for (Binary binary : Binary.ALL) {
      table.both(binary.name(), binary.operator());
    }
    table.both("Max", variadic(Binary.MAX));
    table.both("Min", variadic(Binary.MIN));
    table.both("Sum", variadic(Binary.ADD));
    table.add("Mean", ArithmeticOperators::mean);
    table.both("Mod", ArithmeticOperators::mod);
    table.both("Where", ArithmeticOperators::where);
    unary(table, "Neg", x -> -x, x -> -x, NDArray::neg);
    unary(table, "Abs", Math::abs, Math::abs, NDArray::abs);
    unary(table, "Sign", Long::signum, Math::signum, NDArray::sign);
    unary(table, "Floor", x -> x, Math::floor, NDArray::floor);
    unary(table, "Ceil", x -> x, Math::ceil, NDArray::ceil);
    unary(table, "Round", x -> x, Math::rint, NDArray::round);
    unary(table, "Sqrt", x -> x, Math::sqrt, NDArray::sqrt);
    unary(table, "Reciprocal", x -> x, x -> 1 / x, x -> x.getNDArrayInternal().rdiv(1));
    unary(table, "Not", x -> 1 - x, x -> x, NDArray::logicalNot);
    unary(table, "Exp", x -> x, Math::exp, NDArray::exp);
    unary(table, "Log", x -> x, Math::log, NDArray::log);
    unary(table, "Sin", x -> x, Math::sin, NDArray::sin);
    unary(table, "Cos", x -> x, Math::cos, NDArray::cos);
    engine(table, "Tan", NDArray::tan);
    engine(table, "Asin", NDArray::asin);
    engine(table, "Acos", NDArray::acos);
    engine(table, "Atan", NDArray::atan);
    engine(table, "Sinh", NDArray::sinh);
    engine(table, "Cosh", NDArray::cosh);
    engine(table, "Erf", NDArray::erf);
    engine(table, "IsNaN", NDArray::isNaN);
  }

  private static void unary(
      Table table,
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
                  ? List.of(Value.of(HostMath.unary(in.host(0), longs, reals)))
                  : List.of(Value.of(engine.apply(in.receiver(0))));
        });
  }

  private static void engine(Table table, String name, UnaryOperator<NDArray> engine) {
    table.add(
        name,
        node -> {
          node.requireInputs(1, 1);
          return in -> List.of(Value.of(engine.apply(in.receiver(0))));
        });
  }

  private static OnnxOperator variadic(Binary binary) {
    return node -> {
      node.requireEachInput();
      return in -> List.of(folded(binary, in));
    };
  }

  private static Value folded(Binary binary, Operands in) {
    Value result = in.value(0);
    for (int i = 1; i < in.count(); i++) {
      if (i > 1 && result instanceof Value.OnDevice device) {
        in.temporary(device.array());
      }
      result = binary.apply(in, result, in.value(i));
    }
    return result;
  }

  private static OnnxOperator.Step mean(OnnxNode node) throws OnnxFormatException {
    node.requireEachInput();
    return in -> {
      Value sum = folded(Binary.ADD, in);
      if (in.count() == 1) {
        return List.of(sum);
      }
      NDArray array =
          sum instanceof Value.OnDevice device
              ? in.temporary(device.array())
              : in.constant(((Value.OnHost) sum).tensor());
      return List.of(Value.of(array.div(in.count())));
    };
  }

  private static OnnxOperator.Step mod(OnnxNode node) throws OnnxFormatException {
    node.requireInputs(2, 2);
    boolean ofDividend = node.flag("fmod", false);
    LongBinaryOperator longs = ofDividend ? (x, y) -> x % y : Math::floorMod;
    DoubleBinaryOperator reals = (x, y) -> ofDividend ? x % y : x - y * Math.floor(x / y);
    return in -> {
      in.requireSameType(in.value(0), in.value(1));
      if (in.allOnHost()) {
        return List.of(Value.of(HostMath.binary(in, in.host(0), in.host(1), longs, reals)));
      }
      Shapes.broadcast(in, in.shape(0), in.shape(1));
      NDArray x = in.receiver(0);
      NDArray y = in.array(1);
      if (!ofDividend) {
        return List.of(Value.of(x.mod(y)));
      }
      // the sign of the dividend: x - y trunc(x / y)
      NDArray whole = in.temporary(Binary.quotient(in, x, y));
      NDArray product = in.temporary(whole.mul(y));
      return List.of(Value.of(in.temporary(x.sub(product)).toType(x.getDataType(), true)));
    };
  }

  private static OnnxOperator.Step where(OnnxNode node) throws OnnxFormatException {
    node.requireInputs(3, 3);
    return in -> {
      Shape shape =
          Shapes.broadcast(in, in.shape(0), Shapes.broadcast(in, in.shape(1), in.shape(2)));
      in.requireSameType(in.value(1), in.value(2));
      if (in.allOnHost()) {
        return List.of(Value.of(hostWhere(in, shape)));
      }
      NDArray condition = spread(in, in.receiver(0), shape);
      NDArray chosen = spread(in, in.receiver(1), shape);
      NDArray other = spread(in, in.receiver(2), shape);
      return List.of(Value.of(chosen.getNDArrayInternal().where(condition, other)));
    };
  }

  private static NDArray spread(Operands in, NDArray array, Shape shape) {
    return array.getShape().equals(shape) ? array : in.temporary(array.broadcast(shape));
  }

  private static HostTensor hostWhere(Operands in, Shape shape) {
    HostTensor condition = in.host(0);
    HostTensor a = in.host(1);
    HostTensor b = in.host(2);
    int[] at = Shapes.broadcastPlaces(condition.shape(), shape);
    int[] x = Shapes.broadcastPlaces(a.shape(), shape);
    int[] y = Shapes.broadcastPlaces(b.shape(), shape);
    double[] reals = new double[at.length];
    long[] longs = new long[at.length];
    for (int i = 0; i < at.length; i++) {
      boolean first = condition.longAt(at[i]) != 0;
      reals[i] = first ? a.doubleAt(x[i]) : b.doubleAt(y[i]);
      longs[i] = first ? a.longAt(x[i]) : b.longAt(y[i]);
    }
    return a.isFloat()
        ? HostTensor.of(a.type(), shape, reals)
        : HostTensor.of(a.type(), shape, longs);
  }
}
