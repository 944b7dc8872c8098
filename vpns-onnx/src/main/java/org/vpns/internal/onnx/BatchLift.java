package org.vpns.internal.onnx;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.internal.onnx.OnnxOperator.Step;
import org.vpns.internal.onnx.OnnxValue.OnDevice;
import org.vpns.internal.onnx.OnnxValue.OnHost;
import org.vpns.internal.onnx.Program.Instruction;
import org.vpns.io.FormatException;

/**
 * Runs a file that was exported for a fixed number of images with another number. Shapes that the
 * file holds, or computes, stay those of its own batch; arrays have the actual one. The axis of the
 * images is followed from the inputs through every node, and what the file says about it, in
 * reshapes, expands, slices and constants, is said of the actual number instead. A node that does
 * something else with it is refused.
 *
 * <p>That the results are right is for {@link BatchProof} to show.
 */
final class BatchLift {
  private static final Set<String> ELEMENT_WISE =
      Set.of(
          "Add",
          "And",
          "Div",
          "Equal",
          "Greater",
          "GreaterOrEqual",
          "Less",
          "LessOrEqual",
          "Max",
          "Mean",
          "Min",
          "Mod",
          "Mul",
          "Or",
          "PRelu",
          "Pow",
          "Sub",
          "Sum",
          "Where",
          "Xor");
  private static final Set<String> SQUEEZES = Set.of("Squeeze", "Unsqueeze");
  private static final Set<String> RESHAPES = Set.of("Reshape", "Flatten", "Squeeze", "Unsqueeze");

  private final long own;
  private final long actual;
  private final Map<Integer, BatchAxis> axes = new HashMap<>();

  /**
   * @param own the batch of the file
   * @param actual the batch of the inputs
   */
  BatchLift(long own, long actual) {
    this.own = own;
    this.actual = actual;
  }

  /** Says that images lie along the first axis of the value at a place. */
  void input(int place) {
    axes.put(place, BatchAxis.FIRST);
  }

  /** Where the images lie in the value at a place; null if it does not depend on them. */
  @Nullable BatchAxis axis(int place) {
    return axes.get(place);
  }

  /** Runs a node. */
  List<OnnxValue> run(Instruction instruction, Operands in) {
    @Nullable BatchAxis[] read = new BatchAxis[instruction.inputs().length];
    boolean batched = false;
    for (int i = 0; i < read.length; i++) {
      read[i] = axes.get(instruction.inputs()[i]);
      batched |= read[i] != null;
    }
    if (!batched) {
      return instruction.step().run(in);
    }
    Lifted lifted = new Node(instruction.node(), instruction.step(), in, read).lifted();
    for (int i = 0; i < Math.min(lifted.results.size(), instruction.outputs().length); i++) {
      if (lifted.results.get(i) instanceof OnDevice && instruction.outputs()[i] >= 0) {
        axes.put(instruction.outputs()[i], lifted.axis);
      }
    }
    return lifted.results;
  }

  private record Lifted(List<OnnxValue> results, BatchAxis axis) {}

  /** One node with images at one or more of its inputs. */
  private final class Node {
    private final OnnxNode node;
    private final Step step;
    private final Operands in;
    private final @Nullable BatchAxis[] read;

    Node(OnnxNode node, Step step, Operands in, @Nullable BatchAxis[] read) {
      this.node = node;
      this.step = step;
      this.in = in;
      this.read = read;
    }

    Lifted lifted() {
      String operator = node.operator();
      if (operator.equals("Shape") || operator.equals("Size")) {
        return new Lifted(step.run(with(0, form(ownShape(0)))), BatchAxis.FIRST);
      }
      if (ELEMENT_WISE.contains(operator)) {
        return elementWise();
      }
      if (operator.equals("Concat")) {
        return concat();
      }
      if (operator.equals("MatMul")) {
        return product();
      }
      if (operator.equals("Gemm")) {
        return gemm();
      }
      if (operator.equals("Einsum")) {
        return einsum();
      }
      for (int i = 1; i < read.length; i++) {
        if (read[i] != null) {
          throw refused("images at its first input only", "images at input " + i);
        }
      }
      if (RESHAPES.contains(operator)) {
        return reshape();
      }
      if (operator.startsWith("Reduce") || operator.startsWith("Arg")) {
        return reduce();
      }
      return switch (operator) {
        case "Transpose" -> transpose();
        case "Expand" -> expand();
        case "Slice" -> slice();
        case "Gather" -> gather();
        case "Tile" -> tile();
        case "Resize" -> resize();
        default -> same(step.run(in));
      };
    }

