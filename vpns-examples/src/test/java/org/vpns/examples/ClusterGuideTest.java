package org.vpns.examples;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What the page on clusters shows is what the build compiles and runs. */
class ClusterGuideTest {
  private static final String PAGE = "docs/run-on-a-cluster.md";
  private static final String PROGRAM = "src/main/java/com/example/cluster/Rates.java";

  @Test
  void javaBlocks_allOfThem_areRegionsOfTheProgram() throws Exception {
    assertThat(Snippets.blocks(PAGE, "java"))
        .containsExactly(
            Snippets.program("spark", PROGRAM, "plan"), Snippets.program("spark", PROGRAM, "run"));
  }

  @Test
  void pom_isThatOfTheProgram() throws Exception {
    assertThat(Snippets.blocks(PAGE, "xml")).containsExactly(Snippets.pom("spark"));
  }

  @Test
  void links_toFiles_lead() throws Exception {
    assertThat(Snippets.links(PAGE)).isNotEmpty().allSatisfy(link -> assertThat(link).exists());
  }
}
