package org.vpns.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.testing.SampleReports;

class PruneReportTest {
  private static final PruneReport VPNS = SampleReports.run(SampleReports.ARMS.get(1), "0.99", 7);

  @Property(tries = 300)
  void json_writtenAndRead_isTheSameReport(@ForAll("reports") PruneReport report) {
    assertThat(PruneReport.fromJson(report.toJson())).isEqualTo(report);
  }

  @Test
  void json_fullRun_isTheSameReportAndText() {
    String json = VPNS.toJson();
    assertThat(PruneReport.fromJson(json)).isEqualTo(VPNS).hasSameHashCodeAs(VPNS);
    assertThat(PruneReport.fromJson(json).toJson()).isEqualTo(json);
  }

  @Test
  void json_losses_thatAreNotFinite_areStrings() {
    PruneReport report = withLosses(List.of(0.1, Double.NaN, Double.POSITIVE_INFINITY, -0.0));
    assertThat(report.toJson()).contains("\"losses\": [0.1,\"NaN\",\"Infinity\",-0.0]");
    assertThat(PruneReport.fromJson(report.toJson())).isEqualTo(report);
  }

  @Test
  void json_fields_standInOrderOfDeclaration() {
    assertThat(VPNS.toJson().lines().filter(line -> line.matches("  \"\\w+\":.*")))
        .extracting(line -> line.replaceAll("  \"(\\w+)\".*", "$1"))
        .containsExactly(
            "format",
            "recipe",
            "sparsity",
            "seed",
            "prunable",
            "kept",
            "parameters",
            "layers",
            "dense",
            "pruned",
            "tuned",
            "stages",
            "mapping",
            "prompt",
            "warnings",
            "provenance");
    assertThat(VPNS.toJson().lines().count()).as("number arrays take one line").isLessThan(900);
  }

  @Test
  void report_afterTheRunThatFoundItsMask_hasTheCostOfBoth() {
    PruneReport finding = SampleReports.minimal("HYDRA", "0.9", 7, 600, null, 40);

    PruneReport both = VPNS.after(finding);

    assertThat(both.stages().subList(0, finding.stages().size())).isEqualTo(finding.stages());
    assertThat(both.cost()).isEqualTo(finding.cost().plus(VPNS.cost()));
    assertThat(both.gradientSteps()).isEqualTo(40 + VPNS.gradientSteps());
    assertThat(both.tuned()).isEqualTo(VPNS.tuned());
    assertThat(both.provenance()).isEqualTo(VPNS.provenance());
  }

  @Test
  void fromJson_unknownField_isPassedOver() {
    String json = VPNS.toJson().replaceFirst("\"recipe\"", "\"later\": [1], \"recipe\"");
    assertThat(PruneReport.fromJson(json)).isEqualTo(VPNS);
  }

  @Test
  void fromJson_badText_isRejectedInWords() {
    String json = VPNS.toJson();
    assertRejected("", "");
    assertRejected("[]", "a JSON object");
    assertRejected("{}", "vpns-report/1");
    assertRejected(json.substring(0, json.length() / 2), "");
    assertRejected(json + "{}", "");
    assertRejected(json.replace("vpns-report/1", "vpns-report/9"), "vpns-report/9");
    assertRejected(json.replaceFirst("\"kept\": \\d+,", ""), "report.kept");
    assertRejected(json.replaceFirst("\"path\": \"conv1.weight\",", ""), "report.layers[0].path");
    assertRejected(json.replaceFirst("\"seed\": 7", "\"seed\": null"), "report.seed");
    assertRejected(json.replaceFirst("\"seed\": 7", "\"seed\": \"many\""), "many");
    for (String sparsity : List.of("", "much", "1.5", "-0.1", "1e-99999")) {
      assertRejected(
          json.replaceFirst("\"sparsity\": \"0.99\"", "\"sparsity\": \"" + sparsity + "\""),
          "a decimal numeral such as 0.95, found '" + sparsity + "'");
    }
    assertRejected(json.replaceFirst("\"warnings\": \\[", "\"warnings\": [null, "), "warnings[0]");
    assertRejected(json.replaceFirst("\"losses\": \\[", "\"losses\": [\"low\","), "low");
    assertRejected(
        json.replaceFirst("\"provenance\": \\{", "\"provenance\": {\"later\": null,"),
        "report.provenance.later");
    assertRejected(
        json.replaceFirst("\"mapping\": \\[", "\"mapping\": [null,"), "report.mapping[0]");
    assertRejected(
        json.replaceFirst("\"mapping\": \\[\\s*\\[", "\"mapping\": [[null,"),
        "report.mapping[0][0]");
  }

  private static void assertRejected(String json, String part) {
    assertThatThrownBy(() -> PruneReport.fromJson(json))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("report cannot be read: PruneReport.fromJson; expected ")
        .hasMessageContaining(part);
  }

