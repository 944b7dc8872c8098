package org.vpns.examples.bench;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import java.util.List;
import org.vpns.examples.EngineSettings;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.model.DenseNets;
import org.vpns.model.MobileNets;
import org.vpns.model.NetworkPlan;
import org.vpns.model.ResNets;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.ChannelUnit;
import org.vpns.structured.plan.ChannelBudget;
import org.vpns.structured.plan.ChannelPlan;
import org.vpns.structured.plan.ChannelSelection;
import org.vpns.structured.score.ChannelContext;
import org.vpns.structured.score.Importances;

/**
 * What it costs to take half of the channels out of a network, from its block to the smaller
 * network, against forward passes of one image. Decides whether plans can be tried one after the
 * other.
 */
public final class ChannelCost {
  private ChannelCost() {}

  /** Arguments: repetitions (5). */
  public static void main(String[] args) {
    EngineSettings.apply();
    int repetitions = args.length > 0 ? Integer.parseInt(args[0]) : 5;
    for (NetworkPlan plan :
        List.of(ResNets.resnet18(), ResNets.resnet50(), MobileNets.v2(), DenseNets.densenet121())) {
      measure(plan, repetitions);
    }
  }

  private static void measure(NetworkPlan plan, int repetitions) {
    Shape image = plan.inputShape().slice(1);
    try (Model model = plan.newModel(plan.name(), 1)) {
      Block block = model.getBlock();
      NDManager manager = model.getNDManager();
      NDArray x = manager.randomNormal(new Shape(1).addAll(image));
      NetworkValues network = BlockTracer.network(block, image);
      ChannelGroups groups = ChannelGroups.of(network.graph());
      List<ChannelUnit> half = half(groups);
      new Interleaved()
          .add("forward pass, 1 image", () -> forward(block, x, manager))
          .add("trace and verify", () -> BlockTracer.trace(block, image))
          .add("groups", () -> ChannelGroups.of(network.graph()))
          .add("what half of them would cost", () -> groups.removal(network, half).graph())
          .add("removal of half of them", () -> remove(groups, network, half, manager))
          .add("plan for half of the multiply-adds", () -> plan(network))
          .add("trace, plan and removal", () -> all(block, image, manager))
          .run(plan.name() + " " + image, 1, repetitions);
    }
  }

  /** The second half of each group. */
  private static List<ChannelUnit> half(ChannelGroups groups) {
    return groups.groups().stream()
        .flatMap(group -> group.free().stream().skip((group.free().size() + 1) / 2))
        .toList();
  }

  private static void all(Block block, Shape image, NDManager manager) {
    NetworkValues network = BlockTracer.network(block, image);
    ChannelPlan plan = plan(network);
    try (NDManager scope = manager.newSubManager()) {
      plan.apply(network, scope);
    }
  }

  /** Groups, their L2 norms, and a selection under a budget, each group the same share. */
  private static ChannelPlan plan(NetworkValues network) {
    ChannelGroups groups = ChannelGroups.of(network.graph());
    return ChannelSelection.of(ChannelBudget.macs(0.5))
        .plan(Importances.l2().score(ChannelContext.of(network, groups).seed(1)));
  }

  private static void remove(
      ChannelGroups groups, NetworkValues network, List<ChannelUnit> units, NDManager owner) {
    try (NDManager scope = owner.newSubManager()) {
      groups.removal(network, units).apply(scope);
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
