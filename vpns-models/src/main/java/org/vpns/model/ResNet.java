package org.vpns.model;

import ai.djl.nn.Block;
import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import org.vpns.Problem;

/**
 * The plan of a residual network: a first convolution, stages of residual blocks, global average
 * pooling and a linear layer. Immutable; {@link ResNets} has the usual ones, {@link #toBuilder()}
 * makes others of them.
 *
 * <p>Parameters are called {@code conv1.weight}, {@code bn1.*}, {@code layerL.B.convN.weight},
 * {@code layerL.B.bnN.*}, {@code layerL.B.downsample.0.weight}, {@code layerL.B.downsample.1.*} and
 * {@code fc.*}, unless {@link Builder#names} says otherwise.
 *
 * <p>After He et al., Deep Residual Learning for Image Recognition, arXiv:1512.03385; in bottleneck
 * blocks the 3x3 convolution has the stride, as in torchvision.
 */
public final class ResNet extends NetworkPlan {
  /** What a residual block adds to its result where shape or resolution changes. */
  public enum Shortcut {
    /** A 1x1 convolution and batch norm ("option B"). */
    PROJECTION,
    /**
     * Nothing to learn ("option A"): every stride-th pixel, new channels filled with zeros, half of
     * them (rounded down) before the old ones.
     */
    SUBSAMPLE
  }

  /** Blocks of one width; the first has the stride. */
  record Stage(int width, int blocks, int stride) {}

  private final int stemWidth;
  private final int stemKernel;
  private final int stemStride;
  private final boolean maxPool;
  private final ImmutableList<Stage> stages;
  private final boolean bottleneck;
  private final Shortcut shortcut;
  private final String headName;
  private final String shortcutName;

  private ResNet(Builder builder) {
    super(
        new Frame(builder.name, builder.channels, builder.height, builder.width, builder.classes));
    stemWidth = builder.stemWidth;
    stemKernel = builder.stemKernel;
    stemStride = builder.stemStride;
    maxPool = builder.maxPool;
    stages = ImmutableList.copyOf(builder.stages);
    bottleneck = builder.bottleneck;
    shortcut = builder.shortcut;
    headName = builder.headName;
    shortcutName = builder.shortcutName;
  }

  /** An empty plan: 3 x 224 x 224, a 7x7 first convolution of stride 2, 1000 classes, no stage. */
  public static Builder builder(String name) {
    Problem.given(name, "ResNet.builder", "name");
    return new Builder(name);
  }

  /** A builder that starts from this plan. */
  public Builder toBuilder() {
    Builder builder = new Builder(name());
    builder.input(frame().channels(), frame().height(), frame().width());
    builder.stem(stemWidth, stemKernel, stemStride);
    builder.maxPool = maxPool;
    builder.stages.addAll(stages);
    builder.bottleneck = bottleneck;
    return builder.shortcut(shortcut).classes(classes()).names(headName, shortcutName);
  }

  @Override
  public ResNet withClasses(int number) {
    return with(frame().withClasses(number));
  }

  @Override
  public ResNet withInput(int channels, int height, int width) {
    return with(frame().withInput(channels, height, width));
  }

  @Override
  ResNet with(Frame changed) {
    return toBuilder()
        .input(changed.channels(), changed.height(), changed.width())
        .classes(changed.classes())
        .build();
  }

  /** The same network with another kind of shortcut. */
  public ResNet withShortcut(Shortcut kind) {
    Problem.given(kind, "ResNet.withShortcut", "kind");
    return toBuilder().shortcut(kind).build();
  }

  @Override
  public Block block() {
    return new ResNetBlock(this);
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
      Problem.given(kind, "ResNet.Builder.shortcut", "kind");
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
      Problem.given(head, "ResNet.Builder.names", "head");
      Problem.given(projection, "ResNet.Builder.names", "projection");
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
      return Frame.positive("ResNet " + name, what, value);
    }
  }
}
