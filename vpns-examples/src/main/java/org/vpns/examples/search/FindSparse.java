package org.vpns.examples.search;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.Sparsity;
import org.vpns.examples.FolderOption;
import org.vpns.examples.OptionValue;
import org.vpns.examples.OutFolder;
import org.vpns.examples.Program;
import org.vpns.examples.WorkersOption;
import org.vpns.examples.shrink.GivenNetwork;
import org.vpns.examples.shrink.InputOption;
import org.vpns.examples.shrink.NetworkOptions;
import org.vpns.internal.io.AtomicFiles;
import org.vpns.report.PruneReport;
import org.vpns.study.Study;
import org.vpns.study.StudyPlan;
import org.vpns.study.StudyTask;
import org.vpns.study.Workers;
import org.vpns.study.data.ClassFolders;
import org.vpns.study.data.ImageTable;
import org.vpns.study.progress.Progress;
import org.vpns.train.ImageSets;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The best sparse network in a time: an ONNX file or a file of weights, images in a folder per
 * class, a sparsity and minutes in; a result folder, a table and a page of all that was tried out.
 */
@Command(
    name = "FindSparse",
    description =
        "Tries methods and their settings for some minutes, and keeps the best"
            + " sparse network, chosen by images that are set aside. Test images are"
            + " counted once, at the end.",
    exitCodeList = {
      "0:a sparse network was found, also if the time was up before all was tried",
      "1:none was found, or it failed; what is done is kept",
      "2:wrong options"
    })
public final class FindSparse extends Program implements StudyPlan<PruneReport> {
  @Mixin private final NetworkOptions network = new NetworkOptions();

  @Option(
      names = "--images",
      paramLabel = "FOLDER",
      required = true,
      description =
          "Pictures: a folder train in it, with a folder per"
              + " class, and a folder test like it if accuracy is"
              + " to be counted at the end.")
  private Path images = Path.of("");

  @Mixin private final InputOption input = new InputOption();

  @Option(
      names = "--sparsity",
      paramLabel = "S",
      description = "Fraction of the weights to remove (default: ${DEFAULT-VALUE}).",
      defaultValue = "0.9")
  private Sparsity sparsity = Sparsity.of("0.9");

  @Option(
      names = "--minutes",
      paramLabel = "N",
      description =
          "How long it may search; a run that is under way then"
              + " is ended, and test images come on top"
              + " (default: ${DEFAULT-VALUE}).",
      defaultValue = "30")
  private double minutes;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "Gradient steps that a network is trained for (default: ${DEFAULT-VALUE}).",
      defaultValue = "300")
  private long steps;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Images per gradient step (default: ${DEFAULT-VALUE}).",
      defaultValue = "32")
  private int batch;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Of all random choices (default: ${DEFAULT-VALUE}).",
      defaultValue = "1")
  private long seed;

  @Mixin private final FolderOption folder = new FolderOption("out/sparse");
  @Mixin private final WorkersOption workers = new WorkersOption();

  /** Reads no option yet. */
  public FindSparse() {}

  /** Runs the program; see {@code --help}. */
  public static void main(String[] args) {
    new FindSparse().execute(args);
  }

  @Override
  public Integer call() throws IOException {
    BestSparse search = search();
    Optional<Workers> makers = using(() -> workers.of(FindSparse.class, arguments()));
    Path out = folder.path();
    OutFolder.lock(out).close(); // before all images are looked at
    BestSparse shown = search.in(out).listener(Progress.study(System.out));
    BestSparse.Found found = makers.isPresent() ? shown.find(makers.get()) : shown.find();
    String text = FoundText.of(found);
    say(text);
    AtomicFiles.writeText(out.resolve("found.txt"), text + "\n");
    AtomicFiles.writeText(out.resolve("search.csv"), found.search().toCsv());
    found.search().writePage(out.resolve("search.html"), "Sparse networks at " + sparsity);
    say("All that was tried: " + out.resolve("search.html").toAbsolutePath().normalize());
    return 0;
  }

  @Override
  public Study<PruneReport> study(List<String> arguments) throws IOException {
    toCommandLine().parseArgs(arguments.toArray(String[]::new));
    return search().study();
  }

  private BestSparse search() {
    long most = Duration.ofDays(365).toMinutes();
    if (!(minutes > 0 && minutes <= most)) {
      throw wrong(
          Problem.message(
              "time out of range",
              "--minutes",
              "above 0, at most " + most,
              minutes,
              "10 or more are usual"));
    }
    if (batch < 1) {
      throw wrong(
          Problem.message(
              "batch without images", "--batch", "at least 1", batch, "32 or more are usual"));
    }
    return using(
        () -> {
          Task task = task();
          BestSparse search = BestSparse.of(task, input.of(task.image()), sparsity);
          BestSparse stepped = OptionValue.of("--steps", () -> search.steps(steps));
          return stepped
              .batchSize(batch)
              .time(Duration.ofMillis((long) Math.ceil(60_000 * minutes)))
              .seed(seed);
        });
  }

  private Task task() throws IOException {
    try (GivenNetwork given = network.open()) {
      Shape image = given.image();
      int channels = (int) image.get(0);
      int height = (int) image.get(1);
      int width = (int) image.get(2);
      Path folder = images.resolve("train");
      if (!Files.isDirectory(folder)) {
        throw Problem.argument(
            "no pictures to train on",
            "--images " + images,
            "a folder train in it, with a folder per class",
            Files.isDirectory(images) ? "a folder without it" : "no folder",
            "name the folder that train is in");
      }
      ImageTable train = ClassFolders.read(folder, channels, height, width);
      Path tests = images.resolve("test");
      ImageTable test =
          Files.isDirectory(tests)
              ? ClassFolders.read(tests, channels, height, width, train.classNames())
              : null;
      return new Task(network, image, train, test);
    }
  }

  /** The network and the pictures. */
  private record Task(
      NetworkOptions options, Shape image, ImageTable train, @Nullable ImageTable test)
      implements StudyTask {
    @Override
    public String name() {
      return "pictures";
    }

    @Override
    public Model network() throws IOException {
      return options.open().model();
    }

    @Override
    public ImageSets images(long seed, NDManager manager) {
      ImageSets sets =
          ImageSets.of(train.toDataset(manager), train.classes()).classNames(train.classNames());
      return test == null ? sets : sets.test(test.toDataset(manager));
    }
  }
}
