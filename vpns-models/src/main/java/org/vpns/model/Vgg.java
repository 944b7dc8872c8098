package org.vpns.model;

import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import com.google.common.collect.ImmutableList;
import java.util.List;

/**
 * The plan of a VGG network: stages of 3x3 convolutions with ReLU, each stage closed by 2x2 max
 * pooling; average pooling to 7 x 7; three linear layers, the first two with ReLU and dropout 0.5.
 * {@link Vggs} has the usual ones.
 *
 * <p>Parameters are called {@code features.N.weight}, {@code features.N.bias} and {@code
 * classifier.0}, {@code .3} and {@code .6}, as in torchvision: the number counts ReLU, pooling and
 * dropout too. Images of 32 x 32 or more; those of 224 x 224 need no average pooling.
 *
 * <p>After Simonyan and Zisserman, Very Deep Convolutional Networks for Large-Scale Image
 * Recognition, arXiv:1409.1556.
 */
public final class Vgg extends NetworkPlan {
  private static final int POOLED_SIDE = 7;

  /** Convolutions of one width. */
  record Stage(int width, int convolutions) {}

  private final ImmutableList<Stage> stages;
  private final int hiddenWidth;
  private final boolean batchNorm;

  Vgg(Frame frame, List<Stage> stages, int hiddenWidth, boolean batchNorm) {
    super(frame.atLeast(1 << stages.size()));
    this.stages = ImmutableList.copyOf(stages);
    this.hiddenWidth = hiddenWidth;
    this.batchNorm = batchNorm;
  }

  @Override
  public Vgg withClasses(int number) {
    return new Vgg(frame().withClasses(number), stages, hiddenWidth, batchNorm);
  }

  @Override
  public Vgg withInput(int channels, int height, int width) {
    return new Vgg(frame().withInput(channels, height, width), stages, hiddenWidth, batchNorm);
  }

  @Override
  public Block block() {
    SequentialBlock features = new SequentialBlock();
    for (Stage stage : stages) {
      for (int i = 0; i < stage.convolutions(); i++) {
        features.add(LayerBlocks.convWithBias(stage.width(), 3, 1));
        if (batchNorm) {
          features.add(LayerBlocks.norm());
        }
        features.add(LayerBlocks.relu());
      }
      features.add(LayerBlocks.maxPool(2, 2, 0));
    }
    SequentialBlock classifier = new SequentialBlock();
    for (int i = 0; i < 2; i++) {
      classifier
          .add(LayerBlocks.linear(hiddenWidth))
          .add(LayerBlocks.relu())
          .add(LayerBlocks.dropout(0.5f));
    }
    classifier.add(LayerBlocks.linear(classes()));
    return new NamedSequence()
        .then("features", features)
        .then("avgpool", AdaptiveAvgPool.block(POOLED_SIDE))
        .then("flatten", LayerBlocks.flatten())
        .then("classifier", classifier);
  }
}
