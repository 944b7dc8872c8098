package org.vpns.internal.onnx;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.onnx.OnnxOperator.Step;
import org.vpns.io.FormatException;

/** Activation functions, softmax and dropout. */
final class ActivationOperators {
  private static final float SELU_ALPHA = 1.67326319217681884765625f;
  private static final float SELU_GAMMA = 1.05070102214813232421875f;

  private ActivationOperators() {}

  static void addTo(OperatorTable table) {
    plain(table, "Relu", (in, x) -> x.getNDArrayInternal().relu());
    plain(table, "Sigmoid", (in, x) -> x.getNDArrayInternal().sigmoid());
    plain(table, "Tanh", (in, x) -> x.tanh());
    plain(table, "Softplus", (in, x) -> x.getNDArrayInternal().softPlus());
    plain(table, "Softsign", (in, x) -> x.getNDArrayInternal().softSign());
    plain(table, "HardSwish", (in, x) -> x.mul(in.temporary(linearClip(in, x, 1 / 6f, 0.5f))));
    plain(
        table,
        "Mish",
        (in, x) -> {
          NDArray softened = in.temporary(x.getNDArrayInternal().softPlus());
          return x.mul(in.temporary(softened.tanh()));
        });
    table.add("HardSigmoid", ActivationOperators::hardSigmoid);
    table.add("LeakyRelu", ActivationOperators::leakyRelu);
    table.add("Elu", ActivationOperators::elu);
    table.add("Selu", ActivationOperators::selu);
    table.add("Celu", ActivationOperators::celu);
    table.add("ThresholdedRelu", ActivationOperators::thresholdedRelu);
    table.add("PRelu", ActivationOperators::prelu);
    table.since(20, "Gelu", ActivationOperators::gelu);
    table.add("Clip", ActivationOperators::clip);
    table.add("Softmax", node -> softmax(node, NDArray::softmax));
    table.add("LogSoftmax", node -> softmax(node, NDArray::logSoftmax));
    table.add("Dropout", ActivationOperators::dropout);
  }

  private interface Function {
    NDArray apply(Operands in, NDArray x);
  }

  private static Step step(OnnxNode node, Function function) throws FormatException {
    node.requireInputs(1, 1);
    return in -> List.of(OnnxValue.of(function.apply(in, in.array(0))));
  }

  private static void plain(OperatorTable table, String name, Function function) {
    table.add(name, node -> step(node, function));
  }

  /** {@code clip(factor x + shift, 0, 1)}. */
  static NDArray linearClip(Operands in, NDArray x, float factor, float shift) {
    NDArray line = in.temporary(in.temporary(x.mul(factor)).add(shift));
    return line.clip(0f, 1f);
  }

  private static Step hardSigmoid(OnnxNode node) throws FormatException {
    float alpha = node.real("alpha", 0.2f);
    float beta = node.real("beta", 0.5f);
    return step(node, (in, x) -> linearClip(in, x, alpha, beta));
  }

  private static Step leakyRelu(OnnxNode node) throws FormatException {
    float alpha = node.real("alpha", 0.01f);
    return step(node, (in, x) -> x.getNDArrayInternal().leakyRelu(alpha));
  }

  private static Step elu(OnnxNode node) throws FormatException {
    float alpha = node.real("alpha", 1f);
    return step(node, (in, x) -> x.getNDArrayInternal().elu(alpha));
  }

  private static Step selu(OnnxNode node) throws FormatException {
    float alpha = node.real("alpha", SELU_ALPHA);
    float gamma = node.real("gamma", SELU_GAMMA);
    // exporters write the two constants with six digits or more
    if (Math.abs(alpha - SELU_ALPHA) < 1e-5 && Math.abs(gamma - SELU_GAMMA) < 1e-5) {
      return step(node, (in, x) -> x.getNDArrayInternal().selu());
    }
    return step(node, (in, x) -> in.temporary(x.getNDArrayInternal().elu(alpha)).mul(gamma));
  }

  private static Step celu(OnnxNode node) throws FormatException {
    float alpha = node.real("alpha", 1f);
    if (alpha == 0) {
      throw node.outOfRange("alpha", "a number other than 0", alpha);
    }
    return step(
        node,
        (in, x) -> {
          NDArray scaled = in.temporary(x.div(alpha));
          return in.temporary(scaled.getNDArrayInternal().elu(1f)).mul(alpha);
        });
  }

  private static Step thresholdedRelu(OnnxNode node) throws FormatException {
    float alpha = node.real("alpha", 1f);
    return step(
        node,
        (in, x) -> {
          NDArray above = in.temporary(x.gt(alpha));
          return x.mul(in.temporary(above.toType(x.getDataType(), false)));
        });
  }

