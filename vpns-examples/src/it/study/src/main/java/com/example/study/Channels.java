package com.example.study;

import ai.djl.Model;
import java.nio.file.Path;
import org.vpns.ImageInput;
import org.vpns.Sparsity;
import org.vpns.graph.GraphBlock;
import org.vpns.onnx.Onnx;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.predict.PrunedModel;
import org.vpns.report.ChannelRecord;
import org.vpns.structured.plan.ChannelBudget;
import org.vpns.structured.plan.ChannelPlan;
import org.vpns.structured.plan.ChannelSelection;
import org.vpns.structured.prune.ChannelChoice;
import org.vpns.structured.prune.ChannelPruner;
import org.vpns.structured.prune.ChannelPruners;
import org.vpns.structured.prune.ChannelReport;
import org.vpns.structured.prune.ChannelRun;
import org.vpns.structured.prune.ChannelTrainer;
import org.vpns.structured.score.ChannelImportance;
import org.vpns.structured.score.Importances;
import org.vpns.train.ImageSets;
import org.vpns.train.Length;
import org.vpns.train.Pass;
import org.vpns.train.Recipe;
import org.vpns.train.Stage;
import org.vpns.train.Target;

/** Smaller networks: by learned scores of channels, and by scores that are computed once. */
final class Channels {
  private static final Length STEPS = Length.iterations(3);

  private final Model model;
  private final ImageSets images;
  private final ImageInput input;

  Channels(Model model, ImageSets images, ImageInput input) {
    this.model = model;
    this.images = images;
    this.input = input;
  }

  /** Half of the multiply-adds, by what is learned together with a frame. */
  void learned(Path folder) throws Exception {
    ChannelPruner vpns =
        ChannelPruners.vpns()
            .selection(s -> ChannelSelection.of(ChannelBudget.macs(s.density().doubleValue())))
            .lengths(STEPS, STEPS, STEPS);
    Recipe recipe =
        Recipe.of(vpns, Sparsity.of(0.5))
            .input(input)
            .prompt(Arms.frame())
            .mapping(Arms.mapping())
            .batchSize(16)
            .build();
    try (ChannelRun run = ChannelTrainer.of(recipe).fit(model, images)) {
      ChannelReport report = run.report();
      ChannelPlan plan = report.plan();
      System.out.println(report);
      if (plan.after().macs() > plan.before().macs() / 2) {
        throw new IllegalStateException("more than half of the multiply-adds");
      }
      run.result().save(folder.resolve("channels"));
      try (PrunedModel loaded = PrunedModel.load(folder.resolve("channels"))) {
        ChannelRecord left = loaded.report().channels();
        if (left == null || left.after().macs() != plan.after().macs()) {
          throw new IllegalStateException("the folder does not tell of the channels");
        }
      }
      Onnx.write(run.result(), folder.resolve("channels.onnx"));
    }
  }

  /** A quarter of the channels, those with the least weights after a little training. */
  void scored() {
    Stage train =
        Stage.builder("train")
            .train(Target.WEIGHTS, UpdateRule.sgd(), LearningRate.constant(0.01))
            .pass(Pass.plain())
            .length(STEPS)
            .build();
    Recipe recipe =
        Recipe.of(
                "L2",
                Sparsity.of(0.25),
                train,
                Stage.tuning(Stage.Motion.OF_WEIGHTS, STEPS).build())
            .input(input)
            .batchSize(16)
            .build();
    ChannelImportance importance = Importances.l2();
    ChannelChoice choice =
        ChannelChoice.least(
            importance, ChannelSelection.of(ChannelBudget.channels(recipe.sparsity())));
    try (ChannelRun run = ChannelTrainer.of(recipe).leaving(choice).fit(model, images)) {
      GraphBlock smaller = (GraphBlock) run.result().model().getBlock();
      System.out.println(run.report().removed() + " channels fewer: " + smaller);
    }
  }
}
