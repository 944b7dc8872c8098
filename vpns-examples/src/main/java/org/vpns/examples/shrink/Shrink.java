package org.vpns.examples.shrink;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.vpns.ImageInput;
import org.vpns.Problem;
import org.vpns.Sparsity;
import org.vpns.examples.EngineSettings;
import org.vpns.graph.GraphBlock;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.internal.io.AtomicFiles;
import org.vpns.latency.Latency;
import org.vpns.onnx.Onnx;
import org.vpns.predict.PrunedModel;
import org.vpns.report.Accuracy;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.ChannelRules;
import org.vpns.structured.ChannelScores;
import org.vpns.structured.plan.ChannelPlan;
import org.vpns.structured.score.ChannelContext;
import org.vpns.structured.score.ChannelImportance;
import org.vpns.structured.score.Importances;
import org.vpns.structured.score.Normaliser;
import org.vpns.study.data.ClassFolders;
import org.vpns.study.data.ImageTable;
import org.vpns.study.progress.Progress;
import org.vpns.train.ImageSets;
import org.vpns.train.Length;
import org.vpns.train.Recipe;
import org.vpns.train.Stage;
import org.vpns.train.Trainer;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Makes a network smaller: an ONNX file or a file of weights and a budget in, an ONNX file, the
 * plan and a report out. With images in a folder per class it tunes what is left, and tells the
 * accuracy before and after.
 */
@Command(
    name = "Shrink",
    sortOptions = false,
    description =
        "Takes channels out of a network until it keeps to a budget, and writes the smaller one.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:the smaller network is written",
      "1:it failed; nothing is written",
      "2:wrong options, or the budget is out of reach"
    })
public final class Shrink implements Callable<Integer> {
  private static final Map<String, ChannelImportance> IMPORTANCES =
      ImmutableMap.of(
          "l1", Importances.l1(),
          "l2", Importances.l2(),
          "fpgm", Importances.fpgm(),
          "norm-scale", Importances.normScale().normaliser(Normaliser.MEAN),
          "random", Importances.random());

  @Spec private @Nullable CommandSpec spec;

  @Parameters(
      paramLabel = "FILE",
      description = "The network: .onnx, or weights (.pth, .safetensors).")
  private Path file = Path.of("");

  @ArgGroup(multiplicity = "1", heading = "%nThe budget, one of:%n")
  private GivenBudget budget = new GivenBudget();

  @Option(
      names = "--architecture",
      paramLabel = "NAME",
      description = "What a file of weights goes into, such as resnet18.")
  private @Nullable String architecture;

  @Option(names = "--classes", paramLabel = "N", description = "Outputs of the architecture.")
  private @Nullable Integer classes;

  @Option(
      names = "--size",
      paramLabel = "PIXELS",
      description = "Height and width of an image (default: the file's or architecture's).")
  private @Nullable Integer size;

  @Option(
      names = "--images",
      paramLabel = "FOLDER",
      description =
          "Pictures to test on, and to tune on: folders test and train in it, each with a folder"
              + " per class in the order of the network's outputs; train may be missing.")
  private @Nullable Path images;

