package org.vpns.model;

import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import com.google.common.collect.ImmutableList;
import java.util.List;

/**
 * The plan of a MobileNetV2: a 3x3 convolution of stride 2, inverted residuals, a 1x1 convolution,
 * global average pooling, dropout 0.2 and a linear layer. {@link MobileNets#v2} is the usual one.
 *
 * <p>Parameters are called {@code features.0.0.weight}, {@code features.0.1.*}, {@code
 * features.B.conv.N.0.weight} and so on to {@code features.18.*} and {@code classifier.1.*}, as in
 * torchvision. Images of any size.
 *
 * <p>After Sandler et al., MobileNetV2: Inverted Residuals and Linear Bottlenecks,
 * arXiv:1801.04381.
 */
public final class MobileNetV2 extends NetworkPlan {
  /** Inverted residuals of one width; the first has the stride. */
  record Stage(int expansion, int width, int blocks, int stride) {}

  private final int stemWidth;
  private final ImmutableList<Stage> stages;
  private final int lastWidth;

  MobileNetV2(Frame frame, int stemWidth, List<Stage> stages, int lastWidth) {
    super(frame);
    this.stemWidth = stemWidth;
    this.stages = ImmutableList.copyOf(stages);
    this.lastWidth = lastWidth;
  }

  @Override
  public MobileNetV2 withClasses(int number) {
    return new MobileNetV2(frame().withClasses(number), stemWidth, stages, lastWidth);
  }

  @Override
  public MobileNetV2 withInput(int channels, int height, int width) {
    Frame changed = frame().withInput(channels, height, width);
    return new MobileNetV2(changed, stemWidth, stages, lastWidth);
  }

  @Override
  public Block block() {
    SequentialBlock features = new SequentialBlock();
    features.add(InvertedResidual.withNormAndRelu6(LayerBlocks.conv(stemWidth, 3, 2)));
    int before = stemWidth;
    for (Stage stage : stages) {
      for (int i = 0; i < stage.blocks(); i++) {
        int stride = i == 0 ? stage.stride() : 1;
        features.add(new InvertedResidual(before, stage.width(), stage.expansion(), stride));
        before = stage.width();
      }
    }
    features.add(InvertedResidual.withNormAndRelu6(LayerBlocks.conv(lastWidth, 1, 1)));
    SequentialBlock classifier =
        new SequentialBlock().add(LayerBlocks.dropout(0.2f)).add(LayerBlocks.linear(classes()));
    return new NamedSequence()
        .then("features", features)
        .then("pool", LayerBlocks.globalAvgPool())
        .then("classifier", classifier);
  }
}
