package org.vpns.internal.graph;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import java.util.Optional;
import org.vpns.MaskSet;
import org.vpns.graph.LayerTable;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.internal.network.MultiplyAdds;

/** Counts those of every block that {@link BlockTracer} understands. */
public final class GraphMultiplyAdds implements MultiplyAdds {
  /** For the service loader. */
  public GraphMultiplyAdds() {}

  @Override
  public Optional<Count> count(Block block, Shape input, MaskSet masks) {
    try {
      LayerTable table = LayerTable.of(BlockTracer.trace(block, input), masks);
      return Optional.of(new Count(table.macs(), table.keptMacs()));
    } catch (RuntimeException e) {
      // no graph; a run does not end over a figure
      return Optional.empty();
    }
  }
}
