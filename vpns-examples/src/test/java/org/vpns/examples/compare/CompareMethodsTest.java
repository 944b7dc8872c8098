package org.vpns.examples.compare;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.examples.Said;
import org.vpns.model.ResNets;
import org.vpns.report.PruneReport;
import org.vpns.report.StageRecord;
import org.vpns.study.data.CifarRecords;
import org.vpns.weights.WeightFile;

/** The comparison from the command line, on a handful of random images and random networks. */
class CompareMethodsTest {
  private static final String[] THREE = {
    "--methods=OMP,HYDRA,VPNs", "--sparsities=0.9", "--seeds=1", "--steps=2"
  };

  @TempDir static Path shared;
  @TempDir Path out;

  private static Path cifar;
  private static Path flowers;

  @BeforeAll
  static void writeImagesAndNetwork() throws IOException {
    cifar = Files.createDirectory(shared.resolve("cifar"));
    flowers = Files.createDirectory(shared.resolve("flowers"));
    write(cifar.resolve("train_a.bin"), 20, 10);
    write(cifar.resolve("test_a.bin"), 10, 10);
    write(flowers.resolve("train_a.bin"), 20, 5);
    write(flowers.resolve("test_a.bin"), 10, 5);
    try (Model model = ResNets.cifar20().newModel("random", 1)) {
      WeightFile.save(model.getBlock(), cifar.resolve("resnet20.safetensors"), Map.of());
    }
  }

  private static void write(Path file, int images, int classes) throws IOException {
    byte[] records = new byte[images * CifarRecords.RECORD_BYTES];
    new Random(images).nextBytes(records);
    for (int i = 0; i < images; i++) {
      records[i * CifarRecords.RECORD_BYTES] = (byte) (i % classes);
    }
    Files.write(file, records);
  }

  private static Said call(List<String> options) {
    return Said.of(new CompareMethods(), options.toArray(String[]::new));
  }

  private Said compare(String[] common, String... more) {
    List<String> options = new ArrayList<>(List.of(common));
    options.addAll(List.of(more));
    options.add("--out=" + out);
    return call(options);
  }

  /** The kept report of a run of a task. */
  private Path file(String task, String name) {
    return out.resolve("runs").resolve(task).resolve(name);
  }

  private PruneReport run(String task, String name) throws IOException {
    return PruneReport.read(file(task, name));
  }

  @Test
  void cifar_threeMethods_leaveTablePageAndReports() throws IOException {
    Said said = compare(THREE, "--task=cifar", "--data=" + cifar);

    assertThat(said.text()).contains("The files fix which images are trained on and tested");
    assertThat(said.code()).isZero();
    assertThat(Files.readString(out.resolve("comparison.md")))
        .contains("| 0.9 | OMP |", "| 0.9 | HYDRA |", "| 0.9 | VPNs |")
        .contains("The files fix which images are trained on and tested")
        .contains("The rate of scores was chosen at sparsity 0.9");
    assertThat(Files.readAllLines(out.resolve("comparison.csv"))).hasSize(4);
    assertThat(out.resolve("report.html"))
        .content()
        .contains("All methods: cifar (short form: ", "too few for its figures to count");
    PruneReport vpns = run("cifar", "vpns-0.9-1.json");
    // 268,336 - floor(0.9 * 268,336)
    assertThat(vpns.kept()).isEqualTo(26_834);
    assertThat(vpns.gradientSteps()).isEqualTo(4);
    assertThat(vpns.tuned().images()).isEqualTo(10);
    assertThat(vpns.provenance())
        .containsEntry("mapping", "identity")
        .containsEntry("batch size", "64")
        .containsEntry(
            "engine kernels",
            System.getenv().getOrDefault("ONEDNN_MAX_CPU_ISA", "all that the processor has"))
        .hasEntrySatisfying(
            "vpns", version -> assertThat(version).matches("\\d+\\.\\d+.*|classes in no jar"))
        .hasEntrySatisfying("training data", data -> assertThat(data).startsWith("20 images"));
    assertThat(vpns.provenance().get("input")).contains("0.485");
  }

  @Test
  void flowers_ofFiveClasses_areMappedFromTenOutputs() throws IOException {
    Said said =
        compare(
            new String[] {
              "--methods=HYDRA,HYDRA (mapped rows only)",
              "--sparsities=0.9",
              "--seeds=1",
              "--steps=2"
            },
            "--task=flowers",
            "--data=" + flowers,
            "--network=" + cifar.resolve("resnet20.safetensors"));

    assertThat(said.text()).contains("HYDRA (mapped rows only)");
    assertThat(said.code()).isZero();
    PruneReport whole = run("flowers", "hydra-0.9-1.json");
    assertThat(whole.mapping()).hasDimensions(5, 1);
    PruneReport narrow = run("flowers", "hydra-mapped-rows-only-0.9-1.json");
    // 5 rows of 64 weights are gone; what the classes are told by is the same network
    assertThat(narrow.prunable()).isEqualTo(268_336 - 5 * 64);
    assertThat(narrow.mapping()).isDeepEqualTo(new int[][] {{0}, {1}, {2}, {3}, {4}});
    assertThat(narrow.dense()).isEqualTo(whole.dense());
  }

