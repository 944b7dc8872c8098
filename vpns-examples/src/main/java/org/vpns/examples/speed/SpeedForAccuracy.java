package org.vpns.examples.speed;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.vpns.ImageInput;
import org.vpns.Problem;
import org.vpns.Sparsity;
import org.vpns.examples.StudyProgram;
import org.vpns.examples.TrainedNetwork;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.image.Augmentation;
import org.vpns.internal.io.AtomicFiles;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.predict.PrunedModel;
import org.vpns.prune.GradualPruner;
import org.vpns.prune.Pruners;
import org.vpns.study.Study;
import org.vpns.study.StudyTask;
import org.vpns.study.data.CifarRecords;
import org.vpns.study.data.ImageTable;
import org.vpns.train.Length;
import org.vpns.train.Recipe;
import org.vpns.train.Stage;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Which way gives the most speed for a point of accuracy: weights removed (GMP) and the network run
 * in the sparse runtime, channels removed at once, or both. All train the same number of steps.
 */
@Command(
    name = "SpeedForAccuracy",
    description = "Removes weights, channels or both from trained networks: accuracy and speed.")
public final class SpeedForAccuracy extends StudyProgram<SpeedOutcome> {
  private static final Shape IMAGE = new Shape(3, 32, 32);

  @Option(
      names = "--data",
      required = true,
      paramLabel = "FOLDER",
      description = "train*.bin, test*.bin as of CIFAR-10, resnet20.safetensors, ...")
  private Path data = Path.of("");

  @Option(
      names = "--networks",
      split = ",",
      paramLabel = "NAME",
      description = "resnet20, resnet56 (default: ${DEFAULT-VALUE}).",
      defaultValue = "resnet20,resnet56")
  private List<String> networks = List.of();

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
      names = "--steps",
      paramLabel = "T",
      description = "Gradient steps of 64 images (default: ${DEFAULT-VALUE}).",
      defaultValue = "550")
  private long steps;

  /** Reads no option yet. */
  public SpeedForAccuracy() {
    super("out/speed-for-accuracy", 1);
  }

  /** Runs the program; see {@code --help}. */
  public static void main(String[] args) {
    new SpeedForAccuracy().execute(args);
  }

  static CommandLine commandLine() {
    return new SpeedForAccuracy().toCommandLine();
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
    for (String network : networks) {
      if (!TrainedNetwork.PLANS.containsKey(network)) {
        throw wrong(
            Problem.message(
                "unknown name",
                "--networks",
                TrainedNetwork.PLANS.keySet(),
                "'" + network + "'",
                "check the spelling"));
      }
    }
    if (steps < 1) {
      throw wrong(
          Problem.message("nothing to train", "--steps", "at least 1", steps, "550 is usual"));
    }
    ImageTable.Split images = using(() -> CifarRecords.readFolder(data));
    TrainedNetwork[] tasks =
        networks.stream()
            .map(name -> TrainedNetwork.of(name, data, images))
            .toArray(TrainedNetwork[]::new);
    Sparsity shared = channels.get(0);
    return Study.<SpeedOutcome>of(
            (sparsity, seed) -> thinned("weights", Sparsity.DENSE, sparsity, seed),
            (sparsity, seed) -> thinned("channels and weights", shared, sparsity, seed))
        .sparsities(sparsities)
        .seeds(seeds())
        .on(tasks)
        .and(
            Study.of(
                    channels.stream()
                        .map(share -> (Study.Arm<SpeedOutcome>) (none, seed) -> cut(share, seed))
                        .toList())
                .sparsities(List.of(Sparsity.DENSE))
                .seeds(seeds())
                .on(tasks));
  }

  private SpeedRun thinned(String way, Sparsity share, Sparsity sparsity, long seed) {
    GradualPruner gradual =
        Pruners.gradual()
            .weights(motion().rule(), motion().rate())
            .length(Length.iterations(steps));
    return run(way, share, Recipe.of(gradual, sparsity), seed);
  }

  private SpeedRun cut(Sparsity share, long seed) {
    Stage tune = Stage.tuning(motion(), Length.iterations(steps)).build();
    String way = "channels";
    return run(way, share, Recipe.of(way, Sparsity.DENSE, tune), seed);
  }

  private static Stage.Motion motion() {
    return new Stage.Motion(UpdateRule.sgd().momentum(0.9).decay(1e-4), LearningRate.cosine(0.01));
  }

  private static SpeedRun run(String way, Sparsity share, Recipe.Builder recipe, long seed) {
    return new SpeedRun(
        way,
        share,
        recipe
            .input(ImageInput.of(3, 32, 32).imageNetNormalisation())
            .augmentation(Augmentation.shift(4).andThen(Augmentation.flip()))
            .batchSize(64)
            .seed(seed)
            .build(),
        IMAGE);
  }

  /**
   * A table for each network, and a line for each run; the networks of a table are timed in turn.
   */
  private void write(Study<SpeedOutcome> study, Study.Results<SpeedOutcome> results)
      throws IOException {
    Map<StudyTask, List<Study.Cell<SpeedOutcome>>> byTask =
        results.byCell().keySet().stream()
            .collect(
                Collectors.groupingBy(
                    Study.Cell::task, LinkedHashMap::new, Collectors.toUnmodifiableList()));
    StringBuilder lines = new StringBuilder(SpeedOutcome.HEADINGS).append('\n');
    StringBuilder tables = new StringBuilder();
    for (Map.Entry<StudyTask, List<Study.Cell<SpeedOutcome>>> task : byTask.entrySet()) {
      String network = task.getKey().name();
      List<SpeedTimes> times = times(study, task.getKey(), task.getValue());
      Map<SpeedOutcome, SpeedTimes> timed = new LinkedHashMap<>();
      for (int i = 0; i < times.size(); i++) {
        SpeedOutcome outcome = Objects.requireNonNull(results.byCell().get(task.getValue().get(i)));
        timed.put(outcome, times.get(i));
        lines.append(network + "," + outcome.line() + "," + times.get(i).line() + "\n");
      }
      tables.append("## " + network + "\n\n" + SpeedTable.markdown(timed) + "\n");
    }
    AtomicFiles.writeText(out().resolve("speed-for-accuracy.csv"), lines.toString());
    AtomicFiles.writeText(out().resolve("speed-for-accuracy.md"), tables.toString());
    say(tables.toString());
  }

  private static List<SpeedTimes> times(
      Study<SpeedOutcome> study, StudyTask task, List<Study.Cell<SpeedOutcome>> cells)
      throws IOException {
    List<PrunedModel> models = new ArrayList<>();
    try (Model whole = task.network()) {
      for (Study.Cell<SpeedOutcome> cell : cells) {
        models.add(PrunedModel.load(study.model(cell)));
      }
      return SpeedTimes.of(
          network(whole),
          models.stream()
              .map(pruned -> List.of(network(pruned.model()), network(pruned.model())))
              .toList());
    } finally {
      models.forEach(PrunedModel::close);
    }
  }

  private static NetworkValues network(Model model) {
    return BlockTracer.network(model.getBlock(), IMAGE);
  }
}
