package org.vpns.examples;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.vpns.model.NetworkPlan;
import org.vpns.model.ResNets;
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
public record TrainedNetwork(String name, NetworkPlan plan, Path weights, ImageTable.Split split)
    implements StudyTask {
  /** Networks whose trained weights are published, by name. */
  public static final Map<String, NetworkPlan> PLANS =
      ImmutableMap.of("resnet20", ResNets.cifar20(), "resnet56", ResNets.cifar56());

  /**
   * One of {@link #PLANS}.
   *
   * @param folder holds its weights, {@code NAME.safetensors}
   */
  public static TrainedNetwork of(String name, Path folder, ImageTable.Split split) {
    NetworkPlan plan = PLANS.get(name);
    if (plan == null) {
      throw new IllegalArgumentException(name);
    }
    return new TrainedNetwork(name, plan, folder.resolve(name + ".safetensors"), split);
  }

  @Override
  public Model network() throws IOException {
    return plan.load(weights);
  }

  @Override
  public ImageSets images(long seed, NDManager manager) {
    return split.toImageSets(manager);
  }
}
