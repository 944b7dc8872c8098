package org.vpns.graph;

import ai.djl.ndarray.NDManager;
import com.google.common.collect.ImmutableList;
import java.util.List;

/**
 * A network whose batch norm has become part of the convolution or linear layer before it. In
 * evaluation a batch norm is a scale and a shift of each channel, so with {@code s = gamma /
 * sqrt(variance + eps)}
 *
 * <pre>
 * w' = w s,   b' = (b - mean) s + beta
 * </pre>
 *
 * give the same outputs within rounding. Computed in double; removed weights stay exactly 0.0. The
 * result is for prediction: trained further, it is another network than the original.
 *
 * <p>Folded are those that alone read the layer's output, where the layer's weights are used
 * nowhere else. All others stay as they are.
 *
 * @param block the new network, with values of its own
 * @param folded names of the batch norms that are gone
 * @param left names of those that stay
 */
public record BatchNormFolding(GraphBlock block, List<String> folded, List<String> left) {
  /** Copies the lists. */
  public BatchNormFolding {
    folded = ImmutableList.copyOf(folded);
    left = ImmutableList.copyOf(left);
  }

  /**
   * Folds where it is possible. The given network is not changed.
   *
   * @param manager owner of the new network's values
   */
  public static BatchNormFolding fold(GraphBlock block, NDManager manager) {
    return new FoldingWork(block).run(manager);
  }
}