    private BatchAxis first() {
      BatchAxis axis = read[0];
      if (axis == null) {
        throw new IllegalStateException(node.where());
      }
      return axis;
    }

    /** Shape of an input at the file's own batch. */
    private Shape ownShape(int input) {
      BatchAxis axis = read[input];
      return axis == null ? in.shape(input) : axis.resized(in.shape(input), actual, own);
    }

    /** A value that has a shape and no elements, for operators that need no more. */
    private OnnxValue form(Shape shape) {
      return OnnxValue.of(HostTensor.of(ElementType.INT64, shape, new long[0]));
    }

    private Operands with(int input, OnnxValue value) {
      List<OnnxValue> values = new ArrayList<>(in.values());
      values.set(input, value);
      return in.with(values);
    }

    private Refused refused(String expected, Object found) {
      return new Refused(node, expected, found, own);
    }

    private boolean standsAlone(int input, BatchAxis axis) {
      return in.shape(input).get(axis.axis()) == actual;
    }

    /** Operators that keep the axes, whatever they do to the others. */
    private Lifted same(List<OnnxValue> results) {
      BatchAxis axis = first();
      Shape shape = in.shape(0);
      for (OnnxValue result : results) {
        if (result.shape().dimension() != shape.dimension()
            || result.shape().get(axis.axis()) != shape.get(axis.axis())) {
          throw refused(
              "an operator that keeps the axis of the images, " + axis.axis() + " of " + shape,
              result.shape());
        }
      }
      return new Lifted(results, axis);
    }

    private Lifted reshape() {
      return reshapedTo(step.run(with(0, form(ownShape(0)))).get(0).shape());
    }

    /**
     * The images of the first input in another shape.
     *
     * @param wanted the shape at the file's own batch
     */
    private Lifted reshapedTo(Shape wanted) {
      BatchAxis axis = first();
      Shape before = ownShape(0);
      BatchAxis after = BatchAxis.afterReshape(axis, before, wanted, own);
      if (after == null) {
        throw refused(
            "an axis that holds the " + own + " images of " + before + ", axis " + axis.axis(),
            wanted);
      }
      Shape target = after.resized(wanted, own, actual);
      if (target.equals(in.shape(0))) {
        return new Lifted(List.of(in.value(0)), after);
      }
      // axes of length 1 come and go by calls of their own, unless the images' axis is among them
      boolean byItself = SQUEEZES.contains(node.operator()) && target.equals(shapeOfPlainRun());
      return new Lifted(
          byItself ? step.run(in) : List.of(OnnxValue.of(in.array(0).reshape(target))), after);
    }

    /** What a squeeze makes of the actual shape; null if it cannot take away one of the axes. */
    private @Nullable Shape shapeOfPlainRun() {
      try {
        return step.run(with(0, form(in.shape(0)))).get(0).shape();
      } catch (IllegalArgumentException squeezesTheImages) {
        return null;
      }
    }

    private Lifted transpose() {
      BatchAxis axis = first();
      int rank = in.rank(0);
      // what becomes of a shape whose lengths are the numbers of its axes
      long[] numbers = IntStream.range(0, rank).mapToLong(i -> i).toArray();
      long[] moved = step.run(with(0, form(new Shape(numbers)))).get(0).shape().getShape();
      int to = IntStream.range(0, rank).filter(i -> moved[i] == axis.axis()).findFirst().orElse(0);
      return new Lifted(step.run(in), axis.movedTo(to));
    }

