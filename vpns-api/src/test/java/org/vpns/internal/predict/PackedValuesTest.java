package org.vpns.internal.predict;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.types.Shape;
import java.nio.FloatBuffer;
import org.junit.jupiter.api.Test;
import org.vpns.Mask;

final class PackedValuesTest {
  @Test
  void pack_takesKeptValuesInOrder_andUnpackPutsThemBack() {
    Mask mask = Mask.parse(new Shape(2, 4), "01100001");
    float[] values = {0, 1.5f, Float.NaN, 0, 0, -0f, 0, 3};
    assertThat(PackedValues.pack(values, mask)).containsExactly(1.5f, Float.NaN, 3);
    float[] whole = {9, 9, 9, 9, 9, 9, 9, 9};
    PackedValues.unpack(new float[] {1.5f, Float.NaN, 3}, mask, FloatBuffer.wrap(whole));
    assertThat(whole).containsExactly(0, 1.5f, Float.NaN, 0, 0, 0, 0, 3);
  }

  @Test
  void pack_ofMaskThatKeepsNothing_isEmpty() {
    Mask mask = Mask.zeros(new Shape(130));
    assertThat(PackedValues.pack(new float[130], mask)).isEmpty();
    float[] whole = new float[130];
    whole[129] = 5;
    PackedValues.unpack(new float[0], mask, FloatBuffer.wrap(whole));
    assertThat(whole).containsOnly(0);
  }
}
