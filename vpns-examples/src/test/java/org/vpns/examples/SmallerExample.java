package org.vpns.examples;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Path;
import org.vpns.ImageInput;
import org.vpns.Sparsity;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.latency.Latency;
import org.vpns.onnx.Onnx;
import org.vpns.onnx.OnnxRuntime;
import org.vpns.predict.PrunedModel;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.ChannelScores;
import org.vpns.structured.plan.ChannelBudget;
import org.vpns.structured.plan.ChannelPlan;
import org.vpns.structured.plan.ChannelSelection;
import org.vpns.structured.plan.LatencySearch;
import org.vpns.structured.score.ChannelContext;
import org.vpns.structured.score.Importances;
import org.vpns.train.ImageSets;
import org.vpns.train.Length;
import org.vpns.train.Recipe;
import org.vpns.train.Stage;
import org.vpns.train.Trainer;

/** Code of the guide "make my network smaller and faster". */
final class SmallerExample {
  private SmallerExample() {}

  /** The whole guide; gives the plan. */
  static ChannelPlan run(Model model, ImageInput input, ImageSets images, Path folder)
      throws IOException {
    // README: plan
    NetworkValues network = BlockTracer.network(model.getBlock(), new Shape(3, 32, 32));
    ChannelGroups groups = ChannelGroups.of(network.graph());
    ChannelScores scores = Importances.l2().score(ChannelContext.of(network, groups));
    ChannelSelection selection = ChannelSelection.of(ChannelBudget.macs(0.5)).roundTo(4);
    ChannelPlan plan = selection.plan(scores);
    System.out.println(plan);
    // README: end
    // README: apply
    try (Model smaller = plan.apply(model)) {
      Stage tune = Stage.tuning(Stage.Motion.OF_WEIGHTS, Length.epochs(1)).build();
      Recipe recipe = Recipe.of("tuned", Sparsity.DENSE, tune).input(input).build();
      try (PrunedModel tuned = Trainer.of(recipe).fit(smaller, images)) {
        System.out.println(tuned.report().dense() + " => " + tuned.report().tuned());
        Onnx.write(tuned, folder.resolve("smaller.onnx"));
      }
    }
    // README: end
    // README: time
    Latency latency = Latency.of(OnnxRuntime.standard().threads(1));
    LatencySearch search = LatencySearch.of(latency, network, groups);
    LatencySearch.Found found = search.plan(selection, scores, 5.0);
    System.out.println(found.before() + " => " + found.after() + " ms");
    // README: end
    return plan;
  }
}
