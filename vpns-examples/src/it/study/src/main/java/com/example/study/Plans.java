package com.example.study;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.vpns.MaskSet;
import org.vpns.Sparsity;
import org.vpns.graph.GraphNode;
import org.vpns.graph.GraphParameter;
import org.vpns.graph.ModelGraph;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.predict.PrunedModel;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.ChannelScores;
import org.vpns.structured.ChannelUnit;
import org.vpns.structured.ChannelWidth;
import org.vpns.structured.plan.ChannelBudget;
import org.vpns.structured.plan.ChannelPlan;
import org.vpns.structured.plan.ChannelSelection;
import org.vpns.structured.plan.LayerwiseCost;
import org.vpns.structured.plan.NetworkCost;
import org.vpns.structured.plan.SliceMap;

/** Plans which channels leave, under costs of the library and of its own. */
final class Plans {
  private Plans() {}

  /** Kernels that are read from memory: one for every 64 bytes of a weight. */
  private record Lines() implements LayerwiseCost {
    @Override
    public String name() {
      return "lines";
    }

    @Override
    public double of(GraphParameter parameter, Shape shape) {
      return Math.ceil(shape.size() / 16.0);
    }
  }

  /** The largest tensor between two layers, for one image. */
  private record Largest() implements NetworkCost {
    @Override
    public String name() {
      return "values at once";
    }

    @Override
    public double of(ModelGraph graph) {
      double largest = 0;
      for (GraphNode node : graph.nodes()) {
        for (Shape made : graph.outputShapes(node)) {
          largest = Math.max(largest, made.slice(1).size());
        }
      }
      return largest;
    }
  }

  /** A sparse network loses channels, in one step and in three; its masks are cut alike. */
  static void of(PrunedModel pruned, Path out) throws IOException {
    Model model = pruned.model();
    try (NDManager manager = model.getNDManager().newSubManager()) {
      NetworkValues network = BlockTracer.network(model.getBlock(), new Shape(3, 16, 16));
      ChannelGroups groups = ChannelGroups.of(network.graph());
      for (ChannelWidth width : groups.widths().subList(0, 3)) {
        System.out.println(width.where() + ": " + width.length());
      }
      ChannelSelection half =
          ChannelSelection.of(ChannelBudget.macs(0.5)).roundTo(4).minKeep("conv1", 8);
      ChannelPlan plan = half.plan(scores(groups));
      System.out.println(plan);
      Path file = out.resolve("half.json");
      plan.save(file);
      try (Model smaller = ChannelPlan.load(file).apply(model)) {
        SliceMap slices = plan.slices(network.graph());
        MaskSet masks = slices.cut(pruned.masks());
        masks.applyTo(smaller);
        System.out.println(slices + ", " + masks);
      }
      List<ChannelBudget> others =
          List.of(
              ChannelBudget.parameters(0.6),
              ChannelBudget.bytes("200kB"),
              ChannelBudget.channels(Sparsity.of(0.3)),
              ChannelBudget.of(new Lines(), 0.7),
              ChannelBudget.of(new Largest(), 1));
      for (ChannelBudget budget : others) {
        System.out.println(budget + ": " + half.budget(budget).plan(scores(groups)).after());
      }
      inSteps(network, groups, manager);
    }
  }

  /** A tenth of the channels after the other, with scores of what is left. */
  private static void inSteps(NetworkValues whole, ChannelGroups groups, NDManager manager) {
    NetworkValues network = whole;
    for (int tenths : IntStream.rangeClosed(1, 3).toArray()) {
      ChannelPlan plan =
          ChannelSelection.of(ChannelBudget.channels(Sparsity.of(tenths / 10.0)))
              .isomorphic()
              .reference(groups)
              .plan(scores(ChannelGroups.of(network.graph())));
      network = plan.apply(network, manager);
      System.out.println(plan.asked() + ", " + plan.obtained());
    }
  }

  /** The last channels of each group matter least. */
  private static ChannelScores scores(ChannelGroups groups) {
    return ChannelScores.of(
        groups,
        (ChannelUnit unit) -> 1.0 - (double) unit.number() / size(groups, unit));
  }

  private static int size(ChannelGroups groups, ChannelUnit unit) {
    return groups.groups().get(unit.group()).units().size();
  }
}
