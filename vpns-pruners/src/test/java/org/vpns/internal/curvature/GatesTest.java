package org.vpns.internal.curvature;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Blocks;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.Dropout;
import ai.djl.nn.pooling.Pool;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.vpns.NamedParameter;
import org.vpns.NetworkMode;
import org.vpns.ParameterPaths;
import org.vpns.ScoringContext;
import org.vpns.ScoringLoss;
import org.vpns.graph.GraphRun;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.op.ForwardPass;
import org.vpns.internal.flow.TracedBlock;
import org.vpns.internal.graph.op.Pooling;
import org.vpns.score.Scoring;

/** Straight pieces in place of kinks. */
final class GatesTest {
  private static NDArray random(NDManager manager, long seed, Shape shape) {
    Random random = new Random(seed);
    float[] values = new float[(int) shape.size()];
    for (int i = 0; i < values.length; i++) {
      // few different values, negative ones too: ties in many windows
      values[i] = random.nextInt(7) - 4;
    }
    return manager.create(values, shape);
  }

  /** Window, stride, padding, ceil; 9 x 10 maps. */
  @ParameterizedTest
  @CsvSource({
    "2, 2, 0, false",
    "2, 2, 0, true",
    "3, 2, 1, false",
    "3, 2, 1, true",
    "3, 1, 1, false",
    "3, 3, 0, true",
    "2, 3, 1, true"
  })
  void maxChoice_whereItWasRecorded_isTheEnginesPooling(
      int window, int stride, int padding, boolean ceil) {
    Pooling.Pool pool =
        new Pooling.Pool(
            Pooling.Kind.MAX,
            new Shape(window, window),
            new Shape(stride, stride),
            new Shape(padding, padding),
            ceil,
            true);
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray x = random(manager, 3, new Shape(2, 3, 9, 10));
      NDArray y = pool.apply(new NDArray[] {x}, new ForwardPass(false, 2, manager))[0];
      MaxChoice choice = MaxChoice.of(pool, x, y.getShape());
      assertThat(choice.apply(x).toFloatArray()).containsExactly(y.toFloatArray());
      // the places stay where they were: every value is raised by 1 in its own place
      assertThat(choice.apply(x.add(1)).toFloatArray()).containsExactly(y.add(1).toFloatArray());
      // and turned around they give the smallest of each window, not the largest
      assertThat(choice.apply(x.neg()).toFloatArray())
          .containsExactly(y.neg().add(0).toFloatArray());
    }
  }

  private static SequentialBlock network() {
    return new SequentialBlock()
        .add(conv(6))
        .add(BatchNorm.builder().build())
        .add(Activation.reluBlock())
        .add(Pool.maxPool2dBlock(new Shape(3, 3), new Shape(2, 2), new Shape(1, 1)))
        .add(conv(8))
        .add(Activation.leakyReluBlock(0.2f))
        .add(Pool.maxPool2dBlock(new Shape(2, 2), new Shape(2, 2)))
        .add(LambdaBlock.singleton(x -> x.clip(-0.5f, 1).abs()))
        .add(Dropout.builder().optRate(0.3f).build())
        .add(Blocks.batchFlattenBlock())
        .add(Linear.builder().setUnits(5).build());
  }

  private static Conv2d conv(int filters) {
    return Conv2d.builder()
        .setFilters(filters)
        .setKernelShape(new Shape(3, 3))
        .optPadding(new Shape(1, 1))
        .build();
  }

  private static Model model(SequentialBlock block) {
    Model model = Model.newInstance("kinks");
    block.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 3, 32, 32));
    Random random = new Random(5);
    for (NamedParameter p : ParameterPaths.of(block)) {
      if (p.shape().dimension() > 1) {
        float[] values = new float[(int) p.shape().size()];
        double scale = Math.sqrt(2.0 / p.shape().slice(1).size());
        for (int i = 0; i < values.length; i++) {
          values[i] = (float) (scale * random.nextGaussian());
        }
        p.parameter().getArray().set(values);
      }
    }
    model.setBlock(block);
    return model;
  }

  private static <T> T at(
      SequentialBlock block, NetworkMode mode, BiFunction<ScoringContext, ScoringLoss, T> look) {
    try (Model model = model(block)) {
      return Scoring.look(
          model, context -> look.apply(context, context.loss(Scoring.ALL).mode(mode)));
    }
  }

  /** ReLU, leaky ReLU, clip, absolute value, poolings and, in training mode, dropout. */
  @ParameterizedTest
  @EnumSource(NetworkMode.class)
  void frozenGates_ofAllKinds_agreeWithExactCurvature(NetworkMode mode) {
    double error =
        at(
            network(),
            mode,
            (context, loss) -> {
              float[][] weights = context.weights();
              float[][] g = context.gradient(loss, weights);
              double[][] exact = new ExactCurvature().times(context, loss, weights, g);
              double[][] frozen = new FrozenGates(1e-2).times(context, loss, weights, g);
              double difference = 0;
              double norm = 0;
              for (int i = 0; i < exact.length; i++) {
                for (int j = 0; j < exact[i].length; j++) {
                  difference += Math.pow(exact[i][j] - frozen[i][j], 2);
                  norm += Math.pow(exact[i][j], 2);
                }
              }
              return Math.sqrt(difference / norm);
            });
    // the small residual network has 9e-4; a gate that is not frozen, or dropout drawn anew,
    // leaves 0.1 or more
    assertThat(error).isLessThan(5e-3);
  }

  @Test
  void kinks_thatCannotBeFrozen_areNamed() {
    SequentialBlock block =
        new SequentialBlock()
            .add(conv(6))
            .add(LambdaBlock.singleton(x -> x.maximum(x.neg())))
            .add(Pool.globalMaxPool2dBlock())
            .add(Linear.builder().setUnits(5).build());
    List<String> loose =
        at(
            block,
            NetworkMode.EVAL,
            (context, loss) -> {
              Gates gates = new Gates();
              NetworkValues network = TracedBlock.of(block, context.inputShape());
              loss.images()
                  .forEach(
                      (input, labels) ->
                          GraphRun.of(network.graph())
                              .run(
                                  network.byTensor(
                                      (p, array) -> array, c -> c.toArray(input.getManager())),
                                  new NDList(input),
                                  false,
                                  gates::record));
              return new ArrayList<>(gates.loose());
            });
    assertThat(loose).anyMatch(kink -> kink.startsWith("max at "));
    assertThat(loose).anyMatch(kink -> kink.startsWith("globalMax at "));
  }
}
