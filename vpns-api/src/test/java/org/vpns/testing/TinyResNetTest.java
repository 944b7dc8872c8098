package org.vpns.testing;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.loss.Loss;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;

final class TinyResNetTest {
  private static final Shape BATCH = new Shape(16, 3, 32, 32);

  @Test
  void paths_ofTheBlock_areTorchNamesInDefinitionOrder() {
    try (Model model = TinyResNet.newModel()) {
      List<String> paths =
          ParameterPaths.of(model.getBlock()).list().stream().map(NamedParameter::path).toList();
      List<String> torch =
          Fixtures.tinyresnet().names().stream()
              .filter(n -> n.startsWith("model.") && !n.endsWith("num_batches_tracked"))
              .map(n -> n.substring("model.".length()))
              .toList();
      assertThat(paths).isEqualTo(torch).hasSize(32);
    }
  }

  @Test
  void argMax_ofAllImages_givesTheReferenceCounts() {
    long[] counts = new long[20 * 5];
    try (Model model = TinyResNet.newModel()) {
      for (int batch = 0; batch < 8; batch++) {
        float[] logits = Engines.evaluate(model.getBlock(), TinyResNet.plainInput(batch), BATCH);
        long[] labels = TinyResNet.labels(batch);
        for (int i = 0; i < 16; i++) {
          counts[argMax(logits, i * 20) * 5 + (int) labels[i]]++;
        }
      }
    }
    // exact: the smallest gap between first and second logit is 0.089
    assertThat(counts).isEqualTo(Fixtures.core().longs("label_mapping.dense.counts"));
  }

  @Test
  void firstTrainingLoss_isTheReferenceLoss_andGivesGradients() {
    try (Model model = TinyResNet.newModel();
        NDManager manager = model.getNDManager().newSubManager();
        GradientCollector collector = manager.getEngine().newGradientCollector()) {
      NDArray input = manager.create(TinyResNet.plainInput(1), BATCH);
      NDArray labels = manager.create(TinyResNet.labels(1));
      NDArray logits =
          model
              .getBlock()
              .forward(new ParameterStore(manager, false), new NDList(input), true)
              .singletonOrThrow();
      NDArray five = logits.get(":, :5");
      NDArray loss = Loss.softmaxCrossEntropyLoss().evaluate(new NDList(labels), new NDList(five));
      collector.backward(loss);
      // float32 against float64; measured deviation of the first loss is below 1e-6
      assertThat((double) loss.getFloat())
          .isEqualTo(Fixtures.core().doubles("plain.losses")[0], Offset.offset(1e-5));
      for (NamedParameter p : ParameterPaths.of(model.getBlock())) {
        if (p.parameter().requiresGradient()) {
          try (NDArray gradient = p.parameter().getArray().getGradient();
              NDArray size = gradient.abs().sum()) {
            assertThat(size.getFloat()).as(p.path()).isPositive();
          }
        }
      }
    }
  }

  @Test
  void torchScript_ofTheSameNetwork_givesTheSameLogits(@TempDir Path folder) throws Exception {
    Fixtures.copy("tinyresnet.pt", folder);
    try (Model script = Model.newInstance("tinyresnet");
        Model model = TinyResNet.newModel()) {
      script.load(folder, "tinyresnet", Map.of("trainParam", "true"));
      float[] input = TinyResNet.plainInput(0);
      Block scripted = script.getBlock();
      float[] evaluated = Engines.evaluate(scripted, input, BATCH);
      assertClose(evaluated, Engines.evaluate(model.getBlock(), input, BATCH));
      // first logits of the first image as PyTorch itself prints them, to the digits printed
      assertThat((double) evaluated[0]).isEqualTo(2.1352, Offset.offset(1e-4));
      assertThat((double) evaluated[1]).isEqualTo(-0.3763, Offset.offset(1e-4));
      // the pass in evaluation mode above is what makes the module follow the mode from here on
      assertClose(
          Engines.forward(scripted, input, BATCH, true),
          Engines.forward(model.getBlock(), input, BATCH, true));
      List<String> names =
          ParameterPaths.of(scripted).list().stream().map(NamedParameter::path).toList();
      assertThat(names)
          .contains("conv1.weight", "layer2.0.downsample.0.weight", "fc.bias")
          .hasSize(20);
    }
  }

  /** Both run the same kernels; 1e-5 allows for another order of the final mean. */
  private static void assertClose(float[] found, float[] expected) {
    assertThat(found).hasSameSizeAs(expected);
    for (int i = 0; i < found.length; i++) {
      assertThat((double) found[i]).isEqualTo(expected[i], Offset.offset(1e-5));
    }
  }

  private static int argMax(float[] values, int from) {
    int best = 0;
    for (int i = 1; i < 20; i++) {
      if (values[from + i] > values[from + best]) {
        best = i;
      }
    }
    return best;
  }
}
