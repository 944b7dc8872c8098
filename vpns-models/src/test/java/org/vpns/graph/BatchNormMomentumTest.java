package org.vpns.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.training.ParameterStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.testing.TinyResNet;

/** The pace of batch norm's running statistics. */
final class BatchNormMomentumTest {
  private static final Shape ROW = new Shape(2);

  /** A batch norm of two channels, its statistics 0 and 1. */
  private static Block norm(NDManager manager) {
    Block block = new SequentialBlock().add(BatchNorm.builder().optMomentum(0.99f).build());
    block.initialize(manager, DataType.FLOAT32, new Shape(1, 2));
    return block;
  }

  /** The running means after one training pass over rows of mean 2 and 10. */
  private static float[] meansAfterAStep(NetworkValues network, NDManager manager) {
    GraphBlock block = GraphBlock.of(network, manager);
    NDArray rows = manager.create(new float[] {1, 8, 3, 12}, new Shape(2, 2));
    block.forward(new ParameterStore(manager, false), new NDList(rows), true).close();
    return block.network().array("0.running_mean").toFloatArray();
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.5, 0.9})
  void statistics_moveByTheShareThatDoesNotStay(double momentum) {
    try (NDManager manager = NDManager.newBaseManager()) {
      NetworkValues network = BlockTracer.network(norm(manager), ROW);
      float[] means = meansAfterAStep(BatchNormMomentum.set(network, momentum), manager);
      assertThat(means[0]).isCloseTo((float) (2 * (1 - momentum)), within(1e-6f));
      assertThat(means[1]).isCloseTo((float) (10 * (1 - momentum)), within(1e-5f));
    }
  }

  @Test
  void given_isNotChanged() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NetworkValues network = BlockTracer.network(norm(manager), ROW);
      ModelGraph before = network.graph();
      NetworkValues other = BatchNormMomentum.set(network, 0.5);
      assertThat(other.graph()).isNotEqualTo(before);
      assertThat(network.graph()).isSameAs(before);
      assertThat(meansAfterAStep(network, manager)[0]).isCloseTo(0.02f, within(1e-6f));
    }
  }

  @Test
  void parametersAndOutputs_areTheGivenOnes() {
    try (Model model = TinyResNet.newModel();
        NDManager manager = model.getNDManager().newSubManager()) {
      NetworkValues network = BlockTracer.network(model.getBlock(), new Shape(3, 32, 32));
      NetworkValues other = BatchNormMomentum.set(network, 0.5);
      for (GraphParameter p : network.graph().parameters()) {
        assertThat(other.array(p.path())).isSameAs(network.array(p));
      }
      NDArray images = manager.create(TinyResNet.plainInput(1), new Shape(16, 3, 32, 32));
      assertThat(GraphRun.forward(other, new NDList(images)).head().toFloatArray())
          .isEqualTo(GraphRun.forward(network, new NDList(images)).head().toFloatArray());
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 1, Double.NaN})
  void momentum_outOfRange_isRefused(double momentum) {
    try (NDManager manager = NDManager.newBaseManager()) {
      NetworkValues network = BlockTracer.network(norm(manager), ROW);
      assertThatThrownBy(() -> BatchNormMomentum.set(network, momentum))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith(
              "momentum out of range: BatchNormMomentum.set; expected at least 0 and below 1,");
    }
  }

  @Test
  void network_withoutBatchNorm_isRefused() {
    try (NDManager manager = NDManager.newBaseManager()) {
      Block block = Linear.builder().setUnits(3).build();
      block.initialize(manager, DataType.FLOAT32, new Shape(1, 2));
      NetworkValues network = BlockTracer.network(block, ROW);
      assertThatThrownBy(() -> BatchNormMomentum.set(network, 0.9))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("network without batch norm: BatchNormMomentum.set;");
    }
  }
}
