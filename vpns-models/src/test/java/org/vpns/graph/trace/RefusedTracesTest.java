package org.vpns.graph.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.core.Linear;
import ai.djl.pytorch.engine.PtNDArray;
import org.junit.jupiter.api.Test;
import org.vpns.graph.ModelGraph;

/** What a graph cannot hold is refused where it happens. */
class RefusedTracesTest extends TracerTests {
  @Test
  void inPlaceMethods_onViews_areRefused() {
    refused(
        "array changed through a view",
        (x, w) -> {
          NDArray y = x.matMul(w);
          y.get(":, 0").addi(6);
          return y;
        });
    refused(
        "array changed through a view",
        (x, w) -> {
          NDArray y = x.matMul(w);
          NDArray view = y.reshape(-1, 12);
          y.addi(6);
          return view;
        });
    refused("parameter changed in a forward pass", (x, w) -> x.matMul(w.muli(1)));
  }

  @Test
  void writes_areRefused() {
    refused(
        "NDArray.set(NDIndex,Number)",
        (x, w) -> {
          NDArray y = x.matMul(w);
          y.set(new NDIndex(0), 6);
          return y;
        });
    refused(
        "array written to",
        (x, w) -> {
          NDArray y = x.matMul(w);
          x.copyTo(y);
          return y;
        });
  }

  @Test
  void readsOfValues_areRefused() {
    refused(
        "values read in a forward pass: after w",
        (x, w) -> x.matMul(w).sum().getFloat() > 0 ? x : x.neg());
    refused("values read", (x, w) -> x.mul(x.toFloatArray()[0]));
    refused("values read", (x, w) -> x.mul(w.toArray()[0]));
    // the engine would copy the recording array's values and cut the gradient
    refused("left operand", (x, w) -> manager.ones(new Shape(4)).add(x));
  }

  @Test
  void readsOfValues_ifAllowed_freezeWhatTheyDecide() {
    Lambda block = Lambda.of(manager, (x, w) -> w.sum().getFloat() > 1e9 ? x : x.matMul(w));
    ModelGraph graph = BlockTracer.of(new Shape(3, 4)).allowDataDependence().trace(block);
    assertThat(graph.nodes()).hasSize(1);
  }

  @Test
  void randomNumbers_areRefused() {
    refused(
        "random numbers in a forward pass",
        (x, w) -> x.add(x.getManager().randomNormal(x.getShape())));
  }

  @Test
  void masksAndPicks_areRefused() {
    refused("operator unknown to graphs", (x, w) -> x.get(x.gt(0)));
    refused("operator unknown to graphs", (x, w) -> x.matMul(w).cumSum(1));
  }

  @Test
  void castsToTheEngine_areRefusedWithAdvice() {
    refused(
        "block reaches into the engine", (x, w) -> x.mul(((PtNDArray) x).getHandle() == 0 ? 1 : 2));
  }

  @Test
  void state_keptBetweenPasses_isRefused() {
    int[] calls = {0};
    Lambda block = Lambda.of(manager, (x, w) -> x.mul(calls[0]++ < 2 ? 1 : 2));
    assertThatThrownBy(() -> BlockTracer.trace(block, new Shape(3, 4)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("graph and block disagree");
  }

  @Test
  void uninitialisedBlock_orNoInput_isRefused() {
    Block block = Linear.builder().setUnits(2).build();
    assertThatThrownBy(() -> BlockTracer.trace(block, new Shape(4)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("parameter without values");
    assertThatThrownBy(() -> BlockTracer.of()).hasMessageContaining("network without input");
    assertThatThrownBy(() -> BlockTracer.of(new Shape(-1, 4)))
        .hasMessageContaining("input without a size");
  }
}
