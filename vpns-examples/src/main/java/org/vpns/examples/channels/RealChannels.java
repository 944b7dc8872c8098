package org.vpns.examples.channels;

import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.vpns.ImageInput;
import org.vpns.Problem;
import org.vpns.Sparsity;
import org.vpns.examples.StudyProgram;
import org.vpns.examples.TrainedNetwork;
import org.vpns.internal.io.AtomicFiles;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.structured.plan.ChannelBudget;
import org.vpns.structured.plan.ChannelSelection;
import org.vpns.structured.score.ChannelImportance;
import org.vpns.structured.score.Importances;
import org.vpns.structured.score.Normaliser;
import org.vpns.study.Study;
import org.vpns.study.data.CifarRecords;
import org.vpns.study.data.ImageTable;
import org.vpns.train.Length;
import org.vpns.train.Recipe;
import org.vpns.train.Stage;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Channels out of trained CIFAR networks at shares of the multiply-adds: accuracy before tuning and
 * after a short one, by importance and by how groups are ranked, with random channels as the
 * control. Files fix the images; seeds decide their order and the random channels.
 */
@Command(
    name = "RealChannels",
    description = "Takes channels out of trained CIFAR networks; accuracy before and after tuning.")
public final class RealChannels extends StudyProgram<ChannelOutcome> {
  private static final Map<String, ChannelImportance> IMPORTANCES =
      ImmutableMap.of(
          "random", Importances.random(),
          "l2", Importances.l2(),
          "fpgm", Importances.fpgm(),
          "norm-scale", Importances.normScale().normaliser(Normaliser.MEAN));

  /** Whether all groups compete, or each loses the same share. */
  private static final Map<String, UnaryOperator<ChannelSelection>> RANKINGS =
      ImmutableMap.of("alike", ChannelSelection::local, "together", ChannelSelection::global);

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
      names = "--importances",
      split = ",",
      paramLabel = "NAME",
      description = "random, l2, fpgm, norm-scale (default: ${DEFAULT-VALUE}).",
      defaultValue = "random,l2,fpgm,norm-scale")
  private List<String> importances = List.of();

  @Option(
      names = "--rankings",
      split = ",",
      paramLabel = "NAME",
      description =
          "alike: each group loses the same share; together: all compete by what their channels"
              + " save (default: ${DEFAULT-VALUE}).",
      defaultValue = "alike,together")
  private List<String> rankings = List.of();

  @Option(
      names = "--shares",
      split = ",",
      paramLabel = "SHARE",
      description = "Shares of the multiply-adds that leave (default: ${DEFAULT-VALUE}).",
      defaultValue = "0.25,0.5")
  private List<Sparsity> shares = List.of();

  @Option(
      names = "--steps",
      paramLabel = "T",
      description = "Gradient steps of 64 images of tuning (default: ${DEFAULT-VALUE}).",
      defaultValue = "110")
  private long steps;

  /** Reads no option yet. */
  public RealChannels() {
    super("out/real-channels", 3);
  }

  /** Runs the program; see {@code --help}. */
  public static void main(String[] args) {
    new RealChannels().execute(args);
  }

  static CommandLine commandLine() {
    return new RealChannels().toCommandLine();
  }

  @Override
  public Integer call() throws IOException {
    return exitCode(run(study().in(out()).reporting(this::write)));
  }

  @Override
  protected Study<ChannelOutcome> study() {
    requireKnown("--networks", networks, TrainedNetwork.PLANS);
    requireKnown("--importances", importances, IMPORTANCES);
    requireKnown("--rankings", rankings, RANKINGS);
    if (steps < 1) {
      throw wrong(
          Problem.message("nothing to tune", "--steps", "at least 1", steps, "110 is usual"));
    }
    ImageTable.Split images = using(() -> CifarRecords.readFolder(data));
    TrainedNetwork[] tasks =
        networks.stream()
            .map(name -> TrainedNetwork.of(name, data, images))
            .toArray(TrainedNetwork[]::new);
    return Study.of(arms()).sparsities(shares).seeds(seeds()).on(tasks);
  }

  private List<Study.Arm<ChannelOutcome>> arms() {
    List<Study.Arm<ChannelOutcome>> arms = new ArrayList<>();
    for (String ranking : rankings) {
      for (String importance : importances) {
        arms.add((share, seed) -> planned(importance, ranking, share, seed));
      }
    }
    return arms;
  }

  private static String method(String importance, String ranking) {
    return importance + ", " + ranking;
  }

  private PlannedRun planned(String importance, String ranking, Sparsity share, long seed) {
    UpdateRule rule = UpdateRule.sgd().momentum(0.9).decay(1e-4);
    Stage.Motion motion = new Stage.Motion(rule, LearningRate.cosine(0.01));
    Stage tune = Stage.tuning(motion, Length.iterations(steps)).build();
    String method = method(importance, ranking);
    Recipe recipe =
        Recipe.of(method, Sparsity.DENSE, tune)
            .input(ImageInput.of(3, 32, 32).imageNetNormalisation())
            .batchSize(64)
            .seed(seed)
            .build();
    double staying = BigDecimal.ONE.subtract(share.value()).doubleValue();
    ChannelSelection selection =
        known(RANKINGS, ranking).apply(ChannelSelection.of(ChannelBudget.macs(staying)));
    return new PlannedRun(method, share, recipe, IMAGE, known(IMPORTANCES, importance), selection);
  }

  /** A table for each network. */
  private void write(Study.Results<ChannelOutcome> results) throws IOException {
    StringBuilder text = new StringBuilder();
    for (String network : networks) {
      List<ChannelOutcome> outcomes =
          results.byCell().entrySet().stream()
              .filter(entry -> entry.getKey().task().name().equals(network))
              .map(Map.Entry::getValue)
              .toList();
      if (!outcomes.isEmpty()) {
        String baseline = method(importances.get(0), rankings.get(0));
        ChannelTable table = new ChannelTable(outcomes, baseline, "multiply-adds", 0);
        text.append("## ").append(network).append("\n\n").append(table.toMarkdown()).append('\n');
      }
    }
    AtomicFiles.writeText(out().resolve("real-channels.md"), text.toString());
    say(text.toString());
  }

  private static <T> T known(Map<String, T> all, String name) {
    T one = all.get(name);
    if (one == null) {
      throw new IllegalArgumentException(name);
    }
    return one;
  }

  private void requireKnown(String option, List<String> names, Map<String, ?> known) {
    for (String name : names) {
      if (!known.containsKey(name)) {
        throw wrong(
            Problem.message(
                "unknown name", option, known.keySet(), "'" + name + "'", "check the spelling"));
      }
    }
  }
}
