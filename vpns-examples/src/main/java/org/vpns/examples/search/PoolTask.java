package org.vpns.examples.search;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import org.vpns.examples.SourceNetwork;
import org.vpns.examples.data.OpticalDigits;
import org.vpns.study.StudyTask;
import org.vpns.study.data.ImageTable;
import org.vpns.train.ImageSets;

/**
 * The quick start's network and the training images of its first seed, without its test images:
 * whole for a search, which sets a part aside itself; or divided anew by each seed, with the part
 * that is set aside to count.
 *
 * @param name for results
 * @param counted images that are set aside; 0 = none
 */
record PoolTask(String name, int counted) implements StudyTask {
  private static final long FIRST_SEED = 1;

  private static ImageTable pool() {
    return OpticalDigits.split(FIRST_SEED).train();
  }

  @Override
  public Model network() throws IOException {
    return SourceNetwork.load();
  }

  @Override
  public ImageSets images(long seed, NDManager manager) {
    ImageTable pool = pool();
    if (counted == 0) {
      return ImageSets.of(pool.toDataset(manager), pool.classes()).classNames(pool.classNames());
    }
    return pool.split(seed, pool.size() - counted).toImageSets(manager);
  }
}
