package org.vpns.examples;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The page on channels says of training what compiles. */
class SparseExampleTest {
  private static final String PAGE = "docs/channels.md";

  @Test
  void pageOnChannels_hasTheCompiledCodeThatTrains() throws Exception {
    assertThat(Snippets.blocks(PAGE, "java"))
        .contains(Snippets.region("test", "SparseExample.java", "sparse"));
    assertThat(Snippets.links(PAGE)).isNotEmpty().allSatisfy(link -> assertThat(link).exists());
  }
}
