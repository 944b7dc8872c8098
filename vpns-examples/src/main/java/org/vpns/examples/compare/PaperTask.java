package org.vpns.examples.compare;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.vpns.ImageInput;
import org.vpns.LabelMapping;
import org.vpns.PromptFactory;
import org.vpns.Sparsity;
import org.vpns.examples.SetForm;
import org.vpns.mapping.Mappings;
import org.vpns.model.ResNets;
import org.vpns.optim.LearningRate;
import org.vpns.prompt.Prompts;
import org.vpns.study.data.ImageTransform;
import org.vpns.study.data.StoredImages;
import org.vpns.train.ImageSets;
import org.vpns.train.Stage;

/**
 * The paper's set-up: a ResNet-18 of ImageNet in torchvision's layout, a set on disk on a canvas of
 * 224, a frame of 16, and transforms, batch sizes and rates of the released code.
 */
final class PaperTask implements ComparisonTask {
  /** Before the names of sets. */
  static final String PREFIX = "paper-";

  /** At which the paper compares. */
  static final List<Sparsity> SPARSITIES =
      Stream.of("0.4", "0.5", "0.6", "0.7", "0.8", "0.9").map(Sparsity::of).toList();

  private static final int CANVAS = 224;
  private static final int EPOCHS = 30;

  private final SetForm form;
  private final StoredImages.Split images;
  private final Path weights;

  private PaperTask(SetForm form, StoredImages.Split images, Path weights) {
    this.form = form;
    this.images = images;
    this.weights = weights;
  }

  static String name(SetForm form) {
    return PREFIX + form.name().toLowerCase(Locale.ROOT);
  }

  /**
   * Reads the lists, and the network once, so that a wrong file is noticed before hours of work.
   */
  static ComparisonTask open(SetForm form, TaskFiles files) throws IOException {
    Path folder = files.requireData(name(form), "the folder of its images");
    Path weights = files.requireNetwork(name(form), "resnet18.pth");
    StoredImages.Split parts = form.read(folder, null);
    StoredImages.Split split =
        parts.validation() == null || form == SetForm.FLOWERS102 ? parts : parts.joined();
    PaperTask task = new PaperTask(form, split, weights);
    try (Model network = task.network()) {
      return task;
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  @Override
  public String name() {
    return name(form);
  }

  @Override
  public Model network() throws IOException {
    return ResNets.resnet18().load(weights);
  }

  /** Pieces of 224 out of 9/8 of that, mirrored or not, for training; the whole square else. */
  @Override
  public ImageSets images(long seed, NDManager manager) {
    int larger = CANVAS * 9 / 8;
    return images.toImageSets(
        ImageTransform.colour().resize(larger, larger).randomCrop(CANVAS, 0).horizontalFlip(),
        ImageTransform.colour().resize(CANVAS, CANVAS));
  }

  @Override
  public ImageInput input() {
    return ImageInput.imageNet();
  }

  @Override
  public LabelMapping mapping() {
    return Mappings.frequency();
  }

  @Override
  public boolean leavesOutputsUnmapped() {
    return images.train().classes() < 1_000;
  }

  @Override
  public PromptFactory prompt() {
    return Prompts.pad(16);
  }

  @Override
  public int batchSize() {
    return form.batchSize();
  }

  /** Thirty epochs. */
  @Override
  public long steps() {
    return (long) EPOCHS * ((images.train().size() + batchSize() - 1) / batchSize());
  }

  @Override
  public MethodRates rates() {
    LearningRate scores = Stage.Motion.OF_SCORES.rate();
    LearningRate weights = Stage.Motion.OF_WEIGHTS.rate();
    return new MethodRates(
        scores,
        weights,
        Stage.Motion.OF_SCORES,
        Stage.Motion.OF_WEIGHTS,
        100,
        100,
        new MethodRates.Bip(scores, weights, 1, 0.5));
  }

  @Override
  public List<String> remarks() {
    return List.of(
        ResNet20Files.SEEDS,
        "Rates, batch sizes and transforms of VPNs are those of the released code, others' are the"
            + " paper's where it tells them; all methods take the same gradient steps, 60 epochs"
            + " if no option says otherwise, where the paper gives HYDRA and OMP 120.");
  }
}
