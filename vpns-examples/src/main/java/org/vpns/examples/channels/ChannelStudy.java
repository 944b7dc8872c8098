package org.vpns.examples.channels;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.Sparsity;
import org.vpns.examples.EngineSettings;
import org.vpns.examples.SourceNetwork;
import org.vpns.examples.data.OpticalDigits;
import org.vpns.graph.GraphBlock;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.internal.io.AtomicFiles;
import org.vpns.latency.Latency;
import org.vpns.onnx.OnnxRuntime;
import org.vpns.structured.prune.ChannelRun;
import org.vpns.structured.prune.ChannelTrainer;
import org.vpns.study.data.ImageTable;
import org.vpns.train.ImageSets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The paper's figure on channels (section 4.3) on the quick start's network and digits: Slim,
 * DepGraph, HYDRA and VPNs with 10 to 50 % of the channels removed.
 */
@Command(
    name = "ChannelStudy",
    description = "Compares methods that remove channels: accuracy, multiply-adds, latency, cost.")
public final class ChannelStudy implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--out",
      paramLabel = "FOLDER",
      description = "Folder for results (default: ${DEFAULT-VALUE}).",
      defaultValue = "out/channel-study")
  private Path out = Path.of("");

  @Option(
      names = "--seeds",
      paramLabel = "N",
      description = "Number of seeds (default: ${DEFAULT-VALUE}).",
      defaultValue = "3")
  private int seeds;

  @Option(
      names = "--shares",
      split = ",",
      paramLabel = "SHARE",
      description = "Shares of the channels that leave (default: ${DEFAULT-VALUE}).",
      defaultValue = "0.1,0.2,0.3,0.4,0.5")
  private List<String> shares = List.of();

  @Option(
      names = "--steps",
      paramLabel = "T",
      description =
          "Gradient steps before the channels leave, and after (default: ${DEFAULT-VALUE}).",
      defaultValue = "150")
  private long steps;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this text.")
  private boolean help;

  private ChannelStudy() {}

  /** Runs the program; see {@code --help}. */
  public static void main(String[] args) {
    EngineSettings.apply();
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    return new CommandLine(new ChannelStudy());
  }

  @Override
  public Integer call() throws IOException {
    List<Sparsity> leaving = leaving();
    Files.createDirectories(out);
    List<ChannelOutcome> outcomes = new ArrayList<>();
    for (long seed = 1; seed <= seeds; seed++) {
      ImageTable.Split split = OpticalDigits.split(seed);
      try (NDManager manager = NDManager.newBaseManager()) {
        ImageSets images =
            ImageSets.of(split.train().toDataset(manager), split.train().classes())
                .test(split.test().toDataset(manager));
        for (Sparsity share : leaving) {
          outcomes.addAll(run(seed, share, images));
        }
      }
      write(outcomes, (double) split.test().size() / split.train().size());
    }
    return 0;
  }

  private List<ChannelOutcome> run(long seed, Sparsity share, ImageSets images) throws IOException {
    List<ChannelOutcome> outcomes = new ArrayList<>();
    Latency latency = Latency.of(OnnxRuntime.standard());
    for (var arm : new ChannelArms(seed, steps).trainers().entrySet()) {
      ChannelTrainer trainer = arm.getValue().apply(share);
      try (Model model = SourceNetwork.load();
          ChannelRun run = trainer.fit(model, images)) {
        NetworkValues dense = BlockTracer.network(model.getBlock(), new Shape(1, 32, 32));
        NetworkValues smaller = ((GraphBlock) run.result().model().getBlock()).network();
        double[] times = latency.milliseconds(List.of(dense, smaller));
        ChannelOutcome outcome =
            ChannelOutcome.of(arm.getKey(), share.toString(), seed, run.report(), times);
        say(outcome.line());
        outcomes.add(outcome);
      }
    }
    return outcomes;
  }

  private void write(List<ChannelOutcome> outcomes, double testPerTraining) throws IOException {
    String table = new ChannelTable(outcomes, testPerTraining).toMarkdown();
    String rows =
        outcomes.stream()
            .map(outcome -> outcome.line() + "\n")
            .collect(Collectors.joining("", ChannelOutcome.HEADINGS + "\n", ""));
    AtomicFiles.writeText(out.resolve("channel-study.csv"), rows);
    AtomicFiles.writeText(out.resolve("channel-study.md"), table);
    say(table);
  }

  private List<Sparsity> leaving() {
    if (seeds < 1 || steps < 1) {
      throw wrong(
          Problem.message(
              "nothing to run",
              "--seeds, --steps",
              "at least 1",
              seeds + ", " + steps,
              "3 and 150 are usual"));
    }
    try {
      return shares.stream().map(Sparsity::of).toList();
    } catch (IllegalArgumentException e) {
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
