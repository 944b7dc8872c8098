package org.vpns.examples;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.examples.data.OpticalDigits;
import org.vpns.examples.search.BestSparse;
import org.vpns.study.SearchResults;
import org.vpns.study.StudyTask;
import org.vpns.study.data.ImageTable;
import org.vpns.train.ImageSets;

/** The guide "find good settings": its code is compiled, and run. */
class SearchGuideTest {
  private static final String GUIDE = "docs/search.md";

  @TempDir Path folder;

  /** The quick start's network, and a hundred of its digits. */
  private static final class FewDigits implements StudyTask {
    @Override
    public String name() {
      return "digits";
    }

    @Override
    public Model network() throws IOException {
      return SourceNetwork.load();
    }

    @Override
    public ImageSets images(long seed, NDManager manager) {
      ImageTable.Split split = OpticalDigits.split(seed);
      return new ImageTable.Split(split.train().head(100), split.test().head(20))
          .toImageSets(manager);
    }
  }

  @Test
  void javaBlocks_allOfThem_areRegionsOfACompiledFile() throws Exception {
    assertThat(Snippets.blocks(GUIDE, "java"))
        .containsExactly(
            Snippets.region("test", "SearchExample.java", "search"),
            Snippets.region("test", "SearchExample.java", "recipe"),
            Snippets.region("test", "SearchExample.java", "door"));
    assertThat(Snippets.links(GUIDE)).isNotEmpty().allSatisfy(link -> assertThat(link).exists());
  }

  @Test
  void search_ofTheGuide_spendsItsBudgetOnBothMethodsAlike() throws Exception {
    SearchResults found = SearchExample.search(new FewDigits(), SourceNetwork.input(), folder);

    // 54 steps each: three of 18; six of 2, two of 6 and one of 18 are 42
    assertThat(found.trials()).filteredOn(t -> t.method().equals("OMP")).hasSize(3);
    assertThat(found.trials()).filteredOn(t -> t.method().equals("OMP + prompt")).hasSize(9);
    assertThat(found.ranking()).hasSize(2);
  }

  @Test
  void door_ofTheGuide_findsASparseNetwork() throws Exception {
    BestSparse.Found found = SearchExample.find(new FewDigits(), SourceNetwork.input(), folder);

    assertThat(Objects.requireNonNull(found.best().report()).sparsity()).isEqualTo("0.95");
    assertThat(Objects.requireNonNull(found.bestTested()).images()).isPositive();
  }
}
