package org.vpns.graph;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.Dropout;
import ai.djl.nn.pooling.Pool;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Networks for 3 x 16 x 16 images made of random parts: chains, residual and parallel branches. */
public final class RandomBlocks {
  /** Shape of one image. */
  public static final Shape IMAGE = new Shape(3, 16, 16);

  private final Random random;
  private int channels = 3;
  private int size = 16;

  private RandomBlocks(long seed) {
    random = new Random(seed);
  }

  /** A network of this seed; uninitialised. */
  public static SequentialBlock of(long seed) {
    return new RandomBlocks(seed).network();
  }

  private SequentialBlock network() {
    SequentialBlock block = new SequentialBlock();
    int parts = 2 + random.nextInt(6);
    for (int i = 0; i < parts; i++) {
      block.add(part());
    }
    if (random.nextBoolean()) {
      block.add(Pool.globalAvgPool2dBlock());
    } else {
      block.add(Blocks.batchFlattenBlock());
    }
    if (random.nextBoolean()) {
      block.add(Linear.builder().setUnits(6).build());
      block.add(Activation.reluBlock());
    }
    return block.add(Linear.builder().setUnits(4).optBias(random.nextBoolean()).build());
  }

  private Block part() {
    return switch (random.nextInt(10)) {
      case 0, 1, 2 -> conv();
      case 3 -> residual();
      case 4 -> branches();
      case 5 -> activation();
      case 6 -> pool();
      case 7 -> BatchNorm.builder().build();
      case 8 -> gate();
      default -> shapes();
    };
  }

  private Block conv() {
    int kernel = 1 + 2 * random.nextInt(2);
    int stride = size >= 8 && random.nextInt(3) == 0 ? 2 : 1;
    int groups = channels % 2 == 0 && random.nextInt(3) == 0 ? 2 : 1;
    int filters = 2 * (1 + random.nextInt(4));
    Block conv =
        Conv2d.builder()
            .setFilters(filters)
            .setKernelShape(new Shape(kernel, kernel))
            .optPadding(new Shape(kernel / 2, kernel / 2))
            .optStride(new Shape(stride, stride))
            .optGroups(groups)
            .optBias(random.nextBoolean())
            .build();
    channels = filters;
    size = (size - 1) / stride + 1;
    return conv;
  }

  private Block same() {
    return Conv2d.builder()
        .setFilters(channels)
        .setKernelShape(new Shape(3, 3))
        .optPadding(new Shape(1, 1))
        .optBias(false)
        .build();
  }

  private Block residual() {
    return new ParallelBlock(
        lists -> new NDList(lists.get(0).singletonOrThrow().add(lists.get(1).singletonOrThrow())),
        Arrays.asList(
            new SequentialBlock()
                .add(same())
                .add(BatchNorm.builder().build())
                .add(Activation.reluBlock()),
            Blocks.identityBlock()));
  }

  private Block branches() {
    int width = 1 + random.nextInt(3);
    List<Block> blocks = new ArrayList<>(List.of(same()));
    blocks.add(Conv2d.builder().setFilters(width).setKernelShape(new Shape(1, 1)).build());
    channels += width;
    return new ParallelBlock(
        lists ->
            new NDList(
                NDArrays.concat(
                    new NDList(lists.get(0).singletonOrThrow(), lists.get(1).singletonOrThrow()),
                    1)),
        blocks);
  }

  private Block activation() {
    return switch (random.nextInt(7)) {
      case 0 -> Activation.sigmoidBlock();
      case 1 -> Activation.tanhBlock();
      case 2 -> Activation.geluBlock();
      case 3 -> Activation.leakyReluBlock(0.1f);
      case 4 -> Activation.eluBlock(0.7f);
      case 5 -> Activation.swishBlock(1.2f);
      default -> new SequentialBlock().add(Dropout.builder().optRate(0.2f).build());
    };
  }

  private Block pool() {
    if (size < 6) {
      return Activation.reluBlock();
    }
    int padding = random.nextInt(2);
    boolean max = random.nextBoolean();
    Shape kernel = new Shape(3, 3);
    Shape stride = new Shape(2, 2);
    Shape pad = new Shape(padding, padding);
    size = (size + 2 * padding - 3) / 2 + 1;
    return max
        ? Pool.maxPool2dBlock(kernel, stride, pad)
        : Pool.avgPool2dBlock(kernel, stride, pad);
  }

  private static Block gate() {
    return LambdaBlock.singleton(
        x -> {
          NDArray mean = x.mean(new int[] {3}, true).mean(new int[] {2}, true);
          return x.mul(Activation.sigmoid(mean)).clip(-3, 3);
        });
  }

  private Block shapes() {
    if (channels % 2 == 0) {
      int half = channels / 2;
      int side = size;
      // the shuffle of ShuffleNet
      return LambdaBlock.singleton(
          x ->
              x.reshape(-1, 2, half, side, side)
                  .transpose(0, 2, 1, 3, 4)
                  .reshape(-1, 2 * half, side, side));
    }
    int all = channels;
    channels = all + 1;
    return LambdaBlock.singleton(x -> x.concat(x.get(":, 0:1").neg(), 1).sub(0.25f).div(1.5f));
  }
}
