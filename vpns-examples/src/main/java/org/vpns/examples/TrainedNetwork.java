package org.vpns.examples;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import com.google.common.collect.Maps;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.vpns.ImageInput;
import org.vpns.LabelMapping;
import org.vpns.model.NetworkPlan;
import org.vpns.model.ResNets;
import org.vpns.optim.LearningRate;
import org.vpns.study.data.ImageTable;
import org.vpns.train.ImageSets;

/**
 * A trained network and the images that it was trained for; the same for all seeds.
 *
 * @param plan its architecture
 * @param folder of its weights, {@code NAME.safetensors}
 * @param split training and test images
 */
public record TrainedNetwork(NetworkPlan plan, Path folder, ImageTable.Split split)
    implements ImageTask {
  /** Networks whose trained weights are published, by name. */
  public static final Map<String, NetworkPlan> PLANS =
      Maps.uniqueIndex(List.of(ResNets.cifar20(), ResNets.cifar56()), NetworkPlan::name);

  /** How the published networks were trained. */
  static final ImageInput INPUT = ImageInput.of(3, 32, 32).imageNetNormalisation();

  static final int BATCH_SIZE = 64;
  static final LearningRate WEIGHT_RATE = LearningRate.cosine(0.01);

  @Override
  public String name() {
    return plan.name();
  }

  @Override
  public Model network() throws IOException {
    return plan.load(folder.resolve(name() + ".safetensors"));
  }

  @Override
  public ImageSets images(long seed, NDManager manager) {
    return split.toImageSets(manager);
  }

  @Override
  public ImageInput input() {
    return INPUT;
  }

  @Override
  public LabelMapping mapping() {
    return LabelMapping.identity();
  }

  @Override
  public int batchSize() {
    return BATCH_SIZE;
  }

  @Override
  public LearningRate weightRate() {
    return WEIGHT_RATE;
  }
}
