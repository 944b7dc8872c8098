package org.vpns.graph;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.vpns.graph.SmallNetworks.chain;
import static org.vpns.graph.SmallNetworks.conv;
import static org.vpns.graph.SmallNetworks.lambda;

import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.recurrent.GRU;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Narrowing that does not fit is refused at the node where it does not. */
class NarrowingRefusalTest {
  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void close() {
    manager.close();
  }

  private void refused(Block block, WidthPlan plan, String message) {
    NetworkValues network = SmallNetworks.of(block, manager);
    assertThatThrownBy(() -> plan.narrowed(network, manager))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void narrow_onOneSideOnly_isRefusedAtTheNode() {
    refused(
        chain(conv(6), conv(4)),
        WidthPlan.of().rows("0", 0, 2),
        "narrowing does not fit: node '1' (conv); expected the same channels and columns of the"
            + " weight, found [0, 2] and all; keep the same positions");
    refused(
        chain(conv(6), conv(4)),
        WidthPlan.of().keep("0.weight", 0, 0, 2).keep("1.weight", 1, 0, 2),
        "node '0' (conv); expected the same rows and biases");
    refused(
        chain(conv(6), BatchNorm.builder().build(), conv(4)),
        WidthPlan.of().rows("0", 0, 2).keep("2.weight", 1, 0, 2),
        "node '1' (batchNorm); expected the same channels and statistics");
    refused(
        chain(conv(3), lambda(x -> x.add(x.abs().flip(1)))),
        WidthPlan.of().rows("0", 0, 1),
        "(add); expected the same positions of all operands, found [0, 1] and [1, 2]");
  }

  @Test
  void narrow_acrossWhatMixesPositions_isRefusedByName() {
    refused(
        chain(conv(6), lambda(x -> x.softmax(1)), conv(4)),
        WidthPlan.of().rows("0", 0, 2).keep("2.weight", 1, 0, 2),
        "(softmax); expected the whole axis");
    refused(
        chain(conv(6), lambda(x -> x.topK(2, 1).get(0))),
        WidthPlan.of().rows("0", 0, 2),
        "(topK); expected the whole axis");
    refused(
        chain(conv(6), lambda(x -> x.mean(new int[] {1}, true))),
        WidthPlan.of().rows("0", 0, 2),
        "(mean); expected a sum");
    refused(
        chain(conv(6), lambda(x -> x.reshape(-1, 2, 3, 4, 4))),
        WidthPlan.of().rows("0", 0, 1, 3),
        "(reshape); expected kept positions that are a block");
    refused(
        chain(conv(6), lambda(x -> x.split(2, 1).get(0)), conv(4)),
        WidthPlan.of().rows("0", 3, 4),
        "(split); expected something of each piece");
    refused(
        chain(conv(6), lambda(x -> x.split(2, 1).get(0)), conv(4)),
        WidthPlan.of().rows("0", 0, 3, 1),
        "(split); expected something of each piece, one piece after the other, found [0, 3, 1]");
    refused(
        chain(conv(8), conv(6).optGroups(2)),
        WidthPlan.of().rows("0", 0, 1, 5, 6).keep("1.weight", 1, 0, 1),
        "expected the same channels in all 2 groups");
    refused(
        chain(
            conv(6),
            lambda(x -> x.reshape(-1, 6, 16)),
            GRU.builder().setNumLayers(1).setStateSize(2).optBatchFirst(true).build()),
        WidthPlan.of().rows("0", 0, 1),
        "operator that cannot be narrowed: 'gru' at node");
  }
}
