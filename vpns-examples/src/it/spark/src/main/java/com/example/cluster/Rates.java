package com.example.cluster;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SparkConf;
import org.vpns.ImageInput;
import org.vpns.prune.Pruners;
import org.vpns.report.PruneReport;
import org.vpns.study.Study;
import org.vpns.study.StudyPlan;
import org.vpns.study.StudyRun;
import org.vpns.study.progress.Progress;
import org.vpns.study.spark.SparkWorkers;
import org.vpns.train.Length;
import org.vpns.train.Recipe;

// README: plan
/** Magnitude pruning, tuned for several numbers of steps. */
public final class Rates implements StudyPlan<PruneReport> {
  /** For executors. */
  public Rates() {}

  @Override
  public Study<PruneReport> study(List<String> arguments) {
    List<Study.Arm<PruneReport>> arms = new ArrayList<>();
    for (String argument : arguments) {
      Length steps = Length.iterations(Integer.parseInt(argument));
      arms.add(
          (sparsity, seed) ->
              StudyRun.of(
                  Recipe.of(Pruners.magnitude().length(steps), sparsity)
                      .name("OMP " + argument)
                      .input(ImageInput.of(3, Shades.SIDE, Shades.SIDE))
                      .batchSize(8)
                      .seed(seed)
                      .build()));
    }
    return Study.of(arms).sparsities("0.5", "0.9").seeds(1, 2).on(new Shades());
  }
  // README: end

  // README: run
  /** The folder for results comes first, then what the plan is given. */
  public static void main(String[] args) throws IOException {
    List<String> arguments = List.of(args).subList(1, args.length);
    Study.Results<PruneReport> results =
        new Rates()
            .study(arguments)
            .in(Path.of(args[0]))
            .listener(Progress.study(System.out))
            .run(SparkWorkers.of(new SparkConf(), Rates.class, arguments));
    results.results().forEach(report -> System.out.println(report.line()));
    System.exit(results.failures().isEmpty() ? 0 : 1);
  }
  // README: end
}
