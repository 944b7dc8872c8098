package org.vpns.examples.compare;

import ai.djl.Model;
import java.io.IOException;
import java.nio.file.Path;
import org.vpns.ImageInput;
import org.vpns.model.ResNets;
import org.vpns.study.data.CifarRecords;
import org.vpns.study.data.ImageTable;

/**
 * A CIFAR ResNet-20 and images in {@linkplain CifarRecords record files}, which fix what is trained
 * on and what is tested: the same for all seeds.
 */
final class ResNet20Files {
  static final String WEIGHTS = "resnet20.safetensors";
  static final int OUTPUTS = 10;

  /** What a seed decides, for the reader of a table. */
  static final String SEEDS =
      "The files fix which images are trained on and tested; a seed decides their order, random"
          + " masks and all other choices of a run. Deviations and errors are of seeds alone.";

  private final Path weights;
  private final ImageTable.Split images;

  private ResNet20Files(Path weights, ImageTable.Split images) {
    this.weights = weights;
    this.images = images;
  }

  /**
   * Reads the images, and the network once, so that a wrong file is noticed before hours of work.
   *
   * @throws IOException if a file is missing or damaged, or the weights are another network's
   */
  static ResNet20Files open(String task, TaskFiles files) throws IOException {
    ImageTable.Split images = CifarRecords.readFolder(files.requireData(task, TaskFiles.RECORDS));
    ResNet20Files opened = new ResNet20Files(files.requireNetwork(task, WEIGHTS), images);
    try (Model network = opened.network()) {
      return opened;
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  Model network() throws IOException {
    return ResNets.cifar20().load(weights);
  }

  ImageTable.Split images() {
    return images;
  }

  /** The usual weight files of this network were trained with ImageNet's normalisation. */
  static ImageInput input() {
    return ImageInput.of(3, 32, 32).imageNetNormalisation();
  }
}
