package org.vpns.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import org.junit.jupiter.api.Test;
import org.vpns.LabelAssignment;
import org.vpns.NamedParameter;
import org.vpns.ParameterFilter;
import org.vpns.ParameterPaths;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.model.MobileNets;
import org.vpns.model.NetworkPlan;
import org.vpns.model.ResNets;
import org.vpns.testing.TinyResNet;

/** The head without rows that stand for no class. */
final class MappedHeadTest {
  private static final Shape INPUT = new Shape(3, 32, 32);

  private static float[] outputs(Block block, NDManager manager) {
    NDArray input = manager.create(TinyResNet.plainInput(1), new Shape(16, 3, 32, 32)).duplicate();
    ParameterStore store = new ParameterStore(manager, false);
    return block.forward(store, new NDList(input), false).head().toFloatArray();
  }

  /** Outputs 3, 17 and 4 of 20, then two for each class. */
  @Test
  void outputs_areTheMappedOnes_inTheOrderOfTheClasses() {
    try (Model model = TinyResNet.newModel();
        NDManager manager = model.getNDManager().newSubManager()) {
      GraphBlock block = BlockTracer.graphBlock(model.getBlock(), manager, INPUT);
      int[][] assigned = {{3}, {17}, {4}};
      MappedHead head = MappedHead.of(block.network(), LabelAssignment.of(20, assigned), manager);
      assertThat(head.path()).isEqualTo("fc.weight");
      assertThat(head.removed()).isEqualTo(17);
      assertThat(head.mapping().toArray()).isDeepEqualTo(new int[][] {{0}, {1}, {2}});
      float[] wide = outputs(model.getBlock(), manager);
      float[] narrow = outputs(GraphBlock.of(head.network(), manager), manager);
      assertThat(narrow).hasSize(48);
      for (int image = 0; image < 16; image++) {
        for (int target = 0; target < 3; target++) {
          // sums of 16 products in another order
          assertThat(narrow[image * 3 + target])
              .isCloseTo(wide[image * 20 + assigned[target][0]], within(1e-5f));
        }
      }
      int[][] pairs = {{9, 1}, {0, 19}};
      MappedHead two = MappedHead.of(block.network(), LabelAssignment.of(20, pairs), manager);
      assertThat(two.mapping().toArray()).isDeepEqualTo(new int[][] {{0, 1}, {2, 3}});
      assertThat(outputs(GraphBlock.of(two.network(), manager), manager)[1])
          .isCloseTo(wide[1], within(1e-5f));
    }
  }

  /** n loses the rows and nothing else: 17 rows of 16 of 5,272. */
  @Test
  void prunableWeights_areFewerByTheRowsRemoved() {
    try (Model model = TinyResNet.newModel();
        NDManager manager = model.getNDManager().newSubManager()) {
      GraphBlock block = BlockTracer.graphBlock(model.getBlock(), manager, INPUT);
      MappedHead head =
          MappedHead.of(
              block.network(), LabelAssignment.of(20, new int[][] {{3}, {17}, {4}}), manager);
      assertThat(size(GraphBlock.of(head.network(), manager))).isEqualTo(5_272 - 17 * 16);
      for (NamedParameter p : ParameterPaths.of(GraphBlock.of(head.network(), manager))) {
        if (!p.path().startsWith("fc.")) {
          assertThat(p.parameter().getArray().toFloatArray())
              .isEqualTo(
                  block
                      .array(
                          block.graph().parameters().stream()
                              .filter(other -> other.path().equals(p.path()))
                              .findFirst()
                              .orElseThrow())
                      .toFloatArray());
        }
      }
    }
  }

  private static int size(Block block) {
    return ParameterPaths.of(block).prunable(ParameterFilter.weights()).size();
  }

  /** A linear head, and one that is a convolution with a flattening behind it. */
  @Test
  void headsOfPublishedNetworks_areFound() {
    for (NetworkPlan plan : new NetworkPlan[] {ResNets.resnet18(), MobileNets.v2()}) {
      try (Model model = plan.newModel("network", 1);
          NDManager manager = model.getNDManager().newSubManager()) {
        Shape input = new Shape(3, 224, 224);
        GraphBlock block = BlockTracer.graphBlock(model.getBlock(), manager, input);
        MappedHead head =
            MappedHead.of(
                block.network(), LabelAssignment.of(1000, new int[][] {{999}, {0}}), manager);
        assertThat(head.removed()).isEqualTo(998);
      }
    }
  }

  @Test
  void mappingOfAnotherNetwork_isRefused() {
    try (Model model = TinyResNet.newModel();
        NDManager manager = model.getNDManager().newSubManager()) {
      GraphBlock block = BlockTracer.graphBlock(model.getBlock(), manager, INPUT);
      LabelAssignment other = LabelAssignment.of(10, new int[][] {{0}, {1}});
      assertThatThrownBy(() -> MappedHead.of(block.network(), other, manager))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("no head with a row for each output: MappedHead.of; expected ")
          .hasMessageContaining("(20, 16)");
    }
  }
}
