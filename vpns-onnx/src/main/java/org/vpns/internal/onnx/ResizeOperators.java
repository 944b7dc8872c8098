package org.vpns.internal.onnx;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.index.dim.NDIndexTake;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.vpns.internal.onnx.OnnxOperator.Step;
import org.vpns.io.FormatException;

/** Other sizes of images: nearest values, or mixtures of two or four along each axis. */
final class ResizeOperators {
  private static final Set<String> MODES = Set.of("nearest", "linear", "cubic");
  private static final Set<String> COORDINATES =
      Set.of(
          "half_pixel",
          "half_pixel_symmetric",
          "pytorch_half_pixel",
          "align_corners",
          "asymmetric",
          "tf_half_pixel_for_nn");
  private static final Set<String> ROUNDINGS =
      Set.of("round_prefer_floor", "round_prefer_ceil", "floor", "ceil");

  private ResizeOperators() {}

  static void addTo(OperatorTable table) {
    table.add("Upsample", ResizeOperators::upsample);
    table.since(10, "Resize", ResizeOperators::resize);
  }

  /**
   * How values between the old ones are made.
   *
   * @param mode {@code nearest}, {@code linear} or {@code cubic}
   * @param coordinates how a new position becomes an old one
   * @param rounding which old position is nearest
   * @param slope the number a of cubic mixtures
   * @param insideOnly whether cubic mixtures leave out what lies outside, rather than repeat the
   *     rim
   */
  private record Filter(
      String mode, String coordinates, String rounding, double slope, boolean insideOnly) {

    /** Old position of a new one; both count from 0 at the first value's centre. */
    double source(long at, Line line) {
      return switch (coordinates) {
        case "asymmetric" -> at / line.scale();
        case "align_corners" ->
            line.after() == 1 ? 0 : at * (double) (line.before() - 1) / (line.after() - 1);
        case "tf_half_pixel_for_nn" -> (at + 0.5) / line.scale();
        case "pytorch_half_pixel" -> line.after() > 1 ? (at + 0.5) / line.scale() - 0.5 : 0;
        case "half_pixel_symmetric" -> {
          double whole = line.after() / (line.scale() * line.before());
          yield line.before() / 2.0 * (1 - whole) + (at + 0.5) / line.scale() - 0.5;
        }
        default -> (at + 0.5) / line.scale() - 0.5;
      };
    }

    long nearest(long at, Line line) {
      double x = source(at, line);
      double rounded =
          switch (rounding) {
            case "floor" -> Math.floor(x);
            case "ceil" -> Math.ceil(x);
            case "round_prefer_ceil" -> Math.floor(x + 0.5);
            default -> Math.ceil(x - 0.5);
          };
      return within((long) rounded, line);
    }

    private static long within(long at, Line line) {
      return Math.max(0, Math.min(line.before() - 1, at));
    }

    /** Shares of the old values in the new ones, as a matrix (before, after). */
    double[] shares(Line line) {
      int after = Math.toIntExact(line.after());
      double[] shares =
          new double[Math.toIntExact(Math.multiplyExact(line.before(), line.after()))];
      for (int i = 0; i < after; i++) {
        double x = source(i, line);
        long first = (long) Math.floor(x);
        double[] weights = weights(x - first);
        long begin = first - (weights.length / 2 - 1);
        double sum = 0;
        for (int k = 0; k < weights.length; k++) {
          boolean inside = begin + k >= 0 && begin + k < line.before();
          weights[k] = insideOnly && mode.equals("cubic") && !inside ? 0 : weights[k];
          sum += weights[k];
        }
        for (int k = 0; k < weights.length; k++) {
          shares[(int) within(begin + k, line) * after + i] += weights[k] / sum;
        }
      }
      return shares;
    }

    /** Weights of the neighbours of a position that lies so far behind the one before it. */
    private double[] weights(double rest) {
      if (mode.equals("linear")) {
        return new double[] {1 - rest, rest};
      }
      return new double[] {far(1 + rest), near(rest), near(1 - rest), far(2 - rest)};
    }

    private double near(double t) {
      return ((slope + 2) * t - (slope + 3)) * t * t + 1;
    }

    private double far(double t) {
      return ((slope * t - 5 * slope) * t + 8 * slope) * t - 4 * slope;
    }
  }

  /** An axis before and after. */
  private record Line(long before, long after, double scale) {
    boolean isSame() {
      return before == after && scale == 1;
    }

    /** How often each value stands in a row, if all do equally often. */
    long repeats() {
      return after % before == 0 && scale == (double) (after / before) ? after / before : 0;
    }
  }

