package org.vpns.internal.onnx;

import ai.djl.ndarray.types.Shape;
import com.google.common.primitives.Longs;
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
    table.both("ConstantFill", ConstantOperators::constantFill);
    table.both("ConstantOfShape", ConstantOperators::constantOfShape);
    table.both("EyeLike", ConstantOperators::eyeLike);
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
    return in -> List.of(filled(in, in.longs(0), value));
  }

  private static OnnxValue filled(Operands in, long[] sizes, HostTensor value) {
    if (Arrays.stream(sizes).anyMatch(s -> s < 0 || s > Integer.MAX_VALUE) || sizes.length > 32) {
      throw in.problem(
          "shape out of range", "sizes from 0", Arrays.toString(sizes), "correct the model");
    }
    Shape shape = in.requireRoom(new Shape(sizes));
    return OnnxValue.of(value.picked(new int[(int) shape.size()], shape));
  }

  /** Of the first operator sets, where it was an experiment that PyTorch wrote up to set 8. */
  private static Step constantFill(OnnxNode node) throws FormatException {
    node.requireInputs(0, 1);
    boolean byValue = node.flag("input_as_shape", false);
    long[] more = node.integers("extra_shape");
    long[] given = node.integers("shape");
    HostTensor value = of(type(node), new Shape(1), node.real("value", 0));
    if (!byValue && node.inputs().isEmpty() && given == null) {
      throw node.bad("attribute missing", "'shape', or an input", "none", "export the model again");
    }
    return in -> {
      long[] sizes =
          !in.has(0)
              ? given == null ? new long[0] : given
              : byValue ? in.longs(0) : in.shape(0).getShape();
      return List.of(filled(in, more == null ? sizes : Longs.concat(sizes, more), value));
    };
  }

  private static ElementType type(OnnxNode node) throws FormatException {
    int number = node.integer("dtype", ElementType.FLOAT.number(), 0, Integer.MAX_VALUE);
    ElementType type = ElementType.find(number);
    if (type == null) {
      throw node.outOfRange("dtype", "a number of a type", number);
    }
    return type;
  }

  private static HostTensor of(ElementType type, Shape shape, double value) {
    return HostTensor.made(type, shape, i -> (long) value, i -> value);
  }

  /** Ones on a diagonal, in the shape of a matrix. */
  private static Step eyeLike(OnnxNode node) throws FormatException {
    node.requireInputs(1, 1);
    long shift = node.integer("k", 0);
    ElementType given = node.hasAttribute("dtype") ? type(node) : null;
    return in -> {
      in.requireRank(0, 2, 2);
      Shape shape = in.requireRoom(in.shape(0));
      ElementType type =
          given != null
              ? given
              : in.onHost(0) ? in.host(0).type() : ElementType.of(in.engineType(0));
      long width = shape.get(1);
      return List.of(
          OnnxValue.of(
              HostTensor.made(
                  type,
                  shape,
                  i -> i % width - i / width == shift ? 1 : 0,
                  i -> i % width - i / width == shift ? 1 : 0)));
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
    node.ignore("stash_type"); // of sums in half precision, which are made in doubles here
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
