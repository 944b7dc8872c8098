package org.vpns.structured.train;

import org.vpns.Problem;

/**
 * Regularisers that pull channels towards zero while a stage trains. They find the channels of the
 * network when the stage begins; {@link ChannelRegulariser#rules} says what is left alone.
 *
 * <pre>{@code
 * Stage sparse =
 *     Stage.builder("sparse training")
 *         .train(Target.WEIGHTS, UpdateRule.sgd().momentum(0.9), LearningRate.constant(0.01))
 *         .regularise(Regularisers.depGraph(1e-4))
 *         .pass(Pass.plain())
 *         .length(Length.epochs(10))
 *         .build();
 * }</pre>
 *
 * <p>In what follows a unit is a channel with all that leaves with it, and its weights are its rows
 * and columns of convolutions and linear layers, rows of depthwise convolutions included, and its
 * scales of norms; a weight that lies in a row of one unit and a column of another feels both.
 */
public final class Regularisers {
  private Regularisers() {}

  /**
   * Slim: {@code lambda sign(gamma)} for each scale gamma of a batch norm.
   *
   * <p>Source: Liu et al., Learning Efficient Convolutional Networks through Network Slimming, ICCV
   * 2017. The authors took 1e-4 for VGG, 1e-5 for ResNet and DenseNet. Groups of channels without
   * batch norm are refused: rules can keep their outputs.
   *
   * @param lambda its strength, 0 or above
   */
  public static ChannelRegulariser<?> slim(double lambda) {
    return new Slim(notNegative("slim", "lambda", lambda), false);
  }

  /**
   * Slim by units: {@code lambda gamma / sqrt(q)}, where q is the mean of gamma squared over the
   * batch norms of gamma's unit, plus 1e-9; a residual stream goes to zero as one.
   *
   * @param lambda its strength, 0 or above
   */
  public static ChannelRegulariser<?> slimGroups(double lambda) {
    return new Slim(notNegative("slimGroups", "lambda", lambda), true);
  }

  /**
   * Group lasso: {@code lambda sqrt(n) w / |w|} for the n weights w of each unit, 0 where all of
   * them are; the gradient of {@code lambda} times the sum of {@code sqrt(n) |w|}.
   *
   * <p>Source: Yuan and Lin, Model selection and estimation in regression with grouped variables,
   * 2006; on filters: Wen et al., Learning Structured Sparsity in Deep Neural Networks, NeurIPS
   * 2016.
   *
   * @param lambda its strength, 0 or above
   */
  public static ChannelRegulariser<?> groupLasso(double lambda) {
    return new GroupLasso(notNegative("groupLasso", "lambda", lambda));
  }

  /**
   * DepGraph's: decay that is stronger the less a unit matters in its group, up to 16 times.
   *
   * @param lambda its strength, 0 or above
   */
  public static DepGraphRegulariser depGraph(double lambda) {
    return new DepGraphRegulariser(notNegative("depGraph", "lambda", lambda));
  }

  /**
   * Growing regularisation: {@code lambda_u w} for the weights of unit u, where lambda_u grows
   * after each epoch by {@code delta (max S - S_u) / (max S - min S + 1e-8)}; S is the mean over
   * the unit's axes of weights of the sum of their squares, max and min are of its group.
   *
   * <p>Source: Wang et al., Neural Pruning via Growing Regularization, ICLR 2021, in the form that
   * Fang et al. (CVPR 2023) compare with, which starts at 1e-5 and grows by as much.
   *
   * @param start lambda_u of the first epoch, 0 or above
   * @param delta by which that of the weakest unit of a group grows, 0 or above
   */
  public static ChannelRegulariser<?> growing(double start, double delta) {
    return new Growing(
        notNegative("growing", "start", start), notNegative("growing", "delta", delta));
  }

  static double notNegative(String method, String name, double value) {
    if (!(value >= 0 && value <= Double.MAX_VALUE)) {
      throw Problem.argument(
          name + " out of range",
          "Regularisers." + method,
          "0 or above",
          value,
          "1e-4 is a usual strength");
    }
    return value;
  }
}
