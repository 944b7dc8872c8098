package org.vpns.graph.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Images that change each other where the results of a trial do not show it. */
final class ImagesApartTest {
  private static final Shape IMAGE = new Shape(3, 4);

  private NDManager manager;

  @BeforeEach
  void open() {
    manager = NDManager.newBaseManager();
  }

  @AfterEach
  void close() {
    manager.close();
  }

  private void refusedAt(String node, BiFunction<NDArray, NDArray, NDArray> function) {
    refusedAt(node, Lambda.of(manager, function), IMAGE);
  }

  private static void refusedAt(String node, Block block, Shape image) {
    assertThatThrownBy(() -> BlockTracer.trace(block, image))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "images of a batch change each other: node " + node + "; expected for image ");
  }

  private void accepted(BiFunction<NDArray, NDArray, NDArray> function) {
    assertThat(BlockTracer.trace(Lambda.of(manager, function), IMAGE).nodes()).isNotEmpty();
  }

  private static NDArray largeBias(NDArray x) {
    return x.add(x.getManager().create(new float[] {0, 1e5f, 0, 0}));
  }

  private static NDArray meanOfBatch(NDArray x) {
    return x.mean(new int[] {0}, true);
  }

  @Test
  void mixing_belowTheRoundingOfALaterBias_isRefused() {
    refusedAt("mean1", (x, w) -> largeBias(x.sub(meanOfBatch(x)).matMul(w)));
    refusedAt("softmax1", (x, w) -> largeBias(x.reshape(1, -1).softmax(1).reshape(x.getShape())));
  }

  @Test
  void mixing_behindAShutGate_isRefused() {
    refusedAt("mean1", (x, w) -> x.add(Activation.relu(x.sub(meanOfBatch(x)).sub(1e3))));
  }

  @Test
  void mixing_ofWhatAShutGateLetsThrough_isRefused() {
    refusedAt("sum1", (x, w) -> x.add(Activation.relu(x.sub(1e3)).sum(new int[] {0}, true)));
    refusedAt(
        "sum1",
        (x, w) -> x.add(Activation.relu(x.matMul(w).sub(1e3)).mul(2).sum(new int[] {0}, true)));
    // not a number for any image
    refusedAt("sum1", (x, w) -> x.maximum(x.sub(1e3).sqrt().exp().sum(new int[] {0}, true)));
  }

  @Test
  void blockOfDjl_thatMixesImagesBeforeALargeBias_isRefused() {
    Block head = Linear.builder().setUnits(2).build();
    Block block =
        new SequentialBlock()
            .add(Linear.builder().setUnits(4).build())
            .add(list -> new NDList(list.head().sub(meanOfBatch(list.head()))))
            .add(head);
    block.initialize(manager, DataType.FLOAT32, new Shape(1, 4));
    head.getParameters().get("bias").getArray().set(new float[] {1e5f, 0});
    refusedAt("mean1", block, new Shape(4));
  }

  @Test
  void gatesThatAreShut_andImagesThatAreAlike_areNoMixing() {
    accepted((x, w) -> x.matMul(w).add(Activation.relu(x.sub(1e3)).matMul(w)));
    accepted((x, w) -> x.matMul(w).mul(x.zerosLike().add(x.onesLike()).log().exp()));
    accepted((x, w) -> Activation.relu(x.sub(1e3)).sum(new int[] {1}).expandDims(1).add(x));
    accepted((x, w) -> x.transpose(1, 0, 2).zerosLike().reshape(-1, 4).matMul(w));
  }

  /** What remains of 1e5 has lost five digits, which no later node is to blame for. */
  @Test
  void roundingThatRemainsWhenLargeNumbersCancel_isNoMixing() {
    accepted(
        (x, w) -> {
          NDArray large = x.matMul(w).add(1e5).matMul(w);
          NDArray small = large.sub(large.mean(new int[] {2}, true));
          return Activation.relu(large.sub(small).sub(large)).add(x);
        });
  }

  @Test
  void infiniteNumbers_ofEachImageAlike_areNoMixing() {
    accepted((x, w) -> x.matMul(w).div(x.zerosLike()).sign());
  }
}
