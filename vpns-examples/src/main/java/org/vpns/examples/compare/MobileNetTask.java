package org.vpns.examples.compare;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.common.base.Suppliers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.vpns.ImageInput;
import org.vpns.LabelAssignment;
import org.vpns.LabelMapping;
import org.vpns.PromptFactory;
import org.vpns.Sparsity;
import org.vpns.examples.TrainingSettings;
import org.vpns.graph.BatchNormMomentum;
import org.vpns.graph.GraphBlock;
import org.vpns.graph.MappedHead;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.mapping.Mappings;
import org.vpns.model.MobileNets;
import org.vpns.optim.LearningRate;
import org.vpns.prompt.Prompts;
import org.vpns.prune.Pruners;
import org.vpns.study.data.CifarRecords;
import org.vpns.study.data.ImageTable;
import org.vpns.train.ImageSets;
import org.vpns.train.Recipe;
import org.vpns.train.Stage;
import org.vpns.train.Trainer;

/**
 * The paper's regime as near as small files allow: a MobileNetV1 of ImageNet, 0.75 wide, and small
 * images of other classes, enlarged to a canvas of 96 under a frame of 7.
 *
 * <p>The network keeps the outputs alone that stand for classes, by frequency: most of a thousand
 * rows would be removed at no cost. Its batch norm moves by a tenth in a step, for a hundred steps.
 */
final class MobileNetTask implements ComparisonTask {
  static final String NAME = "mobilenet";

  /** Of a network that was trained with 0.99, too slow for so few steps. */
  private static final double MOMENTUM = 0.9;

  private static final int CANVAS = 96;
  private static final double WIDTH = 0.75;

  private final Path weights;
  private final ImageTable.Split images;
  private final Supplier<LabelAssignment> assignment = Suppliers.memoize(this::assigned);

  private MobileNetTask(Path weights, ImageTable.Split images) {
    this.weights = weights;
    this.images = images;
  }

  /** Reads the images, and the network once, so that a wrong file is noticed at once. */
  static ComparisonTask open(TaskFiles files) throws IOException {
    ImageTable.Split images =
        moreToTest(CifarRecords.readFolder(files.requireData(NAME, TaskFiles.RECORDS)));
    Path weights = files.requireNetwork(NAME, "mobilenet_v1_075_224.safetensors");
    MobileNetTask task = new MobileNetTask(weights, images);
    try (Model network = task.whole()) {
      return task;
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** Three tenths of the training images are tested on, whose error would drown all else. */
  private static ImageTable.Split moreToTest(ImageTable.Split files) {
    ImageTable.Split parts = files.train().split(1, files.train().size() * 7 / 10);
    List<ImageTable> tests = List.of(parts.test(), files.test());
    ImageTable first = files.test();
    ImageTable test =
        ImageTable.of(
            first.name(),
            first.channels(),
            first.height(),
            first.width(),
            tests.stream().flatMap(MobileNetTask::pixels).toArray(float[][]::new),
            tests.stream().flatMapToInt(MobileNetTask::labels).toArray(),
            first.classNames());
    return new ImageTable.Split(parts.train(), test);
  }

  private static Stream<float[]> pixels(ImageTable table) {
    return IntStream.range(0, table.size()).mapToObj(table::image);
  }

  private static IntStream labels(ImageTable table) {
    return IntStream.range(0, table.size()).map(table::label);
  }

  private Model whole() throws IOException {
    return MobileNets.v1(WIDTH).withInput(3, CANVAS, CANVAS).load(weights);
  }

  private LabelAssignment assigned() {
    Recipe recipe =
        Recipe.of(Pruners.magnitude(), Sparsity.of(0.5))
            .mapping(Mappings.frequency().onDense())
            .input(input())
            .batchSize(batchSize())
            .build();
    try (Model network = whole();
        NDManager manager = network.getNDManager().newSubManager()) {
      return Trainer.of(recipe).findMapping(network, images.toImageSets(manager));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Model network() throws IOException {
    Model network = whole();
    try (NDManager scope = network.getNDManager().newSubManager()) {
      NetworkValues whole = BlockTracer.network(network.getBlock(), new Shape(3, CANVAS, CANVAS));
      NetworkValues head = MappedHead.of(whole, assignment.get(), scope).network();
      network.setBlock(
          GraphBlock.of(BatchNormMomentum.set(head, MOMENTUM), network.getNDManager()));
      return network;
    } catch (Throwable failure) {
      network.close();
      throw failure;
    }
  }

  @Override
  public ImageSets images(long seed, NDManager manager) {
    return images.toImageSets(manager);
  }

  @Override
  public ImageInput input() {
    return ImageInput.of(3, CANVAS, CANVAS)
        .normalisation(new float[] {0.5f, 0.5f, 0.5f}, new float[] {0.5f, 0.5f, 0.5f});
  }

  @Override
  public LabelMapping mapping() {
    return Mappings.newHead();
  }

  @Override
  public boolean leavesOutputsUnmapped() {
    return false;
  }

  @Override
  public PromptFactory prompt() {
    return Prompts.pad(7);
  }

  @Override
  public int batchSize() {
    return 32;
  }

  @Override
  public long steps() {
    return 120;
  }

  /** From a trial with 120 steps at 0.9, in which OMP had 46.8 at a rate of 0.01, 51.0 at 0.004. */
  @Override
  public MethodRates rates() {
    LearningRate scores = LearningRate.cosine(3e-3);
    LearningRate weightRate = LearningRate.cosine(4e-3);
    Stage.Motion prompt = new Stage.Motion(TrainingSettings.PROMPT, LearningRate.cosine(1e-2));
    return new MethodRates(
        scores, weightRate, prompt, prompt, 10, 5, new MethodRates.Bip(scores, weightRate, 1, 0.5));
  }

  @Override
  public List<String> remarks() {
    return List.of(
        ResNet20Files.SEEDS,
        "Of the training images of the files three tenths are tested on, the same for all seeds.",
        "Rates of OMP, HYDRA and VPNs are starting points from short trials on test images; all"
            + " other methods have the same.");
  }
}
