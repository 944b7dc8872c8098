package org.vpns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.vpns.internal.network.Network;
import org.vpns.internal.network.NetworkScoring;
import org.vpns.testing.LateGradients;
import org.vpns.testing.TinyImages;
import org.vpns.testing.TinyResNet;

class ScoringLossTest {
  private static ScoringLoss loss(NDManager manager) {
    return new ScoringLoss(new TinyImages(manager), NetworkMode.TRAIN, 1);
  }

  private static double sum(ScoringLoss loss, float scale) {
    List<Float> shares = new ArrayList<>();
    loss.images()
        .forEach(
            (input, labels) -> {
              NDManager manager = input.getManager();
              NDArray ramp = manager.arange(16f * TinyResNet.SOURCE_CLASSES).mul(scale);
              NDArray logits = ramp.reshape(new Shape(16, TinyResNet.SOURCE_CLASSES));
              shares.add(loss.share(labels, logits).getFloat());
            });
    return shares.stream().mapToDouble(share -> share).sum();
  }

  /** Equal logits of five classes: ln 5, whatever the batches. */
  @Test
  void shares_ofAllBatches_sumToTheMean() {
    try (NDManager manager = NDManager.newBaseManager()) {
      assertThat(sum(loss(manager), 0)).isCloseTo(Math.log(5), within(1e-6));
    }
  }

  @Test
  void temperature_dividesTheLogits() {
    try (NDManager manager = NDManager.newBaseManager()) {
      double half = sum(loss(manager).temperature(2), 1);
      assertThat(half).isCloseTo(sum(loss(manager), 0.5f), within(1e-6));
      assertThat(half).isNotCloseTo(sum(loss(manager), 1), within(0.1));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> loss(manager).temperature(0))
          .withMessageStartingWith("temperature out of range: ScoringLoss;");
    }
  }

  /** At equal logits of five classes: (1/5 - 1 for the label's) / images / temperature. */
  @Test
  void gradient_afterAGarbageCollection_isThatOfTheTemperatureAndTheShare() {
    try (NDManager manager = NDManager.newBaseManager()) {
      ScoringLoss loss = loss(manager).temperature(2);
      float[] found =
          LateGradients.of(
              x -> {
                NDArray labels = x.getManager().create(new long[] {3});
                return loss.share(labels, x.expandDims(0));
              },
              new float[TinyResNet.SOURCE_CLASSES]);
      double each = 1.0 / loss.images().size() / 2;
      for (int i = 0; i < found.length; i++) {
        double expected = i < TinyResNet.TARGET_CLASSES ? 0.2 - (i == 3 ? 1 : 0) : 0;
        assertThat((double) found[i]).isCloseTo(expected * each, within(1e-8));
      }
    }
  }

  /** Weights that a mask removes are 0 where the gradient is taken. */
  @Test
  void gradient_underMasks_isThatOfTheMaskedNetwork_andIsCounted() {
    try (Model model = TinyResNet.newModel();
        Network network = Network.open(model, ParameterFilter.weights())) {
      NetworkScoring context =
          NetworkScoring.of(network, new Seeds(1))
              .images(set -> new TinyImages(model.getNDManager()));
      ScoringLoss loss = context.loss(ScoringSet.perClass(10)).mode(NetworkMode.EVAL);
      MaskSet masks =
          MaskSet.of(
              context.layout(), i -> Mask.of(context.layout().shape(i), j -> j % (i + 2) > 0));
      float[][] weights = context.weights(masks);
      for (int i = 0; i < weights.length; i++) {
        for (int j = 0; j < weights[i].length; j++) {
          assertThat(weights[i][j]).isEqualTo(masks.mask(i).isKept(j) ? context.weights(i)[j] : 0f);
        }
      }
      float[][] dense = context.gradient(loss);
      assertThat(context.gradient(loss, context.weights())).isDeepEqualTo(dense);
      assertThat(context.gradient(loss, weights)).isNotEqualTo(dense);
      assertThat(context.passes().forwards()).isEqualTo(6);
      assertThat(context.passes().backwards()).isEqualTo(6);
      assertThat(context.passes().images()).isEqualTo(6 * 16);
    }
  }
}
