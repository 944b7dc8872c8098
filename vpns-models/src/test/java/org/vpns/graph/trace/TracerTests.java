package org.vpns.graph.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.training.ParameterStore;
import java.util.List;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.vpns.graph.GraphBlock;
import org.vpns.graph.GraphComparison;

/** What tests of single rules of a trace share: a manager, and blocks of one function. */
abstract class TracerTests {
  NDManager manager;

  @BeforeEach
  void open() {
    manager = NDManager.newBaseManager();
  }

  @AfterEach
  void close() {
    manager.close();
  }

  GraphBlock equal(BiFunction<NDArray, NDArray, NDArray> function) {
    return GraphComparison.assertEqual(Lambda.of(manager, function), manager, new Shape(3, 4));
  }

  void refused(String message, BiFunction<NDArray, NDArray, NDArray> function) {
    Lambda block = Lambda.of(manager, function);
    assertThatThrownBy(() -> BlockTracer.trace(block, new Shape(3, 4)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
    // nothing of the trace stays behind
    try (NDManager scope = manager.newSubManager()) {
      assertThat(block.getParameters().get("w").getArray()).isInstanceOf(PtNDArray.class);
      block.forward(
          new ParameterStore(scope, false), new NDList(scope.ones(new Shape(2, 3, 4))), false);
    }
  }

  static List<String> kinds(GraphBlock block) {
    return block.graph().nodes().stream().map(n -> n.operator().kind()).toList();
  }
}
