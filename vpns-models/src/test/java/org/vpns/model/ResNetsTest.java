package org.vpns.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.io.SafeTensors;
import org.vpns.testing.Engines;
import org.vpns.testing.Fixtures;

final class ResNetsTest {
  @Test
  void paths_ofTorchvisionLayout_areInDefinitionOrder() {
    List<String> expected = new ArrayList<>(List.of("conv1.weight"));
    norm(expected, "bn1");
    for (int layer = 1; layer <= 4; layer++) {
      for (int block = 0; block < 2; block++) {
        String prefix = "layer" + layer + "." + block + ".";
        for (int i = 1; i <= 2; i++) {
          expected.add(prefix + "conv" + i + ".weight");
          norm(expected, prefix + "bn" + i);
        }
        if (layer > 1 && block == 0) {
          expected.add(prefix + "downsample.0.weight");
          norm(expected, prefix + "downsample.1");
        }
      }
    }
    expected.addAll(List.of("fc.weight", "fc.bias"));
    assertThat(paths(ResNets.resnet18().block())).isEqualTo(expected).hasSize(102);
    assertThat(paths(ResNets.cifar20().block()))
        .hasSize(97)
        .startsWith("conv1.weight", "bn1.weight")
        .contains("layer1.0.conv1.weight", "layer3.2.bn2.running_var")
        .endsWith("linear.weight", "linear.bias");
    assertThat(paths(ResNets.cifar20().withShortcut(ResNet.Shortcut.PROJECTION).block()))
        .contains("layer2.0.shortcut.0.weight", "layer2.0.shortcut.1.bias");
    assertThat(paths(ResNets.resnet50().block())).contains("layer4.2.conv3.weight");
  }

  private static void norm(List<String> paths, String name) {
    for (String part : List.of("weight", "bias", "running_mean", "running_var")) {
      paths.add(name + "." + part);
    }
  }

  private static List<String> paths(Block block) {
    return ParameterPaths.of(block).list().stream().map(NamedParameter::path).toList();
  }

  static Stream<Arguments> layouts() {
    return Stream.of(
        Arguments.of("basic", layout("basic").stage(6, 2, 1).stage(8, 1, 2)),
        Arguments.of(
            "bottleneck", layout("bottleneck").bottleneck().stage(4, 1, 1).stage(6, 2, 2)));
  }

  private static ResNet.Builder layout(String name) {
    return ResNet.builder(name).input(3, 37, 30).stem(6, 7, 2).maxPool().classes(5);
  }

  @ParameterizedTest
  @MethodSource("layouts")
  void logits_ofBasicAndBottleneckBlocks_areTorchs(String name, ResNet.Builder plan) {
    SafeTensors fixture = Fixtures.tensors("resnet-layouts");
    try (Model model = plan.build().newModel(name, 1)) {
      for (NamedParameter p : ParameterPaths.of(model.getBlock())) {
        String tensor = name + "." + p.path();
        assertThat(fixture.shape(tensor)).isEqualTo(p.parameter().getShape());
        p.parameter().getArray().set(fixture.floats(tensor));
      }
      float[] logits =
          Engines.evaluate(model.getBlock(), fixture.floats("input"), new Shape(2, 3, 37, 30));
      double[] expected = fixture.doubles(name + ".logits");
      assertThat(logits).hasSize(10);
      for (int i = 0; i < 10; i++) {
        // float32 against float64; logits are up to 21
        assertThat((double) logits[i]).isEqualTo(expected[i], Offset.offset(1e-4));
      }
    }
  }

  @Test
  void subsamplingShortcut_takesEverySecondPixelAndPadsChannelsEvenly() {
    ResNet plan = ResNets.cifar20();
    ResidualBlock block = new ResidualBlock(plan, 2, 5, 2);
    try (NDManager manager = NDManager.newBaseManager()) {
      block.setInitializer(Initializer.ZEROS, Parameter.Type.WEIGHT);
      block.initialize(manager, DataType.FLOAT32, new Shape(1, 2, 3, 4));
      float[] input = new float[24];
      for (int i = 0; i < 24; i++) {
        input[i] = i + 1;
      }
      // with weights of zero only the shortcut is left: rows 0 and 2, columns 0 and 2;
      // 3 new channels, 1 before and 2 after
      float[] expected = {0, 0, 0, 0, 1, 3, 9, 11, 13, 15, 21, 23, 0, 0, 0, 0, 0, 0, 0, 0};
      assertThat(Engines.evaluate(block, input, new Shape(1, 2, 3, 4))).isEqualTo(expected);
      assertThat(block.getOutputShapes(new Shape[] {new Shape(1, 2, 3, 4)}))
          .containsExactly(new Shape(1, 5, 2, 2));
    }
  }