  @Test
  void write_overAnOldFile_replacesItAndLeavesNothingElse(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("run.json");
    Files.writeString(file, "old");
    VPNS.write(file);
    assertThat(PruneReport.read(file)).isEqualTo(VPNS);
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
    Files.writeString(file, "{");
    assertThatThrownBy(() -> PruneReport.read(file))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(
            "report cannot be read: " + file + "; expected the JSON of a report, found ")
        .hasMessageEndingWith("; save the result or the report again.");
    // the text itself may have the words of a message
    Files.writeString(file, "{\"format\": \"PruneReport.fromJson\"}");
    assertThatThrownBy(() -> PruneReport.read(file))
        .hasMessage(
            "report cannot be read: "
                + file
                + "; expected \"format\": \"vpns-report/1\", found \"PruneReport.fromJson\";"
                + " save the result or the report again.");
  }

  /** As of a device or a pipe that never ends; the file is sparse. */
  @Test
  void read_ofFileWithoutEnd_isRefused(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("report.json");
    try (RandomAccessFile large = new RandomAccessFile(file.toFile(), "rw")) {
      large.setLength(1L << 33);
    }
    assertThatThrownBy(() -> PruneReport.read(file))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "text file too long: "
                + file
                + "; expected at most 67108864 bytes, found more; write or fetch the file again.");
  }

  /** A line for a log, not the losses of every step. */
  @Test
  void toString_isTheLine() {
    assertThat(VPNS.toString()).isEqualTo(VPNS.line()).hasLineCount(1);
  }

  /** All parameters lose what the prunable ones lose. */
  @Test
  void summary_tellsParametersBeforeAndAfter() {
    long left = VPNS.parameters() - (VPNS.prunable() - VPNS.kept());
    assertThat(left).isLessThan(VPNS.parameters());
    assertThat(VPNS.summary())
        .contains(
            String.format(
                Locale.ROOT, "%,d of %,d trainable parameters stay", left, VPNS.parameters()));
  }

  @Test
  void summary_tellsMultiplyAddsAndBytesBeforeAndAfter() {
    PruneReport counted = VPNS.multiplyAdds(40_551_040, 10_137_760).bytes(1_089_544, 161_232);
    assertThat(counted.summary().lines())
        .contains(
            "multiply-adds for one image: 40,551,040 => 10,137,760 (25.00 %)",
            "bytes on disk: 1,089,544 => 161,232 (14.80 %)");
    assertThat(counted.line()).contains("multiply-adds 40,551,040 -> 10,137,760");
    assertThat(VPNS.summary()).doesNotContain("multiply-adds").doesNotContain("bytes on disk");
    assertThat(counted).isNotEqualTo(VPNS);
    assertThat(PruneReport.fromJson(counted.toJson())).isEqualTo(counted);
  }

  @Test
  void channels_areTold_andReadBack() {
    PruneReport smaller = VPNS.channels(SampleReports.channels("conv1"));
    assertThat(smaller.summary().lines().map(line -> line.strip().replaceAll(" +", " ")))
        .containsSequence(
            "channels that had left; asked: 0.5 of the channels to leave; obtained: 4 of 12 leave",
            "group channels parameters MACs bytes",
            "conv1 8 => 4 216 => 108 3,456 => 1,728 864 => 432 asked for 5: at least 4 stay",
            "fc 5 20 20 80 stays: result",
            "other layers 288 => 144 4,608 => 2,304 1,152 => 576",
            "network 13 => 9 524 => 272 8,084 => 4,052 2,096 => 1,088");
    assertThat(PruneReport.fromJson(smaller.toJson())).isEqualTo(smaller).isNotEqualTo(VPNS);
    assertThat(smaller.multiplyAdds(2, 1).bytes(2, 1).channels()).isEqualTo(smaller.channels());
    assertThat(VPNS.toJson()).doesNotContain("channels\": {");
    assertThat(PruneReport.fromJson(VPNS.toJson()).channels()).isNull();
    assertRejected(smaller.toJson().replace("\"obtained\"", "\"got\""), "report.channels.obtained");
    assertRejected(
        smaller.toJson().replace("\"kept\": 4,", ""), "a value for report.channels.groups[0].kept");
  }

  @Test
  void summary_fullRun_tellsLayersAccuracyCostAndWarnings() {
    String summary = VPNS.summary();
    assertThat(summary.lines().findFirst()).contains("VPNs, sparsity 0.99, seed 7");
    for (LayerRecord layer : VPNS.layers()) {
      assertThat(summary)
          .containsPattern(
              layer.path().replace(".", "\\.")
                  + " +\\| "
                  + layer.shape().replaceAll("([()])", "\\\\$1")
                  + " +\\| +"
                  + String.format(Locale.ROOT, "%,d / %,d", layer.kept(), layer.size()));
    }
    assertThat(summary)
        .contains("prompt pad {pixels=6}: 1,392 active pixels of 64 x 64, 4,176 parameters")
        .containsPattern("find mask +\\| +585 \\|")
        .containsPattern("total +\\| +1,170 \\| 149,760 \\|")
        .containsPattern("-> tuned +\\| +\\d\\d\\.\\d\\d \\| +\\d\\d\\.\\d\\d \\| +2,000")
        .contains("! layer without weights: layer4.1.conv2.weight")
        .matches("\\p{ASCII}*");
  }

  @Test
  void summary_bareRun_saysWhatIsMissing() {
    PruneReport bare =
        new PruneReport(
            "R",
            "0",
            0,
            0,
            0,
            0,
            List.of(),
            null,
            null,
            null,
            List.of(),
            new int[0][],
            null,
            List.of(),
            Map.of(),
            null);
    assertThat(bare.summary())
        .contains("kept 0 of 0 prunable weights (density 100.000 %)")
        .contains("accuracy not measured: no test images")
        .doesNotContain("warnings")
        .doesNotContain("null");
  }

  private static PruneReport withLosses(List<Double> losses) {
    return new PruneReport(
        "R",
        "0.5",
        1,
        2,
        1,
        3,
        List.of(),
        null,
        null,
        null,
        List.of(new StageRecord("tune", losses.size(), 1, 1, losses, List.of(), null)),
        new int[0][],
        null,
        List.of(),
        Map.of(),
        null);
  }

  @Provide
  Arbitrary<PruneReport> reports() {
    Arbitrary<String> text = Arbitraries.strings().ofMaxLength(12);
    Arbitrary<Double> real =
        Arbitraries.doubles()
            .withSpecialValue(Double.NaN)
            .withSpecialValue(Double.POSITIVE_INFINITY)
            .withSpecialValue(Double.NEGATIVE_INFINITY)
            .withSpecialValue(-0.0)
            .withSpecialValue(Double.MIN_VALUE);
    Arbitrary<Float> single =
        Arbitraries.floats().withSpecialValue(Float.NaN).withSpecialValue(Float.MIN_VALUE);
    Arbitrary<Accuracy> accuracy =
        Combinators.combine(
                Arbitraries.integers(),
                Arbitraries.integers(),
                Arbitraries.integers().injectNull(0.3))
            .as(Accuracy::new);
    Arbitrary<List<LayerRecord>> layers =
        Combinators.combine(text, text, Arbitraries.integers(), Arbitraries.integers())
            .as(LayerRecord::new)
            .list()
            .ofMaxSize(4);
    Arbitrary<EpochRecord> epoch =
        Combinators.combine(
                Arbitraries.integers(), Arbitraries.longs(), real, real, real.injectNull(0.3))
            .as(EpochRecord::new);
    Arbitrary<StageRecord> stage =
        Combinators.combine(
                text,
                Arbitraries.longs(),
                Arbitraries.longs(),
                real,
                real.list().ofMaxSize(5),
                epoch.list().ofMaxSize(3),
                Arbitraries.integers().injectNull(0.5))
            .as(StageRecord::new);
    Arbitrary<Cost> cost =
        Combinators.combine(
                Arbitraries.longs(),
                Arbitraries.longs(),
                Arbitraries.longs(),
                Arbitraries.longs(),
                real)
            .as(Cost::new);
    Arbitrary<List<StageRecord>> stages =
        Combinators.combine(stage, Arbitraries.longs(), cost)
            .as(SampleReports::costing)
            .injectDuplicates(0.1)
            .list()
            .ofMaxSize(2)
            .flatMap(
                counted ->
                    stage
                        .list()
                        .ofMaxSize(2)
                        .map(old -> Stream.concat(counted.stream(), old.stream()).toList()));
    Arbitrary<Map<String, String>> map = Arbitraries.maps(text, text).ofMaxSize(4);
    Arbitrary<PromptRecord> prompt =
        Combinators.combine(
                text,
                map,
                Arbitraries.integers(),
                Arbitraries.integers(),
                Arbitraries.integers(),
                Arbitraries.integers(),
                Arbitraries.longs(),
                single.array(float[].class).ofMaxSize(6))
            .as(PromptRecord::new);
    Arbitrary<int[][]> mapping =
        Arbitraries.integers().array(int[].class).ofMaxSize(3).array(int[][].class).ofMaxSize(3);
    Arbitrary<PruneReport> body =
        Combinators.combine(
                text,
                layers,
                accuracy.injectNull(0.3),
                stages,
                mapping,
                prompt.injectNull(0.5),
                text.list().ofMaxSize(3),
                map)
            .as(
                (name, l, a, s, m, p, w, v) ->
                    new PruneReport(name, "0.9", 0, 0, 0, 0, l, a, null, a, s, m, p, w, v, null));
    Arbitrary<String> numeral =
        Arbitraries.bigDecimals()
            .between(BigDecimal.ZERO, BigDecimal.ONE)
            .ofScale(4)
            .map(BigDecimal::toString);
    return Combinators.combine(body, Arbitraries.longs(), Arbitraries.longs(), numeral)
        .as(
            (r, seed, count, sparsity) ->
                new PruneReport(
                    r.recipe(),
                    sparsity,
                    seed,
                    count,
                    seed,
                    count,
                    r.layers(),
                    r.dense(),
                    r.dense(),
                    r.tuned(),
                    r.stages(),
                    r.mapping(),
                    r.prompt(),
                    r.warnings(),
                    r.provenance(),
                    seed % 2 == 0 ? count : null));
  }
}
