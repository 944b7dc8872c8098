package org.vpns.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.assertj.core.data.Offset;
import org.vpns.Seeds;
import org.vpns.graph.GraphBlock;
import org.vpns.graph.GraphParameter;
import org.vpns.graph.ModelGraph;
import org.vpns.onnx.OrtFile.Values;

/** Graphs with random values, and their comparison with what a file of them gives. */
final class SmallGraphs {
  /** Batch sizes that every comparison runs. */
  static final int[] BATCHES = {1, 2, 3, 5};

  private SmallGraphs() {}

  /** How random numbers are distributed. */
  enum Draw {
    /** Standard normal. */
    NORMAL,
    /** 0.1 to 3. */
    POSITIVE,
    /** Multiples of 0.5 from -3 to 3, so that equal ones, zeros and halves occur. */
    STEPS,
    /** Integers from 0 to 2, to select with. */
    SMALL_INTEGERS,
    /** 0 or 1. */
    TRUTH
  }

  static double draw(Draw draw, RandomGenerator random) {
    return switch (draw) {
      case NORMAL -> (float) random.nextGaussian();
      case POSITIVE -> (float) random.nextDouble(0.1, 3);
      case STEPS -> (random.nextInt(13) - 6) * 0.5;
      case SMALL_INTEGERS -> random.nextInt(3);
      case TRUTH -> random.nextInt(2);
    };
  }

  static Values values(Shape shape, DataType type, Draw draw, RandomGenerator random) {
    double[] numbers = new double[(int) shape.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = draw(draw, random);
    }
    return new Values(shape, type, numbers);
  }

  /** A block with random weights; running variances and scales positive, some weights 0. */
  static GraphBlock block(ModelGraph graph, NDManager manager, long seed) {
    GraphBlock block = GraphBlock.of(graph, manager);
    RandomGenerator random = new Seeds(seed).stream("weights");
    for (GraphParameter p : graph.parameters()) {
      boolean positive = p.type() == Parameter.Type.RUNNING_VAR;
      float[] floats = new float[(int) p.shape().size()];
      for (int i = 0; i < floats.length; i++) {
        floats[i] = (float) draw(positive ? Draw.POSITIVE : Draw.NORMAL, random) * 0.5f;
        if (p.type() == Parameter.Type.WEIGHT && random.nextInt(8) == 0) {
          floats[i] = 0;
        }
      }
      block.array(p).set(floats);
    }
    return block;
  }

  static List<Values> forward(GraphBlock block, List<Values> inputs) {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDList list = new NDList();
      for (Values values : inputs) {
        try (NDArray borrowed = values.toArray(manager)) {
          list.add(borrowed.duplicate());
        }
      }
      NDList result = block.forward(new ParameterStore(manager, false), list, false);
      return result.stream().map(Values::of).toList();
    }
  }

  /** The graph's inputs for a number of images. */
  static List<Values> inputs(ModelGraph graph, long batch, Draw draw, long seed) {
    List<Values> inputs = new ArrayList<>();
    RandomGenerator random = new Seeds(seed).stream("inputs" + batch);
    for (int t : graph.inputs()) {
      long[] shape = graph.tensor(t).shape().getShape().clone();
      for (int i = 0; i < shape.length; i++) {
        shape[i] = shape[i] == -1 ? batch : shape[i];
      }
      DataType type = graph.tensor(t).type();
      Draw drawn =
          type == DataType.BOOLEAN ? Draw.TRUTH : type.isFloating() ? draw : Draw.SMALL_INTEGERS;
      inputs.add(values(new Shape(shape), type, drawn, random));
    }
    return inputs;
  }

  /** Writes the file, runs it at every batch size, and compares. */
  static void assertFileGivesTheSame(GraphBlock block, Draw draw, OnnxExport export, Path file) {
    // two runtimes add up in different orders and approximate exp and erf differently: some tens
    // of roundings of 6e-8 each; a wrong attribute changes results by a hundred times that
    assertFileGivesTheSame(block, draw, export, file, 5e-6);
  }

  /** The same with a tolerance of its own, in parts of the largest value. */
  static void assertFileGivesTheSame(
      GraphBlock block, Draw draw, OnnxExport export, Path file, double tolerance) {
    try {
      export.write(file);
      try (OrtFile ort = OrtFile.open(file)) {
        for (int batch : BATCHES) {
          List<Values> inputs = inputs(block.graph(), batch, draw, 7);
          List<Values> expected = forward(block, inputs);
          assertClose(ort.run(inputs), expected, tolerance, "batch " + batch);
          // the file declares these shapes
          assertThat(block.graph().resultShapes(inputs.stream().map(Values::shape).toList()))
              .as(block.graph().nodes().toString())
              .isEqualTo(expected.stream().map(Values::shape).toList());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void assertClose(
      List<Values> found, List<Values> expected, double tolerance, String where) {
    assertThat(found).as(where).hasSameSizeAs(expected);
    for (int i = 0; i < found.size(); i++) {
      Values a = found.get(i);
      Values b = expected.get(i);
      assertThat(a.shape()).as(where).isEqualTo(b.shape());
      assertThat(a.type()).as(where).isEqualTo(b.type());
      double scale = 1;
      for (double number : b.numbers()) {
        if (Double.isFinite(number)) {
          scale = Math.max(scale, Math.abs(number));
        }
      }
      double allowed = a.type().isFloating() ? tolerance * scale : 0;
      for (int k = 0; k < a.numbers().length; k++) {
        double x = a.numbers()[k];
        double y = b.numbers()[k];
        // equal ones first: infinite, or no number
        if (Double.compare(x, y) != 0) {
          assertThat(x).as(where + ", value " + k).isCloseTo(y, Offset.offset(allowed));
        }
      }
    }
  }

  static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
