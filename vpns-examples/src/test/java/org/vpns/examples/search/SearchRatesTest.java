package org.vpns.examples.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.examples.Said;

class SearchRatesTest {
  @TempDir Path folder;

  private Said run(String... options) {
    String[] all = Arrays.copyOf(options, options.length + 1);
    all[options.length] = "--out=" + folder.resolve("search");
    return Said.of(SearchRates.program(), all);
  }

  @Test
  void search_withALargerBudget_goesOnInItsFolder_andComparesWhatItFindsThen() throws Exception {
    String[] small = {"--steps=4", "--shortest=2", "--budget=18", "--seeds=1"};
    assertThat(run(small)).satisfies(said -> assertThat(said.code()).as(said.text()).isZero());
    small[2] = "--budget=36";
    assertThat(run(small)).satisfies(said -> assertThat(said.code()).as(said.text()).isZero());
    String table = Files.readString(folder.resolve("search/search.md"));
    // a line of what was tried for each method, one of the comparison
    assertThat(table.lines().filter(line -> line.startsWith("| OMP |"))).isNotEmpty();
    assertThat(table)
        .contains("divided anew")
        .contains("| VPNs | score rate 0.03, weight rate 0.1, prompt width 8, prompt rate 0.03 |");
    assertThat(folder.resolve("search/search.html")).isNotEmptyFile();
  }

  @Test
  void shortest_ofNoStep_isRefused_beforeAnythingIsWritten() {
    Said said = run("--steps=4", "--shortest=0");
    assertThat(said.code()).isEqualTo(2);
    assertThat(said.err()).contains("Search.shortest");
    assertThat(folder).isEmptyDirectory();
  }
}
