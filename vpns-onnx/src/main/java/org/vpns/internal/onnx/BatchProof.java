package org.vpns.internal.onnx;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.io.MemoryBound;
import org.vpns.internal.network.Engines;
import org.vpns.internal.onnx.Program.Instruction;

/**
 * Shows that a file made for a fixed number of images may run with another one. A batch of three
 * different images runs beside the file as it is with each image alone, repeated to the file's
 * batch; after every node each image's part of the result must be what the image gives alone.
 *
 * <p>Numbers are equal up to {@value #TOLERANCE} of the largest one at the node: the engine may add
 * up in another order for another number of images, which changes some units of 6e-8 per node.
 */
final class BatchProof {
  private static final double TOLERANCE = 1e-4;

  /** How many times the file's batch the inputs of all passes take, at most. */
  static final int PASSES = 7;

  private final Program program;
  private final Passes passes;
  private final long own;
  private final int images;
  private final List<Shape> inputs;
  private final List<DataType> types;

  /** Makes forward passes in evaluation mode. */
  interface Passes {
    /** A pass ready to run. */
    OnnxPass of(NDList inputs, @Nullable BatchLift lift);
  }

  /**
   * @param own the batch of the file
   * @param inputs shape of each input for one image
   * @param types their element types
   */
  BatchProof(Program program, Passes passes, long own, List<Shape> inputs, List<DataType> types) {
    this.program = program;
    this.passes = passes;
    this.own = own;
    this.images = own == 3 ? 4 : 3;
    this.inputs = inputs;
    this.types = types;
  }

  /**
   * The file's batch if it must be opened, or 0 if the file as it is holds for any number of
   * images.
   *
   * @throws IllegalArgumentException if neither does; the message names the node
   */
  long batchToOpen() {
    try {
      return runsAsItIs() ? 0 : own;
    } catch (IllegalArgumentException refusal) {
      // a node whose axes are not followed may be right as it is
      if (resultsAreRightAsTheyAre()) {
        return 0;
      }
      throw refusal;
    }
  }

  /** Fails unless the opened file is right; returns whether the file as it is gives the same. */
  private boolean runsAsItIs() {
    try (NDManager manager = Engines.newManager("reading an ONNX file")) {
      BatchLift lift = new BatchLift(own, images);
      OnnxPass opened = passes.of(batch(manager), lift);
      OnnxPass plain = passes.of(batch(manager), null);
      List<OnnxPass> alone = alone(manager);
      Map<Integer, Double> largest = new HashMap<>();
      boolean same = true;
      for (Instruction instruction : program.instructions()) {
        alone.forEach(pass -> pass.run(instruction));
        open(opened, instruction);
        same = same && runs(plain, instruction);
        double scale = 0;
        for (int place : instruction.inputs()) {
          scale = Math.max(scale, largest.getOrDefault(place, 0.0));
        }
        for (int place : instruction.outputs()) {
          NDArray found = place < 0 ? null : opened.array(place);
          BatchAxis axis = place < 0 ? null : lift.axis(place);
          if (found != null && axis != null) {
            requireComparable(instruction.node(), found);
            NDArray unopened = same ? plain.array(place) : null;
            same =
                unopened != null
                    && unopened.getShape().equals(found.getShape())
                    && sameNumbers(found, unopened, scale);
            largest.put(place, compared(instruction.node(), found, axis, alone, place, scale));
          }
        }
        opened.release(instruction);
        alone.forEach(pass -> pass.release(instruction));
        if (same) {
          plain.release(instruction);
        }
      }
      return same;
    }
  }

  /** Numbers are compared in Java. */
  private static void requireComparable(OnnxNode node, NDArray array) {
    if (array.size() > MemoryBound.heap()) {
      throw node.problem(
          "values too large to compare",
          "at most " + MemoryBound.heap() + " elements",
          array.getShape(),
          MemoryBound.REMEDY);
    }
  }

  private void open(OnnxPass opened, Instruction instruction) {
    try {
      opened.run(instruction);
    } catch (BatchLift.Refused refusal) {
      throw refusal;
    } catch (IllegalArgumentException failure) {
      BatchLift.Refused refusal =
          new BatchLift.Refused(
              instruction.node(),
              "a node that runs with " + images + " images",
              "'" + failure.getMessage() + "'",
              own);
      refusal.initCause(failure);
      throw refusal;
    }
  }

  private static boolean runs(OnnxPass pass, Instruction instruction) {
    try {
      pass.run(instruction);
      return true;
    } catch (IllegalArgumentException doesNotFit) {
      return false;
    }
  }

  private static boolean sameNumbers(NDArray a, NDArray b, double scale) {
    if (!a.getDataType().isFloating()) {
      return a.contentEquals(b);
    }
    double[] x = doubles(a);
    double[] y = doubles(b);
    double allowed = TOLERANCE * Math.max(scale, largest(x));
    boolean same = true;
    for (int i = 0; i < x.length && same; i++) {
      same = difference(x[i], y[i]) <= allowed;
    }
    return same;
  }

