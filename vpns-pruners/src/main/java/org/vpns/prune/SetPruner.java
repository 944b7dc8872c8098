package org.vpns.prune;

import org.vpns.Sparsity;
import org.vpns.train.MaskRule;

/**
 * SET, sparse evolutionary training (Mocanu et al. 2018, "Scalable training of artificial neural
 * networks with adaptive sparse connectivity"): sparse from the first step; between epochs the
 * weights nearest to zero give way to random others, each parameter keeping its number.
 *
 * <pre>
 * after each epoch but the last:
 *     drop the ceil(zeta n+) smallest positive weights, the ceil(zeta n-) negative ones closest to
 *     zero, and those at zero; grow as many, at random, where none was, from theta = 0
 * </pre>
 *
 * <p>Defaults: random start with ERK densities; those of {@link TunedPruner}. The record of the
 * stage tells the fraction of weights ever active.
 */
public final class SetPruner extends SparsePruner<SetPruner> {
  private double zeta = 0.3;

  SetPruner() {}

  /** Fraction dropped after each epoch, above 0 and below 1; default 0.3. */
  public SetPruner zeta(double newZeta) {
    return with(p -> p.zeta = newZeta);
  }

  @Override
  public String name() {
    return "SET";
  }

  @Override
  protected MaskRule mask(Sparsity sparsity) {
    return new Regrowth(
        start(sparsity), Pace.perEpoch(zeta), true, Growth.RANDOM, initialised, false);
  }
}