    private Lifted reduce() {
      BatchAxis axis = first();
      int rank = in.rank(0);
      int[] reduced = reducedAxes(rank);
      if (Arrays.stream(reduced).anyMatch(a -> a == axis.axis())) {
        throw refused(
            "axes other than that of the images, " + axis.axis() + " of " + in.shape(0),
            Arrays.toString(reduced));
      }
      List<OnnxValue> results = step.run(in);
      boolean kept = results.get(0).shape().dimension() == rank;
      int before = (int) Arrays.stream(reduced).filter(a -> a < axis.axis()).count();
      return new Lifted(results, axis.movedTo(kept ? axis.axis() : axis.axis() - before));
    }

    private int[] reducedAxes(int rank) {
      if (node.operator().startsWith("Arg")) {
        return new int[] {in.axis(integer("axis", 0), rank)};
      }
      long[] given = in.has(1) ? in.longs(1) : integers("axes");
      if (given != null && given.length > 0) {
        return in.axes(given, rank);
      }
      return integer("noop_with_empty_axes", 0) != 0
          ? new int[0]
          : IntStream.range(0, rank).toArray();
    }

    private long integer(String attribute, long otherwise) {
      try {
        return node.integer(attribute, otherwise);
      } catch (FormatException e) {
        throw new IllegalStateException("attribute was read before", e);
      }
    }

    private long @Nullable [] integers(String attribute) {
      try {
        return node.integers(attribute);
      } catch (FormatException e) {
        throw new IllegalStateException("attribute was read before", e);
      }
    }

    private Lifted elementWise() {
      int rank = IntStream.range(0, in.count()).map(in::rank).max().orElse(0);
      BatchAxis axis = common(rank);
      long length = length(axis, rank);
      List<OnnxValue> values = new ArrayList<>(in.values());
      for (int i = 0; i < read.length; i++) {
        int at = axis.axis() - (rank - in.rank(i));
        if (read[i] == null && at >= 0 && in.shape(i).get(at) != 1) {
          values.set(i, ofOneImage(i, at, length));
        }
      }
      return new Lifted(step.run(in.with(values)), axis);
    }

    /** The axis of the images, counted in a result of so many axes to which all inputs align. */
    private BatchAxis common(int rank) {
      BatchAxis common = null;
      for (int i = 0; i < read.length; i++) {
        BatchAxis axis = read[i];
        if (axis != null) {
          BatchAxis aligned = axis.movedTo(axis.axis() + rank - in.rank(i));
          if (common != null
              && (!common.equals(aligned)
                  || length(common, rank) != in.shape(i).get(axis.axis()))) {
            throw refused(
                "images along the same axis of all inputs",
                in.values().stream().map(OnnxValue::shape).toList());
          }
          common = aligned;
        }
      }
      if (common == null) {
        throw new IllegalStateException(node.where());
      }
      return common;
    }

    /** Length of the axis of the images in the inputs that have them. */
    private long length(BatchAxis axis, int rank) {
      for (int i = 0; i < read.length; i++) {
        if (read[i] != null) {
          return in.shape(i).get(axis.axis() - (rank - in.rank(i)));
        }
      }
      throw new IllegalStateException(node.where());
    }

    /**
     * What a value that does not depend on images has for one of them; those of a constant made for
     * several images ought to be alike.
     */
    private OnnxValue ofOneImage(int input, int axis, long length) {
      if (length != actual || in.shape(input).get(axis) != own) {
        throw refused(
            "one value for all images, along axis "
                + axis
                + " of length "
                + length
                + " for "
                + actual
                + " images",
            in.shape(input));
      }
      if (own == 1) {
        return in.value(input);
      }
      if (in.value(input) instanceof OnHost host) {
        long[] sizes = in.shape(input).getShape().clone();
        sizes[axis] = 1;
        Shape one = new Shape(sizes);
        int[] places = Shapes.places(one, 0, Shapes.strides(in.shape(input)));
        return OnnxValue.of(host.tensor().picked(places, one));
      }
      NDIndex index = new NDIndex().addAllDim(axis).addSliceDim(0, 1);
      return OnnxValue.of(in.temporary(in.array(input).get(index)));
    }

