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
import org.vpns.structured.prune.ChannelReport;
import org.vpns.structured.prune.ChannelRun;
import org.vpns.structured.prune.ChannelTrainer;
import org.vpns.train.Recipe;

/**
 * A method that finds channels by training; both networks are timed in turn at the end of its run.
 *
 * @param method its name
 * @param sparsity share of the channels that leave
 * @param recipe of the trainer
 * @param choice which channels leave, in words
 * @param trainer runs it
 */
record ChannelMethodRun(
    String method, Sparsity sparsity, Recipe recipe, String choice, ChannelTrainer trainer)
    implements OutcomeRun<ChannelOutcome> {
  @Override
  public Map<String, String> choices() {
    return Map.of("channels", choice);
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
    Model model = place.network();
    try (ChannelRun run = fit(place)) {
      NetworkValues dense = BlockTracer.network(model.getBlock(), new Shape(1, 32, 32));
      NetworkValues smaller = ((GraphBlock) run.result().model().getBlock()).network();
      double[] times = Latency.of(OnnxRuntime.standard()).milliseconds(List.of(dense, smaller));
      ChannelReport report = run.report();
      return ChannelOutcome.of(
          this, report.plan(), List.of(report.finding(), report.tuning()), times);
    }
  }

  /** Finds channels, takes them out, tunes the rest. */
  ChannelRun fit(Place place) {
    ChannelTrainer whole =
        trainer.listener(place.listener()).checkpoints(place.checkpoints()).resume();
    return whole.fit(place.network(), place.images());
  }
}
