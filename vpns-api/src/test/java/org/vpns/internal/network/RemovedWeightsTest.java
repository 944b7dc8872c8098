package org.vpns.internal.network;

import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.ParameterFilter;
import org.vpns.ParameterPaths;
import org.vpns.io.FormatException;
import org.vpns.testing.TinyResNet;

final class RemovedWeightsTest {
  @Test
  void requireZero_ofATensor_passesZerosOfBothSigns() throws FormatException {
    RemovedWeights.requireZero(new float[] {5, 0, -0f}, Mask.parse(new Shape(3), "100"), "w");
  }

  @ParameterizedTest
  @ValueSource(floats = {1e-30f, -1, Float.NaN, Float.POSITIVE_INFINITY})
  void requireZero_ofATensor_namesTheFirstThatIsNone(float value) {
    float[] values = {5, 0, value, value};
    assertThatIOException()
        .isThrownBy(
            () -> RemovedWeights.requireZero(values, Mask.parse(new Shape(4), "1000"), "f, w"))
        .withMessage(
            "weights and masks disagree: f, w[2]; expected 0.0, as the mask removes it, found "
                + value
                + "; use files of one result.");
  }

  /** A zero that is kept does not make up for a removed value that is none. */
  @Test
  void requireZero_ofANetwork_namesPathAndPosition() {
    try (Model model = TinyResNet.newModel()) {
      ParameterPaths paths = ParameterPaths.of(model.getBlock());
      Layout layout = paths.prunable(ParameterFilter.paths(List.of("fc.weight")));
      MaskSet masks = MaskSet.of(layout, tensor -> Mask.of(layout.shape(tensor), i -> i < 70));
      NDArray weight = paths.find("fc.weight").parameter().getArray();
      float[] values = new float[(int) weight.size()];
      weight.set(values);
      RemovedWeights.requireZero(model, masks);

      values[70] = 0.25f;
      weight.set(values);
      assertThatIllegalStateException()
          .isThrownBy(() -> RemovedWeights.requireZero(model, masks))
          .withMessageStartingWith(
              "weights and masks disagree: fc.weight[70]; expected 0.0, as the mask removes it,"
                  + " found 0.25; ");
    }
  }
}
