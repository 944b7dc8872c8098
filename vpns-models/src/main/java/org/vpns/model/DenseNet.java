package org.vpns.model;

import ai.djl.nn.Block;
import com.google.common.collect.ImmutableList;
import java.util.List;
import org.vpns.weights.WeightFile;

/** The plan of a densely connected network; see {@link DenseNets}. */
final class DenseNet extends NetworkPlan {
  private final int stemWidth;
  private final int growth;
  private final ImmutableList<Integer> blocks;

  /**
   * @param stemWidth channels after the first convolution
   * @param growth channels that a layer adds
   * @param blocks number of layers of each block
   */
  DenseNet(Frame frame, int stemWidth, int growth, List<Integer> blocks) {
    super(frame.atLeast(minimumSide(blocks.size())));
    this.stemWidth = stemWidth;
    this.growth = growth;
    this.blocks = ImmutableList.copyOf(blocks);
  }

  /** The stem quarters the side and rounds up; each transition halves it and rounds down. */
  private static int minimumSide(int blocks) {
    return 4 * ((1 << (blocks - 1)) - 1) + 1;
  }

  @Override
  DenseNet with(Frame changed) {
    return new DenseNet(changed, stemWidth, growth, blocks);
  }

  /** The published files write {@code norm.1} where the network of today says {@code norm1}. */
  @Override
  WeightFile named(WeightFile file) {
    return file.rename("(denselayer\\d+\\.(?:norm|conv))\\.([12])\\.", "$1$2.");
  }

  @Override
  public Block block() {
    NamedSequence features =
        new NamedSequence()
            .then("conv0", LayerBlocks.conv(stemWidth, 7, 2))
            .then("norm0", LayerBlocks.norm())
            .then("relu0", LayerBlocks.relu())
            .then("pool0", LayerBlocks.maxPool(3, 2, 1));
    int width = stemWidth;
    for (int b = 1; b <= blocks.size(); b++) {
      int layers = blocks.get(b - 1);
      features.then("denseblock" + b, denseBlock(layers));
      width += layers * growth;
      if (b < blocks.size()) {
        width /= 2;
        features.then("transition" + b, transition(width));
      }
    }
    features.then("norm" + (blocks.size() + 1), LayerBlocks.norm());
    return new NamedSequence()
        .then("features", features)
        .then("relu", LayerBlocks.relu())
        .then("pool", LayerBlocks.globalAvgPool())
        .then("classifier", LayerBlocks.linear(classes()));
  }

  private NamedSequence denseBlock(int layers) {
    NamedSequence block = new NamedSequence();
    for (int i = 1; i <= layers; i++) {
      block.then("denselayer" + i, new DenseLayer(growth));
    }
    return block;
  }

  private static NamedSequence transition(int width) {
    return new NamedSequence()
        .then("norm", LayerBlocks.norm())
        .then("relu", LayerBlocks.relu())
        .then("conv", LayerBlocks.conv(width, 1, 1))
        .then("pool", LayerBlocks.avgPool(2));
  }
}
