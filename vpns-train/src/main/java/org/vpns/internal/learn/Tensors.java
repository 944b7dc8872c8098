package org.vpns.internal.learn;

import ai.djl.ndarray.NDArray;
import org.vpns.internal.network.HostFloats;
import org.vpns.internal.network.Network;
import org.vpns.internal.network.TensorMemory;

/** Memory of all prunable weights and of their gradients, for the time between two passes. */
final class Tensors implements AutoCloseable {
  private final TensorMemory[] weights;
  private final TensorMemory[] gradients;
  private final NDArray[] handles;

  /** Access found at earlier openings: weights, then gradients. */
  static TensorMemory.Access[] accesses(Network network) {
    TensorMemory.Access[] accesses = new TensorMemory.Access[2 * network.layout().tensors()];
    for (int i = 0; i < accesses.length; i++) {
      accesses[i] = new TensorMemory.Access();
    }
    return accesses;
  }

  Tensors(Network network, TensorMemory.Access[] accesses) {
    int count = network.layout().tensors();
    weights = new TensorMemory[count];
    gradients = new TensorMemory[count];
    handles = new NDArray[count];
    for (int i = 0; i < count; i++) {
      weights[i] = TensorMemory.open(network.weight(i), accesses[i]);
      handles[i] = network.weight(i).getGradient();
      gradients[i] = TensorMemory.open(handles[i], accesses[count + i]);
    }
  }

  HostFloats weight(int tensor) {
    return weights[tensor].host();
  }

  HostFloats gradient(int tensor) {
    return gradients[tensor].host();
  }

  /** Weights were written and gradients zeroed. */
  void flush() {
    for (int i = 0; i < weights.length; i++) {
      weights[i].flush();
      gradients[i].flushZeros();
    }
  }

  @Override
  public void close() {
    for (NDArray handle : handles) {
      handle.close();
    }
  }
}
