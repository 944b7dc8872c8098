package org.vpns.graph.trace;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.vpns.graph.GraphNode;
import org.vpns.graph.op.ForwardPass;
import org.vpns.internal.graph.op.Elementwise;
import org.vpns.internal.network.ImageComparison;
import org.vpns.internal.network.ImageComparison.Difference;
import org.vpns.internal.network.ImageComparison.Layout;

/**
 * Runs operators that read truth values or integers of images on random ones, and those that make
 * some on random numbers. What networks have there says little: a condition that no image of the
 * trace meets is the same for all, and whatever is done with it then seems to keep images apart;
 * and which image has the largest number is often the one that is looked at.
 *
 * <p>Nothing of it goes on to later nodes, as what conditions guard, such as the range of places in
 * a table, would no longer hold.
 */
final class ExactTrials {
  private static final int TRIALS = 16;

  /** Of each node once there were as many in all as no network has, so that none takes long. */
  private static final int LEAST_TRIALS = 2;

  private static final int ALL_TRIALS = 2048;

  /** How many numbers all trials read and make, unless one alone has more. */
  private static final int NUMBERS = 1 << 16;

  /** Ranges of integers: for places, for divisors, for places where there is but one. */
  private static final int[][] RANGES = {{0, 1}, {1, 2}, {0, 0}};

  private final ImagePlaces places;
  private final IntFunction<DataType> types;
  private final List<Integer> alone;
  private final int images;
  private final Random random = new Random(6);
  private long left = ALL_TRIALS;

  /**
   * @param types element types of the values, by number
   * @param images of the batch
   * @param alone positions of those that run alone as well
   */
  ExactTrials(ImagePlaces places, IntFunction<DataType> types, int images, List<Integer> alone) {
    this.places = places;
    this.types = types;
    this.images = images;
    this.alone = alone;
  }

  /** What an operator makes of the batch, then of the images that run alone. */
  record Trial(List<NDArray[]> made) {}

  /**
   * Whether a node reads or makes such values, and may mix them: what works on each value by itself
   * does not, if images lie alike in all of them.
   *
   * @param made its results
   */
  boolean concern(GraphNode node, NDArray... made) {
    List<Integer> read = node.inputs().stream().filter(places::holdImages).toList();
    boolean isExact =
        read.stream().anyMatch(input -> !types.apply(input).isFloating())
            || !read.isEmpty()
                && Arrays.stream(made).anyMatch(array -> !array.getDataType().isFloating());
    return isExact
        && !(node.operator() instanceof Elementwise.EachValue
            && places.asAllRead(node, node.outputs().get(0), made[0].getShape()) != null);
  }

  /**
   * Of a node that does.
   *
   * @param scope owner of the trials' results
   * @param made the node's own results
   */
  List<Trial> of(GraphNode node, NDManager scope, NDArray... made) {
    long numbers = Arrays.stream(made).mapToLong(NDArray::size).sum();
    numbers += node.inputs().stream().filter(i -> i >= 0).mapToLong(this::size).sum();
    long most = left > 0 ? TRIALS : LEAST_TRIALS;
    long count = Math.max(1, Math.min(most, NUMBERS / Math.max(1, numbers)));
    left -= count;
    List<Trial> trials = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Trial trial = trial(node, scope);
      if (trial != null) {
        trials.add(trial);
      }
    }
    return trials;
  }

  private long size(int tensor) {
    return places.batchShape(tensor).size();
  }

  /** Null if the operator takes none of the ranges. */
  private @Nullable Trial trial(GraphNode node, NDManager scope) {
    for (int[] range : RANGES) {
      List<@Nullable NDArray[]> inputs = inputs(node, range, scope);
      try {
        return new Trial(made(node, inputs, scope));
      } catch (EngineException
          | IllegalArgumentException
          | IndexOutOfBoundsException
          | ArithmeticException outOfRange) {
        // the next range; what fails otherwise is a fault, not an answer
      }
    }
    return null;
  }

  /** Of the batch, then of the images that run alone. */
  private List<@Nullable NDArray[]> inputs(GraphNode node, int[] range, NDManager scope) {
    List<@Nullable NDArray[]> inputs = new ArrayList<>();
    for (int run = 0; run <= alone.size(); run++) {
      inputs.add(new NDArray[node.inputs().size()]);
    }
    for (int i = 0; i < node.inputs().size(); i++) {
      int tensor = node.inputs().get(i);
      if (tensor >= 0) {
        NDArray batch = numbers(places.batchShape(tensor), types.apply(tensor), range, scope);
        Layout layout = places.holdImages(tensor) ? places.layout(tensor) : null;
        inputs.get(0)[i] = batch;
        for (int run = 1; run <= alone.size(); run++) {
          inputs.get(run)[i] =
              layout == null
                  ? batch
                  : ImageComparison.part(
                      batch, alone.get(run - 1), places.shapeForOne(tensor), layout);
        }
      }
    }
    return inputs;
  }

  private List<NDArray[]> made(GraphNode node, List<@Nullable NDArray[]> inputs, NDManager scope) {
    List<NDArray[]> made = new ArrayList<>();
    for (int run = 0; run < inputs.size(); run++) {
      ForwardPass pass = new ForwardPass(false, run == 0 ? images : 1, scope);
      made.add(node.operator().apply(inputs.get(run), pass));
    }
    return made;
  }

  private NDArray numbers(Shape shape, DataType type, int[] range, NDManager scope) {
    float[] values = new float[Math.toIntExact(shape.size())];
    boolean floats = type.isFloating();
    int least = type == DataType.BOOLEAN ? 0 : range[0];
    int count = type == DataType.BOOLEAN ? 2 : range[1] - range[0] + 1;
    for (int i = 0; i < values.length; i++) {
      // above 0: roots and logarithms stay numbers
      values[i] = floats ? 1 - random.nextFloat() : least + random.nextInt(count);
    }
    try (NDArray borrowed = scope.create(values, shape)) {
      NDArray owned = borrowed.toType(type, true);
      owned.attach(scope);
      return owned;
    }
  }

  /**
   * The largest difference of an output in any trial, if it holds images in a way; null if none.
   */
  @Nullable Difference difference(List<Trial> trials, int output, Layout layout) {
    for (Trial trial : trials) {
      NDArray batch = trial.made.get(0)[output];
      List<NDArray> each = trial.made.stream().skip(1).map(arrays -> arrays[output]).toList();
      Difference difference =
          new ImageComparison().compare(List.of(), 0, batch, alone, each, layout);
      if (difference != null) {
        return difference;
      }
    }
    return null;
  }
}
