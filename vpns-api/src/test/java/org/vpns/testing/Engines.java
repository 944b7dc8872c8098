package org.vpns.testing;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;

/** Short ways to run a block. */
public final class Engines {
  private Engines() {}

  /** Outputs of one forward pass outside any gradient collector, flat. */
  public static float[] forward(Block block, float[] input, Shape shape, boolean training) {
    try (NDManager manager = NDManager.newBaseManager();
        NDArray array = manager.create(input, shape)) {
      NDList result =
          block.forward(new ParameterStore(manager, false), new NDList(array), training);
      return result.singletonOrThrow().toFloatArray();
    }
  }

  /** Outputs in evaluation mode, flat. */
  public static float[] evaluate(Block block, float[] input, Shape shape) {
    return forward(block, input, shape, false);
  }
}
