package org.vpns;

import java.util.stream.IntStream;

/**
 * How a mask rule spends its budget, with both parts checked: what other authors' scorers and
 * allocations hand over is compared with the network.
 *
 * @param scorer who scores, in words
 * @param allocation who selects
 * @param sparsity fraction removed
 */
public record MaskSelection(String scorer, Allocation allocation, Sparsity sparsity) {

  /**
   * Selects, and tells the context.
   *
   * @param scores of the network's weights
   * @param among what may stay; the rest stays removed
   * @param moment which of several selections; may be empty
   * @throws IllegalArgumentException if the scores or the masks belong to another network, a score
   *     is NaN, or more is kept than the sparsity allows if it is rounded in each parameter
   */
  public MaskSet choose(ScoringContext context, Scores scores, MaskSet among, String moment) {
    Layout layout = context.layout();
    String where = moment.isEmpty() ? scorer : scorer + ", " + moment;
    layout.requireSame("scores of another network", where, scores.layout());
    MaskSet kept = allocation.allocateWithin(among, scores, sparsity);
    String spent = allocation.describe() + " at sparsity " + sparsity;
    layout.requireSame("masks of another network", spent, kept.layout());
    long most = mostKept(layout, sparsity);
    if (kept.kept() > most) {
      throw Problem.argument(
          "more weights kept than the sparsity allows",
          spent,
          "at most " + most + " of " + layout.size(),
          kept.kept(),
          "let the allocation keep Sparsity.keep(n) of n weights or fewer");
    }
    context.chosen(new Choice(scorer, scores, among, kept, moment));
    return kept;
  }

  /**
   * The most weights that a selection keeps: a sparsity per parameter is rounded in each, always in
   * favour of weights kept.
   */
  public static long mostKept(Layout layout, Sparsity sparsity) {
    return IntStream.range(0, layout.tensors()).mapToLong(i -> sparsity.keep(layout.size(i))).sum();
  }
}