  /** Compares each image's part of a value with what it is alone; returns the largest number. */
  private double compared(
      OnnxNode node,
      NDArray found,
      BatchAxis axis,
      List<OnnxPass> alone,
      int place,
      double inputScale) {
    if (!found.getDataType().isFloating()) {
      return 0;
    }
    double[] batch = doubles(found);
    double scale = Math.max(inputScale, largest(batch));
    Shape shape = found.getShape();
    long blocks = Shapes.product(shape, 0, axis.axis()) * axis.outer();
    int block = (int) (shape.size() / Math.max(1, blocks * images));
    for (int image = 0; image < images; image++) {
      NDArray expected = alone.get(image).array(place);
      double[] one = expected == null ? new double[0] : doubles(expected);
      boolean fits = one.length * (long) images == batch.length * own;
      double worst = fits ? 0 : Double.POSITIVE_INFINITY;
      for (int i = 0; i < one.length && fits; i++) {
        long at = (i / block / own * images + image) * block + i % block;
        worst = Math.max(worst, difference(one[i], batch[(int) at]));
      }
      if (!(worst <= TOLERANCE * scale)) {
        throw node.problem(
            "images of a batch change each other",
            "for image "
                + image
                + " of "
                + images
                + " what it gives alone, up to "
                + TOLERANCE
                + " of "
                + scale,
            fits ? "a difference of " + worst : "another shape than " + shape,
            BatchLift.remedy(own));
      }
    }
    return largest(batch);
  }

  /** Whether the file as it is gives three images what each gives alone, by its results. */
  private boolean resultsAreRightAsTheyAre() {
    try (NDManager manager = Engines.newManager("reading an ONNX file")) {
      NDList together = passes.of(batch(manager), null).run();
      List<NDList> each = alone(manager).stream().map(OnnxPass::run).toList();
      for (int output = 0; output < together.size(); output++) {
        if (!rightAsItIs(together.get(output), output, each)) {
          return false;
        }
      }
      return true;
    } catch (IllegalArgumentException doesNotRun) {
      return false;
    }
  }

  private boolean rightAsItIs(NDArray together, int output, List<NDList> each) {
    Shape shape = together.getShape();
    Shape one = each.get(0).get(output).getShape();
    if (together.size() > MemoryBound.heap()) {
      return false;
    }
    for (int axis = 0; axis < Math.min(shape.dimension(), one.dimension()); axis++) {
      if (shape.get(axis) == images
          && BatchAxis.FIRST.movedTo(axis).resized(shape, images, own).equals(one)) {
        boolean right = true;
        for (int image = 0; image < images && right; image++) {
          NDArray part = together.get(new NDIndex().addAllDim(axis).addSliceDim(image, image + 1));
          right = sameNumbers(each.get(image).get(output), part.broadcast(one), 0);
        }
        return right;
      }
    }
    return false;
  }

  private NDList batch(NDManager manager) {
    NDList list = new NDList();
    for (int input = 0; input < inputs.size(); input++) {
      Shape shape = new Shape(images).addAll(inputs.get(input));
      float[] values = new float[Math.toIntExact(shape.size())];
      for (int image = 0; image < images; image++) {
        float[] part = image(input, image);
        System.arraycopy(part, 0, values, image * part.length, part.length);
      }
      list.add(manager.create(values, shape).toType(types.get(input), false));
    }
    return list;
  }

  /** One pass for each image, repeated to the file's batch. */
  private List<OnnxPass> alone(NDManager manager) {
    List<OnnxPass> result = new ArrayList<>();
    for (int image = 0; image < images; image++) {
      NDList list = new NDList();
      for (int input = 0; input < inputs.size(); input++) {
        Shape shape = new Shape(own).addAll(inputs.get(input));
        float[] values = new float[Math.toIntExact(shape.size())];
        float[] part = image(input, image);
        for (int i = 0; i < own; i++) {
          System.arraycopy(part, 0, values, i * part.length, part.length);
        }
        list.add(manager.create(values, shape).toType(types.get(input), false));
      }
      result.add(passes.of(list, null));
    }
    return result;
  }

  private float[] image(int input, int image) {
    Random random = new Random(1000L * input + image);
    float[] values = new float[Math.toIntExact(inputs.get(input).size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static double[] doubles(NDArray array) {
    try (NDArray wide = array.toType(DataType.FLOAT64, true)) {
      return wide.toDoubleArray();
    }
  }

  private static double largest(double[] values) {
    double largest = 0;
    for (double value : values) {
      if (Double.isFinite(value)) {
        largest = Math.max(largest, Math.abs(value));
      }
    }
    return largest;
  }

  /** Infinite unless both are numbers, or the same. */
  private static double difference(double a, double b) {
    if (Double.compare(a, b) == 0) {
      return 0;
    }
    double difference = Math.abs(a - b);
    return Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference;
  }
}
