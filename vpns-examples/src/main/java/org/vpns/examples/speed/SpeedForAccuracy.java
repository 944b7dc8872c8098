package org.vpns.examples.speed;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.vpns.Sparsity;
import org.vpns.examples.CifarProgram;
import org.vpns.examples.Names;
import org.vpns.image.Augmentation;
import org.vpns.internal.io.AtomicFiles;
import org.vpns.prune.Pruners;
import org.vpns.study.Study;
import org.vpns.study.StudyTask;
import org.vpns.train.Recipe;
import org.vpns.train.Stage;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Which way gives the most speed for a point of accuracy: weights removed (GMP) and the network run
 * in the sparse runtime, channels removed at once, or both. All train the same number of steps.
 */
@Command(
    name = "SpeedForAccuracy",
    description = "Removes weights, channels or both from trained networks: accuracy and speed.")
public final class SpeedForAccuracy extends CifarProgram<SpeedOutcome> {
  @Option(
      names = "--sparsities",
      split = ",",
      paramLabel = "S",
      description = "Shares of the weights that leave (default: ${DEFAULT-VALUE}).",
      defaultValue = "0.8,0.9")
  private List<Sparsity> sparsities = List.of();

  @Option(
      names = "--channels",
      split = ",",
      paramLabel = "SHARE",
      description =
          "Shares of the multiply-adds that leave with channels; the first is that of networks"
              + " which lose both (default: ${DEFAULT-VALUE}).",
      defaultValue = "0.25,0.5")
  private List<Sparsity> channels = List.of();

  @Option(
      names = "--round-to",
      paramLabel = "N",
      description =
          "What the channels that stay in a group are a multiple of; kernels like 8 and 16"
              + " (default: ${DEFAULT-VALUE}).",
      defaultValue = "8")
  private int roundTo;

  /** Reads no option yet. */
  public SpeedForAccuracy() {
    super("out/speed-for-accuracy", 1, 550);
  }

  /** Runs the program; see {@code --help}. */
  public static void main(String[] args) {
    new SpeedForAccuracy().execute(args);
  }

  @Override
  public Integer call() throws IOException {
    Study<SpeedOutcome> study = study().in(out()).keepingModels();
    Study.Results<SpeedOutcome> results = run(study);
    write(study, results);
    return exitCode(results);
  }

  @Override
  protected Study<SpeedOutcome> study() {
    using(() -> Names.listed("--sparsities", sparsities));
    using(() -> Names.listed("--channels", channels));
    using(() -> SpeedRun.selection(channels.get(0), roundTo));
    StudyTask[] networks = tasks();
    Sparsity shared = channels.get(0);
    return Study.<SpeedOutcome>of(
            (sparsity, seed) -> thinned("weights", Sparsity.DENSE, sparsity, seed),
            (sparsity, seed) -> thinned("channels and weights", shared, sparsity, seed))
        .sparsities(sparsities)
        .seeds(seeds())
        .on(networks)
        .and(
            Study.of(
                    channels.stream()
                        .map(share -> (Study.Arm<SpeedOutcome>) (none, seed) -> cut(share, seed))
                        .toList())
                .sparsities(List.of(Sparsity.DENSE))
                .seeds(seeds())
                .on(networks));
  }

  private SpeedRun thinned(String way, Sparsity share, Sparsity sparsity, long seed) {
    Stage.Motion motion = motion();
    return run(
        way,
        share,
        Recipe.of(
            Pruners.gradual().weights(motion.rule(), motion.rate()).length(length()), sparsity),
        seed);
  }

  private SpeedRun cut(Sparsity share, long seed) {
    Stage tune = Stage.tuning(motion(), length()).build();
    String way = "channels";
    return run(way, share, Recipe.of(way, Sparsity.DENSE, tune), seed);
  }

  private SpeedRun run(String way, Sparsity share, Recipe.Builder recipe, long seed) {
    Recipe augmented =
        options(recipe, seed)
            .augmentation(Augmentation.shift(4).andThen(Augmentation.flip()))
            .build();
    return new SpeedRun(way, share, roundTo, augmented, IMAGE);
  }

  /** The networks of a table are timed in turn. */
  private void write(Study<SpeedOutcome> study, Study.Results<SpeedOutcome> results)
      throws IOException {
    StringBuilder lines = new StringBuilder(SpeedOutcome.HEADINGS).append('\n');
    writeTables(
        "speed-for-accuracy.md",
        results,
        (network, runs) -> {
          Map<SpeedOutcome, SpeedTimes> timed = SpeedTimes.of(network, runs, study::model);
          timed.forEach(
              (outcome, times) ->
                  lines.append(network.name() + "," + outcome.line() + "," + times.line() + "\n"));
          return SpeedTable.markdown(timed);
        });
    AtomicFiles.writeText(out().resolve("speed-for-accuracy.csv"), lines.toString());
  }
}
