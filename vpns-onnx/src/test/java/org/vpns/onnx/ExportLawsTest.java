package org.vpns.onnx;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;
import org.vpns.graph.GraphBlock;
import org.vpns.graph.ModelGraph;
import org.vpns.onnx.SmallGraphs.Draw;

/** Random networks: their files give in ONNX Runtime what they give in the engine. */
class ExportLawsTest {
  @Property(tries = 300, shrinking = ShrinkingMode.BOUNDED)
  void file_ofARandomNetwork_givesTheSame(
      @ForAll @IntRange(min = 0) int seed, @ForAll @IntRange(min = 1, max = 12) int steps) {
    assertTheSame(seed, steps, false);
  }

  @Property(tries = 100, shrinking = ShrinkingMode.BOUNDED)
  void file_withBatchNormFolded_givesTheSame(
      @ForAll @IntRange(min = 0) int seed, @ForAll @IntRange(min = 4, max = 16) int steps) {
    assertTheSame(seed, steps, true);
  }

  @Tag("slow")
  @Property(tries = 5000, shrinking = ShrinkingMode.BOUNDED)
  void file_ofManyRandomNetworks_givesTheSame(
      @ForAll @IntRange(min = 0) int seed, @ForAll @IntRange(min = 1, max = 30) int steps) {
    assertTheSame(seed, steps, seed % 2 == 0);
  }

  private static void assertTheSame(int seed, int steps, boolean folded) {
    ModelGraph graph = RandomGraphs.of(seed, steps);
    try (NDManager manager = NDManager.newBaseManager()) {
      GraphBlock block = SmallGraphs.block(graph, manager, seed);
      OnnxExport export = Onnx.export(block);
      Path file = Files.createTempFile("random", ".onnx");
      try {
        SmallGraphs.assertFileGivesTheSame(
            block, Draw.NORMAL, folded ? export.foldBatchNorm() : export, file);
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
