package org.vpns.examples;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.ImageInput;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.ParameterFilter;
import org.vpns.ParameterPaths;
import org.vpns.model.ResNets;
import org.vpns.predict.Inference;
import org.vpns.predict.PrunedModel;

/** The guide "serve a sparse network": its code is compiled, and run. */
class SparseServiceTest {
  private static final String GUIDE = "docs/serve-a-sparse-network.md";
  private static final List<String> NAMES =
      IntStream.range(0, 10).mapToObj(i -> "class " + i).toList();

  @TempDir Path folder;

  @Test
  void javaBlocks_allOfThem_areRegionsOfACompiledFile() throws Exception {
    assertThat(Snippets.blocks(GUIDE, "java"))
        .containsExactly(
            Snippets.region("test", "SparseServiceExample.java", "predict"),
            Snippets.region("test", "SparseServiceExample.java", "run"),
            Snippets.region("test", "SparseServiceExample.java", "prepare"),
            Snippets.region("test", "SparseServiceExample.java", "time"));
    assertThat(Snippets.links(GUIDE)).isNotEmpty().allSatisfy(link -> assertThat(link).exists());
  }

  @Test
  void guide_onANetwork_predictsAsTheEngine() throws Exception {
    Random random = new Random(1);
    try (Model model = ResNets.small().newModel("small", 1)) {
      Layout layout = ParameterPaths.of(model.getBlock()).prunable(ParameterFilter.weights());
      MaskSet masks =
          MaskSet.of(layout, i -> Mask.of(layout.shape(i), j -> random.nextInt(10) == 0));
      try (PrunedModel pruned = PrunedModel.of(model, masks, ImageInput.of(1, 32, 32), NAMES)) {
        pruned.save(folder);
        Image image = image(random);

        Classifications found = SparseServiceExample.predict(folder, image);
        Classifications served = SparseServiceExample.serve(folder, image);
        assertThat(SparseServiceExample.prepare(folder)).exists();
        Classifications again = SparseServiceExample.serve(folder, image);

        Classifications expected;
        try (var predictor = pruned.newPredictor()) {
          expected = predictor.predict(image);
        }
        assertThat(again.toJson()).isEqualTo(served.toJson());
        for (String name : NAMES) {
          assertThat(found.get(name).getProbability())
              .isCloseTo(expected.get(name).getProbability(), Offset.offset(1e-4));
          assertThat(served.get(name).getProbability())
              .isCloseTo(expected.get(name).getProbability(), Offset.offset(1e-4));
        }
        try (var fastest = pruned.newPredictor(Inference.AUTO)) {
          assertThat(fastest.predict(image).best().getClassName())
              .isEqualTo(expected.best().getClassName());
        }
        assertThat(pruned.report().provenance().get("inference"))
            .matches("(engine|sparse runtime|ONNX Runtime) \\([0-9.]+ ms an image; .*\\)")
            .contains("engine", "sparse runtime", "ONNX Runtime");
        assertThat(SparseServiceExample.time(pruned)).hasSize(2).doesNotContain(0);
      }
    }
  }

  private static Image image(Random random) {
    BufferedImage pixels = new BufferedImage(40, 40, BufferedImage.TYPE_BYTE_GRAY);
    for (int i = 0; i < 1600; i++) {
      pixels.getRaster().setSample(i % 40, i / 40, 0, random.nextInt(256));
    }
    return ImageFactory.getInstance().fromImage(pixels);
  }
}
