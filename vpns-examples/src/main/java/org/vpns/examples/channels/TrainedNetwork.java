package org.vpns.examples.channels;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Path;
import org.vpns.model.NetworkPlan;
import org.vpns.study.StudyTask;
import org.vpns.study.data.ImageTable;
import org.vpns.train.ImageSets;

/**
 * A trained network and the images that it was trained for; the same for all seeds.
 *
 * @param plan its architecture
 * @param weights file of its weights
 * @param split training and test images
 */
record TrainedNetwork(String name, NetworkPlan plan, Path weights, ImageTable.Split split)
    implements StudyTask {
  @Override
  public Model network() throws IOException {
    return plan.load(weights);
  }

  @Override
  public ImageSets images(long seed, NDManager manager) {
    return split.toImageSets(manager);
  }
}
