package org.vpns.internal.onnx;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.onnx.BatchLift.Lifted;
import org.vpns.internal.onnx.OnnxOperator.Step;
import org.vpns.internal.onnx.OnnxValue.OnHost;
import org.vpns.io.FormatException;

/** Operators any of whose inputs may have images, and what they have of those that have none. */
final class BatchJoins extends BatchNode {
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

  /** Inputs of recurrent layers: the hidden state, and the cell. */
  private static final Set<Integer> INITIAL_STATES = Set.of(5, 6);

  private final boolean proves;

  /**
   * As {@link BatchNode}.
   *
   * @param proves whether parameters are looked at, which a recorded run may not
   */
  BatchJoins(
      OnnxNode node,
      Step step,
      Operands in,
      @Nullable BatchAxis[] read,
      long own,
      long actual,
      boolean proves) {
    super(node, step, in, read, own, actual);
    this.proves = proves;
  }

  /** Runs the node; null if its operator is none of these. */
  @Nullable Lifted lifted() {
    if (ELEMENT_WISE.contains(node.operator())) {
      return elementWise();
    }
    return switch (node.operator()) {
      case "Concat" -> concat();
      case "Gather", "GatherElements" -> read[1] == null ? null : lookedUp();
      case "GatherND" -> read[1] == null ? null : lookedUpAtOneAxis();
      case "GridSample" -> elementWise();
      case "Scatter", "ScatterElements" -> read[1] == null ? null : elementWise();
      case "MatMul" -> product();
      case "Gemm" -> gemm();
      case "Einsum" -> einsum();
      case "GRU", "LSTM", "RNN" -> recurrent();
      default -> null;
    };
  }

  private Lifted elementWise() {
    int rank = IntStream.range(0, in.count()).map(in::rank).max().orElse(0);
    BatchAxis axis = common(rank);
    long length = length(axis, rank);
    List<OnnxValue> values = new ArrayList<>(in.values());
    boolean changed = false;
    for (int i = 0; i < read.length; i++) {
      int at = axis.axis() - (rank - in.rank(i));
      if (read[i] == null && at >= 0 && in.shape(i).get(at) != 1) {
        values.set(i, ofOneImage(i, axis.movedTo(at), length));
        changed = true;
      }
    }
    return new Lifted(step.run(in.with(values)), axis, changed);
  }

  /** Places that images say, in data of theirs or in what all share. */
  private Lifted lookedUp() {
    BatchAxis axis = read[1];
    boolean elements = node.operator().equals("GatherElements");
    int along = in.axis(integer("axis", 0), in.rank(0));
    if (axis == null || read[0] != null && (!elements || axis.axis() == along)) {
      throw refused(
          "images in the places alone, or along another axis of both", in.shape(0) + ", " + along);
    }
    if (!elements) {
      return new Lifted(step.run(in), axis.movedTo(along + axis.axis()));
    }
    if (read[0] != null) {
      return elementWise();
    }
    long each = in.shape(1).get(axis.axis()) / actual;
    boolean shared = axis.axis() == along || in.shape(0).get(axis.axis()) != own * each;
    return shared
        ? new Lifted(step.run(in), axis)
        : new Lifted(
            step.run(with(0, repeated(0, axis, in.shape(1).get(axis.axis())))), axis, true);
  }

  private Lifted lookedUpAtOneAxis() {
    BatchAxis axis = read[1];
    if (axis == null || read[0] != null || axis.axis() == in.rank(1) - 1) {
      throw refused("images in the places alone", in.shape(0) + " and " + in.shape(1));
    }
    return new Lifted(step.run(in), axis);
  }

