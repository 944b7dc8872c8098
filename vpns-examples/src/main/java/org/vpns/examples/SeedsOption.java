package org.vpns.examples;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.vpns.Problem;
import picocli.CommandLine.Option;

/** How often a main repeats its runs: a number of seeds, or which of them. */
public final class SeedsOption {
  private static final int MOST = 100;
  private static final Pattern FORM = Pattern.compile("-?\\d{1,9}(-\\d{1,9})?");

  @Option(
      names = "--seeds",
      paramLabel = "N",
      order = 901,
      description =
          "Number of seeds, 1 to "
              + MOST
              + ", or which of them, such as 4-6, for a study in pieces"
              + " (default: ${DEFAULT-VALUE}).")
  private String seeds;

  /** With a number for who names none. */
  public SeedsOption(int count) {
    this.seeds = Integer.toString(count);
  }

  /**
   * Those that were asked for, where a number asks for as many from the first on.
   *
   * @throws IllegalArgumentException if that are too few or too many, or neither a number nor a
   *     range
   */
  public List<Long> from(long first) {
    if (!FORM.matcher(seeds).matches()) {
      throw Problem.argument(
          "neither a number of seeds nor a range of them",
          "--seeds",
          "1 to " + MOST + ", or two of these such as 4-6",
          "'" + seeds + "'",
          "3 is usual");
    }
    int dash = seeds.indexOf('-', 1); // at the beginning it is a sign
    int last = Integer.parseInt(seeds.substring(dash + 1));
    if (dash < 0) {
      if (last < 1 || last > MOST) {
        throw Problem.argument(
            "number of seeds out of range", "--seeds", "1 to " + MOST, last, "3 is usual");
      }
      return LongStream.range(first, first + last).boxed().toList();
    }
    int begin = Integer.parseInt(seeds.substring(0, dash));
    if (begin < 1 || last > MOST || begin > last) {
      throw Problem.argument(
          "range of seeds that is none",
          "--seeds",
          "the first and the last of 1 to " + MOST + ", the smaller one first",
          "'" + seeds + "'",
          "4-6 are three seeds");
    }
    return LongStream.range(first + begin - 1, first + last).boxed().toList();
  }
}
