package org.vpns.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.model.MobileNets.Padding;
import org.vpns.model.Networks.Expected;
import org.vpns.testing.Engines;

final class MobileNetsTest {
  private static final int[] V1_STRIDES = {1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1};

  @Test
  void namesAndShapes_ofV2_areTorchvisions() {
    // expansion, width, stride of blocks 1 to 17
    int[][] blocks = {
      {1, 16}, {6, 24}, {6, 24}, {6, 32}, {6, 32}, {6, 32}, {6, 64}, {6, 64}, {6, 64}, {6, 64},
      {6, 96}, {6, 96}, {6, 96}, {6, 160}, {6, 160}, {6, 160}, {6, 320}
    };
    Expected expected = new Expected();
    expected.weight("features.0.0", 32, 3, 3, 3).norm("features.0.1", 32);
    int before = 32;
    for (int b = 1; b <= 17; b++) {
      String conv = "features." + b + ".conv.";
      int inside = before * blocks[b - 1][0];
      int after = blocks[b - 1][1];
      int n = 0;
      if (inside != before) {
        expected.weight(conv + "0.0", inside, before, 1, 1).norm(conv + "0.1", inside);
        n = 1;
      }
      expected.weight(conv + n + ".0", inside, 1, 3, 3).norm(conv + n + ".1", inside);
      expected.weight(conv + (n + 1), after, inside, 1, 1).norm(conv + (n + 2), after);
      before = after;
    }
    expected.weight("features.18.0", 1280, 320, 1, 1).norm("features.18.1", 1280);
    expected.weightAndBias("classifier.1", 1000, 1280);
    assertThat(Networks.namesAndShapes(MobileNets.v2())).isEqualTo(expected.list());
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "0.75, 1", "0.25, 2"})
  void namesAndShapes_ofV1_areThoseOfTheKerasWeights(double multiplier, int channels) {
    int[] widths = {64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024};
    Expected expected = new Expected();
    int before = (int) (32 * multiplier);
    expected.weight("conv1", before, channels, 3, 3).norm("conv1_bn", before);
    for (int i = 1; i <= 13; i++) {
      int after = (int) (widths[i - 1] * multiplier);
      expected.weight("conv_dw_" + i, before, 1, 3, 3).norm("conv_dw_" + i + "_bn", before);
      expected.weight("conv_pw_" + i, after, before, 1, 1).norm("conv_pw_" + i + "_bn", after);
      before = after;
    }
    expected.weightAndBias("conv_preds", 1000, before, 1, 1);
    assertThat(Networks.namesAndShapes(MobileNets.v1(multiplier).withInput(channels, 64, 64)))
        .isEqualTo(expected.list());
  }

  private static MobileNetV2 smallV2() {
    return new MobileNetV2(
        new Frame("small", 3, 37, 30, 5),
        4,
        List.of(
            new MobileNetV2.Stage(1, 4, 1, 1),
            new MobileNetV2.Stage(3, 6, 2, 2),
            new MobileNetV2.Stage(2, 8, 1, 1)),
        10);
  }

  @Test
  void logits_ofV2_areThoseOfThePlainCalls() {
    PlainForward.assertSame(
        smallV2(),
        (plain, image) -> {
          NDArray x = withNorm(plain, plain.conv(image, "features.0.0", 2, 1), "features.0.1");
          // the first block has no widening convolution, but a shortcut
          NDArray y =
              withNorm(plain, plain.conv(x, "features.1.conv.0.0", 1, 1, 4), "features.1.conv.0.1");
          y = plain.conv(y, "features.1.conv.1", 1, 0);
          x = x.add(plain.norm(y, "features.1.conv.2", 1e-5));
          x = inverted(plain, x, "features.2.conv.", 2, 12);
          x = x.add(inverted(plain, x, "features.3.conv.", 1, 18));
          x = inverted(plain, x, "features.4.conv.", 1, 12);
          x = withNorm(plain, plain.conv(x, "features.5.0", 1, 0), "features.5.1");
          return plain.linear(PlainForward.average(x), "classifier.1");
        });
  }

  private static NDArray inverted(
      PlainForward plain, NDArray x, String name, int stride, int inside) {
    NDArray y = withNorm(plain, plain.conv(x, name + "0.0", 1, 0), name + "0.1");
    y = withNorm(plain, plain.conv(y, name + "1.0", stride, 1, inside), name + "1.1");
    return plain.norm(plain.conv(y, name + "2", 1, 0), name + "3", 1e-5);
  }

  private static NDArray withNorm(PlainForward plain, NDArray x, String name) {
    return PlainForward.relu6(plain.norm(x, name, 1e-5));
  }

  @ParameterizedTest
  @CsvSource({"SYMMETRIC, 37, 30", "SAME, 37, 30", "SAME, 64, 50", "SAME, 17, 3"})
  void logits_ofV1_areThoseOfThePlainCalls(Padding padding, int height, int width) {
    PlainForward.assertSame(
        MobileNets.v1(0.125, padding).withInput(3, height, width).withClasses(5),
        (plain, image) -> {
          NDArray x = layerV1(plain, image, "conv1", 2, padding, 1);
          for (int i = 1; i <= 13; i++) {
            int channels = (int) x.getShape().get(1);
            x = layerV1(plain, x, "conv_dw_" + i, V1_STRIDES[i - 1], padding, channels);
            x = plain.conv(x, "conv_pw_" + i, 1, 0);
            x = PlainForward.relu6(plain.norm(x, "conv_pw_" + i + "_bn", 1e-3));
          }
          // the mean of the logits of all pixels is the logit of the mean
          return PlainForward.average(plain.conv(x, "conv_preds", 1, 0));
        });
  }

  private static NDArray layerV1(
      PlainForward plain, NDArray x, String name, int stride, Padding padding, int groups) {
    NDArray y = x;
    if (padding == Padding.SAME && stride == 2) {
      // ceil(n / 2) outputs need 2 (ceil(n / 2) - 1) + 3 inputs
      int down = 2 * (int) ((x.getShape().get(2) + 1) / 2) + 1 - (int) x.getShape().get(2);
      int right = 2 * (int) ((x.getShape().get(3) + 1) / 2) + 1 - (int) x.getShape().get(3);
      Shape zeros = new Shape(right / 2, right - right / 2, down / 2, down - down / 2);
      y = plain.conv(x.pad(zeros, 0), name, 2, 0, groups);
    } else {
      y = plain.conv(x, name, stride, 1, groups);
    }
    return PlainForward.relu6(plain.norm(y, name + "_bn", 1e-3));
  }

  @Test
  void backward_reachesEveryParameter() {
    Gradients.assertEverywhere(smallV2());
    Gradients.assertEverywhere(MobileNets.v1(0.25).withInput(3, 64, 64).withClasses(5));
  }

  @Test
  void runningMean_movesByTheShareOfItsFamily() {
    assertMomentum(smallV2(), "features.0.0", "features.0.1", 0.1f);
    NetworkPlan v1 = MobileNets.v1(0.125, Padding.SYMMETRIC).withInput(3, 37, 30);
    assertMomentum(v1, "conv1", "conv1_bn", 0.01f);
  }

  private static void assertMomentum(NetworkPlan plan, String conv, String norm, float share) {
    try (NDManager manager = NDManager.newBaseManager();
        Model model = plan.newModel("test", 2)) {
      Shape shape = new Shape(2, 3, 37, 30);
      NDArray x = manager.arange((float) shape.size()).mul(0.37f).cos().reshape(shape);
      Map<String, NDArray> arrays = Networks.arrays(model.getBlock());
      Shape one = new Shape(1, 1);
      NDArray maps =
          Conv2d.conv2d(x, arrays.get(conv + ".weight"), null, new Shape(2, 2), one, one)
              .singletonOrThrow();
      float[] batch = maps.transpose(1, 0, 2, 3).reshape(4, -1).mean(new int[] {1}).toFloatArray();
      Engines.forward(model.getBlock(), x.toFloatArray(), shape, true);
      float[] running = arrays.get(norm + ".running_mean").toFloatArray();
      assertThat(running).hasSize(4);
      for (int i = 0; i < 4; i++) {
        // it starts at 0; float32 sums of 570 values of about 1 in another order
        assertThat(running[i]).isEqualTo(share * batch[i], Offset.offset(1e-6f));
        assertThat(Math.abs(batch[i])).isGreaterThan(1e-4f);
      }
    }
  }

  @Test
  void relu6_stopsGradientsWhereItIsFlat_evenAtZero() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray x = manager.create(new float[] {-1, 0, 0.5f, 5, 7}).duplicate();
      x.setRequiresGradient(true);
      try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
        NDArray y =
            LayerBlocks.relu6()
                .forward(new ParameterStore(manager, false), new NDList(x), true)
                .singletonOrThrow();
        assertThat(y.toFloatArray()).containsExactly(0, 0, 0.5f, 5, 6);
        collector.backward(y.sum());
      }
      assertThat(x.getGradient().toFloatArray()).containsExactly(0, 0, 1, 1, 0);
    }
  }

  @Test
  void withClassesAndInput_keepTheRest() {
    assertThat(MobileNets.v2().withClasses(10).withInput(1, 64, 48))
        .hasToString("mobilenet_v2, 1 x 64 x 48 to 10 classes");
    NetworkPlan plan = MobileNets.v1(0.75, Padding.SYMMETRIC).withClasses(10);
    assertThat(plan.withInput(3, 1, 1)).hasToString("mobilenet_v1_0.75, 3 x 1 x 1 to 10 classes");
    PlanRuns.assertRuns(plan.withInput(3, 1, 1));
    PlanRuns.assertRuns(MobileNets.v2().withInput(3, 1, 1).withClasses(3));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.03, -1, Double.NaN, Double.POSITIVE_INFINITY})
  void widthMultiplier_thatLeavesNoChannels_isRefused(double multiplier) {
    assertThatThrownBy(() -> MobileNets.v1(multiplier))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("width multiplier out of range: mobilenet_v1_" + multiplier)
        .hasMessageContaining("found " + multiplier);
  }

  @Test
  void badInput_isRefused() {
    assertThatThrownBy(() -> MobileNets.v2().withClasses(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "classes out of range: mobilenet_v2; expected at least 1, found 0; pass a count.");
    assertThatThrownBy(() -> MobileNets.v1().withInput(3, 0, 32))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("height out of range: mobilenet_v1;");
  }
}