  /** Files of runs under a folder, but for what they took in time. */
  private static Map<String, String> runs(Path folder, String task) throws IOException {
    Map<String, String> texts = new TreeMap<>();
    for (Path file : kept(folder.resolve("runs").resolve(task))) {
      String text = Files.readString(file);
      texts.put(
          file.getFileName().toString(), text.replaceAll("(\"\\w*[sS]econds\"): [^,\n]*", "$1"));
    }
    return texts;
  }

  @Test
  void lth_byTwoWorkers_isThatOfOneProcess_andSharesItsRounds() throws IOException {
    List<String> options = List.of("--methods=LTH,HYDRA", "--sparsities=0.5,0.8", "--steps=2");
    Path here = out.resolve("here");
    Path there = out.resolve("there");
    List<String> alone = new ArrayList<>(options);
    alone.addAll(List.of("--seeds=1", "--out=" + here));
    assertThat(call(alone).code()).isZero();
    List<String> shared = new ArrayList<>(options);
    shared.addAll(List.of("--seeds=1", "--workers=2", "--out=" + there));

    assertThat(call(shared)).satisfies(said -> assertThat(said.text()).contains("| 0.8 | LTH |"));

    assertThat(runs(there, "digits")).hasSize(4).isEqualTo(runs(here, "digits"));
    // rounds to 0.5 are those on the way to 0.8
    assertThat(there.resolve("stages").toFile().list())
        .containsExactlyInAnyOrder(here.resolve("stages").toFile().list());
  }

  @Test
  void digits_withoutATask_areCompared() throws IOException {
    Said said =
        compare(
            new String[] {
              "--methods=Dense,OMP,Random", "--sparsities=0.9,0.95", "--seeds=2", "--steps=2"
            });

    assertThat(said.text()).contains("A seed draws its own training and test images");
    assertThat(said.code()).isZero();
    PruneReport second = run("digits", "random-0.9-2.json");
    assertThat(second.prunable()).isEqualTo(77_072);
    assertThat(second.tuned().images()).isEqualTo(797);
    // without HYDRA the first method that is pruned is the baseline; dense is run once for all
    assertThat(Files.readString(out.resolve("comparison.md")))
        .contains("vs OMP", "| method | 0 | 0.9 | 0.95 |", "| Dense | ");
    assertThat(Files.readAllLines(out.resolve("comparison.csv"))).hasSize(6);
  }

  @Test
  void lth_atTwoSparsities_sharesRounds_andTellsTheCostOfEachAlone() throws IOException {
    Said said =
        compare(new String[] {"--methods=LTH", "--sparsities=0.5,0.6", "--seeds=1", "--steps=2"});

    assertThat(said.code()).isZero();
    // 4 and 5 rounds of 2 steps, and tuning; 3 rounds are the same
    assertThat(run("digits", "lth-0.5-1.json").gradientSteps()).isEqualTo(10);
    PruneReport second = run("digits", "lth-0.6-1.json");
    assertThat(second.gradientSteps()).isEqualTo(12);
    assertThat(second.stages().subList(0, 3))
        .isEqualTo(run("digits", "lth-0.5-1.json").stages().subList(0, 3));
  }

  @Test
  void comparison_startedAgain_runsOnlyWhatIsMissing() throws IOException {
    String[] options = {"--task=cifar", "--data=" + cifar};
    assertThat(compare(THREE, options).code()).isZero();
    Map<String, String> before = new LinkedHashMap<>();
    for (String name : List.of("omp-0.9-1.json", "hydra-0.9-1.json", "vpns-0.9-1.json")) {
      before.put(name, Files.readString(file("cifar", name)));
    }
    // Were it run again, it would lose this mark.
    Files.writeString(
        file("cifar", "omp-0.9-1.json"),
        before.get("omp-0.9-1.json").replaceFirst("\"prunable\"", "\"mark\": 1,\n  \"prunable\""));
    Files.delete(file("cifar", "hydra-0.9-1.json"));

    Said again = compare(THREE, options);

    assertThat(again.code()).isZero();
    assertThat(Files.readAllLines(out.resolve("comparison.csv"))).hasSize(4);
    assertThat(Files.readString(file("cifar", "omp-0.9-1.json"))).contains("\"mark\": 1");
    assertThat(Files.readString(file("cifar", "vpns-0.9-1.json")))
        .isEqualTo(before.get("vpns-0.9-1.json"));
    PruneReport hydra = run("cifar", "hydra-0.9-1.json");
    PruneReport first = PruneReport.fromJson(before.get("hydra-0.9-1.json"));
    assertThat(hydra.layers()).isEqualTo(first.layers());
    assertThat(hydra.tuned()).isEqualTo(first.tuned());
    assertThat(hydra.stages().get(1).losses()).isEqualTo(first.stages().get(1).losses());
  }

