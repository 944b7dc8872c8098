package org.vpns.torch;

import ai.djl.ndarray.types.Shape;
import org.vpns.io.TensorType;

/**
 * A tensor as a view of a storage: element (i, j, ...) is element offset + i stride[0] + j
 * stride[1] + ... of the storage. Views may overlap; a stride of 0 repeats one element.
 */
final class TensorView {
  private static final int MAX_AXES = 16;

  private final Storage storage;
  private final long offset;
  private final long[] size;
  private final long[] stride;
  private final long elements;
  private final long span;

  /** Checks that every element lies inside the storage. */
  TensorView(Storage storage, long offset, long[] size, long[] stride) throws Refusal {
    if (size.length != stride.length || size.length > MAX_AXES) {
      throw new Refusal(
          "sizes and strides do not fit",
          "as many of both, at most " + MAX_AXES,
          size.length + " sizes, " + stride.length + " strides");
    }
    long n = 1;
    long last = 0;
    boolean empty = false;
    try {
      for (int i = 0; i < size.length; i++) {
        if (size[i] < 0 || stride[i] < 0) {
          throw new Refusal(
              "negative size or stride", "0 or more", "size " + size[i] + ", stride " + stride[i]);
        }
        n = Math.multiplyExact(n, size[i]);
        empty |= size[i] == 0;
        last = Math.addExact(last, Math.multiplyExact(Math.max(0, size[i] - 1), stride[i]));
      }
      long end = empty ? offset : Math.addExact(Math.addExact(offset, last), 1);
      if (offset < 0 || end > storage.count()) {
        throw new Refusal(
            "tensor outside its storage",
            "elements below " + storage.count() + " of storage " + storage.key(),
            "elements " + offset + " to " + (end - 1));
      }
    } catch (ArithmeticException e) {
      throw new Refusal("tensor too large", "fewer than 2^63 elements", new Shape(size));
    }
    this.storage = storage;
    this.offset = offset;
    this.size = size;
    this.stride = stride;
    this.elements = n;
    this.span = empty ? 0 : last + 1;
  }

  Storage storage() {
    return storage;
  }

  TensorType type() {
    return storage.type();
  }

  /** First element in the storage. */
  long offset() {
    return offset;
  }

  Shape shape() {
    return new Shape(size);
  }

  /** Number of elements. */
  long elements() {
    return elements;
  }

  /** Number of the storage's elements from the first to the last that are used. */
  long span() {
    return span;
  }

  /** Whether the elements lie one after the other in row-major order. */
  boolean contiguous() {
    long expected = 1;
    for (int i = size.length - 1; i >= 0; i--) {
      if (size[i] != 1 && stride[i] != expected) {
        return elements == 0;
      }
      expected *= size[i];
    }
    return true;
  }

  /** Takes element positions. */
  interface Positions {
    /** Element {@code index} in row-major order is this many elements after the first. */
    void accept(int index, long distance);
  }

  /** Visits all elements in row-major order; for tensors of fewer than 2^31 elements. */
  void walk(Positions positions) {
    long[] at = new long[size.length];
    long distance = 0;
    for (int index = 0; index < elements; index++) {
      positions.accept(index, distance);
      for (int axis = size.length - 1; axis >= 0; axis--) {
        if (++at[axis] < size[axis]) {
          distance += stride[axis];
          break;
        }
        distance -= (size[axis] - 1) * stride[axis];
        at[axis] = 0;
      }
    }
  }
}
