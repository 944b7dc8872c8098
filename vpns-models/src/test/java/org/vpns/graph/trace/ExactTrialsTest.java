package org.vpns.graph.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.graph.GraphNode;
import org.vpns.graph.op.ForwardPass;
import org.vpns.graph.op.Operator;
import org.vpns.internal.network.ImageComparison.Layout;

/** An operator that reads integers of two images, and refuses some of them. */
final class ExactTrialsTest {
  private record Choosy(Function<long[], @Nullable RuntimeException> refusal) implements Operator {
    @Override
    public String kind() {
      return "choosy";
    }

    @Override
    public NDArray[] apply(@Nullable NDArray[] inputs, ForwardPass pass) {
      RuntimeException refused = refusal.apply(inputs[0].toLongArray());
      if (refused != null) {
        throw refused;
      }
      return new NDArray[] {inputs[0].duplicate()};
    }

    @Override
    public List<Shape> outputShapes(List<@Nullable Shape> inputs, long batch) {
      return List.of(inputs.get(0));
    }
  }

  private static int trials(Function<long[], @Nullable RuntimeException> refusal) {
    ImagePlaces places = new ImagePlaces(tensor -> new Shape(-1, 50), 2);
    places.put(0, new Shape(2, 50), new Layout(1, 2, 1));
    ExactTrials exact = new ExactTrials(places, tensor -> DataType.INT64, 2, List.of(0, 1));
    GraphNode node = new GraphNode("own", new Choosy(refusal), List.of(0), List.of(1));
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray made = manager.zeros(new Shape(2, 50), DataType.INT64);
      return exact.of(node, manager, made).size();
    }
  }

  private static @Nullable RuntimeException unlessAbove(long least, long[] values, String refusal) {
    for (long value : values) {
      if (value <= least) {
        return switch (refusal) {
          case "engine" -> new EngineException("no such place");
          case "argument" -> new IllegalArgumentException("no such place");
          default -> new IndexOutOfBoundsException("no such place");
        };
      }
    }
    return null;
  }

  /** None fits 0; from 1 on all do, so the second range is taken. */
  @ParameterizedTest
  @ValueSource(strings = {"engine", "argument", "index"})
  void of_anOperatorThatRefusesARange_takesTheNext(String refusal) {
    List<Long> seen = new ArrayList<>();
    int trials =
        trials(
            values -> {
              RuntimeException refused = unlessAbove(0, values, refusal);
              if (refused == null) {
                seen.add(values[0]);
              }
              return refused;
            });
    assertThat(trials).isEqualTo(16);
    assertThat(seen).hasSize(3 * 16).contains(1L, 2L).doesNotContain(0L);
    assertThat(trials(values -> unlessAbove(9, values, refusal))).isZero();
  }

  /** It was taken for a range that does not fit, and whether images mix was not looked at. */
  @Test
  void of_anOperatorThatFails_saysSo() {
    assertThatThrownBy(
            () -> trials(values -> new IllegalStateException("a fault of the operator's own")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("a fault of the operator's own");
  }
}
