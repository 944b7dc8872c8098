package org.vpns.predict;

import ai.djl.Model;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Locale;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vpns.ImageInput;
import org.vpns.internal.network.BlockRunner;
import org.vpns.internal.network.Engines;

/** A network as something else than the engine runs it, and the choice between both. */
final class Running implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Running.class);
  private static final int PASSES = 9;

  private final BlockRunner.Prepared prepared;
  private final Model model;

  private Running(BlockRunner.Prepared prepared, Model model) {
    this.prepared = prepared;
    this.model = model;
  }

  /** A model whose block runs there. */
  Model model() {
    return model;
  }

  /**
   * A network on what there is beside the engine; null, and told in the log, if there is nothing.
   */
  static @Nullable Running of(Model model, ImageInput input) {
    Iterator<BlockRunner> found = ServiceLoader.load(BlockRunner.class).iterator();
    if (!found.hasNext()) {
      LOG.warn(
          "the engine runs '{}': there is no sparse runtime (add org.vpns:vpns-runtime to the class"
              + " path)",
          model.getName());
      return null;
    }
    BlockRunner runner = found.next();
    String missing = runner.missing();
    if (missing != null) {
      LOG.warn("the engine runs '{}', not the {}: {}", model.getName(), runner.name(), missing);
      return null;
    }
    try {
      return prepared(runner, model, input);
    } catch (IllegalArgumentException e) {
      LOG.warn("the engine runs '{}': {}", model.getName(), e.getMessage());
      return null;
    }
  }

  private static Running prepared(BlockRunner runner, Model model, ImageInput input) {
    Shape image = new Shape(input.channels(), input.height(), input.width());
    BlockRunner.Prepared prepared = runner.prepare(model.getBlock(), image);
    try {
      Model other = Engines.newModel(model.getName(), model.getNDManager().getDevice());
      other.setBlock(prepared.block());
      LOG.info("the {} runs '{}': {}", runner.name(), model.getName(), prepared.describe());
      return new Running(prepared, other);
    } catch (Throwable e) {
      prepared.close();
      throw e;
    }
  }

  /** Whether this takes less time for an image than the engine; both in turn, medians. */
  boolean isFaster(Model engine, ImageInput input) {
    Shape shape = new Shape(1, input.channels(), input.height(), input.width());
    double[] here = new double[PASSES];
    double[] there = new double[PASSES];
    try (NDManager manager = engine.getNDManager().newSubManager()) {
      NDList image = new NDList(manager.ones(shape));
      for (int i = -PASSES / 3; i < PASSES; i++) {
        double own = milliseconds(model.getBlock(), image, manager);
        double other = milliseconds(engine.getBlock(), image, manager);
        here[Math.max(i, 0)] = own;
        there[Math.max(i, 0)] = other;
      }
    }
    Arrays.sort(here);
    Arrays.sort(there);
    double own = here[PASSES / 2];
    double other = there[PASSES / 2];
    LOG.info(
        "'{}' takes {} ms for an image in the sparse runtime, {} ms in the engine: {} runs it",
        engine.getName(),
        String.format(Locale.ROOT, "%.3f", own),
        String.format(Locale.ROOT, "%.3f", other),
        own < other ? "the sparse runtime" : "the engine");
    return own < other;
  }

  private static double milliseconds(Block block, NDList image, NDManager manager) {
    long begin = System.nanoTime();
    try (NDScope arrays = new NDScope()) {
      arrays.suppressNotUsedWarning();
      block.forward(new ParameterStore(manager, false), image, false).head().toByteBuffer();
    }
    return (System.nanoTime() - begin) / 1e6;
  }

  @Override
  public void close() {
    model.close();
    prepared.close();
  }
}
