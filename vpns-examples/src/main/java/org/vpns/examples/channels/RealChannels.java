package org.vpns.examples.channels;

import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.vpns.ImageInput;
import org.vpns.Sparsity;
import org.vpns.examples.CifarProgram;
import org.vpns.examples.ImageTask;
import org.vpns.examples.Names;
import org.vpns.examples.TrainingSettings;
import org.vpns.examples.compare.ComparisonTasks;
import org.vpns.examples.compare.TaskFiles;
import org.vpns.structured.plan.ChannelBudget;
import org.vpns.structured.plan.ChannelSelection;
import org.vpns.structured.score.ChannelImportance;
import org.vpns.structured.score.Importances;
import org.vpns.structured.score.Normaliser;
import org.vpns.study.Study;
import org.vpns.train.Recipe;
import org.vpns.train.Stage;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Channels out of trained networks at shares of the multiply-adds: accuracy before tuning and after
 * a short one, by importance and by how groups are ranked, with random channels as the control.
 * Seeds decide the order of images and the random channels.
 *
 * <p>Networks are those of CIFAR, and {@code mobilenet}: a MobileNetV1 of ImageNet on such images,
 * enlarged, as in {@link ComparisonTasks}.
 */
@Command(
    name = "RealChannels",
    description = "Takes channels out of trained networks; accuracy before and after tuning.")
public final class RealChannels extends CifarProgram<ChannelOutcome> {
  /** As a network, and as a task of other programs. */
  private static final String MOBILENET = "mobilenet";

  private static final Map<String, ChannelImportance> IMPORTANCES =
      ImmutableMap.of(
          "random", Importances.random(),
          "l2", Importances.l2(),
          "fpgm", Importances.fpgm(),
          "norm-scale", Importances.normScale().normaliser(Normaliser.MEAN));

  /** Whether all groups compete, or each loses the same share. */
  private static final Map<String, UnaryOperator<ChannelSelection>> RANKINGS =
      ImmutableMap.of("alike", ChannelSelection::local, "together", ChannelSelection::global);

  @Option(
      names = "--weights",
      paramLabel = "FILE",
      description =
          "Of mobilenet, a MobileNetV1 of ImageNet that --networks may name as well (default:"
              + " mobilenet_v1_075_224.safetensors in the folder of images).")
  private @Nullable Path weights;

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

  /** Reads no option yet. */
  public RealChannels() {
    super("out/real-channels", 3, 110);
  }

  /** Runs the program; see {@code --help}. */
  public static void main(String[] args) {
    new RealChannels().execute(args);
  }

  @Override
  public Integer call() throws IOException {
    return exitCode(run(study().in(out()).reporting(this::write)));
  }

  @Override
  protected Map<String, Opener> openers() {
    return ImmutableMap.<String, Opener>builder()
        .putAll(super.openers())
        .put(MOBILENET, (folder, images) -> mobileNet(new TaskFiles(folder, weights)))
        .buildOrThrow();
  }

  private static ImageTask mobileNet(TaskFiles files) throws IOException {
    return ComparisonTasks.open(MOBILENET, files);
  }

  @Override
  protected Study<ChannelOutcome> study() {
    Map<String, ChannelImportance> scores =
        using(() -> Names.each("--importances", IMPORTANCES, importances));
    Map<String, UnaryOperator<ChannelSelection>> ranked =
        using(() -> Names.each("--rankings", RANKINGS, rankings));
    List<Sparsity> chosen = using(() -> Names.listed("--shares", shares));
    return Arrays.stream(tasks())
        .map(
            task -> Study.of(arms(task, scores, ranked)).sparsities(chosen).seeds(seeds()).on(task))
        .reduce(Study::and)
        .orElseThrow(); // a network at least: none is an empty name
  }

  private List<Study.Arm<ChannelOutcome>> arms(
      ImageTask task,
      Map<String, ChannelImportance> scores,
      Map<String, UnaryOperator<ChannelSelection>> ranked) {
    ImageInput input = task.input();
    Shape image = new Shape(input.channels(), input.height(), input.width());
    List<Study.Arm<ChannelOutcome>> arms = new ArrayList<>();
    ranked.forEach(
        (ranking, options) ->
            scores.forEach(
                (name, importance) -> {
                  String method = method(name, ranking);
                  arms.add(
                      (share, seed) ->
                          new PlannedRun(
                              method,
                              share,
                              tuning(method, task, seed),
                              image,
                              importance,
                              options.apply(leaving(share))));
                }));
    return arms;
  }

  private static String method(String importance, String ranking) {
    return importance + ", " + ranking;
  }

  private Recipe tuning(String method, ImageTask task, long seed) {
    Stage.Motion motion = new Stage.Motion(TrainingSettings.WEIGHTS, task.weightRate());
    Stage tune = Stage.tuning(motion, length()).build();
    return Recipe.of(method, Sparsity.DENSE, tune)
        .input(task.input())
        .mapping(task.mapping())
        .batchSize(task.batchSize())
        .seed(seed)
        .build();
  }

  private static ChannelSelection leaving(Sparsity share) {
    double staying = BigDecimal.ONE.subtract(share.value()).doubleValue();
    return ChannelSelection.of(ChannelBudget.macs(staying));
  }

  private void write(Study.Results<ChannelOutcome> results) throws IOException {
    String baseline = method(importances.get(0), rankings.get(0));
    writeTables(
        "real-channels.md",
        results,
        (network, runs) ->
            new ChannelTable(List.copyOf(runs.values()), baseline, "multiply-adds", 0)
                .toMarkdown());
  }
}
