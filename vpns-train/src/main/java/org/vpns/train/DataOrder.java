package org.vpns.train;

import java.util.stream.LongStream;
import org.vpns.Problem;
import org.vpns.Seeds;

/** The order in which a pass reads the training images of an epoch. */
public interface DataOrder {
  /**
   * As many positions as there are images, each from 0 to size-1: usually each once.
   *
   * @param epoch from 0
   * @param size number of training images
   * @param seeds the run's streams
   * @param stream name that distinguishes stage and pass
   */
  long[] of(int epoch, int size, Seeds seeds, String stream);

  /** For the record; a run resumes only with an order of the same description. */
  default String describe() {
    return "own order";
  }

  /** A new random order every epoch, from the stream {@code data-order/<stream>/<epoch>}. */
  static DataOrder shuffled() {
    return new DataOrder() {
      @Override
      public long[] of(int epoch, int size, Seeds seeds, String stream) {
        Problem.given(seeds, "DataOrder.of", "seeds");
        Problem.given(stream, "DataOrder.of", "stream");
        return seeds.permutation("data-order/" + stream + "/" + epoch, size);
      }

      @Override
      public String describe() {
        return "shuffled";
      }

      @Override
      public String toString() {
        return describe();
      }
    };
  }

  /** As stored. */
  static DataOrder sequential() {
    return new DataOrder() {
      @Override
      public long[] of(int epoch, int size, Seeds seeds, String stream) {
        Problem.given(seeds, "DataOrder.of", "seeds");
        Problem.given(stream, "DataOrder.of", "stream");
        return LongStream.range(0, size).toArray();
      }

      @Override
      public String describe() {
        return "as stored";
      }

      @Override
      public String toString() {
        return describe();
      }
    };
  }
}
