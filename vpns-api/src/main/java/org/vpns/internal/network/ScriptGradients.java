package org.vpns.internal.network;

import ai.djl.ndarray.NDArray;
import ai.djl.training.GradientCollector;
import org.vpns.NamedParameter;
import org.vpns.Problem;

/** The check that a TorchScript module brings one gradient for each tensor. */
public final class ScriptGradients {
  private ScriptGradients() {}

  /**
   * Does nothing to a network of blocks.
   *
   * @throws IllegalArgumentException if a prunable parameter has no gradient or is frozen, or two
   *     parameters lie on one memory without being one tensor
   */
  public static void require(Network network) {
    if (!network.isScript()) {
      return;
    }
    for (int i = 0; i < network.layout().tensors(); i++) {
      if (network.isFrozen(i)) {
        throw Problem.argument(
            "frozen parameter of a TorchScript module cannot be pruned",
            where(network, network.layout().path(i)),
            "a parameter with gradient",
            "a frozen one",
            "leave it out of the filter, or call freezeParameters(false) on the module first");
      }
      if (!network.weight(i).hasGradient()) {
        throw Problem.argument(
            "TorchScript module cannot be trained",
            where(network, network.layout().path(i)),
            "a parameter with gradient",
            "one without",
            "load it with model.load(file, null, Map.of(\"trainParam\", \"true\"))");
      }
    }
    for (NamedParameter p : network.paths()) {
      for (NamedParameter other : network.paths().sharing(p.path())) {
        requireOne(network, p, other);
      }
    }
  }

  private static String where(Network network, String parameters) {
    return "model '" + network.model().getName() + "', " + parameters;
  }

  private static void requireOne(Network network, NamedParameter p, NamedParameter other) {
    NDArray array = p.parameter().getArray();
    if (array.hasGradient() && !areOneTensor(network, array, other.parameter().getArray())) {
      throw Problem.argument(
          "TorchScript module cannot be trained",
          where(network, p.path() + " and " + other.path()),
          "one tensor, or memory of their own",
          "two tensors on one memory, each with a gradient",
          "assign one nn.Parameter to both, or clone one, and save the module again");
    }
  }

  /** Whether two handles, with gradient, are of one tensor: what one is told holds for both. */
  private static boolean areOneTensor(Network network, NDArray array, NDArray other) {
    try (GradientCollector recording = GradientGate.open(network.manager())) {
      array.setRequiresGradient(false);
      try {
        return !CountedNetwork.isRecorded(other);
      } finally {
        array.setRequiresGradient(true);
        recording.zeroGradients();
      }
    }
  }
}
