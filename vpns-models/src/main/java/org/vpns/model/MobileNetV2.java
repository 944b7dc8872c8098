package org.vpns.model;

import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import com.google.common.collect.ImmutableList;
import java.util.List;

/** The plan of a MobileNetV2; see {@link MobileNets#v2}. */
final class MobileNetV2 extends NetworkPlan {
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
  MobileNetV2 with(Frame changed) {
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
