package org.vpns.examples.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Record;
import ai.djl.util.Progress;
import com.google.common.hash.HashCode;
import com.google.common.hash.Hashing;
import com.google.common.io.MoreFiles;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.ImageInput;
import org.vpns.Sparsity;
import org.vpns.examples.Said;
import org.vpns.model.ResNets;
import org.vpns.onnx.Onnx;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.predict.PrunedModel;
import org.vpns.prompt.Prompts;
import org.vpns.prune.Pruners;
import org.vpns.report.Accuracy;
import org.vpns.study.SearchResults.Trial;
import org.vpns.study.StudyListener;
import org.vpns.study.StudyTask;
import org.vpns.study.data.ClassFolders;
import org.vpns.study.data.ImageTable;
import org.vpns.train.ImageSets;
import org.vpns.train.Length;
import org.vpns.train.Recipe;
import org.vpns.train.Trainer;

/** The best sparse network of a few seconds. */
class FindSparseTest {
  private static final int SIDE = 8;
  private static final int TRAIN = 40;

  @TempDir Path folder;
  private Path out;

  @BeforeEach
  void draw() throws IOException {
    out = folder.resolve("out");
    Random random = new Random(5);
    draw("train", TRAIN / 2, random);
    draw("test", 5, random);
  }

  private void draw(String set, int each, Random random) throws IOException {
    for (int label = 0; label < 2; label++) {
      Path own = folder.resolve("images").resolve(set).resolve("class" + label);
      Files.createDirectories(own);
      for (int i = 0; i < each; i++) {
        BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
        for (int p = 0; p < SIDE * SIDE; p++) {
          int noise = random.nextInt(64);
          image.setRGB(p % SIDE, p / SIDE, noise << (label == 0 ? 16 : 0) | 0x404040);
        }
        ImageIO.write(image, "png", own.resolve(i + ".png").toFile());
      }
    }
  }

  /** The network and pictures, with test pictures or without. */
  private record Task(Path images, boolean tests) implements StudyTask {
    @Override
    public String name() {
      return "drawn";
    }

    @Override
    public Model network() {
      return ResNets.small().withInput(3, SIDE, SIDE).withClasses(2).newModel("drawn", 3);
    }

    @Override
    public ImageSets images(long seed, NDManager manager) throws IOException {
      ImageTable train = ClassFolders.read(images.resolve("train"), 3, SIDE, SIDE);
      ImageSets sets =
          ImageSets.of(train.toDataset(manager), train.classes()).classNames(train.classNames());
      return tests
          ? sets.test(ClassFolders.read(images.resolve("test"), 3, SIDE, SIDE).toDataset(manager))
          : sets;
    }
  }

  private BestSparse search(boolean tests) {
    return BestSparse.of(
            new Task(folder.resolve("images"), tests),
            ImageInput.of(3, SIDE, SIDE),
            Sparsity.of("0.5"))
        .steps(18)
        .batchSize(16)
        .time(Duration.ofMillis(1)) // one run of each method
        .in(out);
  }

  @Test
  void best_isTheOneWithMostValidationImages_andIsCounted() throws IOException {
    BestSparse.Found found = search(true).find();

    assertThat(found.search().timeIsUp()).isTrue();
    assertThat(found.runnersUp())
        .hasSize(4)
        .allMatch(trial -> accuracy(trial) <= accuracy(found.best()));
    assertThat(found.best().method()).isNotEqualTo(MethodSpaces.DENSE);
    assertThat(Objects.requireNonNull(found.dense()).method()).isEqualTo(MethodSpaces.DENSE);
    // no test image was read before the networks were chosen
    assertThat(Objects.requireNonNull(found.best().report()).tuned()).isNull();
    for (Accuracy tested :
        Arrays.asList(found.givenTested(), found.bestTested(), found.denseTested())) {
      assertThat(Objects.requireNonNull(tested).images()).isEqualTo(10);
    }
    try (PrunedModel model = PrunedModel.load(found.model())) {
      assertThat(model.masks().sparsity()).isEqualTo(0.5);
    }
    assertThat(FoundText.of(found))
        .contains("as given", "best sparse", "dense", "runner-up", "The best sparse network: ")
        .contains("50.00");
  }

