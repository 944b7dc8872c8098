package org.vpns.onnx;

import ai.djl.ndarray.types.DataType;
import org.vpns.graph.op.Elementwise;

/** Functions of one value, in files. */
final class ExportFunctions {
  private ExportFunctions() {}

  static void unary(Elementwise.Unary unary, ExportNode at) {
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
      case RELU -> at.call("Relu", x).to(at.out());
      case SIGMOID -> at.call("Sigmoid", x).to(at.out());
      case TANH -> at.call("Tanh", x).to(at.out());
      case GELU -> gelu(at, x, type);
      case SELU -> at.call("Selu", x).to(at.out());
      case SOFTPLUS -> at.call("Softplus", x).to(at.out());
      case SOFTSIGN -> at.call("Softsign", x).to(at.out());
      case ERF -> at.call("Erf", x).to(at.out());
      case SQRT -> at.call("Sqrt", x).to(at.out());
      case SQUARE -> at.call("Mul", x, x).to(at.out());
      case EXP -> at.call("Exp", x).to(at.out());
      case LOG -> at.call("Log", x).to(at.out());
      case LOG2 -> {
        String log = at.call("Log", x).as("log");
        at.call("Div", log, at.scalar("ln2", Math.log(2), type)).to(at.out());
      }
      case NEG -> at.call("Neg", x).to(at.out());
      case ABS -> at.call("Abs", x).to(at.out());
      case SIGN -> at.call("Sign", x).to(at.out());
      case FLOOR -> at.call("Floor", x).to(at.out());
      case CEIL -> at.call("Ceil", x).to(at.out());
      case ROUND -> at.call("Round", x).to(at.out());
      case SIN -> at.call("Sin", x).to(at.out());
      case COS -> at.call("Cos", x).to(at.out());
      case STOP_GRADIENT -> at.call("Identity", x).to(at.out());
    }
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
    at.call("Cast", at.in(0)).with("to", ExportTypes.code(cast.type())).to(at.out());
  }
}
