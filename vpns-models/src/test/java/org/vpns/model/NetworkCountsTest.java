package org.vpns.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.vpns.model.ResNet.Shortcut.PROJECTION;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.vpns.Layout;
import org.vpns.ParameterFilter;
import org.vpns.ParameterPaths;

/** Sizes of all networks, as published and as counted layer by layer from their definitions. */
final class NetworkCountsTest {
  /**
   * A network of its usual size.
   *
   * @param parameters trained ones: weights, biases, scales and shifts of batch norm
   * @param tensors prunable tensors
   * @param weights prunable weights
   * @param macs multiply-adds of convolutions and linear layers for one image
   */
  record Counts(NetworkPlan plan, long parameters, int tensors, long weights, long macs) {
    @Override
    public String toString() {
      return plan.name();
    }
  }

  static Stream<Counts> networks() {
    return Stream.of(
        new Counts(ResNets.resnet18(), 11_689_512, 21, 11_678_912, 1_814_073_344L),
        new Counts(ResNets.resnet34(), 21_797_672, 37, 21_779_648, 3_663_761_408L),
        new Counts(ResNets.resnet50(), 25_557_032, 54, 25_502_912, 4_089_184_256L),
        new Counts(ResNets.resnet101(), 44_549_160, 105, 44_442_816, 7_801_405_440L),
        new Counts(ResNets.cifar20(), 269_722, 20, 268_336, 40_551_040),
        new Counts(ResNets.cifar32(), 464_154, 32, 461_872, 68_862_592),
        new Counts(ResNets.cifar44(), 658_586, 44, 655_408, 97_174_144),
        new Counts(ResNets.cifar56(), 853_018, 56, 848_944, 125_485_696),
        new Counts(ResNets.cifar20().withShortcut(PROJECTION), 272_474, 22, 270_896, 40_813_184),
        new Counts(ResNets.cifar32().withShortcut(PROJECTION), 466_906, 34, 464_432, 69_124_736),
        new Counts(ResNets.cifar44().withShortcut(PROJECTION), 661_338, 46, 657_968, 97_436_288),
        new Counts(ResNets.cifar56().withShortcut(PROJECTION), 855_770, 58, 851_504, 125_747_840),
        // 144 + 4608 + 14336 + 57344 + 640 weights; 10 biases, 672 of batch norm; the maps have
        // 16 x 16, 16 x 16, 8 x 8 and 4 x 4 pixels: 256 * (144 + 4608) + 64 * 14336 + 16 * 57344
        // + 640
        new Counts(ResNets.small(), 77_754, 10, 77_072, 3_052_160),
        new Counts(Vggs.vgg11(), 132_863_336, 11, 132_851_392, 7_609_090_048L),
        new Counts(Vggs.vgg11BatchNorm(), 132_868_840, 11, 132_851_392, 7_609_090_048L),
        new Counts(Vggs.vgg16(), 138_357_544, 16, 138_344_128, 15_470_264_320L),
        new Counts(Vggs.vgg16BatchNorm(), 138_365_992, 16, 138_344_128, 15_470_264_320L),
        new Counts(Vggs.vgg19(), 143_667_240, 19, 143_652_544, 19_632_062_464L),
        new Counts(Vggs.vgg19BatchNorm(), 143_678_248, 19, 143_652_544, 19_632_062_464L),
        new Counts(MobileNets.v1(), 4_231_976, 28, 4_209_088, 568_740_352),
        new Counts(MobileNets.v1(0.75), 2_585_560, 28, 2_568_144, 325_400_448),
        new Counts(MobileNets.v2(), 3_504_872, 53, 3_469_760, 300_774_272),
        new Counts(DenseNets.densenet121(), 7_978_856, 121, 7_894_208, 2_834_161_664L));
  }

  @ParameterizedTest
  @MethodSource("networks")
  void network_hasThePublishedCounts(Counts expected) {
    try (NDManager manager = NDManager.newBaseManager()) {
      Block block = Networks.hollow(expected.plan(), manager);
      ParameterPaths paths = ParameterPaths.of(block);
      long parameters =
          paths.list().stream()
              .filter(p -> !p.path().contains(".running_"))
              .mapToLong(p -> p.shape().size())
              .sum();
      Layout layout = paths.prunable(ParameterFilter.weights());
      assertThat(parameters).isEqualTo(expected.parameters());
      assertThat(layout.tensors()).isEqualTo(expected.tensors());
      assertThat(layout.size()).isEqualTo(expected.weights());
      assertThat(block.getOutputShapes(new Shape[] {expected.plan().inputShape()}))
          .containsExactly(new Shape(1, expected.plan().classes()));
    }
  }

  /** MobileNetV1 ends in a 1 x 1 convolution; VGG has wide linear layers before its last one. */
  @ParameterizedTest
  @CsvSource({
    "resnet, fc.weight",
    "mobilenet, conv_preds.weight",
    "vgg, classifier.6.weight",
    "densenet, classifier.weight"
  })
  void head_ofEveryNetwork_isFoundByItsOutputs(String name, String head) {
    NetworkPlan plan =
        switch (name) {
          case "resnet" -> ResNets.resnet18().withClasses(12);
          case "mobilenet" -> MobileNets.v1(0.25).withClasses(12);
          case "vgg" -> Vggs.vgg11().withInput(3, 32, 32).withClasses(12);
          default -> DenseNets.densenet121().withClasses(12);
        };
    try (Model model = plan.newModel(name, 7)) {
      ParameterPaths paths = ParameterPaths.of(model.getBlock());
      List<String> rest = paths.prunable(ParameterFilter.weights().exceptHead(12)).paths();
      List<String> all = new ArrayList<>(paths.prunable(ParameterFilter.weights()).paths());
      all.removeAll(rest);
      assertThat(all).containsExactly(head);
    }
  }
}