  /** Neither settings nor the mapping of labels are chosen with test images in sight. */
  @Test
  void testImages_areReadWhenTheSearchHasEnded_andNotBefore() throws IOException {
    int[] read = {0};
    List<Integer> readInTheSearch = new ArrayList<>();
    StudyListener ends =
        new StudyListener() {
          @Override
          public void studyEnded() {
            readInTheSearch.add(read[0]);
          }
        };
    StudyTask counting =
        new StudyTask() {
          private final Task task = new Task(folder.resolve("images"), true);

          @Override
          public String name() {
            return task.name();
          }

          @Override
          public Model network() {
            return task.network();
          }

          @Override
          public ImageSets images(long seed, NDManager manager) throws IOException {
            ImageSets given = task.images(seed, manager);
            return ImageSets.of(given.train(), given.classes())
                .classNames(given.classNames())
                .test(new Counted(Objects.requireNonNull(given.test()), read));
          }
        };

    BestSparse.Found found =
        BestSparse.of(counting, ImageInput.of(3, SIDE, SIDE), Sparsity.of("0.5"))
            .steps(18)
            .batchSize(16)
            .time(Duration.ofMillis(1))
            .in(out)
            .listener(ends)
            .find();

    assertThat(found.search().trials()).isNotEmpty().noneMatch(t -> t.failure() != null);
    assertThat(readInTheSearch).isNotEmpty().containsOnly(0);
    assertThat(read[0]).isEqualTo(3 * 10); // the network as given, the best, the dense one
  }

  /** Counts the images that are taken of another data set. */
  private static final class Counted extends RandomAccessDataset {
    private final RandomAccessDataset images;
    private final int[] read;

    Counted(RandomAccessDataset images, int[] read) {
      super(new Builder());
      this.images = images;
      this.read = read;
    }

    private static final class Builder extends BaseBuilder<Builder> {
      Builder() {
        setSampling(16, false);
      }

      @Override
      protected Builder self() {
        return this;
      }
    }

    @Override
    public Record get(NDManager manager, long index) throws IOException {
      read[0]++;
      return images.get(manager, index);
    }

    @Override
    protected long availableSize() {
      return images.size();
    }

    @Override
    public void prepare(Progress progress) {}
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void count_ofASavedResult_isWhatItsRunCounted(boolean prompted) throws IOException {
    Task task = new Task(folder.resolve("images"), true);
    Recipe.Builder recipe =
        Recipe.of(
                Pruners.magnitude()
                    .weights(UpdateRule.sgd(), LearningRate.constant(0.1))
                    .length(Length.iterations(6)),
                Sparsity.of("0.5"))
            .input(ImageInput.of(3, SIDE, SIDE));
    try (NDManager manager = NDManager.newBaseManager();
        Model model = task.network();
        Model fresh = task.network()) {
      ImageSets images = task.images(1, manager);
      Accuracy counted;
      try (PrunedModel pruned =
          Trainer.of((prompted ? recipe.prompt(Prompts.pad(2)) : recipe).build())
              .fit(model, images)) {
        pruned.save(out);
        counted = Objects.requireNonNull(pruned.report().tuned());
      }

      Accuracy again = TestCount.of(out, fresh, Objects.requireNonNull(images.test()), 3);

      assertThat(again.images()).isEqualTo(counted.images());
      assertThat(again.prompted()).isEqualTo(counted.prompted());
      assertThat(again.prompted() != null).isEqualTo(prompted);
      assertThat(again.plain()).isEqualTo(counted.plain());
    }
  }

  private static double accuracy(Trial trial) {
    return Objects.requireNonNull(trial.validation());
  }

  @Test
  void withoutTestImages_nothingIsCounted() throws IOException {
    BestSparse.Found found = search(false).find();

    assertThat(found.bestTested()).isNull();
    assertThat(found.givenTested()).isNull();
    try (PrunedModel model = PrunedModel.load(found.model())) {
      assertThat(model.report().recipe()).isEqualTo(found.best().recipe().name());
    }
  }

  private Said run(String... arguments) {
    return Said.of(
        new FindSparse(),
        Stream.concat(
                Stream.of(arguments),
                Stream.of("--images", folder.resolve("images").toString(), "--out", out.toString()))
            .toArray(String[]::new));
  }

  private Path network() throws IOException {
    Path network = folder.resolve("network.onnx");
    try (Model model = ResNets.small().withInput(3, SIDE, SIDE).withClasses(2).newModel("n", 3)) {
      Onnx.export(model.getBlock(), new Shape(3, SIDE, SIDE)).write(network);
    }
    return network;
  }

  private Said find(String... more) throws IOException {
    Path network = network();
    Stream<String> common =
        Stream.of(
            network.toString(),
            "--sparsity=0.5",
            "--steps=18",
            "--minutes=0.0001", // one run of each method
            "--batch=16");
    return run(Stream.concat(common, Stream.of(more)).toArray(String[]::new));
  }

