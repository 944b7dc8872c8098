package org.vpns.train;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.Batch;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.vpns.LabelAssignment;
import org.vpns.MaskSet;
import org.vpns.ParameterFilter;
import org.vpns.Problem;
import org.vpns.Seeds;
import org.vpns.internal.network.GradientGate;
import org.vpns.internal.network.Network;
import org.vpns.internal.network.NetworkScoring;
import org.vpns.internal.network.ValueCheck;
import org.vpns.internal.run.GivenBatch;

/**
 * Asks a mask rule for its mask, without any training; the model keeps its weights, statistics and
 * gradient flags.
 *
 * @param seed of its random streams
 */
record MaskFinder(MaskRule rule, long seed) {
  /** The mask of a rule that looks at weights alone. */
  MaskSet find(Model model) {
    return find(model, null, network -> NetworkScoring.of(network, new Seeds(seed)));
  }

  /**
   * The mask of a rule that looks at weights and network, not at images.
   *
   * @param input shape of one network input, (channels, height, width)
   */
  MaskSet find(Model model, Shape input) {
    return find(
        model,
        new Shape(2).addAll(input),
        network -> NetworkScoring.of(network, new Seeds(seed)).input(input));
  }

  /**
   * The mask of a rule that looks at images too: at this one batch, whatever {@link
   * org.vpns.ScoringSet} it asks for.
   *
   * @param batch network inputs (batch, channels, height, width), normalised, and one label per
   *     image, the number of its logit; it stays the caller's
   * @throws IllegalArgumentException if inputs or labels do not fit the network
   */
  MaskSet find(Model model, Batch batch) {
    Shape shape = batch.getData().head().getShape();
    if (shape.dimension() < 2 || shape.get(0) < 1) {
      throw Problem.argument(
          "batch without images",
          "Pruner.findMask",
          "(batch, channels, height, width)",
          shape,
          "stack the images along a first axis");
    }
    return find(
        model,
        shape,
        network -> {
          GivenBatch images = new GivenBatch(network, batch, everyOutput(network.outputs(shape)));
          return NetworkScoring.of(network, new Seeds(seed))
              .input(shape.slice(1))
              .mapping(images::mapping)
              .images(set -> images);
        });
  }

  private static LabelAssignment everyOutput(int outputs) {
    return LabelAssignment.of(
        outputs, IntStream.range(0, outputs).mapToObj(i -> new int[] {i}).toArray(int[][]::new));
  }

  @SuppressWarnings("try") // the gate is held, not used
  private MaskSet find(
      Model model, @Nullable Shape input, Function<Network, NetworkScoring> context) {
    if (input == null) {
      return look(model, null, context);
    }
    Problem.open(model);
    // losses of scores record gradients, and whoever records makes those of all others zero
    try (GradientGate.Hold gate =
        GradientGate.turn(model.getNDManager(), "mask of model '" + model.getName() + "'")) {
      return look(model, input, context);
    }
  }

  private MaskSet look(
      Model model, @Nullable Shape input, Function<Network, NetworkScoring> context) {
    try (Network network = Network.open(model, ParameterFilter.weights())) {
      ValueCheck.require(network);
      if (input != null) {
        // refuses what the network does not take, and brings a module's mode under our control
        network.outputs(input);
      }
      MaskSet masks =
          Problem.given(
              rule.begin(context.apply(network), MaskSet.ones(network.layout())),
              "Pruner.findMask",
              "what MaskRule.begin gives");
      masks.requireFits(network.layout());
      return masks;
    }
  }
}