  @Option(
      names = "--imagenet",
      description = "The network wants images normalised as ImageNet's usually are.")
  private boolean imageNet;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      description = "Epochs of tuning if there are images to train on (default: ${DEFAULT-VALUE}).",
      defaultValue = "3")
  private int epochs;

  @Option(
      names = "--importance",
      paramLabel = "NAME",
      description = "Which channels leave first: l1, l2, fpgm, norm-scale or random (default: l2).",
      defaultValue = "l2")
  private String importance = "l2";

  @Option(
      names = "--round-to",
      paramLabel = "N",
      description =
          "Widths become multiples of it, as kernels like 8 or 16 (default: ${DEFAULT-VALUE}).",
      defaultValue = "1")
  private int roundTo;

  @Option(
      names = "--together",
      description =
          "All groups of channels compete by what they save; else each loses the same share.")
  private boolean together;

  @Option(
      names = "--keep",
      paramLabel = "LAYER",
      description = "A layer that keeps its outputs; can be given again.")
  private List<String> kept = List.of();

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads when passes are timed (default: ${DEFAULT-VALUE}).",
      defaultValue = "1")
  private int threads;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Images in a pass that is timed (default: ${DEFAULT-VALUE}).",
      defaultValue = "1")
  private int batch;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Of the order of images and of random scores (default: ${DEFAULT-VALUE}).",
      defaultValue = "1")
  private long seed;

  @Option(
      names = "--out",
      paramLabel = "FOLDER",
      description = "Where the results go (default: ${DEFAULT-VALUE}).",
      defaultValue = "out/shrink")
  private Path out = Path.of("");

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this text.")
  private boolean help;

  private Shrink() {}

  /** Runs the program; see {@code --help}. */
  public static void main(String[] args) {
    EngineSettings.apply();
    System.exit(commandLine().execute(args));
  }

  /** The program, a failure told in one line. */
  static CommandLine commandLine() {
    return new CommandLine(new Shrink())
        .setExecutionExceptionHandler(
            (e, line, parsed) -> {
              line.getErr().println(e.getMessage() == null ? e : e.getMessage());
              return 1;
            });
  }

  @Override
  public Integer call() throws IOException {
    ChannelImportance scoring = IMPORTANCES.get(importance);
    if (scoring == null) {
      throw wrong(
          Problem.message(
              "no such importance",
              "--importance",
              IMPORTANCES.keySet(),
              "'" + importance + "'",
              "check the spelling"));
    }
    Files.createDirectories(out);
    try (GivenNetwork given = open()) {
      Images pictures = pictures(given);
      NetworkValues network = network(given);
      ChannelPlan plan = plan(network, scoring);
      say(plan.toString());
      AtomicFiles.writeText(out.resolve("report.txt"), shrink(given, network, plan, pictures));
      say("written to " + out.toAbsolutePath().normalize());
    }
    return 0;
  }

  private GivenNetwork open() throws IOException {
    try {
      return GivenNetwork.read(file, architecture, size, classes);
    } catch (IllegalArgumentException | IOException e) {
      throw wrong(String.valueOf(e.getMessage()));
    }
  }

  private static NetworkValues network(GivenNetwork given) {
    return given.model().getBlock() instanceof GraphBlock block
        ? block.network()
        : BlockTracer.network(given.model().getBlock(), given.image());
  }

  private ChannelPlan plan(NetworkValues network, ChannelImportance scoring) {
    try {
      ChannelRules rules = ChannelRules.standard();
      for (String layer : kept) {
        rules = rules.keepOutputs(layer);
      }
      ChannelGroups groups = ChannelGroups.of(network.graph(), rules);
      ChannelScores scores = scoring.score(ChannelContext.of(network, groups).seed(seed));
      return budget.plan(
          selection -> (together ? selection : selection.local()).roundTo(roundTo),
          this::latency,
          network,
          scores);
    } catch (IllegalArgumentException e) {
      throw wrong(String.valueOf(e.getMessage()));
    }
  }

  private Latency latency() {
    return GivenBudget.latency(threads, batch);
  }

  /** Writes the smaller network; gives the report. */
  private String shrink(
      GivenNetwork given, NetworkValues network, ChannelPlan plan, Images pictures)
      throws IOException {
    StringBuilder report = new StringBuilder(plan.toString()).append("\n\n");
    try (Model smaller = plan.apply(given.model());
        NDManager scope = NDManager.newBaseManager()) {
      GraphBlock block = (GraphBlock) smaller.getBlock();
      if (pictures.test() == null) {
        report.append("accuracy unknown: no test images; give some with --images\n");
      } else {
        accuracies(given.model(), smaller, pictures, scope, report);
      }
      plan.save(out.resolve("plan.json"));
      Onnx.export(block).write(out.resolve("smaller.onnx"));
      double[] times = latency().milliseconds(List.of(network, block.network()));
      report.append(
          String.format(
              Locale.ROOT,
              "%.2f => %.2f ms, %.2f times as fast (%s)%n",
              times[0],
              times[1],
              times[0] / times[1],
              latency()));
      say(report.substring(plan.toString().length()).strip());
      return report.toString();
    }
  }

  private void accuracies(
      Model whole, Model smaller, Images pictures, NDManager scope, StringBuilder report)
      throws IOException {
    Recipe recipe = recipe(pictures.shape());
    ImageSets sets = pictures.sets(scope);
    add(report, "whole network", Trainer.of(recipe).accuracy(whole, sets));
    if (pictures.train() == null || epochs == 0) {
      add(report, "smaller, not tuned", Trainer.of(recipe).accuracy(smaller, sets));
      return;
    }
    Trainer trainer = Trainer.of(recipe).listener(Progress.console());
    try (PrunedModel tuned = trainer.fit(smaller, sets)) {
      add(report, "smaller, not tuned", Objects.requireNonNull(tuned.report().dense()));
      add(report, "smaller, tuned", Objects.requireNonNull(tuned.report().tuned()));
      tuned.save(out.resolve("result"));
    }
  }

  private static void add(StringBuilder report, String name, Accuracy accuracy) {
    report.append(
        String.format(
            Locale.ROOT,
            "%s: %.2f %% of %d images right%n",
            name,
            100 * accuracy.plainFraction(),
            accuracy.images()));
  }

  private Recipe recipe(Shape image) {
    ImageInput input = ImageInput.of((int) image.get(0), (int) image.get(1), (int) image.get(2));
    Stage stage = Stage.tuning(Stage.Motion.OF_WEIGHTS, Length.epochs(Math.max(1, epochs))).build();
    return Recipe.of("Shrink", Sparsity.DENSE, stage)
        .input(imageNet ? input.imageNetNormalisation() : input)
        .seed(seed)
        .build();
  }

  /** Pictures for a network; null where there are none. */
  private record Images(Shape shape, @Nullable ImageTable train, @Nullable ImageTable test) {
    ImageSets sets(NDManager manager) {
      ImageTable tested = Objects.requireNonNull(test);
      ImageTable trained = train == null ? tested : train;
      return ImageSets.of(trained.toDataset(manager), trained.classes())
          .test(tested.toDataset(manager))
          .classNames(trained.classNames());
    }
  }

  private Images pictures(GivenNetwork given) {
    Shape shape = given.image();
    if (images == null) {
      return new Images(shape, null, null);
    }
    int channels = (int) shape.get(0);
    int height = (int) shape.get(1);
    int width = (int) shape.get(2);
    try {
      Path folder = images.resolve("train");
      ImageTable train =
          Files.isDirectory(folder) ? ClassFolders.read(folder, channels, height, width) : null;
      Path tests = images.resolve("test");
      ImageTable test =
          train == null
              ? ClassFolders.read(tests, channels, height, width)
              : ClassFolders.read(tests, channels, height, width, train.classNames());
      return new Images(shape, train, test);
    } catch (IllegalArgumentException | IOException e) {
      throw wrong(String.valueOf(e.getMessage()));
    }
  }

  private ParameterException wrong(String message) {
    return new ParameterException(Objects.requireNonNull(spec).commandLine(), message);
  }

  private void say(String text) {
    PrintWriter console = Objects.requireNonNull(spec).commandLine().getOut();
    console.println(text);
    console.flush();
  }
}
