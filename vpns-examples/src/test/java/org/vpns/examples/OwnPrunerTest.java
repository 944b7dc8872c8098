package org.vpns.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.vpns.Scorer;
import org.vpns.plugin.NamedPruners;
import org.vpns.prune.OneShotPruner;
import org.vpns.testing.contract.ScorerContract;
import org.vpns.testing.train.PrunerContract;
import org.vpns.train.Length;
import org.vpns.train.Pruner;

/** The guide "write your own pruner": compiled, found by name, and run against the contracts. */
class OwnPrunerTest {
  private static final String GUIDE = "docs/write-your-own-pruner.md";

  // README: contract
  @Nested
  class Scoring extends ScorerContract {
    @Override
    protected Scorer scorer() {
      return new OwnPruner.RelativeMagnitude();
    }
  }

  @Nested
  class Runs extends PrunerContract {
    @Override
    protected Pruner pruner() {
      return new OneShotPruner("Relative magnitude", new OwnPruner.RelativeMagnitude())
          .length(Length.iterations(4));
    }
  }

  // README: end

  @Test
  void javaBlocks_allOfThem_areRegionsOfCompiledFiles() throws Exception {
    assertThat(Snippets.blocks(GUIDE, "java"))
        .containsExactly(
            Snippets.region("test", "OwnPruner.java", "scorer"),
            Snippets.region("test", "OwnPruner.java", "pruner"),
            Snippets.region("test", "OwnPruner.java", "provider"),
            Snippets.region("test", "OwnPrunerTest.java", "contract"));
    assertThat(Snippets.region("test", "OwnPruner.java", "scorer").lines().count()).isLessThan(40);
    assertThat(Snippets.links(GUIDE)).isNotEmpty().allSatisfy(link -> assertThat(link).exists());
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
