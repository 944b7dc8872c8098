package org.vpns.internal.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.vpns.ParameterFilter;

final class LogitsTest {
  private static final Shape ONE = new Shape(1, 4);

  private static int outputs(UnaryOperator<NDArray> last) {
    try (Model model = Model.newInstance("turned")) {
      SequentialBlock block =
          new SequentialBlock()
              .add(Linear.builder().setUnits(3).build())
              .add(new LambdaBlock(list -> new NDList(last.apply(list.head()))));
      block.initialize(model.getNDManager(), DataType.FLOAT32, ONE);
      model.setBlock(block);
      return Network.open(model, ParameterFilter.weights()).outputs(ONE);
    }
  }

  @Test
  void outputs_ofImagesInFront_areCounted() {
    assertThat(outputs(logits -> logits)).isEqualTo(3);
  }

  /** Of as many images as classes nobody could tell afterwards which axis is which. */
  @Test
  void outputs_withImagesAlongAnotherAxis_areNoLogits() {
    assertThatThrownBy(() -> outputs(NDArray::transpose))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "network is no classifier: model 'turned', input (1, 4); expected logits (batch,"
                + " classes), found (3, 1)");
    assertThatThrownBy(() -> outputs(logits -> logits.reshape(-1, 1)))
        .hasMessageContaining("found (3, 1)");
  }
}
