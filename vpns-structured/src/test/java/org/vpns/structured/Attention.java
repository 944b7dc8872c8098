package org.vpns.structured;

import static org.vpns.structured.Parts.chain;
import static org.vpns.structured.Parts.lambda;
import static org.vpns.structured.Parts.linear;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.nn.ParallelBlock;
import java.util.List;

/** Attention over the 16 places of a 3 x 4 x 4 image, and the paths of its layers. */
public final class Attention {
  static final String QUERIES = "1.0.weight";
  static final String KEYS = "1.1.weight";
  static final String VALUES = "1.2.weight";
  static final String RESULT = "2.weight";

  private Attention() {}

  private static Block tokens() {
    return chain(lambda(x -> x.reshape(-1, 3, 16).transpose(0, 2, 1)));
  }

  /** Two heads of three; layers {@code 1}, packed, and {@code 3}. */
  public static Block[] packed() {
    return new Block[] {
      tokens(),
      linear(18),
      lambda(
          x -> {
            NDArray parts = x.reshape(-1, 16, 3, 2, 3).transpose(2, 0, 3, 1, 4);
            return rows(parts.get("0"), parts.get("1"))
                .matMul(parts.get("2"))
                .transpose(0, 2, 1, 3)
                .reshape(-1, 16, 6);
          }),
      linear(4)
    };
  }

  private static NDArray rows(NDArray queries, NDArray keys) {
    int rank = keys.getShape().dimension();
    NDArray turned = rank == 4 ? keys.transpose(0, 1, 3, 2) : keys.transpose(0, 2, 1);
    return queries.matMul(turned).mul(0.57735f).softmax(-1);
  }

  /** Layers for queries, keys and values; keys and values serve several heads of queries each. */
  public static Block[] separate(int heads, int keyHeads, int width) {
    return new Block[] {
      tokens(),
      new ParallelBlock(
          lists -> {
            NDArray q = cut(lists.get(0).singletonOrThrow(), heads, width);
            NDArray k = shared(cut(lists.get(1).singletonOrThrow(), keyHeads, width), heads);
            NDArray v = shared(cut(lists.get(2).singletonOrThrow(), keyHeads, width), heads);
            return new NDList(
                rows(q, k).matMul(v).transpose(0, 2, 1, 3).reshape(-1, 16, heads * width));
          },
          List.of(linear(heads * width), linear(keyHeads * width), linear(keyHeads * width))),
      linear(4)
    };
  }

  private static NDArray cut(NDArray x, int heads, int width) {
    return x.reshape(-1, 16, heads, width).transpose(0, 2, 1, 3);
  }

  /** Each head so often that there are as many as asked for. */
  private static NDArray shared(NDArray x, int heads) {
    long own = x.getShape().get(1);
    if (own == heads) {
      return x;
    }
    NDArray one = x.expandDims(2);
    NDList all = new NDList();
    for (long i = 0; i < heads / own; i++) {
      all.add(one);
    }
    return NDArrays.concat(all, 2).reshape(-1, heads, 16, x.getShape().get(3));
  }

  /** Two heads of three, which lie in the axis of the images. */
  static Block[] folded() {
    return new Block[] {
      tokens(),
      new ParallelBlock(
          lists -> {
            NDArray q = fold(lists.get(0).singletonOrThrow());
            NDArray k = fold(lists.get(1).singletonOrThrow());
            NDArray v = fold(lists.get(2).singletonOrThrow());
            return new NDList(
                rows(q, k)
                    .matMul(v)
                    .reshape(-1, 2, 16, 3)
                    .transpose(0, 2, 1, 3)
                    .reshape(-1, 16, 6));
          },
          List.of(linear(6), linear(6), linear(6))),
      linear(4)
    };
  }

  private static NDArray fold(NDArray x) {
    return cut(x, 2, 3).reshape(-1, 16, 3);
  }
}
