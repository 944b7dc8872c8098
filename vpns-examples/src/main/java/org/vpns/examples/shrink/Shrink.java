package org.vpns.examples.shrink;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.examples.OutFolder;
import org.vpns.examples.Program;
import org.vpns.examples.shrink.GivenChannels.Chosen;
import org.vpns.examples.shrink.GivenImages.Pictures;
import org.vpns.graph.GraphBlock;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.internal.io.AtomicFiles;
import org.vpns.internal.io.FolderLock;
import org.vpns.internal.network.Engines;
import org.vpns.internal.predict.ResultFiles;
import org.vpns.onnx.Onnx;
import org.vpns.onnx.OnnxExport;
import org.vpns.onnx.OnnxImport;
import org.vpns.predict.PrunedModel;
import org.vpns.structured.plan.ChannelPlan;
import org.vpns.study.progress.Progress;
import org.vpns.train.ImageSets;
import org.vpns.train.Trainer;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Makes a network smaller: an ONNX file or a file of weights and a budget in, an ONNX file, the
 * plan and a report out. With images in a folder per class it tunes what is left, and tells the
 * accuracy before and after.
 */
@Command(
    name = "Shrink",
    description =
        "Takes channels out of a network until it keeps to a budget, and writes the smaller one.",
    exitCodeList = {
      "0:the smaller network is written",
      "1:it failed; nothing is written",
      "2:wrong options, or the budget is out of reach"
    })
public final class Shrink extends Program {
  private static final String SMALLER = "smaller.onnx";
  private static final String RESULT = "result";

  @ArgGroup(multiplicity = "1", heading = "%nThe budget, one of:%n")
  private GivenBudget budget = new GivenBudget();

  @Mixin private final NetworkOptions network = new NetworkOptions();
  @Mixin private final GivenImages images = new GivenImages();
  @Mixin private final GivenChannels channels = new GivenChannels();
  @Mixin private final GivenTiming timing = new GivenTiming();

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

  private Shrink() {}

  /** Runs the program; see {@code --help}. */
  public static void main(String[] args) {
    new Shrink().execute(args);
  }

  static CommandLine commandLine() {
    return new Shrink().toCommandLine();
  }

  @Override
  @SuppressWarnings("try") // the lock is held, not used
  public Integer call() throws IOException {
    using(channels::scoring); // before the network is read
    using(budget::planner);
    using(this::requireKept);
    try (FolderLock lock = OutFolder.lock(out);
        GivenNetwork given = using(network::open)) {
      NetworkValues whole = values(given);
      Optional<Pictures> pictures = using(() -> images.read(given, outputs(whole), seed));
      if (budget.isTimed()) {
        say("times the network, its layers in several widths and smaller networks: some minutes");
      }
      Chosen chosen = using(() -> channels.plan(whole, budget, timing.latency(), seed));
      say(chosen.plan().toString());
      say(chosen.told());
      ShrinkReport report = shrink(given, whole, chosen, pictures);
      say(report.found());
      AtomicFiles.writeText(out.resolve("report.txt"), report.toString());
      say("written to " + out.toAbsolutePath().normalize());
    }
    return 0;
  }

  /** A network in the place of a result would be replaced by what becomes of it. */
  private Path requireKept() throws IOException {
    Path file = network.file();
    Path result = out.resolve(RESULT);
    boolean lost =
        Files.exists(file)
            && (isSame(file, out.resolve(SMALLER))
                || Files.exists(result) && file.toRealPath().startsWith(result.toRealPath()));
    if (lost) {
      throw Problem.argument(
          "network in the place of a result",
          file.toString(),
          "a file that --out does not replace",
          "one of the results in " + out,
          "name another folder with --out, or move the file");
    }
    return file;
  }

  private static boolean isSame(Path one, Path other) throws IOException {
    return Files.exists(other) && Files.isSameFile(one, other);
  }

  private static NetworkValues values(GivenNetwork given) {
    return given.model().getBlock() instanceof GraphBlock block
        ? block.network()
        : BlockTracer.network(given.model().getBlock(), given.image());
  }

  private static List<Shape> outputs(NetworkValues network) {
    return network.graph().outputs().stream().map(t -> network.graph().tensor(t).shape()).toList();
  }

  /** Finds what the smaller network costs and can do, then writes it. */
  private ShrinkReport shrink(
      GivenNetwork given, NetworkValues whole, Chosen chosen, Optional<Pictures> pictures)
      throws IOException {
    ShrinkReport report = new ShrinkReport(chosen);
    try (Model smaller = chosen.plan().apply(given.model())) {
      GraphBlock block = (GraphBlock) smaller.getBlock();
      PrunedModel tuned = null;
      try {
        if (pictures.isEmpty()) {
          report.accuracyUnknown();
        } else {
          tuned = tune(given.model(), smaller, pictures.get(), chosen.plan(), report);
        }
        report.times(timing.gains(List.of(whole, block.network())), timing.latency());
        write(chosen.plan(), smaller, tuned);
      } finally {
        if (tuned != null) {
          tuned.close();
        }
      }
    }
    return report;
  }

  private void write(ChannelPlan plan, Model smaller, @Nullable PrunedModel tuned)
      throws IOException {
    OnnxExport export = Onnx.export((GraphBlock) smaller.getBlock());
    String inputs = smaller.getProperty(OnnxImport.INPUTS);
    String results = smaller.getProperty(OnnxImport.RESULTS);
    if (inputs != null && results != null) { // whoever runs the file now finds his names
      export = export.names(inputs.lines().toList(), results.lines().toList());
    }
    export.write(out.resolve(SMALLER));
    plan.save(out.resolve("plan.json"));
    Path result = out.resolve(RESULT);
    if (tuned != null) {
      tuned.save(result);
    } else { // of a run before, on another network
      ResultFiles.remove(result);
    }
  }

  /** Counts right answers, and tunes where there are images to train on; else gives null. */
  private @Nullable PrunedModel tune(
      Model whole, Model smaller, Pictures pictures, ChannelPlan plan, ShrinkReport report)
      throws IOException {
    try (NDManager scope = Engines.newManager("images to tune on")) {
      Trainer trainer = Trainer.of(pictures.recipe());
      ImageSets sets = pictures.sets(scope);
      report.accuracy("whole network", trainer.accuracy(whole, sets));
      if (pictures.train() == null) {
        report.accuracy("smaller, not tuned", trainer.accuracy(smaller, sets));
        return null;
      }
      PrunedModel tuned = trainer.listener(Progress.console()).fit(smaller, sets);
      report.accuracy("smaller, not tuned", Objects.requireNonNull(tuned.report().dense()));
      report.accuracy("smaller, tuned", Objects.requireNonNull(tuned.report().tuned()));
      tuned.recordChannels(plan.toRecord());
      return tuned;
    }
  }
}