  /** As docs/figures.md says of studies in pieces. */
  @Test
  void seeds_runInPieces_andCopiedTogether_areTheWhole() throws IOException {
    List<String> options =
        List.of("--methods=OMP,HYDRA", "--sparsities=0.9", "--task=cifar", "--data=" + cifar);
    Path whole = out.resolve("whole");
    assertThat(seeds(options, "1-3", whole).text()).contains("3 seeds");
    Path joined = out.resolve("joined/runs/cifar");
    Files.createDirectories(joined);
    for (String piece : List.of("1-2", "3-3")) {
      Path folder = out.resolve("piece" + piece);
      assertThat(seeds(options, piece, folder).code()).isZero();
      for (Path run : kept(folder.resolve("runs/cifar"))) {
        Files.copy(run, joined.resolve(run.getFileName()));
      }
    }
    Map<String, FileTime> before = times(joined);
    assertThat(before).hasSize(6);

    assertThat(seeds(options, "3", out.resolve("joined")).code()).isZero();

    assertThat(times(joined)).isEqualTo(before); // nothing is made again
    assertThat(runs(out.resolve("joined"), "cifar")).isEqualTo(runs(whole, "cifar"));
    assertThat(Files.readAllLines(out.resolve("joined/comparison.csv")))
        .hasSize(3)
        .anyMatch(line -> line.startsWith("0.9,OMP,3,"));
    assertThat(out.resolve("joined/report.html")).isNotEmptyFile();
  }

  private static Said seeds(List<String> options, String seeds, Path folder) {
    List<String> all = new ArrayList<>(options);
    all.addAll(List.of("--steps=2", "--seeds=" + seeds, "--out=" + folder));
    return call(all);
  }

