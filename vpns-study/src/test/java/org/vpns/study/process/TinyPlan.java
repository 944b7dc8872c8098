package org.vpns.study.process;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.vpns.Sparsity;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.report.PruneReport;
import org.vpns.study.Study;
import org.vpns.study.StudyPlan;
import org.vpns.study.StudyRun;
import org.vpns.study.StudyTask;
import org.vpns.testing.TinyResNet;
import org.vpns.testing.train.TinyRuns;
import org.vpns.train.ImageSets;
import org.vpns.train.Length;
import org.vpns.train.Pass;
import org.vpns.train.Recipe;
import org.vpns.train.Stage;
import org.vpns.train.Target;

/**
 * A study of the tiny network that other processes can build. The first argument is a folder for
 * marks; the others are its methods: a learning rate; {@code fails}; {@code dies}, whose process
 * halts; {@code dies once}.
 */
public final class TinyPlan implements StudyPlan<PruneReport> {
  private static final int EXIT_CODE = 7;

  /** For workers. */
  public TinyPlan() {}

  @Override
  public Study<PruneReport> study(List<String> arguments) throws IOException {
    Path marks = Path.of(arguments.get(0));
    List<Study.Arm<PruneReport>> arms = new ArrayList<>();
    for (String method : arguments.subList(1, arguments.size())) {
      if (method.equals("nothing")) {
        throw new IOException("no such images");
      }
      arms.add(arm(method, marks));
    }
    return Study.of(arms).sparsities("0").seeds(1, 2).on(new Tiny());
  }

  private static Study.Arm<PruneReport> arm(String method, Path marks) {
    boolean trains = Character.isDigit(method.charAt(0));
    double rate = trains ? Double.parseDouble(method) : 0.01;
    return (sparsity, seed) ->
        StudyRun.of(
            Recipe.of(method, Sparsity.DENSE, stage("first", 0.01), stage("last", rate))
                .input(TinyRuns.input())
                .batchSize(TinyRuns.BATCH)
                .seed(seed)
                .build(),
            (recipe, network, images) -> {
              act(method, marks.resolve(method + seed));
              return recipe;
            });
  }

  private static void act(String method, Path mark) {
    boolean isFirst = !Files.exists(mark);
    if (method.equals("fails")) {
      throw new IllegalArgumentException("no such head");
    }
    if (method.equals("dies") || (method.equals("dies once") && isFirst)) {
      try {
        Files.writeString(mark, "");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      Runtime.getRuntime().halt(EXIT_CODE);
    }
  }

  private static Stage stage(String name, double rate) {
    return Stage.builder(name)
        .train(Target.WEIGHTS, UpdateRule.sgd().momentum(0.9), LearningRate.constant(rate))
        .pass(Pass.plain())
        .length(Length.epochs(1))
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
      return TinyRuns.splits(manager).test(TinyRuns.dataset(manager, 40, 56));
    }
  }
}
