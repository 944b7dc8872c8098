package org.vpns.graph;

import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import org.junit.jupiter.api.AfterEach;

/** A test on small networks, whose arrays end with it. */
abstract class NetworkCase {
  final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  final void close() {
    manager.close();
  }

  final NetworkValues network(Block block) {
    return SmallNetworks.of(block, manager);
  }

  final float[] run(NetworkValues network) {
    return SmallNetworks.run(network, manager);
  }
}
