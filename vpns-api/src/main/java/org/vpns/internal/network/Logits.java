package org.vpns.internal.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.vpns.Problem;

/** What a network gives, which must be one tensor of logits. */
final class Logits {
  private Logits() {}

  /**
   * Logits of a batch.
   *
   * @throws IllegalArgumentException if the network gives anything but one tensor
   */
  static NDArray of(Network network, NDArray input, boolean training) {
    NDList outputs;
    try {
      outputs = network.block().forward(network.store(), new NDList(input), training);
    } catch (UnsupportedOperationException e) {
      if (network.isScript()) {
        // the engine's word for what is neither a tensor nor a tuple, list or dictionary of them
        throw new SeveralOutputs(network, "values that are no tensors (" + e.getMessage() + ")");
      }
      throw e;
    }
    if (outputs.size() != 1) {
      List<Shape> shapes = outputs.stream().map(NDArray::getShape).toList();
      outputs.close();
      throw new SeveralOutputs(network, shapes.size() + " tensors " + shapes);
    }
    return outputs.head();
  }

  /**
   * How many there are for inputs of a shape.
   *
   * @throws IllegalArgumentException if the network does not take the input, or gives no logits
   */
  static int count(Network network, Shape input) {
    try (NDManager scope = network.manager().newSubManager()) {
      NDArray logits = tryOf(network, scope.zeros(input));
      logits.attach(scope);
      Shape shape = logits.getShape();
      if (shape.dimension() != 2 || shape.get(0) != input.get(0)) {
        throw Problem.argument(
            "network is no classifier",
            where(network) + ", input " + input,
            "logits (batch, classes)",
            shape,
            "prune a network that ends in class logits");
      }
      return Math.toIntExact(shape.get(1));
    }
  }

  private static NDArray tryOf(Network network, NDArray input) {
    try {
      return of(network, input, false);
    } catch (SeveralOutputs e) {
      throw e;
    } catch (RuntimeException e) {
      String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      throw new IllegalArgumentException(
          Problem.message(
              "input does not fit the network",
              where(network),
              "inputs " + input.getShape() + " to pass",
              e.getClass().getSimpleName() + " (" + reason + ")",
              "describe the network's input with ImageInput.of(channels, height, width)"),
          e);
    }
  }

  private static String where(Network network) {
    return "model '" + network.model().getName() + "'";
  }

  /** What no other input would change. */
  private static final class SeveralOutputs extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    SeveralOutputs(Network network, String found) {
      super(
          Problem.message(
              "network with several outputs",
              where(network),
              "one tensor of logits",
              found,
              network.isScript()
                  ? "save a module whose forward returns the logits alone: wrap this one and return"
                      + " net(x)[0], or the name of its logits"
                  : "put a block behind it that hands on the logits alone"));
    }
  }
}
