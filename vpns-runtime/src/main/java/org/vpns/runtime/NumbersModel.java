package org.vpns.runtime;

import ai.djl.BaseModel;
import ai.djl.Device;
import ai.djl.inference.Predictor;
import ai.djl.nn.Block;
import ai.djl.translate.Translator;
import ai.djl.util.passthrough.PassthroughNDManager;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A block as a predictor wants it, with arrays that hold numbers and compute nothing. */
final class NumbersModel extends BaseModel {
  NumbersModel(Block block) {
    super("sparse runtime");
    this.manager = PassthroughNDManager.INSTANCE;
    this.block = block;
  }

  /** Numbers lie in Java's memory, whatever device is asked for. */
  @Override
  public <I, O> Predictor<I, O> newPredictor(Translator<I, O> translator, Device device) {
    return new Predictor<>(this, translator, manager.getDevice(), false);
  }

  /** The manager is never closed, which the inherited one takes for a model that was forgotten. */
  @Override
  @SuppressWarnings({"deprecation", "removal", "Finalize"})
  protected void finalize() {}

  @Override
  public void load(Path folder, @Nullable String prefix, @Nullable Map<String, ?> options) {
    throw new UnsupportedOperationException("the block is there from the start");
  }
}