    private Lifted concat() {
      int rank = in.rank(0);
      BatchAxis axis = common(rank);
      long length = length(axis, rank);
      int joined = in.axis(integer("axis", 0), rank);
      if (joined == axis.axis() && in.count() > 1) {
        throw refused("another axis than that of the images", joined);
      }
      List<OnnxValue> values = new ArrayList<>(in.values());
      for (int i = 0; i < read.length; i++) {
        if (read[i] == null) {
          OnnxValue one = ofOneImage(i, axis.axis(), length);
          long[] sizes = one.shape().getShape().clone();
          sizes[axis.axis()] = length;
          Shape full = in.requireRoom(new Shape(sizes));
          NDArray array = in.array(one);
          values.set(
              i,
              full.equals(array.getShape())
                  ? one
                  : OnnxValue.of(in.temporary(array.broadcast(full))));
        }
      }
      return new Lifted(step.run(in.with(values)), axis);
    }

    /** Images along the rows, the columns, or an axis that counts matrices. */
    private Lifted product() {
      int rank = Math.max(in.rank(0), in.rank(1));
      BatchAxis rows = read[0];
      BatchAxis columns = read[1];
      boolean left = rows != null && rows.axis() == in.rank(0) - 2;
      boolean right = columns != null && columns.axis() == in.rank(1) - 1;
      boolean sums =
          rows != null && rows.axis() == in.rank(0) - 1
              || columns != null && columns.axis() == in.rank(1) - 2
              || in.rank(0) < 2
              || in.rank(1) < 2;
      if (sums || rows != null && columns != null && (left || right)) {
        throw refused(
            "products that do not sum over images",
            ownShape(0) + " and " + ownShape(1) + " of " + own + " images");
      }
      if (rows != null && left) {
        return new Lifted(step.run(in), rows.movedTo(rank - 2));
      }
      if (columns != null && right) {
        return new Lifted(step.run(in), columns.movedTo(rank - 1));
      }
      return elementWise();
    }

    private Lifted gemm() {
      BatchAxis rows = read[0];
      BatchAxis columns = read[1];
      boolean turnsRows = integer("transA", 0) != 0;
      if (rows == null || columns != null || rows.axis() != (turnsRows ? 1 : 0)) {
        throw refused("images in the rows of the first matrix", Arrays.toString(read));
      }
      BatchAxis axis = rows.movedTo(0);
      Operands operands = in;
      if (in.has(2) && in.rank(2) == 2 && in.shape(2).get(0) != 1 && read[2] == null) {
        operands = with(2, ofOneImage(2, 0, in.shape(0).get(rows.axis())));
      } else if (read.length > 2 && read[2] != null && !axis.equals(read[2])) {
        throw refused("images in the rows of all matrices", Arrays.toString(read));
      }
      return new Lifted(step.run(operands), axis);
    }

    /** Images along one letter, which the result has too. */
    private Lifted einsum() {
      EinsumEquation equation = equation();
      BatchAxis axis = null;
      String letter = "";
      long length = actual;
      for (int i = 0; i < read.length; i++) {
        BatchAxis each = read[i];
        if (each != null) {
          String other = equation.terms().get(i).substring(each.axis(), each.axis() + 1);
          long otherLength = in.shape(i).get(each.axis());
          if (axis != null
              && (!letter.equals(other) || axis.outer() != each.outer() || length != otherLength)) {
            throw refused("images along one letter of all operands", equation);
          }
          axis = each;
          letter = other;
          length = otherLength;
        }
      }
      int at = equation.result().indexOf(letter);
      if (axis == null || at < 0) {
        throw refused("products that do not sum over images", equation);
      }
      List<OnnxValue> values = new ArrayList<>(in.values());
      for (int i = 0; i < read.length; i++) {
        int own = equation.terms().get(i).indexOf(letter);
        if (read[i] == null && own >= 0 && in.shape(i).get(own) != 1) {
          values.set(i, ofOneImage(i, own, length));
        }
      }
      return new Lifted(step.run(in.with(values)), axis.movedTo(at));
    }

    private EinsumEquation equation() {
      try {
        return EinsumEquation.of(node).ofRanks(EinsumOperator.ranks(in));
      } catch (FormatException e) {
        throw new IllegalStateException("equation was read before", e);
      }
    }

