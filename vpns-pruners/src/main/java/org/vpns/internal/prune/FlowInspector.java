package org.vpns.internal.prune;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import java.util.Optional;
import org.vpns.MaskSet;
import org.vpns.internal.network.MaskInspector;
import org.vpns.score.LayerCollapse;

/** Tells runs of {@link LayerCollapse}; does not understand networks that cannot be traced. */
public final class FlowInspector implements MaskInspector {
  /** For the service loader. */
  public FlowInspector() {}

  @Override
  public Optional<Findings> inspect(Block block, Shape input, MaskSet masks) {
    try {
      LayerCollapse collapse = LayerCollapse.of(block, input, masks);
      return Optional.of(new Findings(collapse.isCollapsed(), collapse.sentences()));
    } catch (RuntimeException e) {
      // no graph, or an operator that the engine cannot run in double precision
      return Optional.empty();
    }
  }
}