  @Test
  void folderThatCannotBeWritten_isToldFirst() throws IOException {
    Files.writeString(out, "a file");
    Said said = find();
    assertThat(said.code()).isEqualTo(1);
    assertThat(said.err())
        .startsWith("results cannot be written: " + out + "; expected a folder to write into,")
        .contains("--out names it");
  }

  @Test
  void main_writesNetworkTableAndPage() throws IOException {
    Said said = find();

    assertThat(said.code()).as(said.err()).isZero();
    assertThat(said.out()).contains("best sparse", "The time was up", "search.html");
    assertThat(Files.readString(out.resolve("found.txt"))).contains("runner-up");
    assertThat(Files.readString(out.resolve("search.html"))).contains("Sparse networks at 0.5");
    assertThat(Files.readString(out.resolve("search.csv"))).contains("\nHYDRA,");
  }

  /** Digests of the networks that a search has left below its folder, by file. */
  private static Map<String, String> networks(Path folder) throws IOException {
    Map<String, String> digests = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(FindSparseTest::isNetwork).toList()) {
        HashCode digest = MoreFiles.asByteSource(file).hash(Hashing.sha256());
        digests.put(folder.relativize(file).toString(), digest.toString());
      }
    }
    return digests;
  }

  private static boolean isNetwork(Path file) {
    return file.toString().contains("models") && file.toString().endsWith(".safetensors");
  }

  @Test
  void main_byTwoWorkers_findsWhatOneProcessFinds() throws IOException {
    out = folder.resolve("here");
    assertThat(find()).satisfies(said -> assertThat(said.code()).as(said.err()).isZero());
    out = folder.resolve("there");
    assertThat(find("--workers=2"))
        .satisfies(said -> assertThat(said.code()).as(said.err()).isZero());

    Path here = folder.resolve("here");
    assertThat(out.resolve("workers")).isDirectoryContaining("glob:**worker-2.log");
    assertThat(Files.readString(out.resolve("search.csv")))
        .isEqualTo(Files.readString(here.resolve("search.csv")));
    // six that were tried
    assertThat(networks(here)).hasSizeGreaterThanOrEqualTo(6);
    assertThat(networks(out)).isEqualTo(networks(here));
  }

  @Test
  void folderWithoutTrain_isTold() throws IOException {
    Path classes = folder.resolve("images/train");
    Path network = network();
    Said said =
        Said.of(new FindSparse(), network.toString(), "--images=" + classes, "--out=" + out);
    assertThat(said.code()).isEqualTo(2);
    assertThat(said.err())
        .startsWith(
            "no pictures to train on: --images "
                + classes
                + "; expected a folder train in it, with a folder per class, found a folder"
                + " without it; name the folder that train is in.");
    assertThat(out).doesNotExist();
  }

  @Test
  void mistakes_areTold() {
    Map<List<String>, String> cases =
        Map.of(
            List.of("nothing.onnx"), "nothing.onnx",
            List.of("nothing.onnx", "--minutes", "0"), "time out of range: --minutes",
            List.of("nothing.onnx", "--batch", "0"), "batch without images: --batch; expected",
            List.of("nothing.onnx", "--sparsity", "1"), "'--sparsity': nothing left to train",
            List.of("nothing.onnx", "--sparsity", "2"), "sparsity");
    cases.forEach(
        (options, message) -> {
          Said said = run(options.toArray(String[]::new));
          assertThat(said.err()).contains(message);
          assertThat(said.code()).isEqualTo(2);
        });
    assertThat(Said.of(new FindSparse(), "nothing.onnx").code()).isEqualTo(2);
    BestSparse best = search(false);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> best.steps(4))
        .withMessageStartingWith("too few gradient steps: BestSparse.steps");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                BestSparse.of(
                    new Task(folder, false), ImageInput.of(3, SIDE, SIDE), Sparsity.DENSE))
        .withMessageStartingWith("nothing to remove: BestSparse.of");
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                BestSparse.of(
                        new Task(folder, false), ImageInput.of(3, SIDE, SIDE), Sparsity.of("0.5"))
                    .find())
        .withMessageStartingWith("no folder for results: BestSparse.find");
  }

  @Test
  void help_namesAllOptions() {
    assertThat(Said.of(new FindSparse(), "--help").out())
        .contains(
            "--images",
            "--sparsity",
            "--minutes",
            "--imagenet",
            "--out",
            "--workers",
            "Exit codes:");
    assertThat(Said.of(new SearchRates(), "--help").out())
        .contains("--budget", "--seeds", "--out", "--workers", "Exit codes:");
  }
}
