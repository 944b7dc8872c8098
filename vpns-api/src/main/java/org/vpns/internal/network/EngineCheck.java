package org.vpns.internal.network;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.training.GradientCollector;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import org.vpns.Problem;

/**
 * Whether the engine computes convolutions and their gradients rightly on this machine. On some
 * processors PyTorch's fastest CPU kernels do not: where channels do not fill their blocks of 8 or
 * 16, they read memory that nobody has written (seen with PyTorch 2.7.1 on an AMD processor of
 * family 26, wrong with AVX2 and AVX-512, right with SSE 4.1). Nothing says so; losses look right
 * and gradients are not.
 *
 * <p>A convolution of 13 channels is compared with sums made in Java, on memory that was left full
 * of NaN. It takes some milliseconds and is done once for each engine and device. Of an engine that
 * records no gradients, which predicts and cannot train, values alone are compared.
 */
public final class EngineCheck {
  /**
   * System property: {@code off} leaves the check out, at one's own risk. Second derivatives were
   * seen wrong even where all channels fill their blocks.
   */
  public static final String PROPERTY = "vpns.engineCheck";

  private static final int IMAGES = 2;
  private static final int CHANNELS = 13;
  private static final int SIDE = 8;
  private static final int KERNEL = 3;
  private static final int TURNS = 3;
  private static final Shape IMAGES_SHAPE = new Shape(IMAGES, CHANNELS, SIDE, SIDE);
  private static final Shape KERNELS_SHAPE = new Shape(CHANNELS, CHANNELS, KERNEL, KERNEL);

  /** Rounding of some hundred float32 products is below 1e-6 of the largest sum. */
  private static final double TOLERANCE = 1e-4;

  private static final Map<String, Double> ERRORS = new ConcurrentHashMap<>();

  private EngineCheck() {}

  /**
   * Refuses an engine that computes wrongly.
   *
   * @throws IllegalStateException if it does, with what helps
   */
  public static void require(NDManager manager) {
    if ("off".equals(System.getProperty(PROPERTY))) {
      return;
    }
    Engine engine = manager.getEngine();
    require(engine.getEngineName() + " " + engine.getVersion(), error(manager));
  }

  /** Refuses an error that is more than rounding. */
  static void require(String engine, double error) {
    if (!(error <= TOLERANCE)) {
      throw Problem.state(
          "engine computes wrong convolutions on this processor",
          engine,
          "a relative error of at most " + TOLERANCE,
          Double.isNaN(error) ? "values that are not numbers" : error,
          "set the environment variable ONEDNN_MAX_CPU_ISA=SSE41 before Java starts");
    }
  }

  /** Largest error of values and gradients relative to the largest of each; NaN if one is NaN. */
  public static double error(NDManager manager) {
    Device device = manager.getDevice();
    String key = manager.getEngine().getEngineName() + " " + device;
    return ERRORS.computeIfAbsent(key, name -> measure(manager));
  }

  private static double measure(NDManager parent) {
    Random random = new Random(13);
    int area = SIDE * SIDE;
    float[] x = random(random, IMAGES * CHANNELS * area);
    float[] w = random(random, CHANNELS * CHANNELS * KERNEL * KERNEL);
    float[] u = random(random, IMAGES * CHANNELS * area);
    double[][] expected = sums(x, w, u);
    boolean trains = GradientGate.isOffered(parent);
    double worst = 0;
    for (int turn = 0; turn < TURNS; turn++) {
      float[][] found = trains ? gradients(parent, x, w, u) : values(parent, x, w);
      for (int i = 0; i < found.length; i++) {
        worst = Math.max(worst, error(expected[i], found[i])); // NaN stays
      }
    }
    return worst;
  }

