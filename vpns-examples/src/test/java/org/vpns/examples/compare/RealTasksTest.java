package org.vpns.examples.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.examples.Said;
import org.vpns.report.PruneReport;
import org.vpns.testing.SharedData;

/** The comparison on a real network and real images; facts measured with PyTorch. */
class RealTasksTest {
  @TempDir Path out;

  private PruneReport omp(String sparsity, String... options) throws Exception {
    String[] all = new String[options.length + 5];
    System.arraycopy(options, 0, all, 0, options.length);
    all[options.length] = "--methods=OMP";
    all[options.length + 1] = "--sparsities=" + sparsity;
    all[options.length + 2] = "--seeds=1";
    all[options.length + 3] = "--steps=2";
    all[options.length + 4] = "--out=" + out;
    assertThat(Said.of(new CompareMethods(), all).code()).isZero();
    // in the folder of the only task
    try (Stream<Path> files = Files.walk(out.resolve("runs"))) {
      String name = "omp-" + sparsity + "-1.json";
      return PruneReport.read(files.filter(f -> f.endsWith(name)).findFirst().orElseThrow());
    }
  }

  @Test
  void cifar_denseAndAfterMagnitude_isRightAsOftenAsThePublishedNetwork() throws Exception {
    Path data = SharedData.require("data/cifar10");

    PruneReport report = omp("0.5", "--task=cifar", "--data=" + data);

    assertThat(report.dense().plain()).isEqualTo(698);
    assertThat(report.kept()).isEqualTo(134_168);
    // 694; another engine may round two nearly equal logits the other way
    assertThat((double) report.pruned().plain()).isCloseTo(694, within(2.0));
    assertThat(report.tuned().images()).isEqualTo(761);
  }

  @Test
  void flowers_onTheDenseNetwork_areMappedAsFrequencySays() throws Exception {
    Path data = SharedData.require("data/flowers5");
    Path network = SharedData.require("data/cifar10/resnet20.safetensors");

    PruneReport report = omp("0.5", "--task=flowers", "--data=" + data, "--network=" + network);

    assertThat(report.mapping()).isDeepEqualTo(new int[][] {{3}, {6}, {5}, {2}, {0}});
    assertThat(report.tuned().images()).isEqualTo(500);
  }

  /** Of the head 5 rows of 1,000 are left, and tests have 750 images of those for training. */
  @Test
  void mobilenet_onFlowers_keepsTheOutputsThatStandForClasses() throws Exception {
    Path data = SharedData.require("data/flowers5");
    Path network = SharedData.require("data/imagenet/mobilenet_v1_075_224.safetensors");

    PruneReport report = omp("0.9", "--task=mobilenet", "--data=" + data, "--network=" + network);

    // 28 convolutions of 2,568,144 weights, without 995 rows of 768 of the last
    assertThat(report.prunable()).isEqualTo(2_568_144 - 995 * 768);
    assertThat(report.tuned().images()).isEqualTo(500 + 750);
    assertThat(report.mapping()).isDeepEqualTo(new int[][] {{0}, {1}, {2}, {3}, {4}});
  }
}
