package org.vpns.study;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A comparison as comma-separated values (quoted as in RFC 4180, lines end with LF). */
final class ComparisonCsv {
  private ComparisonCsv() {}

  static String of(Comparison comparison) {
    StringBuilder text =
        new StringBuilder(
            "sparsity,method,runs,accuracy,accuracy_deviation,plain,plain_deviation,"
                + "difference,difference_error,pairs,epochs,gradient_steps,scoring_steps,"
                + "double_backwards,seconds\n");
    for (Comparison.Row row : comparison.rows()) {
      Difference difference = row.difference();
      text.append(
          String.format(
              Locale.ROOT,
              "%s,%s,%d,%.6f,%s,%.6f,%s,%s,%s,%d,%s,%.1f,%.1f,%.1f,%.2f\n",
              row.sparsity(),
              quoted(row.method()),
              row.seeds().size(),
              row.accuracy().mean(),
              number(row.accuracy().deviation()),
              row.plain().mean(),
              number(row.plain().deviation()),
              number(difference == null ? null : difference.mean()),
              number(difference == null ? null : difference.standardError()),
              difference == null ? 0 : difference.pairs(),
              number(row.epochs()),
              row.gradientSteps(),
              row.scoringSteps(),
              row.doubleBackwards(),
              row.seconds()));
    }
    return text.toString();
  }

  /** Names of methods may hold commas. */
  private static String quoted(String field) {
    return field.matches("[^,\"\\r\\n]*") ? field : '"' + field.replace("\"", "\"\"") + '"';
  }

  /** Empty where there is no number. */
  private static String number(@Nullable Double value) {
    return value == null || value.isNaN() ? "" : String.format(Locale.ROOT, "%.6f", value);
  }
}
