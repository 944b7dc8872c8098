package org.vpns.train;

import org.vpns.Seeds;

/** The order in which a pass reads the training images of an epoch. */
public interface DataOrder {
  /**
   * Positions 0 .. size-1, each once or as the order says.
   *
   * @param epoch from 0
   * @param size number of training images
   * @param seeds the run's streams
   * @param stream name that distinguishes stage and pass
   */
  long[] of(int epoch, int size, Seeds seeds, String stream);

  /** A new random order every epoch, from the stream {@code data-order/<stream>/<epoch>}. */
  static DataOrder shuffled() {
    return (epoch, size, seeds, stream) ->
        seeds.permutation("data-order/" + stream + "/" + epoch, size);
  }

  /** As stored. */
  static DataOrder sequential() {
    return (epoch, size, seeds, stream) -> {
      long[] order = new long[size];
      for (int i = 0; i < size; i++) {
        order[i] = i;
      }
      return order;
    };
  }
}
