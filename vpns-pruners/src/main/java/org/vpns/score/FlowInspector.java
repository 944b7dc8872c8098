package org.vpns.score;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import java.util.List;
import org.vpns.MaskSet;
import org.vpns.spi.MaskInspector;

/** Tells of {@link LayerCollapse} at the end of every run; says nothing of untraceable networks. */
public final class FlowInspector implements MaskInspector {
  /** For the service loader. */
  public FlowInspector() {}

  @Override
  public List<String> inspect(Block block, Shape input, MaskSet masks) {
    try {
      return LayerCollapse.of(block, input, masks).sentences();
    } catch (RuntimeException e) {
      // no graph, or an operator that the engine cannot run in double precision: there is nothing
      // to say about such a network, and a run that has succeeded must not fail here
      return List.of();
    }
  }
}