  private static float[] random(Random random, int size) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = random.nextFloat() - 0.5f;
    }
    return values;
  }

  /** Y = W * X, dX and dW of sum(Y U). */
  private static double[][] sums(float[] x, float[] w, float[] u) {
    double[] y = new double[u.length];
    double[] dx = new double[x.length];
    double[] dw = new double[w.length];
    for (int at = 0; at < y.length; at++) {
      int column = at % SIDE;
      int row = at / SIDE % SIDE;
      int out = at / (SIDE * SIDE) % CHANNELS;
      int image = at / (SIDE * SIDE * CHANNELS);
      for (int j = 0; j < CHANNELS * KERNEL * KERNEL; j++) {
        int in = j / (KERNEL * KERNEL);
        int r = row + j / KERNEL % KERNEL - KERNEL / 2;
        int c = column + j % KERNEL - KERNEL / 2;
        if (r >= 0 && r < SIDE && c >= 0 && c < SIDE) {
          int from = ((image * CHANNELS + in) * SIDE + r) * SIDE + c;
          int weight = out * CHANNELS * KERNEL * KERNEL + j;
          y[at] += (double) x[from] * w[weight];
          dx[from] += (double) u[at] * w[weight];
          dw[weight] += (double) u[at] * x[from];
        }
      }
    }
    return new double[][] {y, dx, dw};
  }

  private static float[][] gradients(NDManager parent, float[] x, float[] w, float[] u) {
    try (NDManager manager = parent.newSubManager();
        GradientCollector collector = GradientGate.open(manager)) {
      NDArray input = leaf(manager, x, IMAGES_SHAPE);
      NDArray weight = leaf(manager, w, KERNELS_SHAPE);
      NDArray factor = manager.create(u, IMAGES_SHAPE);
      NDArray output = convolution(manager, input, weight);
      NDArray sum = output.mul(factor).sum();
      leaveNumbersThatAreNone(manager);
      collector.backward(sum);
      return new float[][] {output.toFloatArray(), gradient(input), gradient(weight)};
    }
  }

  private static float[][] values(NDManager parent, float[] x, float[] w) {
    try (NDManager manager = parent.newSubManager()) {
      NDArray input = manager.create(x, IMAGES_SHAPE);
      NDArray weight = manager.create(w, KERNELS_SHAPE);
      return new float[][] {convolution(manager, input, weight).toFloatArray()};
    }
  }

  private static NDArray convolution(NDManager manager, NDArray input, NDArray weight) {
    leaveNumbersThatAreNone(manager);
    Shape padding = new Shape(KERNEL / 2, KERNEL / 2);
    return Conv2d.conv2d(input, weight, null, new Shape(1, 1), padding).head();
  }

  private static NDArray leaf(NDManager manager, float[] values, Shape shape) {
    try (NDArray borrowed = manager.create(values, shape)) {
      NDArray leaf = borrowed.duplicate();
      leaf.setRequiresGradient(true);
      return leaf;
    }
  }

  private static float[] gradient(NDArray leaf) {
    try (NDArray gradient = leaf.getGradient()) {
      return gradient.toFloatArray();
    }
  }

  /** Frees memory full of NaN in the sizes of arrays with and without filled blocks. */
  private static void leaveNumbersThatAreNone(NDManager manager) {
    int block = 16;
    int[] sizes = {
      IMAGES * CHANNELS * SIDE * SIDE,
      IMAGES * block * SIDE * SIDE,
      CHANNELS * CHANNELS * KERNEL * KERNEL,
      block * block * KERNEL * KERNEL
    };
    for (int size : sizes) {
      float[] nothing = new float[size];
      Arrays.fill(nothing, Float.NaN);
      NDList freed = new NDList();
      for (int i = 0; i < 6; i++) {
        try (NDArray borrowed = manager.create(nothing)) {
          freed.add(borrowed.duplicate());
        }
      }
      freed.close();
    }
  }

  private static double error(double[] expected, float[] found) {
    double largest = 0;
    double error = 0;
    for (int i = 0; i < expected.length; i++) {
      largest = Math.max(largest, Math.abs(expected[i]));
      error = Math.max(error, Math.abs(found[i] - expected[i]));
    }
    return error / largest;
  }
}
