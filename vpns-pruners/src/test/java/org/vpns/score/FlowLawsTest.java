package org.vpns.score;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.Dropout;
import ai.djl.nn.pooling.Pool;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.assertj.core.data.Offset;
import org.vpns.Layout;
import org.vpns.MaskSet;
import org.vpns.NamedParameter;
import org.vpns.ParameterFilter;
import org.vpns.ParameterPaths;
import org.vpns.internal.flow.PositiveNetwork;

/**
 * Flow is conserved in every network of convolutions, batch norm with any statistics, ReLU and its
 * like, pooling, residual and parallel branches, under every mask: what enters by the first layer
 * leaves by the last. 1e-10 is for sums of some ten thousand doubles.
 */
final class FlowLawsTest {
  private static final Shape IMAGE = new Shape(3, 12, 12);

  /** First a convolution, last a linear layer, between them what the seed says. */
  private static final class Builder {
    private final Random random;
    private int channels;
    private int size = 12;

    Builder(long seed) {
      random = new Random(seed);
    }

    SequentialBlock network() {
      SequentialBlock block = new SequentialBlock().add(conv(2 + random.nextInt(5)));
      int parts = random.nextInt(6);
      for (int i = 0; i < parts; i++) {
        block.add(part());
      }
      block.add(random.nextBoolean() ? Pool.globalAvgPool2dBlock() : Blocks.batchFlattenBlock());
      return block.add(Linear.builder().setUnits(4).optBias(random.nextBoolean()).build());
    }

    private Block part() {
      return switch (random.nextInt(8)) {
        case 0 -> conv(1 + random.nextInt(6));
        case 1 -> residual();
        case 2 -> branches();
        case 3 -> Activation.reluBlock();
        case 4 -> pool();
        case 5 -> BatchNorm.builder().build();
        case 6 -> Dropout.builder().optRate(0.4f).build();
        default -> Activation.leakyReluBlock(0.1f);
      };
    }

    private Block conv(int filters) {
      int groups = channels == 4 && filters % 2 == 0 ? 2 : 1;
      channels = filters;
      return Conv2d.builder()
          .setFilters(filters)
          .setKernelShape(new Shape(3, 3))
          .optPadding(new Shape(1, 1))
          .optGroups(groups)
          .optBias(random.nextBoolean())
          .build();
    }

    private Block residual() {
      SequentialBlock body =
          new SequentialBlock()
              .add(conv(channels))
              .add(BatchNorm.builder().build())
              .add(Activation.reluBlock());
      return new ParallelBlock(
          lists -> new NDList(lists.get(0).singletonOrThrow().add(lists.get(1).singletonOrThrow())),
          Arrays.asList(body, Blocks.identityBlock()));
    }

    private Block branches() {
      int before = channels;
      Block one = conv(1 + random.nextInt(3));
      int width = channels;
      channels = before;
      Block two = conv(1 + random.nextInt(3));
      channels += width;
      return new ParallelBlock(
          lists ->
              new NDList(
                  lists.get(0).singletonOrThrow().concat(lists.get(1).singletonOrThrow(), 1)),
          Arrays.asList(one, two));
    }

    private Block pool() {
      if (size < 6) {
        return Activation.reluBlock();
      }
      size /= 2;
      Shape two = new Shape(2, 2);
      return random.nextBoolean() ? Pool.maxPool2dBlock(two, two) : Pool.avgPool2dBlock(two, two);
    }
  }

  private static Model model(long seed) {
    Model model = Model.newInstance("random");
    SequentialBlock block = new Builder(seed).network();
    block.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1).addAll(IMAGE));
    Random random = new Random(seed);
    for (NamedParameter p : ParameterPaths.of(block)) {
      float[] values = new float[(int) p.shape().size()];
      boolean positive = p.parameter().getType() == Parameter.Type.RUNNING_VAR;
      for (int i = 0; i < values.length; i++) {
        values[i] = positive ? 0.1f + random.nextFloat() : (float) random.nextGaussian();
      }
      p.parameter().getArray().set(values);
    }
    model.setBlock(block);
    return model;
  }

  @Property(tries = 60)
  void flow_throughFirstAndLastLayer_isAllOfIt(
      @ForAll long seed, @ForAll @DoubleRange(min = 0, max = 0.7) double removed) {
    try (Model model = model(seed)) {
      Layout layout = ParameterPaths.of(model.getBlock()).prunable(ParameterFilter.weights());
      MaskSet masks = RandomMasks.of(layout, seed, removed);
      try (PositiveNetwork network =
          new PositiveNetwork(model.getBlock(), IMAGE, layout, false, Set.of())) {
        PositiveNetwork.Flow flow = network.flow(masks);
        double[] sums = SynFlowTest.sums(flow, layout);
        Offset<Double> rounding = Offset.offset(1e-10 * flow.total());
        assertThat(sums[0]).isCloseTo(flow.total(), rounding);
        assertThat(sums[sums.length - 1]).isCloseTo(flow.total(), rounding);
        for (double sum : sums) {
          assertThat(sum).isLessThanOrEqualTo(flow.total() * (1 + 1e-10));
        }
        LayerCollapse collapse = LayerCollapse.of(model.getBlock(), IMAGE, masks);
        assertThat(collapse.isCollapsed()).isEqualTo(flow.total() == 0);
        assertThat(collapse.flow()).isCloseTo(flow.total(), rounding);
      }
    }
  }

  /** Two convolutions in series: what enters a hidden channel leaves it. */
  @Property(tries = 30)
  void flow_intoAHiddenChannel_leavesIt(
      @ForAll long seed, @ForAll @DoubleRange(min = 0, max = 0.9) double removed) {
    try (Model model = Model.newInstance("two")) {
      int hidden = 5;
      SequentialBlock block =
          new SequentialBlock()
              .add(conv(hidden))
              .add(BatchNorm.builder().build())
              .add(Activation.reluBlock())
              .add(conv(4))
              .add(Pool.globalAvgPool2dBlock());
      block.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1).addAll(IMAGE));
      Layout layout = ParameterPaths.of(block).prunable(ParameterFilter.weights());
      try (PositiveNetwork network = new PositiveNetwork(block, IMAGE, layout, false, Set.of())) {
        PositiveNetwork.Flow flow = network.flow(RandomMasks.of(layout, seed, removed));
        for (int c = 0; c < hidden; c++) {
          double in = 0;
          for (int i = 0; i < 27; i++) {
            in += flow.shares()[c * 27 + i];
          }
          double out = 0;
          for (int o = 0; o < 4; o++) {
            for (int i = 0; i < 9; i++) {
              out += flow.shares()[layout.offset(1) + (o * hidden + c) * 9 + i];
            }
          }
          assertThat(in).isCloseTo(out, Offset.offset(1e-10 * flow.total()));
        }
      }
    }
  }

  private static Block conv(int filters) {
    return Conv2d.builder()
        .setFilters(filters)
        .setKernelShape(new Shape(3, 3))
        .optPadding(new Shape(1, 1))
        .optBias(false)
        .build();
  }
}
