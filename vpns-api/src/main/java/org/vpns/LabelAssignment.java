package org.vpns;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Which source logits stand for each target class: k sources a target, none used twice. With k = 1
 * the target's logit is its source's; with k &gt; 1 it is the {@link Reduction} of the k logits.
 * Immutable.
 */
public final class LabelAssignment {
  /** How several source logits become one. */
  public enum Reduction {
    /** Arithmetic mean. */
    MEAN,
    /** Largest. */
    MAX,
    /** Logarithm of the sum of exponentials. */
    LOGSUMEXP
  }

  private final int sources;
  private final int[][] assigned;
  private final Reduction reduction;

  private LabelAssignment(int sources, int[][] assigned, Reduction reduction) {
    this.sources = sources;
    this.assigned = assigned;
    this.reduction = reduction;
  }

  /**
   * An assignment with mean reduction.
   *
   * @param sources number of source logits S
   * @param assigned for each target its sources, all of one length k &gt;= 1
   * @throws IllegalArgumentException if lengths differ, a source is out of range or used twice
   */
  public static LabelAssignment of(int sources, int[][] assigned) {
    return of(sources, assigned, Reduction.MEAN);
  }

  /** An assignment with the given reduction; see {@link #of(int, int[][])}. */
  public static LabelAssignment of(int sources, int[][] assigned, Reduction reduction) {
    Problem.givenEach(assigned, "LabelAssignment.of", "assigned");
    Problem.given(reduction, "LabelAssignment.of", "reduction");
    if (assigned.length == 0) {
      throw Problem.argument(
          "label mapping without targets",
          "LabelAssignment.of",
          "at least 1 target",
          0,
          "pass the number of classes of the data set");
    }
    Set<Integer> used = new HashSet<>();
    for (int t = 0; t < assigned.length; t++) {
      if (assigned[t].length != assigned[0].length || assigned[t].length == 0) {
        throw Problem.argument(
            "label mapping with uneven targets",
            "target " + t,
            Math.max(1, assigned[0].length) + " sources",
            assigned[t].length,
            "give every target as many sources");
      }
      for (int source : assigned[t]) {
        if (source < 0 || source >= sources) {
          throw Problem.argument(
              "label mapping names an unknown source",
              "target " + t,
              "0 to " + (sources - 1),
              source,
              "the network has " + sources + " outputs");
        }
        if (!used.add(source)) {
          throw Problem.argument(
              "label mapping uses a source twice",
              "target " + t,
              "a source of its own",
              source,
              "share no source between targets");
        }
      }
    }
    int[][] copy = Arrays.stream(assigned).map(int[]::clone).toArray(int[][]::new);
    return new LabelAssignment(sources, copy, reduction);
  }

  /** Number of source logits. */
  public int sources() {
    return sources;
  }

  /** Number of target classes. */
  public int targets() {
    return assigned.length;
  }

  /** Sources of a target, in order of assignment. */
  public List<Integer> sourcesOf(int target) {
    return Arrays.stream(assigned[target]).boxed().toList();
  }

  /** The table target -> sources; a copy. */
  public int[][] toArray() {
    return Arrays.stream(assigned).map(int[]::clone).toArray(int[][]::new);
  }

  /** How several sources become one logit. */
  public Reduction reduction() {
    return reduction;
  }

  /** Sources that stand for no target, ascending: their head rows get no gradient from data. */
  public List<Integer> unmapped() {
    Set<Integer> used = new HashSet<>();
    for (int[] row : assigned) {
      Arrays.stream(row).forEach(used::add);
    }
    List<Integer> rest = new ArrayList<>();
    for (int s = 0; s < sources; s++) {
      if (!used.contains(s)) {
        rest.add(s);
      }
    }
    return rest;
  }

  private boolean isIdentity() {
    return sources == assigned.length
        && assigned[0].length == 1
        && IntStream.range(0, sources).allMatch(t -> assigned[t][0] == t);
  }

  /**
   * Target logits (batch, T) from source logits (batch, S); differentiable.
   *
   * @throws IllegalArgumentException if the logits are not (batch, S)
   */
  public NDArray apply(NDArray logits) {
    Problem.given(logits, "LabelAssignment.apply", "logits");
    if (logits.getShape().dimension() != 2 || logits.getShape().get(1) != sources) {
      throw Problem.argument(
          "logits do not fit the label mapping",
          "LabelAssignment.apply",
          "(batch, " + sources + ")",
          logits.getShape(),
          "use the mapping made for this network");
    }
    if (isIdentity()) {
      return logits;
    }
    int perTarget = assigned[0].length;
    NDList slots = new NDList(perTarget);
    NDManager manager = logits.getManager();
    for (int k = 0; k < perTarget; k++) {
      long[] column = new long[assigned.length];
      for (int t = 0; t < column.length; t++) {
        column[t] = assigned[t][k];
      }
      slots.add(logits.get(new NDIndex(":, {}", manager.create(column))));
    }
    if (perTarget == 1) {
      return slots.get(0);
    }
    NDArray stacked = NDArrays.stack(slots, 2);
    return switch (reduction) {
      case MEAN -> stacked.mean(new int[] {2});
      case MAX -> stacked.max(new int[] {2});
      case LOGSUMEXP -> {
        NDArray top = stacked.max(new int[] {2}, true).stopGradient();
        yield stacked.sub(top).exp().sum(new int[] {2}).log().add(top.squeeze(2));
      }
    };
  }

  /**
   * Target logits of one image from its source logits, without any engine.
   *
   * @throws IllegalArgumentException if these are not as many as the sources
   */
  public float[] apply(float[] logits) {
    Problem.given(logits, "LabelAssignment.apply", "logits");
    if (logits.length != sources) {
      throw Problem.argument(
          "logits do not fit the label mapping",
          "LabelAssignment.apply",
          sources + " logits",
          logits.length,
          "use the mapping made for this network");
    }
    float[] result = new float[assigned.length];
    for (int t = 0; t < result.length; t++) {
      result[t] = (float) reduced(logits, assigned[t]);
    }
    return result;
  }

  private double reduced(float[] logits, int[] slots) {
    double top = Double.NEGATIVE_INFINITY;
    double sum = 0;
    for (int source : slots) {
      top = Math.max(top, logits[source]);
      sum += logits[source];
    }
    if (slots.length == 1 || reduction == Reduction.MAX) {
      return top;
    }
    if (reduction == Reduction.MEAN) {
      return sum / slots.length;
    }
    double exponentials = 0;
    for (int source : slots) {
      exponentials += Math.exp(logits[source] - top);
    }
    return Math.log(exponentials) + top;
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof LabelAssignment other
        && sources == other.sources
        && reduction == other.reduction
        && Arrays.deepEquals(assigned, other.assigned);
  }

  @Override
  public int hashCode() {
    return 31 * sources + Arrays.deepHashCode(assigned);
  }

  @Override
  public String toString() {
    return Arrays.deepToString(assigned)
        + (assigned[0].length > 1 ? " " + reduction.name().toLowerCase(Locale.ROOT) : "");
  }
}
