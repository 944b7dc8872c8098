package org.vpns;

import java.util.stream.IntStream;

/**
 * A selection by scores as a mask rule made it, told to the run ({@link ScoringContext#chosen}),
 * which looks whether it had an effect.
 *
 * @param scorer who scored
 * @param scores its scores
 * @param among what could stay
 * @param kept what stays
 * @param moment which of several selections, such as {@code round 3 of 5}; empty if there is one
 */
public record Choice(String scorer, Scores scores, MaskSet among, MaskSet kept, String moment) {

  /**
   * How a mask rule spends its budget, with both parts checked: what other authors' scorers and
   * allocations hand over is compared with the network.
   *
   * @param scorer who scores, in words
   * @param allocation who selects
   * @param sparsity fraction removed
   */
  public record Rule(String scorer, Allocation allocation, Sparsity sparsity) {

    /**
     * Selects, and tells the context.
     *
     * @param scores of the network's weights
     * @param among what may stay; the rest stays removed
     * @param moment which of several selections; may be empty
     * @throws IllegalArgumentException if the scores or the masks belong to another network, a
     *     score is NaN, or more is kept than the sparsity allows if it is rounded in each parameter
     */
    public MaskSet choose(ScoringContext context, Scores scores, MaskSet among, String moment) {
      String where = moment.isEmpty() ? scorer : scorer + ", " + moment;
      requireSame("scores of another network", where, scores.layout(), context.layout());
      MaskSet kept = allocation.allocateWithin(among, scores, sparsity);
      String spent = allocation.describe() + " at sparsity " + sparsity;
      requireSame("masks of another network", spent, kept.layout(), context.layout());
      Layout layout = context.layout();
      // a sparsity per parameter is rounded in each, always in favour of weights kept
      long budget =
          IntStream.range(0, layout.tensors()).mapToLong(i -> sparsity.keep(layout.size(i))).sum();
      if (kept.kept() > budget) {
        throw Problem.argument(
            "more weights kept than the sparsity allows",
            spent,
            "at most " + budget + " of " + layout.size(),
            kept.kept(),
            "let the allocation keep Sparsity.keep(n) of n weights or fewer");
      }
      context.chosen(new Choice(scorer, scores, among, kept, moment));
      return kept;
    }
  }

  /** Refuses what was made for another network. */
  static void requireSame(String what, String where, Layout found, Layout expected) {
    if (found.equals(expected)) {
      return;
    }
    int i = 0;
    while (i < Math.min(found.tensors(), expected.tensors())
        && found.path(i).equals(expected.path(i))
        && found.shape(i).equals(expected.shape(i))) {
      i++;
    }
    throw Problem.argument(
        what,
        where,
        parameter(expected, i),
        parameter(found, i),
        "make them for the layout of the ScoringContext, in its order");
  }

  private static String parameter(Layout layout, int index) {
    return index < layout.tensors()
        ? layout.path(index) + " " + layout.shape(index) + " as parameter " + (index + 1)
        : layout.tensors() + " parameters";
  }

  /** Whether all candidates scored the same, so that their position alone decided. */
  public boolean isByPositionAlone() {
    return kept.kept() < among.kept() && scores.isLevel(among);
  }
}
