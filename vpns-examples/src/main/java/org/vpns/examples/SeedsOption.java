package org.vpns.examples;

import java.util.List;
import java.util.stream.LongStream;
import org.vpns.Problem;
import picocli.CommandLine.Option;

/** How often a main repeats its runs. */
public final class SeedsOption {
  private static final int MOST = 100;

  @Option(
      names = "--seeds",
      paramLabel = "N",
      order = 901,
      description = "Number of seeds, 1 to " + MOST + " (default: ${DEFAULT-VALUE}).")
  private int count;

  /** With a number for who names none. */
  public SeedsOption(int count) {
    this.count = count;
  }

  /**
   * As many as were asked for, from the first on.
   *
   * @throws IllegalArgumentException if that are too few or too many
   */
  public List<Long> from(long first) {
    if (count < 1 || count > MOST) {
      throw Problem.argument(
          "number of seeds out of range", "--seeds", "1 to " + MOST, count, "3 is usual");
    }
    return LongStream.range(first, first + count).boxed().toList();
  }
}
