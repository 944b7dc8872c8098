package org.vpns.internal.network;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import java.util.IdentityHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Hands out other arrays in place of a block's parameters: the block runs as it is, and nothing
 * that is done with them can reach it. Parameters that hold one array get one copy. They live as
 * long as the manager.
 */
final class CopyStore extends ParameterStore {
  private final NDManager manager;
  private final Map<NDArray, NDArray> copies = new IdentityHashMap<>();

  CopyStore(NDManager manager) {
    super(manager, false);
    this.manager = manager;
  }

  /** Stands in for a parameter from now on. */
  void put(Parameter parameter, NDArray array) {
    copies.put(parameter.getArray(), array);
  }

  /** A parameter's present values, in memory of their own and without gradient, stand in for it. */
  void copy(Parameter parameter) {
    try (NDArray plain = parameter.getArray().stopGradient()) {
      NDArray copy = plain.duplicate();
      copy.attach(manager);
      put(parameter, copy);
    }
  }

  @Override
  public @Nullable NDArray getValue(
      @Nullable Parameter parameter, Device device, boolean training) {
    if (parameter == null) {
      return null;
    }
    NDArray copy = parameter.isInitialized() ? copies.get(parameter.getArray()) : null;
    return copy == null ? super.getValue(parameter, device, training) : copy;
  }
}
