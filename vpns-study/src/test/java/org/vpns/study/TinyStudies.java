package org.vpns.study;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import java.nio.file.Path;
import org.vpns.Sparsity;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.report.PruneReport;
import org.vpns.testing.TinyResNet;
import org.vpns.testing.train.TinyRuns;
import org.vpns.train.ImageSets;
import org.vpns.train.Length;
import org.vpns.train.Pass;
import org.vpns.train.Recipe;
import org.vpns.train.Stage;
import org.vpns.train.Target;

/** Studies of the tiny network, whose runs take a fraction of a second. */
public final class TinyStudies {
  private TinyStudies() {}

  /** The tiny network and its images. */
  public static StudyTask task(String name) {
    return new StudyTask() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public Model network() {
        return TinyResNet.newModel();
      }

      @Override
      public ImageSets images(long seed, NDManager manager) {
        return TinyRuns.splits(manager).test(TinyRuns.dataset(manager, 40, 56));
      }
    };
  }

  /** Of all weights. */
  public static Stage stage(String name, int epochs, double rate) {
    return Stage.builder(name)
        .train(Target.WEIGHTS, UpdateRule.sgd().momentum(0.9), LearningRate.constant(rate))
        .pass(Pass.plain())
        .length(Length.epochs(epochs))
        .build();
  }

  /** A recipe that removes nothing. */
  public static Recipe recipe(String name, long seed, Stage... stages) {
    return Recipe.of(name, Sparsity.DENSE, stages)
        .input(TinyRuns.input())
        .batchSize(TinyRuns.BATCH)
        .seed(seed)
        .build();
  }

  /** Two epochs that all of a seed have in common, and one of their own. */
  public static Study.Arm<PruneReport> arm(String name, double rate) {
    return (sparsity, seed) ->
        StudyRun.of(recipe(name, seed, stage("first", 2, 0.01), stage("last", 1, rate)));
  }

  /** Two methods by two seeds, nine steps each. */
  public static Study<PruneReport> study(Path folder) {
    return Study.of(arm("Slow", 0.001), arm("Fast & free", 0.01))
        .sparsities("0")
        .seeds(1, 2)
        .on(task("Tiny images"))
        .in(folder);
  }
}
