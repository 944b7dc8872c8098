package org.vpns.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.vpns.NamedParameter;
import org.vpns.Problem;
import org.vpns.internal.network.Network;

/** What the reader of a report must know of frozen parameters. */
final class FrozenWords {
  private static final int MAX_LISTED = 8;

  private FrozenWords() {}

  /** Which parameters stay as they are; empty if none is frozen. */
  static Optional<String> of(Network network) {
    List<String> held = new ArrayList<>();
    List<String> pruned = new ArrayList<>();
    for (NamedParameter p : network.paths().frozen()) {
      (network.layout().contains(p.path()) ? pruned : held).add(p.path());
    }
    List<String> parts = new ArrayList<>();
    add(parts, held, "neither pruned nor trained");
    add(parts, pruned, "pruned, but not trained");
    return parts.isEmpty()
        ? Optional.empty()
        : Optional.of("frozen parameters stay as they are: " + String.join("; ", parts));
  }

  private static void add(List<String> parts, List<String> paths, String what) {
    if (!paths.isEmpty()) {
      parts.add(paths.size() + " " + what + " (" + Problem.listed(paths, MAX_LISTED) + ")");
    }
  }
}
