package org.vpns.internal.prune;

import com.google.common.collect.ImmutableMap;
import java.util.Map;
import java.util.function.Supplier;
import org.vpns.allocate.Allocations;
import org.vpns.plugin.PrunerProvider;
import org.vpns.prune.Pruners;
import org.vpns.train.Pruner;

/** The methods of this module by name. */
public final class StandardPrunerProvider implements PrunerProvider {
  /** For the service loader. */
  public StandardPrunerProvider() {}

  @Override
  public Map<String, Supplier<Pruner>> pruners() {
    return ImmutableMap.<String, Supplier<Pruner>>builder()
        .put("random", Pruners::random)
        .put("random-bernoulli", Pruners::bernoulli)
        .put("random-erk", () -> Pruners.layerwiseRandom(Allocations.erk()))
        .put("omp", Pruners::magnitude)
        .put("lottery", Pruners::lottery)
        .put("snip", Pruners::snip)
        .put("grasp", Pruners::grasp)
        .put("synflow", Pruners::synFlow)
        .put("gradual", Pruners::gradual)
        .put("set", Pruners::set)
        .put("rigl", Pruners::rigl)
        .put("itop", Pruners::itop)
        .put("bip", Pruners::bip)
        .put("hydra", Pruners::hydra)
        .put("vpns", Pruners::vpns)
        .put("vpns-alternating", () -> Pruners.vpns().alternating())
        .buildOrThrow();
  }
}
