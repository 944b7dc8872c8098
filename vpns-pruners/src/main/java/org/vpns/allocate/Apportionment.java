package org.vpns.allocate;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.vpns.Layout;
import org.vpns.Problem;

/**
 * Whole numbers of weights for fractional shares (Hamilton's rule): {@code floor(d_l n_l)} each,
 * then one more in order of the largest fractional part, ties to the lower index, until the total
 * is met exactly.
 */
final class Apportionment {
  /** A share this little below a whole number is that number: it is the noise of doubles. */
  private static final double NOISE = 1e-9;

  /** Fractions tie when they agree to a millionth: 17.4857... is the same by any product. */
  private static final double TIE = 1e-6;

  private Apportionment() {}

  /**
   * Numbers of weights to keep.
   *
   * @param room how many each parameter can keep at most; one that cannot take its share takes all
   *     it can, and what it lacks goes to the others, one by one in the same order
   * @throws IllegalArgumentException if rounding cannot bring the shares to the total, or the room
   *     does not suffice for it
   */
  static int[] counts(
      Layout layout, double[] densities, int[] room, long total, String description) {
    int tensors = densities.length;
    int[] counts = new int[tensors];
    long[] fractions = new long[tensors];
    long down = 0;
    long up = 0;
    for (int i = 0; i < tensors; i++) {
      if (!(densities[i] >= 0 && densities[i] <= 1)) {
        throw Problem.argument(
            "density out of range",
            layout.path(i) + ", " + description,
            "0 <= d <= 1",
            densities[i],
            "look at what made the densities");
      }
      double share = densities[i] * layout.size(i);
      counts[i] = (int) Math.floor(share + NOISE);
      fractions[i] = Math.round((share - counts[i]) / TIE);
      down += counts[i];
      up += Math.min(counts[i] + 1, layout.size(i));
    }
    if (total < down || total > up) {
      throw Problem.argument(
          "densities do not amount to the sparsity",
          description,
          down + " to " + up + " weights to keep, by rounding each share down or up",
          total,
          "change the sparsity or the densities");
    }
    long available = Arrays.stream(room).asLongStream().sum();
    if (total > available) {
      throw Problem.argument(
          "removed weights would return",
          description,
          "at most " + available + " weights to keep",
          total,
          "raise the sparsity from one selection to the next");
    }
    long left = total;
    for (int i = 0; i < tensors; i++) {
      counts[i] = Math.min(counts[i], room[i]);
      left -= counts[i];
    }
    List<Integer> order =
        IntStream.range(0, tensors)
            .boxed()
            .sorted(Comparator.comparingLong(i -> -fractions[i]))
            .toList();
    while (left > 0) {
      for (int i : order) {
        if (left > 0 && counts[i] < room[i]) {
          counts[i]++;
          left--;
        }
      }
    }
    return counts;
  }
}