  /**
   * Scales are an attribute before operator set 9, an input in set 9, and Resize's from then on.
   */
  private static Step upsample(OnnxNode node) throws FormatException {
    if (node.opset() > 9) {
      throw node.bad(
          "operator no longer in the format", "operator set 7 to 9", node.opset(), "use Resize");
    }
    float[] attribute = node.opset() < 9 ? node.reals("scales") : null;
    node.requireInputs(node.opset() < 9 ? 1 : 2, node.opset() < 9 ? 1 : 2);
    if (node.opset() < 9 && attribute == null) {
      throw node.bad("attribute missing", "'scales'", "none", "export the model again");
    }
    Filter filter = new Filter(mode(node), "asymmetric", "floor", 0, false);
    return in -> {
      double[] scales =
          attribute == null
              ? in.host(1).toDoubles()
              : IntStream.range(0, attribute.length).mapToDouble(i -> attribute[i]).toArray();
      return List.of(resized(in, filter, scaled(in, allAxes(in), scales)));
    };
  }

  private static String mode(OnnxNode node) throws FormatException {
    String mode = node.text("mode", "nearest");
    mode = mode.equals("bilinear") ? "linear" : mode;
    if (!MODES.contains(mode)) {
      throw node.outOfRange("mode", "one of " + MODES, "'" + mode + "'");
    }
    return mode;
  }

  private static String one(OnnxNode node, String attribute, String otherwise, Set<String> known)
      throws FormatException {
    String word = node.text(attribute, otherwise);
    if (!known.contains(word)) {
      throw node.outOfRange(attribute, "one of " + known, "'" + word + "'");
    }
    return word;
  }

  private static Step resize(OnnxNode node) throws FormatException {
    if (node.opset() < 11) {
      node.requireInputs(2, 2);
      Filter filter = new Filter(mode(node), "asymmetric", "floor", 0, false);
      return in -> List.of(resized(in, filter, scaled(in, allAxes(in), in.host(1).toDoubles())));
    }
    node.requireInputs(1, 4);
    Filter filter =
        new Filter(
            mode(node),
            one(node, "coordinate_transformation_mode", "half_pixel", COORDINATES),
            one(node, "nearest_mode", "round_prefer_floor", ROUNDINGS),
            node.real("cubic_coeff_a", -0.75f),
            node.flag("exclude_outside", false));
    node.ignore("extrapolation_value");
    if (node.flag("antialias", false)) {
      throw node.outOfRange("antialias", 0, 1);
    }
    one(node, "keep_aspect_ratio_policy", "stretch", Set.of("stretch"));
    long[] given = node.integers("axes");
    return in -> {
      int[] axes = given == null ? allAxes(in) : inOrder(in, given);
      boolean bySize = in.has(3) && in.shape(3).size() > 0;
      if (bySize == (in.has(2) && in.shape(2).size() > 0)) {
        throw in.problem(
            "resize without one target",
            "either scales or sizes",
            bySize ? "both" : "neither",
            "export the model again");
      }
      return List.of(
          resized(
              in,
              filter,
              bySize ? sized(in, axes, in.longs(3)) : scaled(in, axes, in.host(2).toDoubles())));
    };
  }

  private static int[] allAxes(Operands in) {
    return IntStream.range(0, in.rank(0)).toArray();
  }

  /** Axes as they are given, for numbers beside them, each once. */
  private static int[] inOrder(Operands in, long[] given) {
    in.axes(given, in.rank(0));
    return Arrays.stream(given).mapToInt(axis -> in.axis(axis, in.rank(0))).toArray();
  }

  private static Line[] same(Operands in, int[] axes, int given) {
    if (axes.length != given) {
      throw in.problem(
          "target of the resize does not fit the input",
          axes.length + " numbers for " + in.shape(0),
          given,
          "check the shape of the network's input");
    }
    Line[] lines = new Line[in.rank(0)];
    for (int i = 0; i < lines.length; i++) {
      lines[i] = new Line(in.shape(0).get(i), in.shape(0).get(i), 1);
    }
    return lines;
  }

  private static Line[] scaled(Operands in, int[] axes, double[] scales) {
    Line[] lines = same(in, axes, scales.length);
    for (int i = 0; i < axes.length; i++) {
      long before = lines[axes[i]].before();
      double after = Math.floor(before * scales[i]);
      set(in, lines, axes[i], after, scales[i]);
    }
    return lines;
  }

