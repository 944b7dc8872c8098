package org.vpns.internal.onnx;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.onnx.BatchLift.Lifted;
import org.vpns.internal.onnx.OnnxOperator.Step;

/** Operators that move, cut, merge or multiply the axes of their first input. */
final class BatchMoves extends BatchNode {
  private static final Set<String> SQUEEZES = Set.of("Squeeze", "Unsqueeze");
  private static final Set<String> RESHAPES = Set.of("Reshape", "Flatten", "Squeeze", "Unsqueeze");

  private static final Set<String> ELEMENTS =
      Set.of("GatherElements", "Scatter", "ScatterElements");

  BatchMoves(
      OnnxNode node, Step step, Operands in, @Nullable BatchAxis[] read, long own, long actual) {
    super(node, step, in, read, own, actual);
  }

  /** Runs the node; one of another operator must keep the axes. */
  Lifted lifted() {
    if (ELEMENTS.contains(node.operator()) && read[0] != null) {
      return elements();
    }
    for (int i = 1; i < read.length; i++) {
      if (read[i] != null) {
        throw refused("images at its first input only", "images at input " + i);
      }
    }
    String operator = node.operator();
    if (RESHAPES.contains(operator)) {
      return reshape();
    }
    if (operator.startsWith("Reduce") || operator.startsWith("Arg")) {
      return reduce();
    }
    return switch (operator) {
      case "Shape", "Size" ->
          new Lifted(step.run(with(0, form(ownShape(0)))), BatchAxis.FIRST, true);
      case "Transpose" -> transpose();
      case "Expand" -> expand();
      case "Slice" -> slice();
      case "Gather" -> gather();
      case "Tile" -> tile();
      case "OneHot" -> oneHot();
      case "Resize" -> resize();
      default -> same(step.run(in));
    };
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
    boolean plain = target.equals(shapeOfPlainRun());
    if (target.equals(in.shape(0))) {
      return new Lifted(List.of(in.value(0)), after, !plain);
    }
    // axes of length 1 come and go by calls of their own, unless the images' axis is among them
    boolean byItself = SQUEEZES.contains(node.operator()) && plain;
    return new Lifted(
        byItself ? step.run(in) : List.of(OnnxValue.of(in.array(0).reshape(target))),
        after,
        !plain);
  }

  /** What a reshape makes of the actual shape as it is; null if that cannot be. */
  private @Nullable Shape shapeOfPlainRun() {
    try {
      return step.run(with(0, form(in.shape(0)))).get(0).shape();
    } catch (IllegalArgumentException | IndexOutOfBoundsException holdsTheImages) {
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

  /** Indices, and values to put, that the file holds for one image go for each. */
  private Lifted elements() {
    BatchAxis axis = first();
    HostTensor index = in.host(1);
    boolean first = axis.equals(BatchAxis.FIRST) && standsAlone(0, axis);
    if (!first || own != 1 || index.shape().dimension() == 0 || index.shape().get(0) != 1) {
      return same(step.run(in));
    }
    List<OnnxValue> values = new ArrayList<>(in.values());
    values.set(1, OnnxValue.of(repeated(index)));
    if (values.size() == 3 && read[2] == null) {
      values.set(2, repeated(in.value(2)));
    }
    return new Lifted(step.run(in.with(values)), axis, true);
  }

  private OnnxValue repeated(OnnxValue one) {
    if (one instanceof OnnxValue.OnHost host) {
      return OnnxValue.of(repeated(host.tensor()));
    }
    Shape shape = BatchAxis.FIRST.resized(one.shape(), 1, actual);
    return OnnxValue.of(in.temporary(in.array(one).broadcast(shape)));
  }

  private HostTensor repeated(HostTensor one) {
    Shape shape = in.requireRoom(BatchAxis.FIRST.resized(one.shape(), 1, actual));
    int[] places = IntStream.range(0, (int) shape.size()).map(i -> i % one.size()).toArray();
    return one.picked(places, shape);
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
        step.run(with(1, OnnxValue.of(HostTensor.vector(wanted)))),
        axis.movedTo(at),
        !Arrays.equals(wanted, in.longs(1)));
  }

  private Lifted slice() {
    BatchAxis axis = first();
    int rank = in.rank(0);
    boolean attributes = node.opset() < 10;
    long[] starts = (attributes ? given("starts") : in.longs(1)).clone();
    long[] ends = (attributes ? given("ends") : in.longs(2)).clone();
    long[] named = attributes ? integers("axes") : in.has(3) ? in.longs(3) : null;
    long[] steps = in.has(4) ? in.longs(4) : null;
    long[] cut = named == null ? IntStream.range(0, starts.length).asLongStream().toArray() : named;
    boolean changed = false;
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
        changed |= starts[i] != 0 || ends[i] < in.shape(0).get(axis.axis());
        starts[i] = 0;
        ends[i] = Long.MAX_VALUE;
      }
    }
    return same(PartOperators.sliced(in, starts, ends, named, steps)).withChange(changed);
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
                Shapes.part(before, along + 1, before.dimension())))
        .withChange(true);
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
    return same(step.run(with(3, OnnxValue.of(HostTensor.vector(sizes))))).withChange(true);
  }

  private Lifted oneHot() {
    BatchAxis axis = first();
    int put = in.axis(integer("axis", -1), in.rank(0) + 1);
    return new Lifted(step.run(in), axis.movedTo(axis.axis() + (put <= axis.axis() ? 1 : 0)));
  }

  private Lifted tile() {
    BatchAxis axis = first();
    long[] repeats = in.longs(1);
    long times = axis.axis() < repeats.length ? repeats[axis.axis()] : 1;
    return new Lifted(step.run(in), new BatchAxis(axis.axis(), axis.outer() * times));
  }
}
