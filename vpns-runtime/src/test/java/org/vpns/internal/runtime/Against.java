package org.vpns.internal.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.graph.GraphRun;
import org.vpns.graph.ModelGraph;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.op.Operator;
import org.vpns.internal.graph.op.Elementwise;
import org.vpns.internal.runtime.plan.Planner;
import org.vpns.internal.runtime.plan.Program;
import org.vpns.internal.runtime.prepared.KeptProgram;
import org.vpns.internal.runtime.run.Runner;

/** Programs against the engine. */
public final class Against {
  /**
   * Sums in another order differ by some roundings of 6e-8 of the largest term each; the limit is
   * what the runtime promises.
   */
  public static final double TOLERANCE = 1e-4;

  private Against() {}

  /**
   * Asserts that a network's outputs are the engine's, for batches of these sizes, and that they
   * stay the same when the program has been written and read.
   */
  public static void engine(NetworkValues network, int threads, int... batches) {
    Shape image = image(network);
    Program program = program(network);
    try (Runner runner = new Runner(program, threads);
        NDManager manager = NDManager.newBaseManager()) {
      for (int batch : batches) {
        float[] images = noise(batch * program.inputs(), batch);
        float[] found = new float[batch * program.outputs()];
        runner.run(images, batch, found);
        NDArray array = manager.create(images, new Shape(batch).addAll(image));
        float[] expected = GraphRun.forward(network, new NDList(array)).head().toFloatArray();
        assertClose(found, expected);
        float[] again = new float[found.length];
        runner.run(images, batch, again);
        assertThat(again).as("same memory, second run").isEqualTo(found);
      }
      assertKept(program, runner);
    }
  }

  private static Shape image(NetworkValues network) {
    return network.graph().tensor(network.graph().inputs().get(0)).shape().slice(1);
  }

  private static Program program(NetworkValues network) {
    return Planner.plan(network.graph(), image(network), p -> network.array(p).toFloatArray());
  }

  private static void assertKept(Program program, Runner runner) {
    float[] image = noise(program.inputs(), 7);
    float[] expected = new float[program.outputs()];
    runner.run(image, 1, expected);
    float[] found = new float[program.outputs()];
    try (Runner other = new Runner(KeptProgram.of(program), 1)) {
      other.run(image, 1, found);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    assertThat(found).as("by way of a file").isEqualTo(expected);
  }

  /** Asserts that numbers differ by no more than the tolerance times the largest of them. */
  public static void assertClose(float[] found, float[] expected) {
    assertThat(found).hasSameSizeAs(expected);
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < found.length; i++) {
      assertThat(found[i]).isFinite();
      largest = Math.max(largest, Math.abs(expected[i]));
      difference = Math.max(difference, Math.abs(found[i] - expected[i]));
    }
    assertThat(difference).isLessThanOrEqualTo(TOLERANCE * largest);
  }

  /** Normal random numbers. */
  public static float[] noise(int count, long seed) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** Sets a share of each weight's entries to zero. */
  public static void mask(ai.djl.nn.Block block, double sparsity, long seed) {
    Random random = new Random(seed);
    for (NamedParameter p : ParameterPaths.of(block)) {
      if (p.parameter().getType() == Parameter.Type.WEIGHT) {
        float[] values = p.parameter().getArray().toFloatArray();
        for (int i = 0; i < values.length; i++) {
          values[i] *= random.nextDouble() < sparsity ? 0 : (float) (1 / Math.sqrt(1 - sparsity));
        }
        p.parameter().getArray().set(values);
      }
    }
  }

  /** A network made by hand. */
  public static final class Build {
    private final ModelGraph.Builder graph = ModelGraph.builder();
    private final Map<String, float[]> values = new HashMap<>();
    private final Map<String, Shape> shapes = new HashMap<>();
    private int last;
    private int count;

    /** Of an input. */
    public Build(Shape image) {
      last = graph.input(new Shape(-1).addAll(image), DataType.FLOAT32);
    }

    /** The last tensor. */
    public int last() {
      return last;
    }

    /** A parameter. */
    public int parameter(Shape shape, float[] numbers) {
      return parameter(Parameter.Type.WEIGHT, true, shape, numbers);
    }

    /** A parameter of normal random numbers. */
    public int noise(long seed, long... shape) {
      Shape of = new Shape(shape);
      return parameter(of, Against.noise((int) of.size(), seed));
    }

    /** The last tensor plus another. */
    public Build add(int other) {
      return on(new Elementwise.Binary(Elementwise.Pair.ADD), List.of(last, other));
    }

    /** A running mean or variance. */
    public int statistic(Parameter.Type type, Shape shape, float[] numbers) {
      return parameter(type, false, shape, numbers);
    }

    private int parameter(Parameter.Type type, boolean trained, Shape shape, float[] numbers) {
      String path = "p" + values.size();
      values.put(path, numbers);
      shapes.put(path, shape);
      return graph.parameter(path, type, trained, shape, DataType.FLOAT32);
    }

    /** An operator on the last tensor and others. */
    public Build then(Operator operator, int... others) {
      List<Integer> inputs = new ArrayList<>(List.of(last));
      for (int other : others) {
        inputs.add(other);
      }
      return on(operator, inputs);
    }

    /** An operator on tensors. */
    public Build on(Operator operator, List<Integer> inputs) {
      last = graph.node("n" + count++, operator, inputs).get(0);
      return this;
    }

    /** Asserts that it is what the engine gives. */
    public void check(int... batches) {
      try (NDManager manager = NDManager.newBaseManager()) {
        engine(network(arrays(manager)), 2, batches);
      }
    }

    /** What the runtime makes of it. */
    public Program program() {
      try (NDManager manager = NDManager.newBaseManager()) {
        return Against.program(network(arrays(manager)));
      }
    }

    private Map<String, NDArray> arrays(NDManager manager) {
      Map<String, NDArray> arrays = new HashMap<>();
      values.forEach((path, v) -> arrays.put(path, manager.create(v, shapes.get(path))));
      return arrays;
    }

    /** The network with arrays. */
    public NetworkValues network(Map<String, NDArray> arrays) {
      return NetworkValues.of(graph.build(List.of(last)), arrays);
    }
  }
}
