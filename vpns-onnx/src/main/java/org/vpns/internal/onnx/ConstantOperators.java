package org.vpns.internal.onnx;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.vpns.internal.onnx.OnnxOperator.Step;
import org.vpns.io.FormatException;

/** Operators that make values in Java: constants, shapes, ranges. */
final class ConstantOperators {
  private ConstantOperators() {}

  static void addTo(OperatorTable table) {
    table.both("Constant", ConstantOperators::constant);
    table.both("ConstantOfShape", ConstantOperators::constantOfShape);
    table.both("Shape", ConstantOperators::shape);
    table.both("Size", ConstantOperators::size);
    table.both("Range", ConstantOperators::range);
  }

  private static Step constant(OnnxNode node) throws IOException {
    node.requireInputs(0, 0);
    List<HostTensor> forms = new ArrayList<>();
    HostTensor tensor = node.tensor("value");
    if (tensor != null) {
      forms.add(tensor);
    }
    if (node.hasAttribute("value_int")) {
      long[] value = {node.integer("value_int", 0)};
      forms.add(HostTensor.of(ElementType.INT64, new Shape(), value));
    }
    if (node.hasAttribute("value_float")) {
      float[] value = {node.real("value_float", 0)};
      forms.add(HostTensor.of(ElementType.FLOAT, new Shape(), value));
    }
    long[] longs = node.integers("value_ints");
    if (longs != null) {
      forms.add(HostTensor.vector(longs));
    }
    float[] reals = node.reals("value_floats");
    if (reals != null) {
      forms.add(HostTensor.of(ElementType.FLOAT, new Shape(reals.length), reals));
    }
    if (forms.size() != 1) {
      throw node.bad(
          "constant without one value",
          "one of value, value_int(s), value_float(s)",
          forms.size() + " of them",
          "store its numbers as one dense tensor, 'value'");
    }
    return in -> List.of(OnnxValue.of(forms.get(0)));
  }

  private static Step constantOfShape(OnnxNode node) throws IOException {
    node.requireInputs(1, 1);
    HostTensor given = node.tensor("value");
    HostTensor value =
        given == null ? HostTensor.of(ElementType.FLOAT, new Shape(1), new float[1]) : given;
    if (value.size() != 1) {
      throw node.outOfRange("value", "1 element", value);
    }
    return in -> {
      long[] sizes = in.longs(0);
      if (Arrays.stream(sizes).anyMatch(s -> s < 0 || s > Integer.MAX_VALUE) || sizes.length > 32) {
        throw in.problem(
            "shape out of range", "sizes from 0", Arrays.toString(sizes), "correct the model");
      }
      Shape shape = in.requireRoom(new Shape(sizes));
      return List.of(OnnxValue.of(value.picked(new int[(int) shape.size()], shape)));
    };
  }

  private static Step shape(OnnxNode node) throws FormatException {
    node.requireInputs(1, 1);
    long from = node.integer("start", 0);
    long to = node.integer("end", Long.MAX_VALUE);
    return in -> {
      int rank = in.rank(0);
      int begin = clamped(from, rank);
      int end = Math.max(begin, clamped(to, rank));
      return List.of(OnnxValue.of(HostTensor.vector(Shapes.part(in.shape(0), begin, end))));
    };
  }

  private static int clamped(long axis, int rank) {
    long counted = axis < 0 ? axis + rank : axis;
    return (int) Math.max(0, Math.min(rank, counted));
  }

  private static Step size(OnnxNode node) throws FormatException {
    node.requireInputs(1, 1);
    return in -> {
      long[] size = {in.shape(0).size()};
      return List.of(OnnxValue.of(HostTensor.of(ElementType.INT64, new Shape(), size)));
    };
  }

  private static Step range(OnnxNode node) throws FormatException {
    node.requireInputs(3, 3);
    return in -> List.of(OnnxValue.of(range(in, in.single(0), in.single(1), in.single(2))));
  }

  private static HostTensor range(
      Operands in, HostTensor start, HostTensor limit, HostTensor delta) {
    double step = delta.doubleAt(0);
    double count = Math.ceil((limit.doubleAt(0) - start.doubleAt(0)) / step);
    if (step == 0 || Double.isNaN(count)) {
      throw in.problem("range without a step", "a step other than 0", step, "correct the model");
    }
    long length = (long) Math.max(0, Math.min(count, Integer.MAX_VALUE));
    Shape shape = in.requireRoom(new Shape(length));
    return HostTensor.made(
        start.type(),
        shape,
        i -> start.longAt(0) + i * delta.longAt(0),
        i -> start.doubleAt(0) + i * step);
  }
}