  /** What a value has for one image, for all. */
  private OnnxValue repeated(int input, BatchAxis axis, long length) {
    long each = length / actual;
    if (each > 1 && in.shape(input).get(axis.axis()) == own * each) {
      return ofEachImage(input, axis, length);
    }
    OnnxValue one = ofOneImage(input, axis, length);
    long[] sizes = one.shape().getShape().clone();
    sizes[axis.axis()] = length;
    Shape full = in.requireRoom(new Shape(sizes));
    NDArray array = in.array(one);
    return full.equals(array.getShape()) ? one : OnnxValue.of(in.temporary(array.broadcast(full)));
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
    boolean changed = false;
    for (int i = 0; i < read.length; i++) {
      if (read[i] == null) {
        changed = true;
        values.set(i, repeated(i, axis, length));
      }
    }
    return new Lifted(step.run(in.with(values)), axis, changed);
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
      operands = with(2, ofOneImage(2, axis, in.shape(0).get(rows.axis())));
    } else if (read.length > 2 && read[2] != null && !axis.equals(read[2])) {
      throw refused("images in the rows of all matrices", Arrays.toString(read));
    }
    return new Lifted(step.run(operands), axis, operands != in);
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
    boolean changed = false;
    for (int i = 0; i < read.length; i++) {
      int own = equation.terms().get(i).indexOf(letter);
      if (read[i] == null && own >= 0 && in.shape(i).get(own) != 1) {
        values.set(i, ofOneImage(i, axis.movedTo(own), length));
        changed = true;
      }
    }
    return new Lifted(step.run(in.with(values)), axis.movedTo(at), changed);
  }

  /** Images of a sequence, of the states it begins with if they have some, and of all results. */
  private Lifted recurrent() {
    boolean batchFirst = integer("layout", 0) != 0;
    int at = batchFirst ? 0 : 1;
    BatchAxis axis = read[0];
    if (axis == null || axis.axis() != at) {
      throw refused("images along axis " + at + " of its sequences", Arrays.toString(read));
    }
    long length = in.shape(0).get(at);
    List<OnnxValue> values = new ArrayList<>(in.values());
    boolean changed = false;
    for (int i = 1; i < read.length; i++) {
      boolean state = INITIAL_STATES.contains(i);
      if (read[i] != null && !(state && axis.equals(read[i]))) {
        throw refused("images in sequences and in the states they begin with", "input " + i);
      }
      if (state && read[i] == null && in.has(i) && in.shape(i).get(at) != 1) {
        values.set(i, ofOneImage(i, axis.movedTo(at), length));
        changed = true;
      }
    }
    BatchAxis ofSteps = axis.movedTo(batchFirst ? 0 : 2);
    return new Lifted(
        step.run(in.with(values)), List.of(ofSteps, axis, axis).subList(0, results()), changed);
  }

  /** A sequence and the last state, and of an LSTM the last cell. */
  private int results() {
    return node.operator().equals("LSTM") ? 3 : 2;
  }

  private EinsumEquation equation() {
    try {
      return EinsumEquation.of(node).ofRanks(EinsumOperator.ranks(in));
    } catch (FormatException e) {
      throw new IllegalStateException("equation was read before", e);
    }
  }

  /** The axis of the images, counted in a result of so many axes to which all inputs align. */
  private BatchAxis common(int rank) {
    BatchAxis common = null;
    for (int i = 0; i < read.length; i++) {
      BatchAxis axis = read[i];
      if (axis != null) {
        BatchAxis aligned = axis.movedTo(axis.axis() + rank - in.rank(i));
        if (common != null
            && (!common.equals(aligned) || length(common, rank) != in.shape(i).get(axis.axis()))) {
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
   * What a value that does not depend on images has for one of them, or for each if they share
   * their axis with something else, as with heads of attention; that of a file made for several
   * must be alike for all.
   *
   * @param axis where the images lie in what it goes with, counted in this value
   * @param length of that axis
   */
  private OnnxValue ofOneImage(int input, BatchAxis axis, long length) {
    long each = length / actual;
    Shape shape = in.shape(input);
    if (in.value(input) instanceof OnHost host && host.tensor().isUniform()) {
      return ofOneImage(host, axis.axis());
    }
    if (shape.get(axis.axis()) != own * each) {
      throw refused(
          "one value for all images, along axis "
              + axis.axis()
              + " of length "
              + length
              + " for "
              + actual
              + " images",
          shape);
    }
    if (each > 1) {
      return ofEachImage(input, axis, length);
    }
    if (own == 1) {
      return in.value(input);
    }
    OnnxValue one =
        in.value(input) instanceof OnHost host
            ? ofOneImage(host, axis.axis())
            : OnnxValue.of(first(in.array(input), axis.axis()));
    requireAlike(input, in.array(one), in.array(input));
    return one;
  }

  private OnnxValue ofEachImage(int input, BatchAxis axis, long length) {
    Shape before = in.shape(input).slice(0, axis.axis());
    Shape after = in.shape(input).slice(axis.axis() + 1);
    Shape rest = new Shape(length / actual / axis.outer()).addAll(after);
    Shape full = in.requireRoom(before.add(length).addAll(after));
    NDArray apart =
        in.temporary(in.array(input).reshape(before.add(axis.outer()).add(own).addAll(rest)));
    NDArray one = own == 1 ? apart : first(apart, before.dimension() + 1);
    requireAlike(input, one, apart);
    NDArray repeated =
        in.temporary(one.broadcast(before.add(axis.outer()).add(actual).addAll(rest)));
    return OnnxValue.of(in.temporary(repeated.reshape(full)));
  }

  private NDArray first(NDArray array, int axis) {
    return in.temporary(array.get(new NDIndex().addAllDim(axis).addSliceDim(0, 1)));
  }

  private void requireAlike(int input, NDArray one, NDArray all) {
    if (proves && own > 1) {
      NDArray each = in.temporary(one.broadcast(all.getShape()));
      if (!each.contentEquals(all)) {
        throw refused("the same for each of the " + own + " images", "others at input " + input);
      }
    }
  }

  private static OnnxValue ofOneImage(OnHost value, int axis) {
    Shape shape = value.tensor().shape();
    long[] sizes = shape.getShape().clone();
    sizes[axis] = 1;
    Shape one = new Shape(sizes);
    return OnnxValue.of(value.tensor().picked(Shapes.places(one, 0, Shapes.strides(shape)), one));
  }
}
