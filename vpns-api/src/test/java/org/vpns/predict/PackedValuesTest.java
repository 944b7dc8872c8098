package org.vpns.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.FloatBuffer;
import org.junit.jupiter.api.Test;
import org.vpns.Mask;

final class PackedValuesTest {
  @Test
  void pack_takesKeptValuesInOrder_andUnpackPutsThemBack() {
    Mask mask = Mask.parse(new Shape(2, 4), "01100001");
    float[] values = {0, 1.5f, Float.NaN, 0, 0, -0f, 0, 3};
    assertThat(PackedValues.pack(values, mask, "w")).containsExactly(1.5f, Float.NaN, 3);
    float[] whole = {9, 9, 9, 9, 9, 9, 9, 9};
    PackedValues.unpack(new float[] {1.5f, Float.NaN, 3}, mask, FloatBuffer.wrap(whole));
    assertThat(whole).containsExactly(0, 1.5f, Float.NaN, 0, 0, 0, 0, 3);
  }

  @Test
  void pack_ofMaskThatKeepsNothing_isEmpty() {
    Mask mask = Mask.zeros(new Shape(130));
    assertThat(PackedValues.pack(new float[130], mask, "w")).isEmpty();
    float[] whole = new float[130];
    whole[129] = 5;
    PackedValues.unpack(new float[0], mask, FloatBuffer.wrap(whole));
    assertThat(whole).containsOnly(0);
  }

  /** A zero that is kept must not make up for a removed value that is none. */
  @Test
  void pack_ofRemovedValueThatIsNotZero_isRefused() {
    Mask mask = Mask.parse(new Shape(4), "1100");
    assertThatIllegalStateException()
        .isThrownBy(() -> PackedValues.pack(new float[] {0, 0, 0, 2}, mask, "w"))
        .withMessageStartingWith("weights and masks disagree: w[3]; expected 0.0,");
    assertThatIllegalStateException()
        .isThrownBy(() -> PackedValues.pack(new float[] {1, 0, Float.NaN, 0}, mask, "w"))
        .withMessageContaining("w[2]");
  }

  @Test
  void requireMasked_passesZerosOfBothSigns_andNamesTheFirstOther() throws IOException {
    Mask mask = Mask.parse(new Shape(3), "100");
    PackedValues.requireMasked(new float[] {5, 0, -0f}, mask, "w");
    assertThatIOException()
        .isThrownBy(() -> PackedValues.requireMasked(new float[] {5, 0, 1e-30f}, mask, "w"))
        .withMessageStartingWith("weights and masks disagree: w[2]; expected 0.0,");
  }
}
