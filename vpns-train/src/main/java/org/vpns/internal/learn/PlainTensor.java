package org.vpns.internal.learn;

import ai.djl.ndarray.NDArray;
import java.util.function.Supplier;
import org.vpns.internal.network.TensorMemory;
import org.vpns.optim.StateVisitor;
import org.vpns.optim.UpdateRule;

/** A parameter without mask: biases, normalisation, the prompt. */
final class PlainTensor {
  private final String name;
  private final Supplier<NDArray> array;
  private final float[][] slots;
  private final TensorMemory.Access valueAccess = new TensorMemory.Access();
  private final TensorMemory.Access gradientAccess = new TensorMemory.Access();

  PlainTensor(String name, Supplier<NDArray> array, UpdateRule rule) {
    this.name = name;
    this.array = array;
    int size = Math.toIntExact(array.get().size());
    slots = new float[rule.slots().size()][size];
  }

  NDArray array() {
    return array.get();
  }

  /** One update; with {@code idle} the gradient counts as zero. */
  void update(UpdateRule rule, Scratch scratch, double rate, long t, boolean idle) {
    TensorMemory values = TensorMemory.open(array.get(), valueAccess);
    try (NDArray handle = array.get().getGradient()) {
      TensorMemory gradient = TensorMemory.open(handle, gradientAccess);
      int size = values.host().size();
      boolean invalid = false;
      for (int from = 0; from < size; from += Scratch.SIZE) {
        int n = Math.min(Scratch.SIZE, size - from);
        values.host().floats().get(from, scratch.value, 0, n);
        values.host().bits().get(from, scratch.bits, 0, n);
        int before = Overflow.largest(scratch.bits, n);
        if (idle) {
          System.arraycopy(Scratch.ZEROS, 0, scratch.gradient, 0, n);
        } else {
          gradient.host().floats().get(from, scratch.gradient, 0, n);
        }
        gradient.host().floats().put(from, Scratch.ZEROS, 0, n);
        rule.update(scratch.value, scratch.gradient, slots, from, n, rate, t);
        values.host().floats().put(from, scratch.value, 0, n);
        values.host().bits().get(from, scratch.bits, 0, n);
        int after = Overflow.largest(scratch.bits, n);
        // infinite ones that were given, as masks of attention are, may stay
        invalid |=
            !Overflow.isNumber(after) || Overflow.isFinite(before) && !Overflow.isFinite(after);
      }
      values.flush();
      gradient.flushZeros();
      if (invalid) {
        throw Overflow.in(name, values.host(), t);
      }
    }
  }

  void visit(UpdateRule rule, StateVisitor visitor) {
    for (int i = 0; i < slots.length; i++) {
      visitor.floats(name + "/" + rule.slots().get(i), slots[i], 0, slots[i].length);
    }
  }
}
