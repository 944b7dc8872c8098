package org.vpns.onnx;

import ai.djl.ndarray.types.DataType;
import com.google.common.base.CaseFormat;
import org.vpns.internal.graph.op.Elementwise;
import org.vpns.internal.graph.op.Elementwise.Pair;
import org.vpns.internal.graph.op.Reductions;

/** Functions of one value and of two, and of all values along axes, in files. */
final class ExportFunctions {
  private ExportFunctions() {}

  static void unary(Elementwise.Unary unary, ExportNode at) {
    if (unary.function() == Elementwise.Function.NOT) {
      at.call("Not", at.in(0, DataType.BOOLEAN)).to(at.out());
      return;
    }
    DataType type = at.type(0);
    String x = at.in(0);
    boolean alsoOfIntegers =
        switch (unary.function()) {
          case NEG, ABS, SIGN, SQUARE, STOP_GRADIENT -> type != DataType.BOOLEAN;
          default -> false;
        };
    if (!type.isFloating() && !alsoOfIntegers) {
      throw new Unexportable("of values of type " + type);
    }
    switch (unary.function()) {
      case GELU -> gelu(at, x, type);
      case SQUARE -> at.call("Mul", x, x).to(at.out());
      case LOG2 -> {
        String log = at.call("Log", x).as("log");
        at.call("Div", log, at.scalar("ln2", Math.log(2), type)).to(at.out());
      }
      case STOP_GRADIENT -> at.call("Identity", x).to(at.out());
      case RELU, SIGMOID, TANH, SELU, SOFTPLUS, SOFTSIGN, ERF, SQRT, EXP, LOG ->
          at.call(sameName(unary.function()), x).to(at.out());
      case NEG, ABS, SIGN, FLOOR, CEIL, ROUND, SIN, COS, TAN, ASIN, ACOS, ATAN, SINH, COSH, NOT ->
          at.call(sameName(unary.function()), x).to(at.out());
      case IS_NAN -> at.call("IsNaN", x).to(at.out());
    }
  }

  /** The format's name of what it calls as we do. */
  private static String sameName(Enum<?> function) {
    return CaseFormat.UPPER_UNDERSCORE.to(CaseFormat.UPPER_CAMEL, function.name());
  }

  /** x / 2 (1 + erf(x / sqrt 2)): the format's own operator comes with opset 20 only. */
  private static void gelu(ExportNode at, String x, DataType type) {
    String scaled = at.call("Div", x, at.scalar("root", Math.sqrt(2), type)).as("scaled");
    String erf = at.call("Erf", scaled).as("erf");
    String above = at.call("Add", erf, at.scalar("one", 1, type)).as("above");
    String half = at.call("Mul", x, at.scalar("half", 0.5, type)).as("halved");
    at.call("Mul", half, above).to(at.out());
  }

  static void sloped(Elementwise.Sloped sloped, ExportNode at) {
    at.call(sloped.exponential() ? "Elu" : "LeakyRelu", at.in(0))
        .with("alpha", sloped.alpha())
        .to(at.out());
  }

  static void clip(Elementwise.Clip clip, ExportNode at) {
    DataType type = at.type(0);
    if (!type.isFloating()) {
      throw new Unexportable("of values of type " + type);
    }
    String low = at.scalar("low", clip.low(), type);
    String high = at.scalar("high", clip.high(), type);
    at.call("Clip", at.in(0), low, high).to(at.out());
  }

  static void cast(Elementwise.Cast cast, ExportNode at) {
    at.call("Cast", at.in(0)).with("to", ExportTensor.code(cast.type())).to(at.out());
  }

  /** Operands of different types meet in the engine's type. */
  static void binary(Elementwise.Binary binary, ExportNode at) {
    DataType common = common(at.type(0), at.type(1));
    DataType type = operands(binary.function(), common, at);
    function(binary.function(), at, at.in(0, type), at.in(1, type), type);
  }

  static void withNumber(Elementwise.WithNumber with, ExportNode at) {
    DataType x = at.type(0);
    boolean stays = x.isFloating() || with.integral();
    DataType type = operands(with.function(), stays ? x : DataType.FLOAT32, at);
    String number = at.scalar("number", with.number(), type);
    function(with.function(), at, at.in(0, type), number, type);
  }

  /**
   * The type in which the engine combines two: float outranks integer, integer outranks boolean.
   */
  private static DataType common(DataType a, DataType b) {
    int rankA = rank(a);
    int rankB = rank(b);
    if (rankA != rankB) {
      return rankA > rankB ? a : b;
    }
    return a.getNumOfBytes() >= b.getNumOfBytes() ? a : b;
  }