    private Lifted expand() {
      BatchAxis axis = first();
      long[] wanted = in.longs(1).clone();
      int rank = Math.max(wanted.length, in.rank(0));
      int at = axis.axis() + rank - in.rank(0);
      int entry = at - (rank - wanted.length);
      if (entry >= 0) {
        if (wanted[entry] != 1 && wanted[entry] != ownShape(0).get(axis.axis())) {
          throw refused("as many images as before along axis " + at, Arrays.toString(wanted));
        }
        wanted[entry] = 1;
      }
      return new Lifted(
          step.run(with(1, OnnxValue.of(HostTensor.vector(wanted)))), axis.movedTo(at));
    }

    private Lifted slice() {
      BatchAxis axis = first();
      int rank = in.rank(0);
      boolean attributes = node.opset() < 10;
      long[] starts = (attributes ? given("starts") : in.longs(1)).clone();
      long[] ends = (attributes ? given("ends") : in.longs(2)).clone();
      long[] named = attributes ? integers("axes") : in.has(3) ? in.longs(3) : null;
      long[] steps = in.has(4) ? in.longs(4) : null;
      long[] cut =
          named == null ? IntStream.range(0, starts.length).asLongStream().toArray() : named;
      for (int i = 0; i < Math.min(cut.length, Math.min(starts.length, ends.length)); i++) {
        if (in.axis(cut[i], rank) == axis.axis()) {
          long length = ownShape(0).get(axis.axis());
          long step = steps == null ? 1 : steps[i];
          boolean all = step == 1 && (starts[i] == 0 || starts[i] <= -length) && ends[i] >= length;
          if (!all) {
            throw refused(
                "all " + length + " positions of axis " + axis.axis() + ", which holds the images",
                starts[i] + ":" + ends[i] + ":" + step);
          }
          starts[i] = 0;
          ends[i] = Long.MAX_VALUE;
        }
      }
      return same(PartOperators.sliced(in, starts, ends, named, steps));
    }

    /** A list that the node must have. */
    private long[] given(String attribute) {
      long[] list = integers(attribute);
      if (list == null) {
        throw new IllegalStateException(node.where());
      }
      return list;
    }

    private Lifted gather() {
      BatchAxis axis = first();
      int along = in.axis(integer("axis", 0), in.rank(0));
      int indices = in.rank(1);
      if (along != axis.axis()) {
        int to = axis.axis() < along ? axis.axis() : axis.axis() - 1 + indices;
        return new Lifted(step.run(in), axis.movedTo(to));
      }
      // the one image of a batch of 1 is every image of another one
      Shape before = ownShape(0);
      if (own != 1 || !standsAlone(0, axis) || in.shape(1).size() != 1) {
        throw refused(
            "another axis than that of the images, " + along + " of " + before, in.shape(1));
      }
      return reshapedTo(
          Shapes.join(
              Shapes.part(before, 0, along),
              in.shape(1).getShape(),
              Shapes.part(before, along + 1, before.dimension())));
    }

    /** Sizes of the result, if given, name the batch. */
    private Lifted resize() {
      BatchAxis axis = first();
      long[] sizes = in.has(3) ? in.longs(3).clone() : new long[0];
      if (sizes.length != in.rank(0)) {
        return same(step.run(in));
      }
      if (sizes[axis.axis()] != ownShape(0).get(axis.axis())) {
        throw refused("as many images as before", Arrays.toString(sizes));
      }
      sizes[axis.axis()] = in.shape(0).get(axis.axis());
      return same(step.run(with(3, OnnxValue.of(HostTensor.vector(sizes)))));
    }

    private Lifted tile() {
      BatchAxis axis = first();
      long[] repeats = in.longs(1);
      long times = axis.axis() < repeats.length ? repeats[axis.axis()] : 1;
      return new Lifted(step.run(in), new BatchAxis(axis.axis(), axis.outer() * times));
    }
  }

  /** A node that cannot take another number of images. */
  static final class Refused extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    Refused(OnnxNode node, String expected, Object found, long own) {
      super(
          Problem.message(
              "fixed batch cannot be opened", node.where(), expected, found, remedy(own)));
    }
  }

  /** What a user can do about a file whose batch cannot be opened. */
  static String remedy(long own) {
    return "export the model with an open batch (dynamic_axes), or read it for batches of "
        + own
        + " alone: Onnx.open(file).batch("
        + own
        + ").read()";
  }
}
