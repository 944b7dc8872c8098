package org.vpns.internal.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import java.nio.ByteBuffer;
import org.vpns.Problem;

/**
 * The entries of one array, to be read and written from Java between two passes of the engine. On
 * the CPU this is the array's own memory, found anew at each opening because the engine may have
 * replaced it; elsewhere it is a copy that {@link #flush()} sends back.
 */
public final class TensorMemory {
  /** Set to {@code copy} to work on copies on the CPU too. */
  public static final String PROPERTY = "vpns.memory";

  private final NDArray array;
  private final HostFloats host;
  private final boolean alias;

  private TensorMemory(NDArray array, HostFloats host, boolean alias) {
    this.array = array;
    this.host = host;
    this.alias = alias;
  }

  /** What was found of one array, or of the gradients of one array: looked at once. */
  public static final class Access {
    private boolean known;
    private boolean alias;
  }

  /** Opens a float32 array that is opened once. */
  public static TensorMemory open(NDArray array) {
    return open(array, new Access());
  }

  /** Opens a float32 array. */
  public static TensorMemory open(NDArray array, Access access) {
    if (array.getDataType() != DataType.FLOAT32) {
      throw Problem.argument(
          "parameter of another type",
          array.getName() + " " + array.getShape(),
          DataType.FLOAT32,
          array.getDataType(),
          "convert the network to float32");
    }
    boolean tryAlias = !array.getDevice().isGpu() && !"copy".equals(System.getProperty(PROPERTY));
    HostFloats memory = new HostFloats(array.toByteBuffer(tryAlias));
    if (!access.known) {
      access.alias = tryAlias && isAlias(array, memory);
      access.known = true;
    }
    if (access.alias) {
      return new TensorMemory(array, memory, true);
    }
    HostFloats copy = new HostFloats(memory.size());
    copy.floats().put(0, memory.floats(), 0, memory.size());
    return new TensorMemory(array, copy, false);
  }

  /** For arrays that are not contiguous the engine hands out a copy without saying so. */
  private static boolean isAlias(NDArray array, HostFloats memory) {
    if (memory.size() == 0) {
      return true;
    }
    int before = memory.bits().get(0);
    // An exponent within the normal range: NaN payloads need not survive the way through a float.
    int probe = 0x3f800000 | (before ^ 1) & 0x007fffff;
    memory.bits().put(0, probe);
    float seen = array.getFloat(new long[array.getShape().dimension()]);
    memory.bits().put(0, before);
    return Float.floatToRawIntBits(seen) == probe;
  }

  /** The entries; written ones count after {@link #flush()}. */
  public HostFloats host() {
    return host;
  }

  /** Makes what was written here the array's content. */
  public void flush() {
    if (!alias) {
      ByteBuffer bytes = ByteBuffer.allocateDirect(host.size() * Float.BYTES);
      new HostFloats(bytes).floats().put(0, host.floats(), 0, host.size());
      array.set(bytes.rewind());
    }
  }

  /** Makes a gradient zero whose memory was zeroed here; a product with 0 would keep a NaN. */
  public void flushZeros() {
    if (!alias) {
      array.set(new NDIndex("..."), 0);
    }
  }
}
