package org.vpns;

/**
 * Who spends the budget: turns scores into masks. Larger score first, then lower position
 * (parameter order, then flat index), so that the count is exact even when scores tie.
 */
public interface Allocation {
  /**
   * Selects the weights to keep.
   *
   * @throws IllegalArgumentException if a score is NaN (named), or the budget cannot be met
   */
  MaskSet allocate(Scores scores, Sparsity sparsity);

  /**
   * Selects among survivors alone, so that the masks of successive calls nest: weights that are
   * already removed rank below everything ({@link Scores#nested}).
   *
   * @param survivors the mask so far
   * @throws IllegalArgumentException as {@link #allocate}, and if a parameter is to keep more than
   *     survives of it, as happens when the sparsity falls between two calls
   */
  default MaskSet allocateWithin(MaskSet survivors, Scores scores, Sparsity sparsity) {
    Problem.given(survivors, "Allocation.allocateWithin", "survivors");
    Problem.given(scores, "Allocation.allocateWithin", "scores");
    Problem.given(sparsity, "Allocation.allocateWithin", "sparsity");
    MaskSet masks =
        Problem.given(
            allocate(scores.nested(survivors), sparsity),
            describe() + " at sparsity " + sparsity,
            "what Allocation.allocate gives");
    scores
        .layout()
        .requireSame(
            "masks of another network", describe() + " at sparsity " + sparsity, masks.layout());
    masks
        .asMap()
        .forEach(
            (path, mask) -> {
              if (mask.andNot(survivors.get(path)).kept() > 0) {
                throw Problem.argument(
                    "removed weights would return",
                    path + ", " + describe() + " at sparsity " + sparsity,
                    "at most " + survivors.get(path).kept() + " weights to keep",
                    mask.kept(),
                    "raise the sparsity from one selection to the next");
              }
            });
    return masks;
  }

  /** Name and options, such as {@code global} or {@code per-layer(floor 1)}. */
  String describe();
}
