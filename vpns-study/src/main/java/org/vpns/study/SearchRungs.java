package org.vpns.study;

import com.google.common.math.LongMath;
import java.util.ArrayList;
import java.util.List;

/**
 * The rungs of successive halving: lengths of runs, and how many candidates are run at each, the
 * shortest first. Of n candidates n / r go on to runs r times as long, down to one, which is run at
 * full length.
 */
record SearchRungs(List<Rung> rungs) {
  /**
   * Runs of one length.
   *
   * @param steps gradient steps of each
   * @param candidates that are run
   */
  record Rung(long steps, int candidates) {
    long cost() {
      return LongMath.saturatedMultiply(steps, candidates);
    }
  }

  /** What lengths there are. */
  record Ladder(long full, long shortest, int reduction) {
    /** Full length, and shorter ones down to the shortest. */
    List<Long> lengths() {
      List<Long> lengths = new ArrayList<>(List.of(full));
      for (long next = full / reduction; next >= shortest; next /= reduction) {
        lengths.add(next);
      }
      return lengths;
    }
  }

  /**
   * As few rungs as a budget allows: one, which is grid search, if all candidates can be run at
   * full length; more, if that takes shorter runs first; with all of them, as many candidates as
   * there is room for, none if not even one has it.
   *
   * @param candidates at least 1
   * @param budget gradient steps
   */
  static SearchRungs within(long budget, int candidates, Ladder ladder) {
    List<Long> lengths = ladder.lengths();
    for (int rungs = 1; rungs <= lengths.size(); rungs++) {
      SearchRungs whole = of(candidates, lengths.subList(0, rungs), ladder.reduction());
      if (whole.cost() <= budget) {
        return whole;
      }
    }
    int room = 0;
    int below = candidates;
    while (room + 1 < below) { // cost grows with the candidates
      int middle = (room + below) >>> 1;
      if (of(middle, lengths, ladder.reduction()).cost() <= budget) {
        room = middle;
      } else {
        below = middle;
      }
    }
    return room == 0 ? new SearchRungs(List.of()) : of(room, lengths, ladder.reduction());
  }

  /** All rungs, whatever they cost. */
  static SearchRungs all(int candidates, Ladder ladder) {
    return of(candidates, ladder.lengths(), ladder.reduction());
  }

  private static SearchRungs of(int candidates, List<Long> lengths, int reduction) {
    List<Rung> rungs = new ArrayList<>();
    int left = candidates;
    for (int i = lengths.size() - 1; i >= 0; i--) {
      boolean last = i == 0;
      if (last || left > 1) { // one alone needs no choice
        rungs.add(new Rung(lengths.get(i), left));
        left = last ? left : Math.max(1, left / reduction);
      }
    }
    return new SearchRungs(List.copyOf(rungs));
  }

  /** Gradient steps of all runs. */
  long cost() {
    return rungs.stream().mapToLong(Rung::cost).reduce(0, LongMath::saturatedAdd);
  }

  /** Candidates of the first rung. */
  int candidates() {
    return rungs.isEmpty() ? 0 : rungs.get(0).candidates();
  }
}
