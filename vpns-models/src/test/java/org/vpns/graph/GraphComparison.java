package org.vpns.graph;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.graph.trace.BlockTracer;

/** A block against the block of its graph, bit for bit. */
public final class GraphComparison {
  private GraphComparison() {}

  /** Random images of a fixed seed, with memory of the engine's own. */
  public static NDArray images(NDManager manager, Shape shape) {
    Random random = new Random(7);
    float[] values = new float[Math.toIntExact(shape.size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    try (NDArray borrowed = manager.create(values, shape)) {
      return borrowed.duplicate();
    }
  }

  /** Gives every parameter and statistic random values, so that none is neutral. */
  public static void randomise(Block block, long seed) {
    Random random = new Random(seed);
    for (NamedParameter p : ParameterPaths.of(block)) {
      float[] values = new float[Math.toIntExact(p.shape().size())];
      double scale = p.shape().dimension() < 2 ? 0 : Math.sqrt(2.0 / p.shape().slice(1).size());
      for (int i = 0; i < values.length; i++) {
        values[i] =
            switch (p.parameter().getType()) {
              case GAMMA, RUNNING_VAR -> 0.5f + random.nextFloat();
              case WEIGHT -> (float) (random.nextGaussian() * (scale == 0 ? 0.1 : scale));
              default -> (float) random.nextGaussian() * 0.1f;
            };
      }
      p.parameter().getArray().set(values);
    }
  }

  /** A hash of all bits: the largest networks' values would not fit side by side. */
  private static String bits(NDArray array) {
    Hasher hasher = Hashing.murmur3_128().newHasher();
    hasher.putBytes(array.toByteBuffer());
    return array.getShape() + " " + hasher.hash();
  }

  /** All values of a block after one training pass, and the gradients, by path. */
  private static Map<String, String> trained(Block block, NDArray x, NDManager scope) {
    Engine.getInstance().setRandomSeed(5);
    Map<String, String> result = new LinkedHashMap<>();
    for (NamedParameter p : ParameterPaths.of(block)) {
      NDArray array = p.parameter().getArray();
      array.setRequiresGradient(p.parameter().requiresGradient());
    }
    try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      NDList y = block.forward(new ParameterStore(scope, false), new NDList(x), true);
      int i = 0;
      NDArray loss = null;
      for (NDArray output : y) {
        result.put("output " + i++, bits(output));
        NDArray part = output.square().sum();
        loss = loss == null ? part : loss.add(part);
      }
      collector.backward(loss);
    }
    for (NamedParameter p : ParameterPaths.of(block)) {
      NDArray array = p.parameter().getArray();
      result.put(p.path(), bits(array));
      if (array.hasGradient()) {
        result.put("gradient of " + p.path(), bits(array.getGradient()));
      }
    }
    return result;
  }

  /** Asserts equal outputs, gradients and statistics; returns the graph. */
  public static GraphBlock assertEqual(Block block, NDManager manager, Shape image) {
    randomise(block, 3);
    try (NDManager scope = manager.newSubManager()) {
      GraphBlock graph = BlockTracer.graphBlock(block, manager, image);
      NDArray x = images(scope, new Shape(4).addAll(image));
      ParameterStore store = new ParameterStore(scope, false);
      NDList expected = block.forward(store, new NDList(x), false);
      NDList found = graph.forward(store, new NDList(x), false);
      assertThat(found).hasSameSizeAs(expected);
      for (int i = 0; i < expected.size(); i++) {
        assertThat(found.get(i).toFloatArray()).isEqualTo(expected.get(i).toFloatArray());
        assertThat(found.get(i).getShape()).isEqualTo(expected.get(i).getShape());
      }
      assertThat(graph.getOutputShapes(new Shape[] {x.getShape()})[0])
          .isEqualTo(expected.get(0).getShape());
      Map<String, String> a = trained(block, x, scope);
      Map<String, String> b = trained(graph, x, scope);
      assertThat(b.keySet()).containsExactlyElementsOf(a.keySet());
      a.forEach((name, values) -> assertThat(b.get(name)).as(name).isEqualTo(values));
      return graph;
    }
  }
}
