package org.vpns.image;

import ai.djl.training.dataset.RandomAccessDataset;
import java.io.IOException;
import org.vpns.Seeds;

/**
 * What a data set is beside DJL's {@link RandomAccessDataset} if it reads its images when they are
 * asked for. By itself it shows each image always alike, as for validation and test; a run trains
 * on its epochs.
 */
public interface LazyImages {
  /**
   * The same images as one epoch of training shows them. What is random of an image depends on
   * seeds, stream, epoch and its index alone, so neither threads nor a resumed run change it.
   *
   * @param stream name that distinguishes the passes of a run
   * @param epoch from 0
   */
  RandomAccessDataset epoch(Seeds seeds, String stream, int epoch);

  /**
   * The label of an image, without reading the image.
   *
   * @throws IOException if it cannot be read
   */
  long label(long index) throws IOException;

  /** How the images are shown, for the record; a run resumes only with an equal description. */
  String describe();
}
