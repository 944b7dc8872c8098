package org.vpns.study;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import org.vpns.train.ImageSets;

/** What the runs of a {@link Study} are made on: a network and images. */
public interface StudyTask {
  /** Names the folder of the task's results, such as {@code digits}. */
  String name();

  /** A fresh copy of the dense network; the study closes it. */
  Model network() throws IOException;

  /**
   * The images of a seed.
   *
   * @param manager holds their arrays, and is closed when the seed's runs are done
   */
  ImageSets images(long seed, NDManager manager) throws IOException;
}
