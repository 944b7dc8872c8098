package org.vpns.examples.exports;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.io.SafeTensors;
import org.vpns.onnx.Onnx;
import org.vpns.structured.GroupsCheck;

/**
 * Channels out of networks that torchvision exported: what removal gives is what masks give. Their
 * weights and statistics are those of the files, which are random, but fit each other: other random
 * ones make deep networks multiply rounding without bound.
 */
class ExportedChannelsTest {
  @ParameterizedTest
  @CsvSource({
    "shuffle_static_11, 9, 124",
    "se_static_14, 8, 192",
    "attention_static_13, 3, 32",
    "layer_scale_open_17, 4, 100",
    "dense_training_9, 8, 52",
    "branches_static_13, 13, 60"
  })
  void groups_ofASmallExport_leaveItAsMasksDo(String name, int compared, int free)
      throws IOException {
    GroupsCheck check = check(folder(name));
    assertThat(check.compared()).as(check.groups().toString()).isEqualTo(compared);
    assertThat(check.groups().free()).as(check.groups().toString()).hasSize(free);
  }

  private static Path folder(String name) {
    try {
      return Path.of(Objects.requireNonNull(ExportedChannelsTest.class.getResource(name)).toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  /**
   * Folders below {@code -Dvpns.exports}, as {@code docs/torchvision/export.py --keep} leaves them;
   * prints a line for each.
   */
  @Tag("slow")
  @TestFactory
  Stream<DynamicTest> groups_ofExportsInAFolder_leaveThemAsMasksDo() throws IOException {
    String all = System.getProperty("vpns.exports");
    if (all == null) {
      return Stream.of();
    }
    try (Stream<Path> files = Files.list(Path.of(all))) {
      List<Path> folders =
          files.filter(folder -> Files.exists(folder.resolve("network.onnx"))).sorted().toList();
      return folders.stream()
          .map(
              folder ->
                  DynamicTest.dynamicTest(
                      folder.getFileName().toString(),
                      () -> {
                        GroupsCheck check = check(folder);
                        System.out.println(folder.getFileName() + ": " + check);
                        assertThat(check.compared()).isPositive();
                      }));
    }
  }

  private static GroupsCheck check(Path folder) throws IOException {
    Shape image = SafeTensors.read(folder.resolve("answers.safetensors")).shape("x").slice(1);
    try (Model model = Onnx.read(folder.resolve("network.onnx"));
        NDManager manager = NDManager.newBaseManager()) {
      return GroupsCheck.of(BlockTracer.network(model.getBlock(), image), image, manager);
    }
  }
}
