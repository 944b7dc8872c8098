package org.vpns.mapping;

import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.vpns.LabelAssignment;
import org.vpns.LabelMapping;
import org.vpns.Problem;

/**
 * The label mappings. S is the number of a network's outputs, T the number of target classes, k the
 * sources per target; all need k T &lt;= S.
 */
public final class Mappings {
  private Mappings() {}

  /** Target t gets source t; with k sources per target, k t to k t + k - 1. */
  public static MappingSpec identity() {
    return new MappingSpec("identity", 0, (context, k) -> deal(range(context), context, k));
  }

  /** The sources in random order: target t gets those at k t to k t + k - 1. */
  public static MappingSpec random() {
    return new MappingSpec("random", 0, (context, k) -> deal(shuffled(context), context, k));
  }

  /**
   * The sources that a network answers most often with: greedy over the counts of (answer, class),
   * largest first, ties to the lowest source, then to the lowest class; made once. Costs a pass
   * over the training images. Source: frequency-based label mapping.
   */
  public static MappingSpec frequency() {
    return new MappingSpec(
        "frequency", 0, (context, k) -> Greedy.assign(counts(context), context.targets(), k));
  }

  /**
   * {@link #frequency}, made again while training goes on, with the prompt and mask of that moment.
   * Source: iterative label mapping.
   *
   * @param epochs number of epochs between two assignments
   * @throws IllegalArgumentException if it is below 1
   */
  public static MappingSpec iterative(int epochs) {
    if (epochs < 1) {
      throw Problem.argument(
          "interval out of range",
          "Mappings.iterative",
          "at least 1 epoch",
          epochs,
          "use Mappings.frequency() to map once");
    }
    return new MappingSpec(
        "iterative(" + epochs + ")",
        epochs,
        (context, k) -> Greedy.assign(counts(context), context.targets(), k));
  }

  /**
   * For a network whose last layer was made for the target classes: target t gets source t, and S
   * must be T.
   */
  public static LabelMapping newHead() {
    return new NewHead();
  }

  private static final class NewHead implements LabelMapping {
    @Override
    public LabelAssignment assign(Context context) {
      Problem.given(context, "LabelMapping.assign", "context");
      if (context.sources() != context.targets()) {
        throw Problem.argument(
            "head does not fit the classes",
            "Mappings.newHead",
            context.targets() + " outputs, one for each class",
            context.sources(),
            "give the network a last layer of that size, or map labels with"
                + " Mappings.frequency()");
      }
      return identity().assign(context);
    }

    @Override
    public String describe() {
      return "newHead";
    }

    @Override
    public String toString() {
      return describe();
    }
  }

  private static int[] range(LabelMapping.Context context) {
    return IntStream.range(0, context.sources()).toArray();
  }

  private static int[] shuffled(LabelMapping.Context context) {
    int[] order = range(context);
    RandomGenerator random = context.random();
    for (int i = order.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    return order;
  }

  private static int[][] deal(int[] order, LabelMapping.Context context, int perTarget) {
    int[][] assigned = new int[context.targets()][perTarget];
    for (int t = 0; t < assigned.length; t++) {
      System.arraycopy(order, t * perTarget, assigned[t], 0, perTarget);
    }
    return assigned;
  }

  private static long[][] counts(LabelMapping.Context context) {
    long[][] counts = context.counts();
    boolean fits = counts.length == context.sources();
    for (long[] row : counts) {
      fits &= row.length == context.targets();
      for (long count : row) {
        fits &= count >= 0 && count <= Integer.MAX_VALUE;
      }
    }
    if (!fits) {
      throw Problem.argument(
          "counts do not fit the label mapping",
          "LabelMapping.Context.counts",
          context.sources() + " rows of " + context.targets() + " counts of images",
          counts.length + " rows, or a row or a count out of range",
          "count every image once, by its answer and its class");
    }
    return counts;
  }
}
