package org.vpns.model;

import ai.djl.Model;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.vpns.Problem;
import org.vpns.weights.WeightFile;

/**
 * The plan of a residual network: a first convolution, stages of residual blocks, global average
 * pooling and a linear layer. Immutable; {@link ResNets} has the usual ones, {@link #toBuilder()}
 * makes others of them.
 *
 * <p>Parameters are called {@code conv1.weight}, {@code bn1.*}, {@code layerL.B.convN.weight},
 * {@code layerL.B.bnN.*}, {@code layerL.B.downsample.0.weight}, {@code layerL.B.downsample.1.*} and
 * {@code fc.*}, unless {@link Builder#names} says otherwise. Input: (batch, channels, height,
 * width), normalised as the weights want it; output: (batch, classes), logits.
 *
 * <p>After He et al., Deep Residual Learning for Image Recognition, arXiv:1512.03385; in bottleneck
 * blocks the 3x3 convolution has the stride, as in torchvision.
 */
public final class ResNet {
  /** Blocks of one width; the first has the stride. */
  record Stage(int width, int blocks, int stride) {}

  private final String name;
  private final int channels;
  private final int height;
  private final int width;
  private final int stemWidth;
  private final int stemKernel;
  private final int stemStride;
  private final boolean maxPool;
  private final ImmutableList<Stage> stages;
  private final boolean bottleneck;
  private final Shortcut shortcut;
  private final int classes;
  private final String headName;
  private final String shortcutName;

  private ResNet(Builder builder) {
    name = builder.name;
    channels = builder.channels;
    height = builder.height;
    width = builder.width;
    stemWidth = builder.stemWidth;
    stemKernel = builder.stemKernel;
    stemStride = builder.stemStride;
    maxPool = builder.maxPool;
    stages = ImmutableList.copyOf(builder.stages);
    bottleneck = builder.bottleneck;
    shortcut = builder.shortcut;
    classes = builder.classes;
    headName = builder.headName;
    shortcutName = builder.shortcutName;
  }

  /** An empty plan: 3 x 224 x 224, a 7x7 first convolution of stride 2, 1000 classes, no stage. */
  public static Builder builder(String name) {
    return new Builder(name);
  }

  /** A builder that starts from this plan. */
  public Builder toBuilder() {
    Builder builder = new Builder(name);
    builder.input(channels, height, width).stem(stemWidth, stemKernel, stemStride);
    builder.maxPool = maxPool;
    builder.stages.addAll(stages);
    builder.bottleneck = bottleneck;
    return builder.shortcut(shortcut).classes(classes).names(headName, shortcutName);
  }

  /** The same network for another number of classes. */
  public ResNet withClasses(int number) {
    return toBuilder().classes(number).build();
  }

  /** The same network for images of another size, (channels, height, width). */
  public ResNet withInput(int newChannels, int newHeight, int newWidth) {
    return toBuilder().input(newChannels, newHeight, newWidth).build();
  }

  /** The same network with another kind of shortcut. */
  public ResNet withShortcut(Shortcut kind) {
    return toBuilder().shortcut(kind).build();
  }

  /** The name, such as {@code resnet18}. */
  public String name() {
    return name;
  }

  /** Shape of a batch of one image. */
  public Shape inputShape() {
    return new Shape(1, channels, height, width);
  }

  /** Number of logits. */
  public int classes() {
    return classes;
  }

  /** A new block without values: initialise it, or use {@link #newModel}. */
  public Block block() {
    return new ResNetBlock(this);
  }

  /**
   * A new model with random weights: every convolution and linear weight normal with mean 0 and
   * variance 2 / fan-in, a stream of its own for each parameter; biases and batch norm as usual (0;
   * 1, 0, 0, 1). The weights depend on seed and parameter path alone. The caller closes it.
   */
  public Model newModel(String modelName, long seed) {
    Model model = zeroModel(modelName);
    HeInitialisation.fill(model.getBlock(), seed);
    return model;
  }

  /**
   * A new model of this plan's name with the weights of a file; the caller closes it.
   *
   * @throws IllegalArgumentException if the file is another network's, as {@link WeightFile#load}
   * @throws IOException if the file cannot be read
   */
  public Model load(Path weights) throws IOException {
    Model model = zeroModel(name);
    try {
      WeightFile.load(model, weights);
      return model;
    } catch (Throwable failure) {
      model.close();
      throw failure;
    }
  }

