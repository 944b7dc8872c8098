package org.vpns.examples.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.examples.Said;

class SearchRatesTest {
  @TempDir Path folder;

  private Said run(String... options) {
    String[] all = Arrays.copyOf(options, options.length + 1);
    all[options.length] = "--out=" + folder.resolve("search");
    return Said.of(new SearchRates(), all);
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

  /** By a checkpoint that is damaged; the others are compared as far as they are there. */
  @Test
  void comparison_ofWhichARunFails_isToldAsThat_andTheOthersStand() throws Exception {
    String[] small = {"--steps=4", "--shortest=2", "--budget=18", "--seeds=1"};
    assertThat(run(small)).satisfies(said -> assertThat(said.code()).as(said.text()).isZero());
    Path compared = folder.resolve("search/compared");
    Path run;
    try (Stream<Path> runs = Files.list(compared.resolve("runs/divided"))) {
      run =
          runs.filter(file -> file.getFileName().toString().startsWith("omp-found"))
              .findFirst()
              .orElseThrow();
    }
    Files.delete(run);
    String name = run.getFileName().toString().replace(".json", "");
    Path checkpoints =
        Files.createDirectories(compared.resolve("checkpoints/divided").resolve(name));
    Files.writeString(checkpoints.resolve("checkpoint.safetensors"), "no checkpoint");

    Said said = run(small);

    assertThat(said.code()).as(said.text()).isEqualTo(1);
    assertThat(said.text())
        .contains("Not compared, or not by all divisions, as runs failed: OMP; started again")
        .contains("| HYDRA | score rate 0.03, ");
    Files.delete(checkpoints.resolve("checkpoint.safetensors"));
    assertThat(run(small)).satisfies(again -> assertThat(again.code()).as(again.text()).isZero());
  }

  /** Reports of the search by file, but for what runs took in time. */
  private static Map<String, String> searched(Path folder) throws IOException {
    Map<String, String> texts = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder.resolve("searched/runs"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".json")).toList()) {
        String text = Files.readString(file);
        texts.put(
            file.getFileName().toString(), text.replaceAll("(\"\\w*[sS]econds\"): [^,\n]*", "$1"));
      }
    }
    return texts;
  }

  @Test
  void search_byTwoWorkers_findsWhatOneDoes() throws Exception {
    Map<Integer, Map<String, String>> reports = new TreeMap<>();
    Map<Integer, String> tables = new TreeMap<>();
    for (int workers : new int[] {1, 2}) {
      Path out = folder.resolve("by" + workers);
      String[] options = {"--steps=4", "--shortest=2", "--budget=36", "--seeds=1"};
      Said said =
          Said.of(
              new SearchRates(),
              Stream.concat(Stream.of(options), Stream.of("--workers=" + workers, "--out=" + out))
                  .toArray(String[]::new));
      assertThat(said.code()).as(said.text()).isZero();
      assertThat(out.resolve("searched/workers/worker-" + workers + ".log")).exists();
      reports.put(workers, searched(out));
      tables.put(workers, Files.readString(out.resolve("search.csv")));
    }
    assertThat(reports.get(2)).hasSizeGreaterThan(6).isEqualTo(reports.get(1));
    assertThat(tables.get(2)).isEqualTo(tables.get(1));
  }

  @Test
  void shortest_ofNoStep_isRefused_beforeAnythingIsWritten() {
    Said said = run("--steps=4", "--shortest=0");
    assertThat(said.code()).isEqualTo(2);
    assertThat(said.err()).contains("option '--shortest'", "Search.shortest");
    assertThat(run("--steps=0").err()).contains("option '--steps'");
    assertThat(run("--budget=0").err()).contains("option '--budget'");
    Said small = run("--steps=18", "--budget=53");
    assertThat(small.code()).as(small.text()).isEqualTo(2);
    assertThat(small.err()).contains("'--budget'", "expected at least 54");
    Said longer = run("--steps=18", "--shortest=19");
    assertThat(longer.code()).as(longer.text()).isEqualTo(2);
    assertThat(longer.err()).contains("shortest runs longer than full ones");
    assertThat(folder).isEmptyDirectory();
  }
}
