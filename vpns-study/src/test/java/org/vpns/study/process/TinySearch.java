package org.vpns.study.process;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import java.util.List;
import org.vpns.Sparsity;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.report.PruneReport;
import org.vpns.study.Search;
import org.vpns.study.SearchOption;
import org.vpns.study.SearchSpace;
import org.vpns.study.Study;
import org.vpns.study.StudyPlan;
import org.vpns.study.StudyTask;
import org.vpns.testing.TinyResNet;
import org.vpns.testing.train.TinyRuns;
import org.vpns.train.ImageSets;
import org.vpns.train.Length;
import org.vpns.train.Recipe;
import org.vpns.train.Stage;

/** A search on the tiny network whose runs other processes can make. */
public final class TinySearch implements StudyPlan<PruneReport> {
  private static final SearchOption<Double> RATE =
      SearchOption.of("rate", 0.001, 0.003, 0.01, 0.03);

  /** For workers. */
  public TinySearch() {}

  /** Four rates: four runs of three steps, one of nine. */
  static Search search() {
    SearchSpace space =
        SearchSpace.of("SGD", (choice, steps) -> recipe(choice.get(RATE), steps)).over(RATE);
    return Study.search(new Tiny(), space).steps(9).shortest(3).budget(30);
  }

  @Override
  public Study<PruneReport> study(List<String> arguments) {
    return search().study();
  }

  private static Recipe recipe(double rate, long steps) {
    Stage.Motion motion =
        new Stage.Motion(UpdateRule.sgd().momentum(0.9), LearningRate.constant(rate));
    Stage tune = Stage.tuning(motion, Length.iterations(steps)).build();
    return Recipe.of("any", Sparsity.DENSE, tune)
        .input(TinyRuns.input())
        .batchSize(TinyRuns.BATCH)
        .build();
  }

  private static final class Tiny implements StudyTask {
    @Override
    public String name() {
      return "tiny";
    }

    @Override
    public Model network() {
      return TinyResNet.newModel();
    }

    @Override
    public ImageSets images(long seed, NDManager manager) {
      return TinyRuns.splits(manager);
    }
  }
}