  @Test
  void newModel_dependsOnTheSeedAlone() {
    Engine.getInstance().setRandomSeed(1);
    float[] first = weights(ResNets.small(), 7);
    Engine.getInstance().setRandomSeed(2);
    assertThat(weights(ResNets.small(), 7)).isEqualTo(first);
    assertThat(weights(ResNets.small(), 8)).isNotEqualTo(first);
    // a parameter's weights do not depend on what else the network has
    ResNet deeper = ResNets.small().toBuilder().stage(64, 1, 1).build();
    assertThat(weights(deeper, 7)).isEqualTo(first);
  }

  private static float[] weights(ResNet network, long seed) {
    try (Model model = network.newModel("test", seed)) {
      return java.util.Objects.requireNonNull(
              ParameterPaths.of(model.getBlock()).find("layer3.0.conv2.weight"))
          .parameter()
          .getArray()
          .toFloatArray();
    }
  }

  @Test
  void newModel_weightsHaveVarianceTwoOverFanIn_andBatchNormStartsAsIdentity() {
    float[] weights = weights(ResNets.small(), 7);
    double squares = 0;
    for (float w : weights) {
      squares += w * w;
    }
    // 36,864 draws: the standard error of a variance is sqrt(2 / 36864) = 0.7 %; 4 of them
    assertThat(squares / weights.length).isCloseTo(2.0 / (64 * 9), Percentage.withPercentage(3));
    try (Model model = ResNets.small().newModel("test", 7)) {
      for (NamedParameter p : ParameterPaths.of(model.getBlock())) {
        if (p.path().contains("bn") || p.path().endsWith("bias")) {
          boolean one = p.path().endsWith("weight") || p.path().endsWith("running_var");
          assertThat(p.parameter().getArray().toFloatArray())
              .as(p.path())
              .containsOnly(one ? 1f : 0f);
        }
      }
      float[] logits = Engines.evaluate(model.getBlock(), new float[2048], new Shape(2, 1, 32, 32));
      assertThat(logits).hasSize(20).doesNotContain(Float.NaN);
    }
  }

  @ParameterizedTest
  @EnumSource(ResNet.Shortcut.class)
  void backward_throughEitherShortcut_reachesEveryParameterAndTheInput(ResNet.Shortcut shortcut) {
    Gradients.assertEverywhere(ResNets.cifar(1).withShortcut(shortcut));
  }

  @Test
  void withClassesAndInput_changeHeadAndFirstConvolution() {
    ResNet network = ResNets.resnet18().withClasses(7).withInput(1, 64, 48);
    assertThat(network).hasToString("resnet18, 1 x 64 x 48 to 7 classes");
    try (Model model = network.newModel("test", 1)) {
      assertThat(model.getBlock().getOutputShapes(new Shape[] {network.inputShape()}))
          .containsExactly(new Shape(1, 7));
      assertThat(Engines.evaluate(model.getBlock(), new float[64 * 48], network.inputShape()))
          .hasSize(7);
    }
  }

  @Test
  void build_ofImpossiblePlans_isRefused() {
    assertThatThrownBy(() -> ResNet.builder("x").build())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("network without blocks: ResNet x");
    assertThatThrownBy(
            () ->
                ResNets.resnet18().withShortcut(ResNet.Shortcut.SUBSAMPLE).toBuilder()
                    .stage(8, 1, 1)
                    .build())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("expected 512 channels or more after a stage, found 8");
    assertThatThrownBy(() -> ResNet.builder("x").stem(8, 4, 1)).hasMessageContaining("odd number");
    assertThatThrownBy(() -> ResNets.cifar20().withClasses(0)).hasMessageContaining("found 0");
    assertThatThrownBy(() -> ResNets.cifar(0)).isInstanceOf(IllegalArgumentException.class);
  }
}
