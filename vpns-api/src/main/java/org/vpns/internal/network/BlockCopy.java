package org.vpns.internal.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.vpns.NamedParameter;
import org.vpns.NetworkMode;
import org.vpns.Problem;
import org.vpns.ScoringNetwork;

/**
 * A block of DJL run on copies of its parameters and statistics: the block asks a parameter store
 * for its arrays, and this one hands out the copies. So nothing that a scorer does can reach the
 * network, and every copy starts with an empty gradient.
 */
final class BlockCopy implements ScoringNetwork {
  private final Network network;
  private final NDManager manager;
  private final CopyStore store;
  private final List<NDArray> weights = new ArrayList<>();
  private final boolean training;

  BlockCopy(Network network, NetworkMode mode, IntFunction<float[]> values) {
    this.network = network;
    training = mode == NetworkMode.TRAIN;
    manager = network.manager().newSubManager();
    store = new CopyStore(manager);
    try {
      for (NamedParameter p : network.paths()) {
        if (!network.layout().contains(p.path())) {
          store.copy(p.parameter());
        }
      }
      for (int i = 0; i < network.layout().tensors(); i++) {
        NDArray leaf = leaf(values.apply(i), network.weight(i));
        weights.add(leaf);
        store.put(network.parameter(i), leaf);
      }
    } catch (Throwable e) {
      manager.close();
      throw e;
    }
  }

  private NDArray leaf(float[] values, NDArray like) {
    // an array made of Java values borrows their memory, which a backward pass may outlive
    try (NDArray borrowed = manager.create(values, like.getShape());
        NDArray there = borrowed.toDevice(like.getDevice(), true)) {
      NDArray leaf = there.duplicate();
      leaf.attach(manager);
      leaf.setRequiresGradient(true);
      return leaf;
    }
  }

  @Override
  public NDManager manager() {
    return manager;
  }

  @Override
  public List<NDArray> weights() {
    return weights;
  }

  @Override
  public NDArray forward(NDArray input) {
    Problem.given(input, "ScoringNetwork.forward", "input");
    return network.block().forward(store, new NDList(input), training).head();
  }

  @Override
  public void close() {
    manager.close();
  }
}
