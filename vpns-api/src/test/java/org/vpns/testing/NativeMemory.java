package org.vpns.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/**
 * Memory of this process outside the Java heap. The heap takes more and more of the machine's until
 * it is as large as it may be, and that says nothing of arrays that were not closed.
 */
public final class NativeMemory {
  private static final Path STATUS = Path.of("/proc/self/status");

  private NativeMemory() {}

  /** Skips the test where it cannot be told. */
  public static void assumeKnown() {
    // No failure: Java tells nothing of memory outside its heap, and elsewhere there is no file to
    // read it from. A leak is one on Linux too, where the build runs.
    Assumptions.assumeTrue(
        Files.exists(STATUS), "no " + STATUS + " to read resident memory from; run it on Linux");
    List<String> options = ManagementFactory.getRuntimeMXBean().getInputArguments();
    // No failure: a heap that still grows would be counted as a leak, so the test would tell
    // nothing of arrays.
    Assumptions.assumeTrue(
        options.contains("-XX:+AlwaysPreTouch")
            && options.stream().anyMatch(option -> option.startsWith("-Xms")),
        "the heap may grow during the test; fix its size with -Xms and -XX:+AlwaysPreTouch, as"
            + " mvn -Pslow verify does");
  }

  /** Resident memory less the heap, in kB; 0 where it cannot be read. */
  public static long kilobytes() {
    if (!Files.exists(STATUS)) {
      return 0;
    }
    try {
      long resident =
          Files.readAllLines(STATUS).stream()
              .filter(line -> line.startsWith("VmRSS:"))
              .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
              .findFirst()
              .orElseThrow();
      return resident - Runtime.getRuntime().totalMemory() / 1024;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The same after a collection, which gives back memory that only waits for one: buffers outside
   * the heap whose owners are garbage.
   */
  public static long kilobytesInUse() {
    try {
      for (int i = 0; i < 3; i++) {
        System.gc();
        Thread.sleep(100); // a thread of its own gives the buffers back
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return kilobytes();
  }
}
