package org.vpns.internal.onnx.service;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import org.jspecify.annotations.Nullable;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.internal.network.BlockRunner;
import org.vpns.onnx.OnnxRuntime;

/** ONNX Runtime with a thread for each processor. */
public final class OnnxBlockRunner implements BlockRunner {
  /** For the service loader. */
  public OnnxBlockRunner() {}

  @Override
  public String name() {
    return "ONNX Runtime";
  }

  @Override
  public boolean isSparse() {
    return false;
  }

  @Override
  public @Nullable String missing() {
    return OnnxRuntime.isThere()
        ? null
        : "ai.djl.onnxruntime:onnxruntime-engine is not on the class path";
  }

  @Override
  public Prepared prepare(Block block, Shape image) {
    OnnxRuntime runtime =
        OnnxRuntime.standard().threads(Runtime.getRuntime().availableProcessors());
    Model model = runtime.newModel(BlockTracer.network(block, image));
    return new Ready(model, new OnnxRuntimeBlock(model, image), runtime.describe());
  }

  private record Ready(Model model, Block block, String describe) implements Prepared {
    @Override
    public void close() {
      model.close();
    }
  }
}
