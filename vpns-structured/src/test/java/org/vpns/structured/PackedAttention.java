package org.vpns.structured;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.core.Linear;

/** Attention whose queries, keys and values one layer makes. */
public final class PackedAttention {
  private PackedAttention() {}

  /**
   * The parts of a network for images of 3 x 4 x 4, each with a number for a name: two heads of
   * three over 16 tokens, layers {@code 1}, packed, and {@code 3}.
   */
  public static Block[] parts() {
    return new Block[] {
      LambdaBlock.singleton(x -> x.reshape(-1, 3, 16).transpose(0, 2, 1)),
      Linear.builder().setUnits(18).build(),
      LambdaBlock.singleton(
          x -> {
            NDArray parts = x.reshape(-1, 16, 3, 2, 3).transpose(2, 0, 3, 1, 4);
            NDArray q = parts.get("0");
            NDArray k = parts.get("1");
            NDArray v = parts.get("2");
            NDArray rows = q.matMul(k.transpose(0, 1, 3, 2)).mul(0.57735f).softmax(-1);
            return rows.matMul(v).transpose(0, 2, 1, 3).reshape(-1, 16, 6);
          }),
      Linear.builder().setUnits(4).build()
    };
  }
}
