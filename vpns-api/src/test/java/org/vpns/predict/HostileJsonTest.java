package org.vpns.predict;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.internal.predict.ResultDescription;
import org.vpns.report.PruneReport;

/** Descriptions and reports that never end, nest without end, or grow once they are objects. */
final class HostileJsonTest {
  /** More values than the heap holds as objects; three bytes each. */
  private static final String MANY =
      "{\"format\":\"vpns-report/1\",\"x\":["
          + "{},".repeat(Math.toIntExact(Runtime.getRuntime().maxMemory() / 400 + 1))
          + "{}]}";

  @TempDir Path folder;

  private static List<String> hostile() {
    return List.of(
        MANY,
        "{\"x\":" + "[".repeat(2_000_000),
        "{\"x\":".repeat(1_000_000),
        "{\"mapping\":[" + "[".repeat(1_000_000) + "]",
        "{\"x\":\"" + "y".repeat((1 << 26) + 10));
  }

  @Test
  void read_ofAHostileReport_isRefused() throws IOException {
    Path file = folder.resolve("report.json");
    requireRefused(file, () -> PruneReport.read(file));
  }

  private static void requireRefused(Path file, ThrowingCallable reader) throws IOException {
    for (String text : hostile()) {
      Files.writeString(file, text);
      assertThatThrownBy(reader)
          .isInstanceOf(IOException.class)
          .hasMessageContaining(file.toString())
          .hasMessageMatching("(?s).{1,2000}");
    }
  }

  @Test
  void read_ofAHostileDescription_isRefused() throws IOException {
    Path file = folder.resolve(ResultDescription.NAME);
    requireRefused(file, () -> ResultDescription.read(folder));
  }

  @Test
  void read_ofMoreValuesThanTheHeapHolds_saysSo() throws IOException {
    Path file = folder.resolve("report.json");
    Files.writeString(file, MANY);
    assertThatThrownBy(() -> PruneReport.read(file)).hasMessageContaining("values; give Java");
  }
}
