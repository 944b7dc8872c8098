package org.vpns.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.vpns.model.Networks.Expected;

final class VggsTest {
  /** A network, its widths, and torchvision's numbers of the convolutions. */
  static Stream<Arguments> layouts() {
    int[] widths11 = {64, 128, 256, 256, 512, 512, 512, 512};
    int[] widths16 = {64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512};
    int[] widths19 = {64, 64, 128, 128, 256, 256, 256, 256, 512, 512, 512, 512, 512, 512, 512, 512};
    return Stream.of(
        Arguments.of(Vggs.vgg11(), widths11, new int[] {0, 3, 6, 8, 11, 13, 16, 18}),
        Arguments.of(Vggs.vgg11BatchNorm(), widths11, new int[] {0, 4, 8, 11, 15, 18, 22, 25}),
        Arguments.of(
            Vggs.vgg16(), widths16, new int[] {0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28}),
        Arguments.of(
            Vggs.vgg16BatchNorm(),
            widths16,
            new int[] {0, 3, 7, 10, 14, 17, 20, 24, 27, 30, 34, 37, 40}),
        Arguments.of(
            Vggs.vgg19(),
            widths19,
            new int[] {0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34}),
        Arguments.of(
            Vggs.vgg19BatchNorm(),
            widths19,
            new int[] {0, 3, 7, 10, 14, 17, 20, 23, 27, 30, 33, 36, 40, 43, 46, 49}));
  }

  @ParameterizedTest
  @MethodSource("layouts")
  void namesAndShapes_areTorchvisions(NetworkPlan plan, int[] widths, int[] numbers) {
    Expected expected = new Expected();
    int before = 3;
    for (int i = 0; i < widths.length; i++) {
      expected.weightAndBias("features." + numbers[i], widths[i], before, 3, 3);
      if (plan.name().endsWith("_bn")) {
        expected.norm("features." + (numbers[i] + 1), widths[i]);
      }
      before = widths[i];
    }
    expected.weightAndBias("classifier.0", 4096, 25_088);
    expected.weightAndBias("classifier.3", 4096, 4096);
    expected.weightAndBias("classifier.6", 1000, 4096);
    assertThat(Networks.namesAndShapes(plan)).isEqualTo(expected.list());
  }

  private static Vgg small(int side, boolean batchNorm) {
    Frame frame = new Frame("small", 3, side, side, 5);
    return new Vgg(frame, List.of(new Vgg.Stage(4, 1), new Vgg.Stage(6, 2)), 8, batchNorm);
  }

  /** Sides after two poolings: 7, 14, 1 and 9. */
  @ParameterizedTest
  @CsvSource({"28, false", "28, true", "56, true", "5, true", "37, false"})
  void logits_areThoseOfThePlainCalls(int side, boolean batchNorm) {
    int step = batchNorm ? 3 : 2;
    int second = step + 1;
    PlainForward.assertSame(
        small(side, batchNorm),
        (plain, image) -> {
          NDArray x = PlainForward.maxPool(layer(plain, image, 0, batchNorm), 2, 2, 0);
          x = layer(plain, layer(plain, x, second, batchNorm), second + step, batchNorm);
          x = AdaptiveAvgPool.pooled(PlainForward.maxPool(x, 2, 2, 0), 7).reshape(3, 6 * 49);
          x = PlainForward.relu(plain.linear(x, "classifier.0"));
          x = PlainForward.relu(plain.linear(x, "classifier.3"));
          return plain.linear(x, "classifier.6");
        });
  }

  private static NDArray layer(PlainForward plain, NDArray x, int number, boolean batchNorm) {
    NDArray y = plain.conv(x, "features." + number, 1, 1);
    return PlainForward.relu(batchNorm ? plain.norm(y, "features." + (number + 1), 1e-5) : y);
  }

  @ParameterizedTest
  @CsvSource({"false", "true"})
  void backward_reachesEveryParameter(boolean batchNorm) {
    Gradients.assertEverywhere(small(37, batchNorm));
  }

  @Test
  void withClassesAndInput_changeOnlyThose() {
    NetworkPlan plan = Vggs.vgg16BatchNorm().withClasses(10).withInput(1, 64, 33);
    assertThat(plan).hasToString("vgg16_bn, 1 x 64 x 33 to 10 classes");
    List<String> changed = Networks.namesAndShapes(plan);
    List<String> usual = Networks.namesAndShapes(Vggs.vgg16BatchNorm());
    assertThat(changed).hasSameSizeAs(usual).startsWith("features.0.weight (64, 1, 3, 3)");
    assertThat(changed).endsWith("classifier.6.weight (10, 4096)", "classifier.6.bias (10)");
    assertThat(changed.subList(1, changed.size() - 2))
        .isEqualTo(usual.subList(1, usual.size() - 2));
  }

  @Tag("slow")
  @Test
  void vgg16_ofSmallImagesAndTenClasses_runsAtItsFullWidth() {
    PlanRuns.assertRuns(Vggs.vgg16().withClasses(10).withInput(3, 64, 64));
  }

  @Test
  void badInput_isRefusedWithTheLimit() {
    assertThatThrownBy(() -> Vggs.vgg16().withInput(3, 224, 31))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "input too small: vgg16; expected images of at least 32 x 32, found 224 x 31; enlarge"
                + " the images, or take a network that pools less.");
    assertThat(Vggs.vgg16().withInput(3, 32, 32).name()).isEqualTo("vgg16");
    assertThatThrownBy(() -> Vggs.vgg11().withClasses(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("classes out of range: vgg11; expected at least 1, found 0; pass a count.");
    assertThatThrownBy(() -> Vggs.vgg11().withInput(0, 32, 32)).hasMessageContaining("channels");
  }
}
