package org.vpns.onnx;

import ai.djl.ndarray.types.DataType;
import org.vpns.graph.op.Elementwise;
import org.vpns.graph.op.Elementwise.Pair;

/** Functions of two values, in files. Operands of different types meet in the engine's type. */
final class ExportPairs {
  private ExportPairs() {}

  static void binary(Elementwise.Binary binary, ExportNode at) {
    DataType common = ExportTypes.common(at.type(0), at.type(1));
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

  /** The type in which a function works: truth values are compared as integers, integers divide. */
  private static DataType operands(Pair function, DataType common, ExportNode at) {
    if (common == DataType.BOOLEAN) {
      if (!function.isComparison()) {
        throw new Unexportable("of values of type " + common);
      }
      return DataType.INT32;
    }
    DataType type = function == Pair.DIV && !common.isFloating() ? DataType.FLOAT32 : common;
    if (!function.isComparison() && type != at.outType()) {
      throw new Unexportable("of values whose type is " + type + " or " + at.outType());
    }
    return type;
  }

  private static void function(Pair function, ExportNode at, String a, String b, DataType type) {
    switch (function) {
      case ADD -> at.call("Add", a, b).to(at.out());
      case SUB -> at.call("Sub", a, b).to(at.out());
      case MUL -> at.call("Mul", a, b).to(at.out());
      case DIV -> at.call("Div", a, b).to(at.out());
      case MOD -> remainder(at, a, b, type);
      case POW -> at.call("Pow", a, b).to(at.out());
      case MAX -> at.call("Max", a, b).to(at.out());
      case MIN -> at.call("Min", a, b).to(at.out());
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
}
