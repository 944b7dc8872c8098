package org.vpns.examples.figures;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.vpns.examples.compare.ComparisonTask;
import org.vpns.report.EpochRecord;
import org.vpns.report.PruneReport;
import org.vpns.report.StageRecord;
import org.vpns.study.Hypothesis;
import org.vpns.study.Hypothesis.Judgement;
import org.vpns.study.StudyTask;
import org.vpns.train.ImageSets;
import picocli.CommandLine.Command;

/** Table A3: gradient steps to the best accuracy, on validation images. */
@Command(
    name = "TableA3",
    description = "Table A3: gradient steps to the best accuracy, on validation images.")
public final class TableA3 extends FigureProgram {
  private static final List<String> RIVALS =
      List.of("OMP", "LTH", "SNIP", "GraSP", "SynFlow", "HYDRA", "BiP");

  /** Reads no option yet. */
  public TableA3() {
    super("table-a3", "Table A3: steps to the best accuracy");
  }

  /** Runs the program; see {@code --help}. */
  public static void main(String[] args) {
    new TableA3().execute(args);
  }

  /** The same images, a fifth of those to train on set aside. */
  private record Validated(ComparisonTask task) implements StudyTask {
    @Override
    public String name() {
      return task.name() + "-validated";
    }

    @Override
    public Model network() throws IOException {
      return task.network();
    }

    @Override
    public ImageSets images(long seed, NDManager manager) throws IOException {
      return task.images(seed, manager).validation(0.2);
    }
  }

  @Override
  StudyTask on(ComparisonTask task) {
    return new Validated(task);
  }

  @Override
  List<String> methods(ComparisonTask task) {
    return Stream.concat(RIVALS.stream(), Stream.of("VPNs")).toList();
  }

  /** None of accuracies. */
  @Override
  List<Hypothesis> claims(ComparisonTask task, List<String> sparsities) {
    return List.of();
  }

  @Override
  List<Judgement> counted(List<PruneReport> runs, List<String> sparsities) {
    CostClaim fewest =
        CostClaim.of(
            "VPNs needs the fewest gradient steps to its best accuracy",
            "gradient steps",
            TableA3::stepsToBest);
    for (String sparsity : sparsities) {
      for (String rival : RIVALS) {
        fewest = fewest.less("VPNs", rival, sparsity);
      }
    }
    return List.of(fewest.judge(runs));
  }

  /** Those for scores, and of every stage up to the epoch that validation images chose. */
  static long stepsToBest(PruneReport run) {
    return run.scoring().gradientSteps()
        + run.stages().stream().mapToLong(TableA3::stepsToBest).sum();
  }

  private static long stepsToBest(StageRecord stage) {
    Integer best = stage.bestEpoch();
    return best == null
        ? stage.gradientSteps()
        : stage.epochs().stream()
            .filter(epoch -> epoch.epoch() <= best)
            .mapToLong(EpochRecord::gradientSteps)
            .sum();
  }

  @Override
  List<String> remarks() {
    return List.of(
        "A fifth of the training images is set aside for validation, which chooses an epoch in"
            + " every stage; a stage counts up to that epoch. Seconds are those of whole runs.");
  }
}
