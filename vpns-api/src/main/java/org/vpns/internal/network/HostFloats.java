package org.vpns.internal.network;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;

/** Floats outside the heap, readable as numbers and as bits. */
public final class HostFloats {
  private final FloatBuffer floats;
  private final IntBuffer bits;

  /** {@code size} zeros. */
  public HostFloats(int size) {
    this(ByteBuffer.allocateDirect(Math.multiplyExact(size, Float.BYTES)));
  }

  /** A view of existing memory. */
  HostFloats(ByteBuffer memory) {
    ByteBuffer ordered = memory.order(ByteOrder.nativeOrder());
    floats = ordered.asFloatBuffer();
    bits = ordered.asIntBuffer();
  }

  /** Number of floats. */
  public int size() {
    return floats.capacity();
  }

  /** The memory as numbers; use absolute positions only. */
  public FloatBuffer floats() {
    return floats;
  }

  /** The memory as bits; use absolute positions only. */
  public IntBuffer bits() {
    return bits;
  }

  /** A copy of all values. */
  public float[] toArray() {
    float[] copy = new float[size()];
    floats.get(0, copy);
    return copy;
  }

  /** A copy of {@code length} values from {@code offset} on. */
  public float[] copy(int offset, int length) {
    float[] copy = new float[length];
    floats.get(offset, copy);
    return copy;
  }

  /** Replaces values from {@code offset} on. */
  public void set(int offset, float[] values) {
    floats.put(offset, values);
  }

  /** Replaces all values. */
  public void set(float[] values) {
    floats.put(0, values, 0, size());
  }
}
