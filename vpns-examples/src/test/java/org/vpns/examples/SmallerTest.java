package org.vpns.examples;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.ImageInput;
import org.vpns.graph.GraphBlock;
import org.vpns.graph.LayerTable;
import org.vpns.model.ResNets;
import org.vpns.onnx.Onnx;
import org.vpns.structured.plan.ChannelPlan;
import org.vpns.train.ImageSets;

/** The guide "make my network smaller and faster": its code is compiled, and run. */
class SmallerTest {
  private static final String GUIDE = "docs/smaller-and-faster.md";

  @TempDir Path folder;

  @Test
  void javaBlocks_allOfThem_areRegionsOfACompiledFile() throws Exception {
    assertThat(Snippets.blocks(GUIDE, "java"))
        .containsExactly(
            Snippets.region("test", "SmallerExample.java", "plan"),
            Snippets.region("test", "SmallerExample.java", "apply"),
            Snippets.region("test", "SmallerExample.java", "time"));
    assertThat(Snippets.links(GUIDE)).isNotEmpty().allSatisfy(link -> assertThat(link).exists());
  }

  @Test
  void guide_onANetwork_halvesItsMultiplyAdds() throws Exception {
    try (Model model = ResNets.cifar20().newModel("resnet20", 1);
        NDManager manager = NDManager.newBaseManager()) {
      ArrayDataset images = images(manager);

      ChannelPlan plan =
          SmallerExample.run(
              model, ImageInput.of(3, 32, 32), ImageSets.of(images, 10).test(images), folder);

      assertThat(plan.after().macs()).isLessThanOrEqualTo(plan.before().macs() / 2);
      try (Model smaller = Onnx.read(folder.resolve("smaller.onnx"))) {
        long macs = LayerTable.of(((GraphBlock) smaller.getBlock()).graph()).macs();
        assertThat(macs).isEqualTo(plan.after().macs());
      }
    }
  }

  private static ArrayDataset images(NDManager manager) {
    float[] pixels = new float[8 * 3 * 32 * 32];
    Random random = new Random(1);
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = random.nextFloat();
    }
    return new ArrayDataset.Builder()
        .setData(manager.create(pixels, new Shape(8, 3, 32, 32)))
        .optLabels(manager.create(new long[] {0, 1, 2, 3, 4, 5, 6, 7}))
        .setSampling(4, false)
        .build();
  }
}
