package org.vpns.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.graph.op.ForwardPass;
import org.vpns.graph.op.Operator;
import org.vpns.testing.Altered;

/** Operators by other authors that give nothing, or too much, where they are asked. */
final class ForeignOperatorTest {
  /** Gives what comes in. */
  private record Same() implements Operator {
    @Override
    public String kind() {
      return "same";
    }

    @Override
    public NDArray[] apply(@Nullable NDArray[] inputs, ForwardPass pass) {
      return new NDArray[] {inputs[0].duplicate()};
    }

    @Override
    public List<Shape> outputShapes(List<@Nullable Shape> inputs, long batch) {
      return List.of(inputs.get(0));
    }
  }

  private static ModelGraph graph(Operator operator) {
    ModelGraph.Builder builder = ModelGraph.builder();
    int input = builder.input(new Shape(-1, 3), DataType.FLOAT32);
    return builder.build(builder.node("own", operator, List.of(input)));
  }

  private static Operator altered(String method, Object given) {
    return Altered.of(Operator.class, method, given, new Same());
  }

  @ParameterizedTest
  @ValueSource(strings = {"kind", "outputShapes", "outputType"})
  void whatGivesNothing_isNamedWhereItIsPut(String method) {
    assertThatNullPointerException()
        .isThrownBy(() -> graph(altered(method, null)))
        .withMessageStartingWith(
            "argument missing: node 'own', what Operator." + method + " gives; ");
  }

  @Test
  void shapeThatIsNone_isNamed() {
    assertThatNullPointerException()
        .isThrownBy(() -> graph(altered("outputShapes", Arrays.asList((Shape) null))))
        .withMessageStartingWith(
            "argument missing: node 'own', what Operator.outputShapes gives[0]; ");
  }

  private static NDList run(Operator operator, NDManager manager) {
    NetworkValues network = NetworkValues.of(graph(operator), Map.of());
    return GraphRun.forward(network, new NDList(manager.ones(new Shape(2, 3))));
  }

  @Test
  void arraysThatAreNone_areNamed() {
    try (NDManager manager = NDManager.newBaseManager()) {
      assertThat(run(new Same(), manager).head().getShape()).isEqualTo(new Shape(2, 3));
      assertThatNullPointerException()
          .isThrownBy(() -> run(altered("apply", null), manager))
          .withMessageStartingWith("argument missing: own, what Operator.apply gives; ");
      assertThatNullPointerException()
          .isThrownBy(() -> run(altered("apply", new NDArray[1]), manager))
          .withMessageStartingWith("argument missing: own, what Operator.apply gives[0]; ");
      NDArray array = manager.ones(new Shape(2, 3));
      for (NDArray[] wrong : new NDArray[][] {{}, {array, array}}) {
        assertThatIllegalArgumentException()
            .isThrownBy(() -> run(altered("apply", wrong), manager))
            .withMessageStartingWith(
                "wrong number of outputs: node 'own', same; expected 1, found ");
      }
    }
  }
}
