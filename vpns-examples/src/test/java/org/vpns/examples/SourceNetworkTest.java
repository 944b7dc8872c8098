package org.vpns.examples;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.ParameterStore;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.examples.data.FashionMnist;
import org.vpns.internal.image.ImagePlacement;
import org.vpns.study.data.ImageTable;
import picocli.CommandLine;

/** The source network of the quick start and how it is made. */
class SourceNetworkTest {
  @Test
  void weights_ofTheResource_areRightOnAsManyTestImagesAsTheReadmeSays() throws Exception {
    try (Model model = SourceNetwork.load()) {
      ImageTable test = FashionMnist.test();
      NDArray images = Tables.batch(test, model.getNDManager());
      NDArray input = ImagePlacement.of(SourceNetwork.input().imageSize(28, 28)).apply(images);
      ParameterStore store = new ParameterStore(model.getNDManager(), false);
      long[] answers =
          model
              .getBlock()
              .forward(store, new NDList(input), false)
              .singletonOrThrow()
              .argMax(1)
              .toLongArray();
      int right = 0;
      for (int i = 0; i < answers.length; i++) {
        right += answers[i] == test.label(i) ? 1 : 0;
      }
      // Another processor may round two nearly equal logits the other way.
      assertThat(right).isBetween(1_755, 1_759);
    }
  }

  @Test
  @Tag("slow")
  void pretraining_twiceWithOneSeed_writesTheSameBytes(@TempDir Path folder) throws Exception {
    Path first = folder.resolve("new/folder/first.safetensors");
    Path second = folder.resolve("second.safetensors");
    for (Path file : new Path[] {first, second}) {
      CommandLine line = PretrainSource.commandLine();
      assertThat(line.execute("--epochs=1", "--seed=3", "--out=" + file)).isZero();
    }
    assertThat(Files.readAllBytes(first)).isEqualTo(Files.readAllBytes(second));
  }
}