  private static int rank(DataType type) {
    return type.isFloating() ? 2 : type == DataType.BOOLEAN ? 0 : 1;
  }

  /** The type in which a function works: truth values are compared as integers, integers divide. */
  private static DataType operands(Pair function, DataType common, ExportNode at) {
    if (function.isLogical()) {
      return DataType.BOOLEAN;
    }
    if (common == DataType.BOOLEAN) {
      if (!function.isTruth()) {
        throw new Unexportable("of values of type " + common);
      }
      return DataType.INT32;
    }
    DataType type = function == Pair.DIV && !common.isFloating() ? DataType.FLOAT32 : common;
    if (!function.isTruth() && type != at.outType()) {
      throw new Unexportable("of values whose type is " + type + " or " + at.outType());
    }
    return type;
  }

  private static void function(Pair function, ExportNode at, String a, String b, DataType type) {
    switch (function) {
      case ADD, SUB, MUL, DIV, POW, MAX, MIN, AND, OR, XOR ->
          at.call(sameName(function), a, b).to(at.out());
      case MOD -> remainder(at, a, b, type);
      case EQ -> at.call("Equal", a, b).to(at.out());
      case NEQ -> at.call("Not", at.call("Equal", a, b).as("equal")).to(at.out());
      case GT -> at.call("Greater", a, b).to(at.out());
      case GTE -> at.call("GreaterOrEqual", a, b).to(at.out());
      case LT -> at.call("Less", a, b).to(at.out());
      case LTE -> at.call("LessOrEqual", a, b).to(at.out());
    }
  }

  /**
   * Of the divisor's sign. The format has that for integers only; for floats, of the dividend's.
   */
  private static void remainder(ExportNode at, String a, String b, DataType type) {
    if (!type.isFloating()) {
      at.call("Mod", a, b).to(at.out());
      return;
    }
    String rest = at.call("Mod", a, b).with("fmod", 1).as("rest");
    String signs =
        at.call("Mul", at.call("Sign", rest).as("sign"), at.call("Sign", b).as("sign")).as("signs");
    String apart = at.call("Less", signs, at.scalar("zero", 0, type)).as("apart");
    at.call("Where", apart, at.call("Add", rest, b).as("moved"), rest).to(at.out());
  }

  static void where(Elementwise.Where where, ExportNode at) {
    if (at.type(0) != at.type(2)) {
      throw new Unexportable("between values of type " + at.type(0) + " and " + at.type(2));
    }
    at.call("Where", at.in(1, DataType.BOOLEAN), at.in(0), at.in(2)).to(at.out());
  }

  static void reduce(Reductions.Reduce reduce, ExportNode at) {
    boolean selects =
        reduce.reduction() == Reductions.Kind.MAX || reduce.reduction() == Reductions.Kind.MIN;
    if (!at.type(0).isFloating() && !selects) {
      throw new Unexportable("of values of type " + at.type(0));
    }
    if (reduce.axes().isEmpty()) {
      throw new Unexportable("along no axis");
    }
    long[] axes = reduce.axes().stream().mapToLong(Integer::longValue).toArray();
    String type = "Reduce" + sameName(reduce.reduction());
    // of all reductions, sums alone take their axes as an input at this opset
    ExportNode.Call call =
        reduce.reduction() == Reductions.Kind.SUM
            ? at.call(type, at.in(0), at.ints("axes", axes))
            : at.call(type, at.in(0)).with("axes", axes);
    call.with("keepdims", reduce.keep() ? 1 : 0).to(at.out());
  }

  static void argExtreme(Reductions.ArgExtreme extreme, ExportNode at) {
    at.call(extreme.smallest() ? "ArgMin" : "ArgMax", at.in(0))
        .with("axis", extreme.axis())
        .with("keepdims", 0)
        .to(at.out());
  }

  static void topK(Reductions.TopK top, ExportNode at) {
    at.call("TopK", at.in(0), at.ints("count", top.count()))
        .with("axis", top.axis())
        .with("largest", top.largest() ? 1 : 0)
        .to(at.outs());
  }

  static void softmax(Reductions.Softmax softmax, ExportNode at) {
    at.call(softmax.log() ? "LogSoftmax" : "Softmax", at.in(0))
        .with("axis", softmax.axis())
        .to(at.out());
  }
}
