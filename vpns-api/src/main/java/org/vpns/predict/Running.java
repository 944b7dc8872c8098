package org.vpns.predict;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vpns.ImageInput;
import org.vpns.internal.network.BlockRunner;
import org.vpns.internal.network.Engines;

/** A network as something else than the engine runs it. */
final class Running implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Running.class);

  private final String name;
  private final BlockRunner.Prepared prepared;
  private final Model model;

  private Running(String name, BlockRunner.Prepared prepared, Model model) {
    this.name = name;
    this.prepared = prepared;
    this.model = model;
  }

  /** What runs it. */
  String name() {
    return name;
  }

  /** A model whose block runs there. */
  Model model() {
    return model;
  }

  /** A network ready to run there; null, and told in the log, if it cannot. */
  static @Nullable Running of(BlockRunner runner, Model model, ImageInput input) {
    String missing = runner.missing();
    if (missing != null) {
      LOG.warn("the engine runs '{}', not the {}: {}", model.getName(), runner.name(), missing);
      return null;
    }
    try {
      return prepared(runner, model, input);
    } catch (IllegalArgumentException e) {
      LOG.warn(
          "the engine runs '{}', not the {}: {}", model.getName(), runner.name(), e.getMessage());
      return null;
    }
  }

  private static Running prepared(BlockRunner runner, Model model, ImageInput input) {
    Shape image = new Shape(input.channels(), input.height(), input.width());
    BlockRunner.Prepared prepared = runner.prepare(model.getBlock(), image);
    try {
      Model other = Engines.newModel(model.getName(), model.getNDManager().getDevice());
      other.setBlock(prepared.block());
      LOG.info("the {} can run '{}': {}", runner.name(), model.getName(), prepared.describe());
      return new Running(runner.name(), prepared, other);
    } catch (Throwable e) {
      prepared.close();
      throw e;
    }
  }

  @Override
  public void close() {
    model.close();
    prepared.close();
  }
}
