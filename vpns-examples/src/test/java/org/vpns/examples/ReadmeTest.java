package org.vpns.examples;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.examples.data.OpticalDigits;
import org.vpns.graph.GraphBlock;
import org.vpns.predict.PrunedModel;
import org.vpns.study.data.ImageTable;
import org.vpns.train.ImageSets;
import org.vpns.train.Recipe;

/** What the README shows is what is compiled and run. */
class ReadmeTest {
  private static final String README = "README.md";

  @Test
  void javaBlocks_allOfThem_areRegionsOfCompiledFiles() throws Exception {
    assertThat(Snippets.blocks(README, "java"))
        .containsExactly(
            Snippets.region("test", "ReadmeExample.java", "prune"),
            Snippets.region("main", "PredictDigit.java", "predict"),
            Snippets.region("test", "GuideExample.java", "predict"),
            Snippets.region("test", "GuideExample.java", "serve"),
            Snippets.region("test", "ReadmeExample.java", "arms"));
  }

  @Test
  void pom_isThatOfAProgramThatTheBuildRuns() throws Exception {
    assertThat(Snippets.blocks(README, "xml")).containsExactly(Snippets.pom("prune"));
  }

  @Test
  void arms_ofVpns_costTheSame() {
    assertThat(ReadmeExample.arms())
        .extracting(Recipe::name)
        .containsExactly(
            "VPNs", "VPNs, equal cost, no prompt", "VPNs, shuffled mask", "OMP, prompt in tuning");
    assertThat(ReadmeExample.arms().subList(0, 3))
        .extracting(recipe -> recipe.gradientSteps(1_000))
        .containsOnly(240L);
  }

  @Test
  void commands_first_areQuickStartAndTests() throws Exception {
    assertThat(
            Snippets.blocks(README, "sh").get(0).lines().map(line -> line.replaceAll(" +#.*", "")))
        .containsExactly("mvn -q -Pquickstart verify", "mvn verify");
  }

  @Test
  void links_toFiles_lead() throws Exception {
    assertThat(Snippets.links(README))
        .hasSizeGreaterThan(3)
        .allSatisfy(link -> assertThat(link).exists());
  }

  @Test
  void firstExample_onDigits_savesAModelThatLoads(@TempDir Path folder) throws Exception {
    ImageTable.Split split = OpticalDigits.split(3);
    try (Model model = SourceNetwork.load()) {
      ImageSets images =
          ImageSets.of(split.train().head(64).toDataset(model.getNDManager()), 10)
              .test(split.test().head(50).toDataset(model.getNDManager()));
      ReadmeExample.prune(model, images, folder);
    }
    try (PrunedModel pruned = PrunedModel.load(folder)) {
      assertThat(pruned.model().getBlock()).isInstanceOf(GraphBlock.class);
      assertThat(pruned.masks().kept()).isEqualTo(3_854);
      assertThat(pruned.prompt()).isNotNull();
    }
  }
}
