package org.vpns.plugin;

import java.util.Map;
import java.util.function.Supplier;
import org.vpns.train.Pruner;

/**
 * Brings pruning methods under names. A module lists its provider in {@code
 * META-INF/services/org.vpns.plugin.PrunerProvider}; {@link NamedPruners} then finds its methods.
 */
public interface PrunerProvider {
  /**
   * Factories by name: lower-case letters, digits and hyphens, such as {@code vpns-alternating}.
   * Each makes the method with its defaults.
   */
  Map<String, Supplier<Pruner>> pruners();
}
