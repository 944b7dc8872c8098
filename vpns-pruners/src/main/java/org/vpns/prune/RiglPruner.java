package org.vpns.prune;

import org.vpns.Sparsity;
import org.vpns.train.MaskRule;

/**
 * RigL (Evci et al. 2020, "Rigging the lottery"): sparse from the first step; now and then the
 * smallest weights give way to those that the loss calls for, each parameter keeping its number.
 *
 * <pre>
 * step t = dT, 2 dT, ... &lt; T_end:  k = floor(f(t) nnz),  f(t) = alpha / 2 (1 + cos(pi t / T_end))
 *     drop the k active weights of smallest |theta|,
 *     grow the k inactive ones of largest |dL/dw|, from theta = 0 and moments 0
 * other steps:  min over theta of L(f(m * theta))
 * </pre>
 *
 * <p>ITOP, in-time over-parameterisation (Liu et al. 2021, "Do we actually need dense
 * over-parameterization?"), is the same so often that in the course of training many more weights
 * are tried than the network holds at any time; in one of its forms it grows at random ({@link
 * #growAtRandom()}).
 *
 * <p>Defaults: random start with ERK densities; those of {@link TunedPruner}. The record of the
 * stage tells R_s, the fraction of weights ever active.
 */
public final class RiglPruner extends SparsePruner<RiglPruner> {
  private final String name;
  private double alpha = 0.3;
  private long every;
  private double until = 0.75;
  private Growth growth = Growth.GRADIENT;
  private boolean released;

  RiglPruner(String name, long every) {
    this.name = name;
    this.every = every;
  }

  /** First fraction dropped, above 0 and below 1; default 0.3. */
  public RiglPruner alpha(double newAlpha) {
    return with(p -> p.alpha = newAlpha);
  }

  /** dT, steps from one movement to the next, at least 1; default 100, of ITOP 10. */
  public RiglPruner every(long steps) {
    return with(p -> p.every = steps);
  }

  /** T_end as a fraction of all steps, above 0, at most 1; default 0.75. */
  public RiglPruner until(double fraction) {
    return with(p -> p.until = fraction);
  }

  /**
   * Grows any weights but those just dropped, and the step goes on. By default those of largest
   * gradient on the batch at hand grow, just dropped ones not excepted, in place of that step's
   * update.
   */
  public RiglPruner growAtRandom() {
    return with(p -> p.growth = Growth.RANDOM);
  }

  /**
   * The form of the published code: a weight that is dropped and grown in one movement keeps its
   * value and moments.
   */
  public RiglPruner released() {
    return with(p -> p.released = true);
  }

  @Override
  public String name() {
    return name + (released ? " (released)" : "");
  }

  @Override
  protected MaskRule mask(Sparsity sparsity) {
    return new Regrowth(
        start(sparsity), Pace.cosine(alpha, every, until), false, growth, initialised, released);
  }
}
