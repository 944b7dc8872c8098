package org.vpns.internal.predict;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.vpns.Mask;
import org.vpns.Seeds;

final class PackedValuesLawsTest {
  /** Sizes around whole words and around the pieces of 4,096 that are unpacked at a time. */
  @Property(tries = 300)
  void unpackOfPack_isTheIdentity(
      @ForAll @IntRange(max = 3) int pieces,
      @ForAll @IntRange(min = -70, max = 70) int more,
      @ForAll @DoubleRange(min = 0, max = 1) double density,
      @ForAll long seed) {
    int size = Math.max(0, 4096 * pieces + more);
    var random = new Seeds(seed).stream("values");
    Mask mask = Mask.of(new Shape(size), i -> random.nextDouble() < density);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = mask.isKept(i) ? (float) random.nextGaussian() : 0;
    }

    float[] kept = PackedValues.pack(values, mask);
    FloatBuffer whole =
        ByteBuffer.allocateDirect(4 * size).order(ByteOrder.nativeOrder()).asFloatBuffer();
    for (int i = 0; i < size; i++) {
      whole.put(i, Float.NaN);
    }
    PackedValues.unpack(kept, mask, whole);

    assertThat(kept).hasSize(mask.kept());
    float[] found = new float[size];
    whole.get(0, found);
    assertThat(found).isEqualTo(values);
  }
}
