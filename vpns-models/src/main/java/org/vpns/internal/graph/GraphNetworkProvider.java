package org.vpns.internal.graph;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import java.io.IOException;
import org.vpns.graph.GraphBlock;
import org.vpns.graph.GraphFile;
import org.vpns.graph.GraphParameter;
import org.vpns.graph.ModelGraph;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.internal.network.NetworkProvider;
import org.vpns.internal.network.StoredShapes;

/** Describes networks by their traced graph: every block that {@link BlockTracer} understands. */
public final class GraphNetworkProvider implements NetworkProvider {
  /** For the service loader. */
  public GraphNetworkProvider() {}

  @Override
  public String format() {
    return GraphFile.FORMAT;
  }

  @Override
  public String describe(Block block, Shape image) {
    return block instanceof GraphBlock own
        ? GraphFile.text(own)
        : GraphFile.text(BlockTracer.trace(block, image));
  }

  @Override
  public Block make(NDManager manager, String description, StoredShapes stored) throws IOException {
    ModelGraph graph = GraphFile.graph(description, "network description");
    for (GraphParameter p : graph.parameters()) {
      stored.require(p.path(), p.shape(), "network description");
    }
    return GraphBlock.of(graph, manager);
  }
}
