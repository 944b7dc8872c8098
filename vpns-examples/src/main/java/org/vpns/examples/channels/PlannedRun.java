package org.vpns.examples.channels;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Map;
import org.vpns.Sparsity;
import org.vpns.examples.OutcomeRun;
import org.vpns.graph.GraphBlock;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.latency.Latency;
import org.vpns.onnx.OnnxRuntime;
import org.vpns.predict.PrunedModel;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.plan.ChannelPlan;
import org.vpns.structured.plan.ChannelSelection;
import org.vpns.structured.score.ChannelContext;
import org.vpns.structured.score.ChannelImportance;
import org.vpns.train.Recipe;
import org.vpns.train.Trainer;

/**
 * Channels leave a trained network at once, then what is left is tuned.
 *
 * @param method its name
 * @param sparsity share of the multiply-adds that leaves
 * @param recipe of the tuning
 * @param image shape of one
 * @param importance which channels matter
 * @param selection how many leave
 */
record PlannedRun(
    String method,
    Sparsity sparsity,
    Recipe recipe,
    Shape image,
    ChannelImportance importance,
    ChannelSelection selection)
    implements OutcomeRun<ChannelOutcome> {
  @Override
  public Map<String, String> choices() {
    return Map.of("channels", importance.describe() + "; " + selection.describe());
  }

  @Override
  public Class<ChannelOutcome> outcome() {
    return ChannelOutcome.class;
  }

  @Override
  public String line(ChannelOutcome result) {
    return result.line();
  }

  @Override
  public ChannelOutcome run(Place place) {
    NetworkValues dense = BlockTracer.network(place.network().getBlock(), image);
    ChannelGroups groups = ChannelGroups.of(dense.graph());
    ChannelPlan plan =
        selection.plan(importance.score(ChannelContext.of(dense, groups).seed(seed())));
    Trainer trainer =
        Trainer.of(recipe).listener(place.listener()).checkpoints(place.checkpoints()).resume();
    try (Model smaller = plan.apply(place.network())) {
      NetworkValues rest = ((GraphBlock) smaller.getBlock()).network();
      double[] times = Latency.of(OnnxRuntime.standard()).milliseconds(List.of(dense, rest));
      try (PrunedModel tuned = trainer.fit(smaller, place.images())) {
        return ChannelOutcome.of(this, plan, List.of(tuned.report()), times);
      }
    }
  }
}
