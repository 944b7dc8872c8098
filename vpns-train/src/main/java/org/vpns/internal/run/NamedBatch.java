package org.vpns.internal.run;

import ai.djl.training.dataset.Batch;
import java.util.List;

/** A batch that knows which images it is of, for messages. */
final class NamedBatch extends Batch {
  private final Batch batch;
  private final String name;

  /** A batch of the images of this name; closing it closes the given one. */
  NamedBatch(Batch batch, String name) {
    super(
        batch.getManager(),
        batch.getData(),
        batch.getLabels(),
        batch.getSize(),
        null,
        null,
        batch.getProgress(),
        batch.getProgressTotal(),
        batch.getIndices());
    this.batch = batch;
    this.name = name;
  }

  /** Which images a batch is of, such as {@code training images}. */
  static String name(Batch batch) {
    return batch instanceof NamedBatch named ? named.name : "images";
  }

  /** One of the images of a batch, by its position in the data set where that is known. */
  static String image(Batch batch, int index) {
    List<?> indices = batch.getIndices();
    return name(batch)
        + (indices == null || index >= indices.size()
            ? ", image " + index + " of a batch"
            : ", image " + indices.get(index));
  }

  @Override
  public void close() {
    batch.close();
  }
}
