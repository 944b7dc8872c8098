package org.vpns.structured;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.vpns.graph.GraphComparison;
import org.vpns.graph.NetworkValues;

/** Tests on networks of a few {@link Parts} for 3 x 4 x 4 images. */
abstract class SmallNetworks {
  static final Shape IMAGE = new Shape(3, 4, 4);

  final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void close() {
    manager.close();
  }

  NetworkValues network(Block... parts) {
    return Removal.network(Parts.chain(parts), IMAGE, manager);
  }

  NDArray images() {
    return GraphComparison.images(manager, new Shape(2).addAll(IMAGE));
  }

  /** Half of what can leave does, and gives what the masked network gives. */
  NetworkValues halved(NetworkValues network) {
    return halved(network, ChannelRules.standard());
  }

  NetworkValues halved(NetworkValues network, ChannelRules rules) {
    ChannelGroups groups = ChannelGroups.of(network.graph(), rules);
    List<ChannelUnit> leaving = Removal.some(groups, groups.free(), 0.5, new Random(5));
    assertThat(leaving).isNotEmpty();
    return Removal.requireMasked(groups, network, leaving, images(), manager);
  }

  static void requireStays(ChannelGroup group, String reason) {
    assertThat(group.units())
        .allSatisfy(unit -> assertThat(unit.stays()).as(group.toString()).contains(reason));
  }
}
