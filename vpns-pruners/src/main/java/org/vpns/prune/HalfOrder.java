package org.vpns.prune;

import org.vpns.Problem;
import org.vpns.Seeds;
import org.vpns.train.DataOrder;

/**
 * One half of the images, the same in every epoch, gone through in new random orders until an epoch
 * is full: about twice.
 *
 * @param second which half; the first has the image more, if their number is odd
 */
record HalfOrder(boolean second) implements DataOrder {
  @Override
  public long[] of(int epoch, int size, Seeds seeds, String stream) {
    Problem.given(seeds, "DataOrder.of", "seeds");
    Problem.given(stream, "DataOrder.of", "stream");
    long[] all = seeds.permutation("halves", size);
    int middle = size == 1 ? 1 : (size + 1) / 2;
    int from = second && size > 1 ? middle : 0;
    int length = second && size > 1 ? size - middle : middle;
    long[] order = new long[size];
    for (int round = 0; round * length < size; round++) {
      String name = "data-order/" + stream + "/" + epoch + "/" + round;
      long[] turn = seeds.permutation(name, length);
      for (int i = 0; i < length && round * length + i < size; i++) {
        order[round * length + i] = all[from + (int) turn[i]];
      }
    }
    return order;
  }

  @Override
  public String describe() {
    return second ? "second half shuffled" : "first half shuffled";
  }

  @Override
  public String toString() {
    return describe();
  }
}