  /** Files for one image say so in the first size; nobody resizes along the images. */
  private static Line[] sized(Operands in, int[] axes, long[] sizes) {
    Line[] lines = same(in, axes, sizes.length);
    for (int i = 0; i < axes.length; i++) {
      long before = lines[axes[i]].before();
      boolean forOneImage = axes[i] == 0 && sizes[i] == 1 && lines.length > 2;
      set(in, lines, axes[i], forOneImage ? before : sizes[i], (double) sizes[i] / before);
    }
    return lines;
  }

  private static void set(Operands in, Line[] lines, int axis, double after, double scale) {
    long before = lines[axis].before();
    boolean moves = after != before || scale != 1;
    if (moves && axis == 0 && lines.length > 2) {
      if (after != before) {
        throw in.problem(
            "images resized into one another",
            before + " along axis 0",
            after,
            "export the model with an open batch size");
      }
      return;
    }
    if (!(after >= 1 && after <= Integer.MAX_VALUE) || !(scale > 0) || before < 1) {
      throw in.problem(
          "size out of range", "sizes from 1", after, "check the shape of the network's input");
    }
    lines[axis] = new Line(before, (long) after, scale);
  }

  private static OnnxValue resized(Operands in, Filter filter, Line[] lines) {
    Shape result = new Shape(Arrays.stream(lines).mapToLong(Line::after).toArray());
    in.requireRoom(result);
    if (Arrays.stream(lines).allMatch(Line::isSame)) {
      return in.value(0);
    }
    NDArray x = in.array(0);
    if (!filter.mode().equals("nearest")) {
      for (int axis = 0; axis < lines.length; axis++) {
        x = lines[axis].isSame() ? x : mixed(in, x, axis, filter, lines[axis]);
      }
      return OnnxValue.of(x);
    }
    boolean repeats = true;
    for (Line line : lines) {
      repeats &= line.repeats() > 0 && repeats(filter, line);
    }
    if (repeats) {
      return OnnxValue.of(repeated(in, x, lines));
    }
    for (int axis = 0; axis < lines.length; axis++) {
      x = lines[axis].isSame() ? x : picked(in, x, axis, filter, lines[axis]);
    }
    return OnnxValue.of(x);
  }

  private static boolean repeats(Filter filter, Line line) {
    for (long i = 0; i < line.after(); i++) {
      if (filter.nearest(i, line) != i / line.repeats()) {
        return false;
      }
    }
    return true;
  }

  /** Each value in a row with itself, by new axes behind those that grow. */
  private static NDArray repeated(Operands in, NDArray x, Line[] lines) {
    long[] apart = new long[0];
    long[] wide = new long[0];
    long[] sizes = new long[lines.length];
    for (int i = 0; i < lines.length; i++) {
      Line line = lines[i];
      boolean grows = line.repeats() > 1;
      apart = join(apart, grows ? new long[] {line.before(), 1} : new long[] {line.before()});
      wide =
          join(
              wide,
              grows ? new long[] {line.before(), line.repeats()} : new long[] {line.before()});
      sizes[i] = line.after();
    }
    NDArray split = in.temporary(x.reshape(new Shape(apart)));
    return in.temporary(split.broadcast(new Shape(wide))).reshape(new Shape(sizes));
  }

  private static long[] join(long[] a, long[] b) {
    return Shapes.join(a, b).getShape();
  }

  private static NDArray picked(Operands in, NDArray x, int axis, Filter filter, Line line) {
    long[] places = new long[Math.toIntExact(line.after())];
    Arrays.setAll(places, i -> filter.nearest(i, line));
    NDIndex index = new NDIndex().addAllDim(axis + 1);
    NDArray at = in.constant(HostTensor.vector(places));
    index.getIndices().set(axis, new NDIndexTake(at));
    return in.temporary(x.get(index));
  }

  /** A product with the shares along the axis, which is brought to the end. */
  private static NDArray mixed(Operands in, NDArray x, int axis, Filter filter, Line line) {
    in.requireRoom(new Shape(line.before(), line.after()));
    in.requireSums(x.getShape(), line.after());
    int last = x.getShape().dimension() - 1;
    int[] order = IntStream.rangeClosed(0, last).toArray();
    order[axis] = last;
    order[last] = axis;
    NDArray turned = axis == last ? x : in.temporary(x.transpose(order));
    NDArray shares =
        in.constant(
            HostTensor.of(
                ElementType.of(x.getDataType()),
                new Shape(line.before(), line.after()),
                filter.shares(line)));
    NDArray product = in.temporary(turned.matMul(shares));
    return axis == last ? product : in.temporary(product.transpose(order));
  }
}
