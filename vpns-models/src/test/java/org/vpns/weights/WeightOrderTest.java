package org.vpns.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.vpns.testing.Fixtures;
import org.vpns.testing.TinyResNet;

/** Weights whose names differ, by their order. */
final class WeightOrderTest extends TinyWeights {
  @Test
  void intoByOrder_ofOtherNames_fillsByPositionAndTellsThePairs() throws IOException {
    int[] count = {0};
    Path file = renamed(saved(2), name -> "t" + count[0]++);
    LoadReport report = WeightFile.open(file).intoByOrder(model);
    assertThat(report.sources()).hasSize(22).containsEntry("bn1.running_var", "t4");
    assertThat(report.toString())
        .startsWith("22 loaded, 0 skipped, 0 missing, 0 unexpected\n  conv1.weight <- t0\n")
        .endsWith("\n  and 16 more under another name")
        .hasLineCount(8);
    try (Model other = PLAN.newModel("other", 2)) {
      assertThat(values(model.getBlock())).isEqualTo(values(other.getBlock()));
    }
  }

  @Test
  void intoByOrder_ofAnotherCountOrShape_isRefusedAndChangesNothing() throws IOException {
    Path shorter = renamed(saved(2), name -> name.equals("bn1.bias") ? "" : "x." + name);
    assertThatThrownBy(() -> WeightFile.open(shorter).intoByOrder(model))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("weights do not fit the network in order: " + shorter)
        .hasMessageContaining("22 parameters of the network, 21 tensors of the file; ")
        .hasMessageContaining("6: layer1.0.conv1.weight float (6, 4, 3, 3), x.layer1.0.bn1.weight")
        .hasMessageContaining("; ...; define the layers in the file's order");
    Path head = folder.resolve("head.safetensors");
    try (Model other = PLAN.withClasses(9).newModel("other", 2)) {
      WeightFile.save(other, head);
    }
    assertThatThrownBy(() -> WeightFile.open(head).intoByOrder(model))
        .hasMessageContaining(
            "found 2 differences: 21: fc.weight float (5, 6), fc.weight F32 (9, 6); 22: fc.bias");
    assertThatThrownBy(() -> WeightFile.open(head).lenient().intoByOrder(model))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("options exclude each other");
    assertThat(values(model.getBlock())).isEqualTo(before);
    LoadReport report = WeightFile.open(head).skip("fc\\..*").intoByOrder(model);
    assertThat(report.skipped()).containsExactly("fc.weight", "fc.bias");
    assertThat(report.loaded()).hasSize(20);
    assertThat(values(model.getBlock()).get("fc.weight")).isEqualTo(before.get("fc.weight"));
  }

  @Test
  void intoByOrder_ignoresCountersOfBatchNorm() throws IOException {
    Path file = Fixtures.copy("tinyresnet.pt", folder);
    try (Model tiny = TinyResNet.newModel()) {
      // the archive also holds 6 counters, which have no place in the network
      LoadReport report = WeightFile.open(file).intoByOrder(tiny);
      assertThat(report.sources()).hasSize(32);
      report.sources().forEach((path, tensor) -> assertThat(tensor).isEqualTo(path));
    }
  }
}
