package org.vpns.examples.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JudgeTableTest {
  @TempDir Path folder;

  private static Path docs() {
    return Path.of(System.getProperty("vpns.root", "..")).resolve("docs");
  }

  @Test
  void storedTable_isJudgedAsRunsOfOnePool() throws Exception {
    // 797 test images for 1,000 training images; errors grow by sqrt(1 + 3 x 0.797) = 1.841.
    JudgeTable table = JudgeTable.read(docs().resolve("comparison-digits.csv"), 0.797);
    assertThat(table.counts())
        .containsExactly(
            "Of 135 differences, each on its own: 0 above and 14 below beyond noise.",
            "Of 135 differences, after Holm's correction: 0 above and 3 below beyond noise.");
    assertThat(table.differences()).contains("0.98 VPNs: +2.05 ± 0.63, p 0.0830, among all 1.0000");
  }

  @Test
  void storedTable_asIndependentRuns_hasTheVerdictsOfTheEarlierBuild() throws Exception {
    JudgeTable table = JudgeTable.read(docs().resolve("comparison-digits.csv"), 0);
    assertThat(table.counts().get(0))
        .isEqualTo("Of 135 differences, each on its own: 3 above and 29 below beyond noise.");
  }

  @Test
  void document_showsTheTableAsItIsPrinted() throws Exception {
    JudgeTable table = JudgeTable.read(docs().resolve("comparison-digits.csv"), 0.797);
    assertThat(Files.readString(docs().resolve("comparison.md"))).contains(table.matrix());
  }

  /** The figures of the documents, each from the table that is stored beside it. */
  @ParameterizedTest
  @CsvSource({
    "docs/prompt-study.md, docs/prompt-study-0.98-1000-150.csv, 1000",
    "docs/prompt-study.md, docs/prompt-study-0.98-100-150.csv, 100",
    "docs/prompt-study.md, docs/prompt-study-0.95-100-150.csv, 100",
    "docs/prompt-study.md, docs/prompt-study-0.98-1000-400.csv, 1000"
  })
  void document_hasTheErrorsThatItsTableGives(String document, String table, int training)
      throws Exception {
    Path root = docs().resolve("..");
    List<String> lines = Files.readAllLines(root.resolve(document));
    JudgeTable judged = JudgeTable.read(root.resolve(table), 797.0 / training);
    assertThat(judged.counts().get(1)).endsWith("0 above and 0 below beyond noise.");
    assertThat(judged.differences()).hasSizeGreaterThan(3);
    for (String difference : judged.differences()) {
      // "0.99 VPNs: +5.94 ± 2.58, p ..."
      String row =
          "| " + difference.substring(0, difference.indexOf(':')).replaceFirst(" ", " | ") + " | ";
      String figures =
          "| "
              + difference.substring(difference.indexOf(':') + 2, difference.indexOf(','))
              + " | within noise |";
      assertThat(lines).anyMatch(line -> line.startsWith(row) && line.contains(figures));
    }
  }

  @Test
  void otherTable_isRefusedInWords() throws Exception {
    Path file = Files.writeString(folder.resolve("a.csv"), "sparsity,method\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> JudgeTable.read(file, 0))
        .withMessageContaining("not a table of an earlier build");
  }
}