  private static List<Path> kept(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".json")).sorted().toList();
    }
  }

  private static Map<String, FileTime> times(Path folder) throws IOException {
    Map<String, FileTime> times = new TreeMap<>();
    for (Path file : kept(folder)) {
      times.put(file.getFileName().toString(), Files.getLastModifiedTime(file));
    }
    return times;
  }

  @Test
  void comparison_inAFolderOfOtherOptions_isRefused() throws IOException {
    String[] one = {"--methods=OMP", "--sparsities=0.9", "--seeds=1"};
    assertThat(compare(one, "--task=cifar", "--data=" + cifar, "--steps=2").code()).isZero();
    String kept = Files.readString(file("cifar", "omp-0.9-1.json"));

    Said longer = compare(one, "--task=cifar", "--data=" + cifar, "--steps=3");
    assertThat(longer.code()).isEqualTo(1);
    assertThat(longer.text())
        .startsWith("report of another run: " + file("cifar", "omp-0.9-1.json") + ", stage 1")
        .contains("choose another folder")
        .doesNotContain("\tat ");

    Said other =
        compare(
            one,
            "--task=cifar",
            "--data=" + flowers,
            "--network=" + cifar.resolve("resnet20.safetensors"),
            "--steps=2");
    assertThat(other.code()).isEqualTo(1);
    assertThat(other.text()).startsWith("report of another run: ");
    assertThat(Files.readString(file("cifar", "omp-0.9-1.json"))).isEqualTo(kept);
  }

  @Test
  void commandLine_wrong_saysWhatAndRunsNothing() throws IOException {
    Path none = shared.resolve("none");
    Path damaged = Files.createDirectory(out.resolve("damaged"));
    write(damaged.resolve("train_a.bin"), 2, 2);
    Files.write(damaged.resolve("test_a.bin"), new byte[3_072]);
    Path weights = cifar.resolve("resnet20.safetensors");
    Path others = out.resolve("small.safetensors");
    try (Model model = ResNets.small().newModel("small", 1)) {
      WeightFile.save(model.getBlock(), others, Map.of());
    }
    Map<List<String>, String> cases = new LinkedHashMap<>();
    cases.put(
        List.of("--task=cfar"),
        "unknown name: --task; expected [cifar, digits, few-digits, flowers, mobilenet,"
            + " paper-cars,");
    cases.put(List.of("--task=cifar"), "folder of images missing: --task cifar; expected --data");
    cases.put(List.of("--task=cifar", "--data=" + none), "no such folder: " + none);
    cases.put(
        List.of("--task=flowers", "--data=" + flowers),
        "file of weights missing: --task flowers; expected resnet20.safetensors in the folder");
    cases.put(
        List.of("--task=cifar", "--data=" + cifar, "--network=" + none),
        "file of weights missing: --task cifar; expected a file at --network, found no " + none);
    cases.put(
        List.of("--task=cifar", "--data=" + shared, "--network=" + weights),
        "no file of records: " + shared);
    cases.put(
        List.of("--task=cifar", "--data=" + damaged, "--network=" + weights),
        "file ends inside a record: " + damaged.resolve("test_a.bin"));
    cases.put(
        List.of("--task=cifar", "--data=" + cifar, "--network=" + others), "small.safetensors");
    cases.put(List.of("--data=" + cifar), "option of another task: --data; expected none for");
    cases.put(List.of("--network=" + weights), "option of another task: --network");
    cases.put(
        List.of("--steps=3", "--epochs=3"),
        "two lengths of a stage: --epochs; expected --steps or --epochs, found --steps 3 and");
    cases.put(List.of("--epochs=0"), "number of epochs out of range: --epochs; expected 1 to");
    cases.put(
        List.of("--task=cifar", "--data=" + cifar, "--epochs=1"),
        "stage too short: --epochs, gradient steps; expected at least 2, found 1; name more");
    cases.put(
        List.of("--task=digits", "--paper"),
        "two tasks: --paper; expected --task or --paper, found --task digits and --paper cifar100");
    cases.put(List.of("--paper=cats"), "unknown name: --paper; expected [cars, cifar10, cifar100,");
    cases.put(
        List.of("--paper"), "folder of images missing: --task paper-cifar100; expected --data");
    cases.put(List.of("--methods=HYDRAA"), "unknown name: --methods; expected [Dense, ");
    cases.put(
        List.of("--seeds=0"), "number of seeds out of range: --seeds; expected 1 to 100, found 0");
    cases.put(
        List.of("--seeds=4-"),
        "neither a number of seeds nor a range of them: --seeds; expected 1 to 100, or two of these"
            + " such as 4-6, found '4-'");
    cases.put(
        List.of("--sparsities=0.9,0.90"),
        "listed twice: --sparsities; expected each once, found '0.9'; leave one out.");
    cases.put(
        List.of("--sparsities=,"),
        "nothing listed: --sparsities; expected at least one, found none; name one.");
    cases.put(List.of("--methods=,"), "nothing listed: --methods; ");
    String workers = "number of workers out of range: --workers; expected 0 to 1024, found ";
    cases.put(List.of("--workers=-1"), workers + "-1");
    cases.put(List.of("--workers=2000"), workers + "2000");
    cases.put(List.of("--seeds=6-4"), "range of seeds that is none: --seeds; expected the first");
    cases.put(List.of("--seeds=0-4"), "found '0-4'");
    cases.put(List.of("--seeds=99-101"), "found '99-101'");
    cases.put(List.of("--steps=1"), "stage too short: --steps; expected at least 2, found 1");
    cases.put(List.of("--sparsities=ninety"), "ninety");
    cases.put(List.of("--sort"), "'--sort'");

    Path results = out.resolve("results");
    cases.forEach(
        (options, message) -> {
          List<String> all = new ArrayList<>(options);
          all.add("--out=" + results);
          Said said = call(all);
          assertThat(said.text()).contains(message).contains("Try CompareMethods --help.");
          assertThat(said.code()).isEqualTo(2);
        });
    assertThat(results).doesNotExist();
  }

  @Test
  void commandLine_help_namesEveryOption() {
    Said said = call(List.of("--help"));
    assertThat(said.code()).isZero();
    assertThat(said.text())
        .contains("--task", "--data", "--network", "--methods", "--sparsities", "--seeds")
        .contains("--steps", "--out", "--workers", "--model", "--epochs", "--paper");
  }

  /** Twenty images are one batch of 64, so two epochs are two steps of each stage. */
  @Test
  void names_thatThePapersReadersExpect_meanTheSame() throws IOException {
    String[] one = {"--methods=HYDRA", "--sparsities=0.9", "--seeds=1", "--task=flowers"};
    String weights = cifar.resolve("resnet20.safetensors").toString();
    assertThat(compare(one, "--data=" + flowers, "--model=" + weights, "--epochs=2").code())
        .isZero();
    PruneReport epochs = run("flowers", "hydra-0.9-1.json");
    assertThat(epochs.stages()).extracting(StageRecord::gradientSteps).containsExactly(2L, 2L);
    assertThat(out.resolve("report.html")).content().contains("2 gradient steps per stage in");

    // the kept run is that of these options as well
    String kept = Files.readString(file("flowers", "hydra-0.9-1.json"));
    assertThat(compare(one, "--data=" + flowers, "--network=" + weights, "--steps=2").code())
        .isZero();
    assertThat(Files.readString(file("flowers", "hydra-0.9-1.json"))).isEqualTo(kept);
  }
}
