package org.vpns;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;

/**
 * A parameter with its dotted path, such as {@code layer1.0.conv1.weight}, and the block that holds
 * it.
 *
 * @param path names of the blocks from the network's outermost on, then the parameter's own
 * @param parameter the parameter itself, not a copy
 * @param owner the innermost block that it belongs to
 */
public record NamedParameter(String path, Parameter parameter, Block owner) {
  /** All three are needed. */
  public NamedParameter {
    Problem.given(path, "new NamedParameter", "path");
    Problem.given(parameter, "new NamedParameter", "parameter");
    Problem.given(owner, "new NamedParameter", "owner");
  }

  /**
   * Shape of the parameter.
   *
   * @throws IllegalStateException if the block has not been initialised
   */
  public Shape shape() {
    // A TorchScript module may bring arrays without telling their shapes to the parameters.
    if (parameter.isInitialized()) {
      return parameter.getArray().getShape();
    }
    Shape shape = parameter.getShape();
    if (shape == null) {
      throw Problem.state(
          "parameter without a shape",
          path,
          "an initialised network",
          "no shape yet",
          "call Block.initialize or load the weights first");
    }
    return shape;
  }

  /** Whether it is a running mean or variance, which normalisation moves, not a gradient. */
  public boolean isStatistic() {
    Parameter.Type type = parameter.getType();
    return type == Parameter.Type.RUNNING_MEAN || type == Parameter.Type.RUNNING_VAR;
  }
}