  private Model zeroModel(String modelName) {
    Model model = Model.newInstance(modelName);
    Block block = block();
    block.setInitializer(Initializer.ZEROS, Parameter.Type.WEIGHT);
    block.initialize(model.getNDManager(), DataType.FLOAT32, inputShape());
    model.setBlock(block);
    return model;
  }

  int stemWidth() {
    return stemWidth;
  }

  int stemKernel() {
    return stemKernel;
  }

  int stemStride() {
    return stemStride;
  }

  boolean maxPool() {
    return maxPool;
  }

  List<Stage> stages() {
    return stages;
  }

  boolean bottleneck() {
    return bottleneck;
  }

  Shortcut shortcut() {
    return shortcut;
  }

  String headName() {
    return headName;
  }

  String shortcutName() {
    return shortcutName;
  }

  /** Name, input and classes, such as {@code resnet18, 3 x 224 x 224 to 1000 classes}. */
  @Override
  public String toString() {
    return name
        + ", "
        + channels
        + " x "
        + height
        + " x "
        + width
        + " to "
        + classes
        + (classes == 1 ? " class" : " classes");
  }

  /** Collects a plan. */
  public static final class Builder {
    private final String name;
    private final List<Stage> stages = new ArrayList<>();
    private int channels = 3;
    private int height = 224;
    private int width = 224;
    private int stemWidth = 64;
    private int stemKernel = 7;
    private int stemStride = 2;
    private boolean maxPool;
    private boolean bottleneck;
    private Shortcut shortcut = Shortcut.PROJECTION;
    private int classes = 1000;
    private String headName = "fc";
    private String shortcutName = "downsample";

    private Builder(String name) {
      this.name = name;
    }

    /** Input images; default 3 x 224 x 224. */
    public Builder input(int channels, int height, int width) {
      this.channels = positive("channels", channels);
      this.height = positive("height", height);
      this.width = positive("width", width);
      return this;
    }

    /** First convolution: channels, kernel (odd; padding keeps the size), stride. */
    public Builder stem(int width, int kernel, int stride) {
      stemWidth = positive("stem width", width);
      if (positive("stem kernel", kernel) % 2 == 0) {
        throw Problem.argument(
            "even kernel", "ResNet.Builder.stem", "an odd number", kernel, "use 3, 5 or 7");
      }
      stemKernel = kernel;
      stemStride = positive("stem stride", stride);
      return this;
    }

    /** 3x3 max pooling of stride 2 after the first convolution; default none. */
    public Builder maxPool() {
      maxPool = true;
      return this;
    }

    /**
     * One more stage.
     *
     * @param width channels of its 3x3 convolutions; bottleneck blocks give out four times as many
     * @param blocks number of residual blocks
     * @param stride stride of the first block
     */
    public Builder stage(int width, int blocks, int stride) {
      stages.add(
          new Stage(
              positive("stage width", width),
              positive("stage blocks", blocks),
              positive("stage stride", stride)));
      return this;
    }

    /** Blocks of 1x1, 3x3 and 1x1 convolutions instead of two of 3x3. */
    public Builder bottleneck() {
      bottleneck = true;
      return this;
    }

    /** Shortcut where shapes change; default {@link Shortcut#PROJECTION}. */
    public Builder shortcut(Shortcut kind) {
      shortcut = kind;
      return this;
    }

    /** Number of logits; default 1000. */
    public Builder classes(int number) {
      classes = positive("classes", number);
      return this;
    }

    /** Names of the last layer and of projection shortcuts; default fc and downsample. */
    public Builder names(String head, String projection) {
      headName = head;
      shortcutName = projection;
      return this;
    }

    /**
     * The plan.
     *
     * @throws IllegalStateException if it has no stage, or fewer channels after a stage than before
     *     with {@link Shortcut#SUBSAMPLE}
     */
    public ResNet build() {
      if (stages.isEmpty()) {
        throw Problem.state(
            "network without blocks", "ResNet " + name, "at least 1 stage", 0, "call stage(...)");
      }
      int expansion = bottleneck ? 4 : 1;
      int before = stemWidth;
      for (Stage stage : stages) {
        int after = stage.width() * expansion;
        if (shortcut == Shortcut.SUBSAMPLE && after < before) {
          throw Problem.state(
              "shortcut cannot drop channels",
              "ResNet " + name,
              before + " channels or more after a stage",
              after,
              "use Shortcut.PROJECTION");
        }
        before = after;
      }
      return new ResNet(this);
    }

    private int positive(String what, int value) {
      if (value < 1) {
        throw Problem.argument(
            what + " out of range", "ResNet " + name, "at least 1", value, "pass a count");
      }
      return value;
    }
  }
}
