package org.vpns.model;

import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import com.google.common.collect.ImmutableList;
import java.util.List;

/** The plan of a VGG network; see {@link Vggs}. */
final class Vgg extends NetworkPlan {
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
  Vgg with(Frame changed) {
    return new Vgg(changed, stages, hiddenWidth, batchNorm);
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
