package org.vpns.graph.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vpns.graph.GraphComparison;
import org.vpns.graph.ModelGraph;
import org.vpns.internal.graph.op.OperatorCall;
import org.vpns.internal.graph.op.Reductions.TopK;

/** Largest and smallest values with their positions, the one operator with outputs of two types. */
final class TopKTest {
  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void close() {
    manager.close();
  }

  private NDList run(TopK top, NDArray x) {
    return OperatorCall.run(top, x);
  }

  @Test
  void topK_ofEqualValues_takesThoseInFront() {
    NDArray x = manager.create(new float[] {1, 3, 0, 3, 1, 3}, new Shape(1, 6));
    NDList largest = run(new TopK(4, 1, true), x);
    assertThat(largest.get(0).toFloatArray()).containsExactly(3, 3, 3, 1);
    assertThat(largest.get(1).toLongArray()).containsExactly(1, 3, 5, 0);
    NDList smallest = run(new TopK(4, -1, false), x);
    assertThat(smallest.get(0).toFloatArray()).containsExactly(0, 1, 1, 3);
    assertThat(smallest.get(1).toLongArray()).containsExactly(2, 0, 4, 1);
  }

  @Test
  void topK_ofManyValuesMostlyEqual_isAStableSort() {
    // the engine's own sort mixes up equal values of long rows
    int length = 5000;
    Random random = new Random(1);
    long[] values = random.longs(length, 0, 4).toArray();
    for (boolean largest : new boolean[] {true, false}) {
      long[] expected =
          IntStream.range(0, length)
              .boxed()
              .sorted((a, b) -> Long.compare(values[a], values[b]) * (largest ? -1 : 1))
              .limit(3000)
              .mapToLong(Integer::longValue)
              .toArray();
      for (DataType type : List.of(DataType.FLOAT32, DataType.FLOAT64, DataType.INT64)) {
        NDArray x = manager.create(values, new Shape(length, 1)).toType(type, false);
        NDList found = run(new TopK(3000, 0, largest), x);
        assertThat(found.get(1).toLongArray()).isEqualTo(expected);
        assertThat(found.get(0).getDataType()).isEqualTo(type);
      }
    }
  }

  @Test
  void topK_ofOneValue_isThatValue() {
    NDList found = run(new TopK(1, 1, true), manager.create(new float[] {7, 8}, new Shape(2, 1)));
    assertThat(found.get(0).toFloatArray()).containsExactly(7, 8);
    assertThat(found.get(1).toLongArray()).containsExactly(0, 0);
  }

  @Test
  void topK_gradient_goesToWhatWasTaken() {
    NDArray x = manager.create(new float[] {5, 9, 7, 9}, new Shape(1, 4));
    x.setRequiresGradient(true);
    try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      NDArray taken = run(new TopK(3, 1, true), x).get(0);
      collector.backward(taken.mul(manager.create(new float[] {1, 10, 100})).sum());
    }
    assertThat(x.getGradient().toFloatArray()).containsExactly(0, 1, 100, 10);
  }

  @Test
  void topK_inABlock_becomesOneNodeWithOutputsOfTheirTypes() {
    Lambda block =
        Lambda.of(
            manager,
            (x, w) -> {
              NDList top = x.matMul(w).topK(2, 1);
              return top.get(0).add(top.get(1).toType(DataType.FLOAT32, false));
            });
    ModelGraph graph = GraphComparison.assertEqual(block, manager, new Shape(4)).graph();
    assertThat(graph.nodes().stream().map(node -> node.operator().kind()))
        .containsExactly("matMul", "topK", "cast", "add");
    assertThat(graph.nodes().get(1).outputs().stream().map(t -> graph.tensor(t).type()))
        .containsExactly(DataType.FLOAT32, DataType.INT64);
  }

  @Test
  void topK_ofMoreThanThereIs_isRefused() {
    ModelGraph.Builder builder = ModelGraph.builder();
    int x = builder.input(new Shape(-1, 4), DataType.FLOAT32);
    assertThatThrownBy(() -> builder.node("top", new TopK(5, 1, true), List.of(x)))
        .hasMessageContaining("expected 1 to 4 values, found 5");
  }
}
