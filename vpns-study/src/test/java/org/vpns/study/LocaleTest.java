package org.vpns.study;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.report.PruneReport;
import org.vpns.testing.SampleReports;

/** Texts for people and programs are the same wherever they are written. */
class LocaleTest {
  /** German: a comma before decimals. Arabic of Egypt: digits of its own, and %d writes them. */
  private static final String[] UNLIKE = {"de-DE", "ar-EG-u-nu-arab"};

  private final Locale before = Locale.getDefault();

  @AfterEach
  void restore() {
    Locale.setDefault(before);
  }

  private static List<String> texts(List<PruneReport> runs) {
    Comparison comparison = Comparison.of(runs, "HYDRA");
    PruneReport prompted =
        runs.stream().filter(run -> run.prompt() != null).findFirst().orElseThrow();
    return List.of(
        prompted.summary(),
        prompted.line(),
        prompted.toJson(),
        comparison.toText(),
        comparison.toMarkdown(),
        comparison.toMatrix(),
        comparison.toCsv());
  }

  @Test
  void locales_ofThisTest_writeNumbersUnlikeTheRoot() {
    for (String tag : UNLIKE) {
      Locale locale = Locale.forLanguageTag(tag);
      assertThat(String.format(locale, "%.1f %d", 1.5, 64)).isNotEqualTo("1.5 64");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"de-DE", "ar-EG-u-nu-arab"})
  void texts_underAnotherLocale_areThoseOfTheRoot(String tag) {
    Locale.setDefault(Locale.ROOT);
    List<PruneReport> runs = SampleReports.experiment(List.of("0.9", "0.99"), 1, 2, 3);
    List<String> root = texts(runs);
    assertThat(root.get(0)).contains("active pixels of 64 x 64");
    Locale.setDefault(Locale.forLanguageTag(tag));
    assertThat(texts(runs)).isEqualTo(root);
  }
}
