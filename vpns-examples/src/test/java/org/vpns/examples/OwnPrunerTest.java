package org.vpns.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import com.example.CrossPrompt;
import com.example.Sensitivity;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.MaskSet;
import org.vpns.PromptFactory;
import org.vpns.Scorer;
import org.vpns.Sparsity;
import org.vpns.VisualPrompt;
import org.vpns.plugin.NamedPruners;
import org.vpns.predict.PrunedModel;
import org.vpns.prune.OneShotPruner;
import org.vpns.score.Scorers;
import org.vpns.testing.TinyResNet;
import org.vpns.testing.contract.ScorerContract;
import org.vpns.testing.contract.VisualPromptContract;
import org.vpns.testing.train.PrunerContract;
import org.vpns.testing.train.TinyRuns;
import org.vpns.train.Length;
import org.vpns.train.Pruner;
import org.vpns.train.Recipe;
import org.vpns.train.Trainer;

/**
 * The guides "write your own pruner", scorer and prompt: compiled, found by name, and run against
 * the contracts.
 */
class OwnPrunerTest {
  private static final String GUIDE = "docs/write-your-own-pruner.md";
  private static final String SCORER = "docs/write-your-own-scorer.md";
  private static final String PROMPT = "docs/write-your-own-prompt.md";

  // README: scorer contract
  @Nested
  class Scoring extends ScorerContract {
    @Override
    protected Scorer scorer() {
      return new OwnPruner.RelativeMagnitude();
    }
  }

  // README: end

  // README: contract
  @Nested
  class Runs extends PrunerContract {
    @Override
    protected Pruner pruner() {
      return new OneShotPruner("Relative magnitude", new OwnPruner.RelativeMagnitude())
          .length(Length.iterations(4));
    }
  }

  // README: end

  @Nested
  class DataDrivenScoring extends ScorerContract {
    @Override
    protected Scorer scorer() {
      return new Sensitivity();
    }
  }

  // README: prompt contract
  @Nested
  class Prompt extends VisualPromptContract {
    @Override
    protected PromptFactory factory() {
      return CrossPrompt.of(4);
    }
  }

  // README: end

  private static Recipe recipe(Scorer scorer) {
    return Recipe.of(new OneShotPruner("Own", scorer).length(Length.iterations(4)), sparsity())
        .prompt(CrossPrompt.of(4))
        .input(TinyRuns.input())
        .batchSize(TinyRuns.BATCH)
        .build();
  }

  private static Sparsity sparsity() {
    return Sparsity.of("0.8");
  }

  private static MaskSet mask(Scorer scorer) {
    try (Model model = TinyResNet.newModel();
        NDManager manager = NDManager.newBaseManager()) {
      return Trainer.of(recipe(scorer)).findMask(model, TinyRuns.splits(manager));
    }
  }

  @Test
  void dataDrivenScorer_ofAForeignPackage_keepsWhatOursKeeps() {
    MaskSet ours = mask(Scorers.snip());
    // products of floats instead of doubles: a weight on the verge may go the other way
    assertThat(mask(new Sensitivity()).xor(ours).kept()).isLessThanOrEqualTo(4);
  }

  @Test
  void result_withAForeignPrompt_isLoadedWithoutItsClass(@TempDir Path folder) throws Exception {
    try (Model model = TinyResNet.newModel();
        NDManager manager = NDManager.newBaseManager();
        PrunedModel pruned =
            Trainer.of(recipe(new Sensitivity())).fit(model, TinyRuns.splits(manager))) {
      pruned.save(folder.resolve("result"));
      try (PrunedModel loaded = PrunedModel.load(folder.resolve("result"))) {
        VisualPrompt prompt = pruned.prompt();
        assertThat(prompt.picture()).contains(0).isNotEqualTo(new float[3 * 32 * 32]);
        assertThat(loaded.prompt().picture()).isEqualTo(prompt.picture());
        assertThat(loaded.prompt().options()).containsEntry("name", "cross(4)");
      }
    }
  }

  @Test
  void javaBlocks_allOfThem_areRegionsOfCompiledFiles() throws Exception {
    String sensitivity = Snippets.source("com/example/Sensitivity.java");
    String cross = Snippets.source("com/example/CrossPrompt.java");
    assertThat(Snippets.blocks(GUIDE, "java"))
        .containsExactly(
            Snippets.region("test", "OwnPruner.java", "pruner"),
            Snippets.region("test", "OwnPruner.java", "provider"),
            Snippets.region("test", "OwnPrunerTest.java", "contract"));
    assertThat(Snippets.blocks(SCORER, "java"))
        .containsExactly(
            Snippets.region("test", "OwnPruner.java", "scorer"),
            Snippets.region("test", "OwnPruner.java", "pruner"),
            sensitivity,
            Snippets.region("test", "OwnPrunerTest.java", "scorer contract"));
    assertThat(Snippets.blocks(PROMPT, "java"))
        .containsExactly(cross, Snippets.region("test", "OwnPrunerTest.java", "prompt contract"));
    assertThat(Snippets.region("test", "OwnPruner.java", "scorer").lines().count()).isLessThan(40);
    assertThat(sensitivity.lines().count()).isLessThan(40);
    assertThat(cross.lines().count()).isLessThan(40);
    for (String page : List.of(GUIDE, SCORER, PROMPT)) {
      assertThat(Snippets.links(page)).isNotEmpty().allSatisfy(link -> assertThat(link).exists());
    }
  }

  @Test
  void provider_isFoundByName_amongThoseOfTheLibrary() {
    assertThat(OwnPruner.names()).contains("relative-magnitude", "omp", "hydra", "vpns");
    assertThat(NamedPruners.load().get("relative-magnitude").name())
        .isEqualTo("Relative magnitude");
    assertThatThrownBy(() -> NamedPruners.load().get("hydro"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no pruner of this name: 'hydro'")
        .hasMessageContaining("hydra");
  }
}
