package org.vpns.internal.network;

import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import java.util.HashMap;
import java.util.Map;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;

/**
 * What of a network is frozen. A graph knows what learned when it was made; what was frozen since
 * then only the block's parameters know.
 */
public final class FrozenParameters {
  private FrozenParameters() {}

  /** Freezes what is frozen in another block under the same path, and sets free what is not. */
  public static void copy(Block from, Block to) {
    Map<String, Parameter> known = new HashMap<>();
    for (NamedParameter p : ParameterPaths.of(from)) {
      known.put(p.path(), p.parameter());
    }
    for (NamedParameter p : ParameterPaths.of(to)) {
      Parameter same = known.get(p.path());
      if (same != null
          && !p.isStatistic()
          && same.requiresGradient() != p.parameter().requiresGradient()) {
        p.parameter().freeze(!same.requiresGradient());
      }
    }
  }
}
