package org.vpns.allocate;

import java.util.Set;
import org.vpns.Layout;
import org.vpns.Problem;

/** Values that a user gives for each parameter. */
final class PerPath {
  private PerPath() {}

  /** Refuses unknown and missing paths. */
  static void requireSame(Layout layout, Set<String> paths, String what) {
    paths.forEach(layout::indexOf);
    for (String path : layout.paths()) {
      if (!paths.contains(path)) {
        throw Problem.argument(
            what + " missing",
            path,
            "one for each of " + layout.tensors() + " parameters",
            paths.size() + ", none of this name",
            "name every prunable parameter");
      }
    }
  }
}
