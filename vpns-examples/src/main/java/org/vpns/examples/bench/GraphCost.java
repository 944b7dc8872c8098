package org.vpns.examples.bench;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import java.util.List;
import org.vpns.graph.GraphBlock;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.model.DenseNets;
import org.vpns.model.MobileNets;
import org.vpns.model.NetworkPlan;
import org.vpns.model.ResNets;

/**
 * What it costs to run a network by its graph instead of its block: forward passes of both in turn,
 * and how long the trace takes. Decides whether graphs can be deployed.
 */
public final class GraphCost {
  private GraphCost() {}

  /** Arguments: repetitions (21). */
  public static void main(String[] args) {
    int repetitions = args.length > 0 ? Integer.parseInt(args[0]) : 21;
    for (NetworkPlan plan :
        List.of(
            ResNets.cifar20(),
            ResNets.cifar56(),
            ResNets.resnet18(),
            MobileNets.v2(),
            DenseNets.densenet121())) {
      for (int batch : new int[] {1, 16}) {
        measure(plan, batch, repetitions);
      }
    }
  }

  private static void measure(NetworkPlan plan, int batch, int repetitions) {
    Shape image = plan.inputShape().slice(1);
    try (Model model = plan.newModel(plan.name(), 1)) {
      Block block = model.getBlock();
      NDManager manager = model.getNDManager();
      GraphBlock graph = BlockTracer.graphBlock(block, manager, image);
      NDArray x = manager.randomNormal(new Shape(batch).addAll(image));
      Interleaved work =
          new Interleaved()
              .add("block", () -> forward(block, x, manager))
              .add("graph", () -> forward(graph, x, manager));
      if (batch == 1) {
        work.add("trace and verify (15 images)", () -> BlockTracer.trace(block, image));
      }
      work.run(plan.name() + " " + image + ", batch " + batch, 5, repetitions);
    }
  }

  private static void forward(Block block, NDArray x, NDManager owner) {
    try (NDManager scope = owner.newSubManager()) {
      NDArray input = x.stopGradient();
      input.attach(scope);
      block.forward(new ParameterStore(scope, false), new NDList(input), false);
    }
  }
}