  /** The engine has no operator of its own: {@code relu(x) - slope relu(-x)}. */
  private static Step prelu(OnnxNode node) throws FormatException {
    node.requireInputs(2, 2);
    return in -> {
      NDArray x = in.array(0);
      Shapes.broadcast(in, in.shape(0), in.shape(1));
      in.requireSameType(in.value(0), in.value(1));
      NDArray negative = in.temporary(in.temporary(x.neg()).getNDArrayInternal().relu());
      NDArray sloped = in.temporary(negative.mul(in.array(1)));
      NDArray positive = in.temporary(x.getNDArrayInternal().relu());
      return List.of(OnnxValue.of(positive.sub(sloped)));
    };
  }

  private static Step gelu(OnnxNode node) throws FormatException {
    String form = node.text("approximate", "none");
    switch (form) {
      case "none":
        return step(node, (in, x) -> x.getNDArrayInternal().gelu());
      case "tanh":
        return step(node, ActivationOperators::geluByTanh);
      default:
        throw node.outOfRange("approximate", "none or tanh", "'" + form + "'");
    }
  }

  private static NDArray geluByTanh(Operands in, NDArray x) {
    NDArray cube = in.temporary(in.temporary(in.temporary(x.mul(x)).mul(x)).mul(0.044715f));
    NDArray inner = in.temporary(in.temporary(x.add(cube)).mul((float) Math.sqrt(2 / Math.PI)));
    NDArray factor = in.temporary(in.temporary(in.temporary(inner.tanh()).add(1f)).mul(0.5f));
    return x.mul(factor);
  }

  /** Bounds are attributes before operator set 11, inputs from then on; either may be missing. */
  private static Step clip(OnnxNode node) throws FormatException {
    if (node.opset() < 11) {
      boolean below = node.hasAttribute("min");
      boolean above = node.hasAttribute("max");
      float least = node.real("min", 0);
      float most = node.real("max", 0);
      return step(
          node, (in, x) -> clipped(x, below ? (Number) least : null, above ? (Number) most : null));
    }
    node.requireInputs(1, 3);
    return in -> {
      Number least = in.has(1) ? in.single(1).number() : null;
      Number most = in.has(2) ? in.single(2).number() : null;
      return List.of(
          least == null && most == null
              ? in.value(0)
              : OnnxValue.of(clipped(in.array(0), least, most)));
    };
  }

  private static NDArray clipped(NDArray x, @Nullable Number least, @Nullable Number most) {
    if (least != null && most != null) {
      return x.clip(least, most);
    }
    if (least != null) {
      return x.maximum(least);
    }
    return most == null ? x : x.minimum(most);
  }

  private interface AlongAxis {
    NDArray apply(NDArray x, int axis);
  }

  /** Before operator set 13 the axis split the shape in two, and the second half was normalised. */
  private static Step softmax(OnnxNode node, AlongAxis function) throws FormatException {
    node.requireInputs(1, 1);
    boolean halves = node.opset() < 13;
    long axis = node.integer("axis", halves ? 1 : -1);
    return in -> {
      NDArray x = in.array(0);
      int rank = in.rank(0);
      if (halves && axis == rank && rank > 0) {
        // nothing is left of the second half: each element by itself
        NDArray column = in.temporary(x.expandDims(rank));
        return List.of(OnnxValue.of(in.temporary(function.apply(column, rank)).squeeze(rank)));
      }
      int at = in.axis(axis, rank);
      if (!halves || at == rank - 1) {
        return List.of(OnnxValue.of(function.apply(x, at)));
      }
      Shape shape = in.shape(0);
      NDArray flat =
          in.temporary(x.reshape(Shapes.product(shape, 0, at), Shapes.product(shape, at, rank)));
      return List.of(OnnxValue.of(in.temporary(function.apply(flat, 1)).reshape(shape)));
    };
  }

  /**
   * Active in training passes, whatever the file's training flag says. The mask, for the few that
   * ask for it, is true where values stay: everywhere in evaluation.
   */
  private static Step dropout(OnnxNode node) throws FormatException {
    boolean attribute = node.opset() < 12;
    node.requireInputs(1, attribute ? 1 : 3);
    float fixed = attribute ? node.real("ratio", 0.5f) : 0.5f;
    node.ignore("seed");
    return in -> {
      double ratio = in.has(1) ? in.single(1).doubleAt(0) : fixed;
      if (!(ratio >= 0 && ratio < 1)) {
        throw in.problem(
            "dropout ratio out of range", "0 <= ratio < 1", ratio, "correct the model");
      }
      NDArray x = in.array(0);
      if (!node.wants(1)) {
        return List.of(OnnxValue.of(dropped(in, x, ratio)));
      }
      // dropped from ones, what is left tells the mask
      NDArray factors = in.temporary(dropped(in, in.temporary(x.onesLike()), ratio));
      return List.of(OnnxValue.of(x.mul(factors)), OnnxValue.of(factors.gt(0)));
    };
  }

  private static NDArray dropped(Operands in, NDArray x, double ratio) {
    return x.getNDArrayInternal().dropout(x, (float) ratio, in.training()).singletonOrThrow();
  }
}
