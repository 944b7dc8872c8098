package org.vpns.score;

import ai.djl.Model;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import org.vpns.ParameterPaths;

/** A network small enough for sums on paper. */
public final class HandMade {
  private HandMade() {}

  /**
   * Two inputs, two hidden units with ReLU, one output: W1 = [[1, -2], [0.5, 3]], W2 = [2, -1]. The
   * caller closes it.
   */
  public static Model model() {
    Model model = Model.newInstance("by hand");
    SequentialBlock block =
        new SequentialBlock()
            .add(Linear.builder().setUnits(2).optBias(false).build())
            .add(Activation.reluBlock())
            .add(Linear.builder().setUnits(1).optBias(false).build());
    block.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 2));
    model.setBlock(block);
    ParameterPaths paths = ParameterPaths.of(block);
    paths.list().get(0).parameter().getArray().set(new float[] {1, -2, 0.5f, 3});
    paths.list().get(1).parameter().getArray().set(new float[] {2, -1});
    return model;
  }
}
