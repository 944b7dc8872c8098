package org.vpns.examples.shrink;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.pooling.Pool;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.examples.OutFolder;
import org.vpns.graph.GraphBlock;
import org.vpns.graph.LayerTable;
import org.vpns.internal.io.FolderLock;
import org.vpns.io.SafeTensors;
import org.vpns.model.ResNets;
import org.vpns.onnx.Onnx;
import org.vpns.onnx.OnnxImport;
import org.vpns.predict.PrunedModel;
import org.vpns.structured.plan.ChannelPlan;
import org.vpns.weights.WeightFile;
import picocli.CommandLine;

class ShrinkTest {
  @TempDir Path folder;
  private Path network;
  private Path out;
  private final StringWriter said = new StringWriter();
  private final StringWriter errors = new StringWriter();

  @BeforeEach
  void write() throws IOException {
    network = folder.resolve("network.onnx");
    out = folder.resolve("out");
    try (Model model = ResNets.cifar20().withInput(3, 16, 16).withClasses(2).newModel("n", 3)) {
      Onnx.export(model.getBlock(), new Shape(3, 16, 16)).write(network);
    }
  }

  private int run(String... arguments) {
    CommandLine line = Shrink.commandLine();
    line.setOut(new PrintWriter(said, true)).setErr(new PrintWriter(errors, true));
    String[] all =
        Stream.concat(Stream.of(arguments), Stream.of("--out", out.toString()))
            .toArray(String[]::new);
    return line.execute(all);
  }

  @Test
  void network_withABudget_becomesSmaller() throws IOException {
    assertThat(run(network.toString(), "--macs", "0.5")).as(errors.toString()).isZero();

    ChannelPlan plan = ChannelPlan.load(out.resolve("plan.json"));
    try (Model smaller = Onnx.read(out.resolve("smaller.onnx"))) {
      long macs = LayerTable.of(((GraphBlock) smaller.getBlock()).graph()).macs();
      assertThat(macs).isEqualTo(plan.after().macs()).isLessThan(plan.before().macs() / 2 + 1);
    }
    assertThat(out.resolve("smaller.onnx")).satisfies(f -> smallerThan(f, network));
    assertThat(Files.readString(out.resolve("report.txt")))
        .contains("accuracy unknown: no test images; give some with --images")
        .contains("times as fast (ONNX Runtime, 1 thread, batch 1");
    assertThat(said.toString()).contains("asked: ").contains("written to ");
  }

  private static void smallerThan(Path one, Path other) throws IOException {
    assertThat(Files.size(one)).isLessThan(Files.size(other));
  }

  /** ONNX Runtime's fast kernels take multiples of 4 alone. */
  @Test
  void widths_areMultiplesOfFour_whereTheBudgetAllowsIt() throws IOException {
    for (String budget : new String[] {"--macs", "--parameters"}) {
      assertThat(run(network.toString(), budget, "0.6")).as(errors.toString()).isZero();
      assertThat(keptOfChanged()).isNotEmpty().allMatch(kept -> kept % 4 == 0);
      assertThat(said.toString()).contains("widths that change are multiples of 4");
    }
    // of 16, 32 and 64 channels no fewer than 4, 4 and 8 in multiples of 4
    assertThat(run(network.toString(), "--macs", "0.055")).as(errors.toString()).isZero();
    assertThat(keptOfChanged()).anyMatch(kept -> kept % 4 != 0);
    assertThat(said.toString()).contains("widths are multiples of nothing");
    ChannelPlan plan = ChannelPlan.load(out.resolve("plan.json"));
    assertThat((double) plan.after().macs() / plan.before().macs()).isBetween(0.045, 0.055);
  }

  @Test
  void widths_areOfAnyNumber_ifAskedForOrIfChannelsAreCounted() throws IOException {
    assertThat(run(network.toString(), "--macs", "0.6", "--round-to", "1")).isZero();
    assertThat(keptOfChanged()).anyMatch(kept -> kept % 4 != 0);
    assertThat(run(network.toString(), "--channels", "0.6")).isZero();
    assertThat(keptOfChanged()).anyMatch(kept -> kept % 4 != 0);
    // not 1 in its place
    assertThat(run(network.toString(), "--macs", "0.055", "--round-to", "4")).isEqualTo(2);
    assertThat(errors.toString()).contains("budget out of reach: macs");
  }

  private List<Integer> keptOfChanged() throws IOException {
    return ChannelPlan.load(out.resolve("plan.json")).groups().stream()
        .filter(group -> !group.removed().isEmpty())
        .map(ChannelPlan.Group::kept)
        .toList();
  }

  private void drawImages(int classes) throws IOException {
    Random random = new Random(5);
    for (String set : new String[] {"train", "test"}) {
      for (int label = 0; label < classes; label++) {
        Path own = folder.resolve("images").resolve(set).resolve("class" + label);
        Files.createDirectories(own);
        for (int i = 0; i < 4; i++) {
          BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB);
          image.setRGB(random.nextInt(16), random.nextInt(16), label == 0 ? 0xff0000 : 0xffff);
          ImageIO.write(image, "png", own.resolve(i + ".png").toFile());
        }
      }
    }
  }

  @Test
  void network_withImages_isTunedAndCounted() throws IOException {
    drawImages(2);

    int code =
        run(
            network.toString(),
            "--channels",
            "0.5",
            "--round-to",
            "4",
            "--epochs",
            "1",
            "--images",
            folder.resolve("images").toString());

    assertThat(code).as(errors.toString()).isZero();
    assertThat(Files.readString(out.resolve("report.txt")))
        .containsPattern("whole network: \\d+\\.\\d+ % of 8 images right")
        .containsPattern("smaller, not tuned: \\d+\\.\\d+ % of 8 images right")
        .containsPattern("smaller, tuned: \\d+\\.\\d+ % of 8 images right");
    try (PrunedModel result = PrunedModel.load(out.resolve("result"))) {
      assertThat(result.classNames()).containsExactly("class0", "class1");
      assertThat(result.report().channels())
          .isEqualTo(ChannelPlan.load(out.resolve("plan.json")).toRecord());
    }
    // another network now, with no images to tune it on
    Path own = Files.writeString(out.resolve("result").resolve("notes.txt"), "of the user");
    assertThat(run(network.toString(), "--channels", "0.6")).isZero();
    try (Stream<Path> left = Files.list(out.resolve("result"))) {
      assertThat(left).containsExactly(own);
    }
  }

  /** Each of another number would be counted, and tuned towards, as another class. */
  @Test
  void images_ofOtherClassesThanTheOutputs_areRefused() throws IOException {
    for (int classes : new int[] {1, 3}) {
      drawImages(classes);
      String images = folder.resolve("images").toString();
      assertThat(run(network.toString(), "--macs", "0.5", "--images", images)).isEqualTo(2);
      assertThat(errors.toString())
          .contains(
              "other classes than the network's: "
                  + images
                  + "; expected 2 folders, one for each output and in their order, found "
                  + classes);
    }
    assertThat(out.resolve("smaller.onnx")).doesNotExist();
  }

  @Test
  void network_withATime_isTimed() {
    assertThat(run(network.toString(), "--latency", "1000ms")).as(errors.toString()).isZero();
    assertThat(said.toString())
        .startsWith("times the network, its layers in several widths and smaller networks")
        .contains("milliseconds");
    assertThat(out.resolve("report.txt"))
        .content()
        .containsPattern("for at most 1000ms: [0-9.]+ => [0-9.]+ ms when the channels were chosen");
  }

  @Test
  void weightsOfAnotherNumberOfClasses_areRefusedWithTheOptionThatHelps() throws IOException {
    Path weights = folder.resolve("weights.safetensors");
    try (Model model = ResNets.cifar20().withInput(3, 16, 16).withClasses(2).newModel("n", 3)) {
      WeightFile.save(model, weights);
    }
    String[] other = {weights.toString(), "--macs", "0.5", "--architecture", "resnet20"};
    assertThat(run(other)).isEqualTo(2);
    assertThat(errors.toString()).contains("and --classes its number of outputs");
    String[] more = {"--classes", "2", "--size", "16"};
    assertThat(run(Stream.of(other, more).flatMap(Stream::of).toArray(String[]::new))).isZero();
  }

  /** As of PyTorch's DataParallel, whose names begin with module. */
  @Test
  void weightsWithAPrefix_areRefusedWithTheOptionThatLeavesItOut() throws IOException {
    Path weights = folder.resolve("weights.safetensors");
    try (Model model = ResNets.cifar20().withInput(3, 16, 16).withClasses(2).newModel("n", 3)) {
      WeightFile.save(model, weights);
    }
    SafeTensors own = SafeTensors.read(weights);
    SafeTensors.Builder all = SafeTensors.builder();
    own.names().forEach(name -> all.putFloats("module." + name, own.shape(name), own.floats(name)));
    all.write(weights);
    List<String> options = List.of(weights.toString(), "--macs", "0.5", "--classes", "2");
    List<String> more = List.of("--architecture", "resnet20", "--size", "16");
    assertThat(run(options, more)).isEqualTo(2);
    assertThat(errors.toString())
        .contains("strip the prefix 'module.'")
        .contains("--prefix is what names in the file begin with");
    assertThat(run(options, more, List.of("--prefix", "module."))).as(errors.toString()).isZero();
    assertThat(run(List.of(network.toString(), "--macs", "0.5", "--prefix", "x"))).isEqualTo(2);
    assertThat(errors.toString()).contains("ONNX file with another architecture");
  }

  @SafeVarargs
  private int run(List<String>... options) {
    return run(Stream.of(options).flatMap(List::stream).toArray(String[]::new));
  }

  /** The file tells the number of channels: grey pictures have one. */
  @Test
  void sizeOfGreyPictures_isTakenWithTheChannelsOfTheFile() throws IOException {
    try (Model model = ResNets.cifar20().withInput(1, 16, 16).withClasses(2).newModel("n", 3)) {
      Onnx.export(model.getBlock(), new Shape(1, 16, 16)).write(network);
    }
    assertThat(run(network.toString(), "--macs", "0.5", "--size", "16"))
        .as(errors.toString())
        .isZero();
    try (Model smaller = Onnx.read(out.resolve("smaller.onnx"))) {
      GraphBlock block = (GraphBlock) smaller.getBlock();
      assertThat(block.graph().tensor(block.graph().inputs().get(0)).shape())
          .isEqualTo(new Shape(-1, 1, 16, 16));
    }
  }

  @Test
  void networkInThePlaceOfAResult_isRefusedAndKept() throws IOException {
    Files.createDirectories(out.resolve("result"));
    for (Path place : List.of(out.resolve("smaller.onnx"), out.resolve("result/network.onnx"))) {
      Files.copy(network, place);
      assertThat(run(place.toString(), "--macs", "0.5")).isEqualTo(2);
      assertThat(errors.toString())
          .contains("network in the place of a result: " + place + "; expected a file that --out");
      assertThat(place).hasSameBinaryContentAs(network);
      Files.delete(place);
    }
    Path beside = Files.copy(network, out.resolve("network.onnx"));
    assertThat(run(beside.toString(), "--macs", "0.5")).as(errors.toString()).isZero();
  }

  @Test
  void budgetThatTheNetworkKeepsTo_isTold_andSaysNothingOfWidths() throws IOException {
    for (String[] budget : new String[][] {{"--bytes", "9GB"}, {"--channels", "1"}}) {
      assertThat(run(network.toString(), budget[0], budget[1])).as(errors.toString()).isZero();
      assertThat(Files.readString(out.resolve("report.txt")))
          .contains("no channel leaves: the network keeps to the budget as it is")
          .doesNotContain("multiples");
    }
  }

  @Test
  void sizeThatTheFileDoesNotTake_isRefusedWithTheOption() {
    assertThat(run(network.toString(), "--macs", "0.5", "--size", "-3")).isEqualTo(2);
    assertThat(errors.toString()).contains("size out of range: --size; expected at least 1");
    assertThat(run(network.toString(), "--macs", "0.5", "--size", "18")).isEqualTo(2);
    assertThat(errors.toString()).contains("Here --size gives height and width");
    assertThat(run(network.toString(), "--macs", "0.5", "--size", "16")).isZero();
  }

  @Test
  void images_forANetworkThatIsNoClassifier_areRefused() throws IOException {
    drawImages(2);
    try (Model maps = Model.newInstance("maps")) {
      maps.setBlock(Conv2d.builder().setFilters(2).setKernelShape(new Shape(1, 1)).build());
      maps.getBlock().initialize(maps.getNDManager(), DataType.FLOAT32, new Shape(1, 3, 16, 16));
      Onnx.export(maps.getBlock(), new Shape(3, 16, 16)).write(network);
    }
    String images = folder.resolve("images").toString();
    assertThat(run(network.toString(), "--macs", "1", "--images", images)).isEqualTo(2);
    assertThat(errors.toString())
        .startsWith("network is no classifier: --images; ")
        .contains("leave --images out");
    assertThat(run(network.toString(), "--macs", "1")).isZero();
  }

  @Test
  void networkOfTwoInputs_isShrunk_butHasNoImagesToCount() throws IOException {
    drawImages(2);
    Shape image = new Shape(3, 16, 16);
    try (Model pair = Model.newInstance("pair")) {
      SequentialBlock block =
          new SequentialBlock()
              .add(inputs -> new NDList(inputs.get(0).concat(inputs.get(1), 1)))
              .add(Conv2d.builder().setFilters(8).setKernelShape(new Shape(3, 3)).build())
              .add(Pool.globalAvgPool2dBlock())
              .add(Linear.builder().setUnits(2).build());
      pair.setBlock(block);
      Shape batch = new Shape(1).addAll(image);
      block.initialize(pair.getNDManager(), DataType.FLOAT32, batch, batch);
      Onnx.export(block, image, image)
          .names(List.of("left", "right"), List.of("same?"))
          .write(network);
    }
    String images = folder.resolve("images").toString();
    assertThat(run(network.toString(), "--macs", "0.5", "--images", images)).isEqualTo(2);
    assertThat(errors.toString())
        .startsWith("network that takes no images: " + network + "; expected one input")
        .contains("found 2 inputs, for one image [(3, 16, 16), (3, 16, 16)]; ");
    assertThat(run(network.toString(), "--macs", "0.5")).isZero();
    smallerThan(out.resolve("smaller.onnx"), network);
    try (Model smaller = Onnx.read(out.resolve("smaller.onnx"))) {
      assertThat(smaller.getProperty(OnnxImport.INPUTS)).isEqualTo("left\nright");
      assertThat(smaller.getProperty(OnnxImport.RESULTS)).isEqualTo("same?");
    }
  }

  @Test
  void options_thatDoNotGoTogether_areToldAndNothingIsWritten() {
    assertThat(run(network.toString())).isEqualTo(2);
    assertThat(run(network.toString(), "--macs", "0.5", "--bytes", "1MB")).isEqualTo(2);
    assertThat(run(network.toString(), "--macs", "1.5")).isEqualTo(2);
    assertThat(run(network.toString(), "--parameters", "0")).isEqualTo(2);
    assertThat(run(network.toString(), "--channels", "1.5")).isEqualTo(2);
    assertThat(run(network.toString(), "--bytes", "0MB")).isEqualTo(2);
    assertThat(run(network.toString(), "--latency", "5")).isEqualTo(2);
    assertThat(run(network.toString(), "--macs", "0.5", "--importance", "l3")).isEqualTo(2);
    assertThat(run(network.toString(), "--macs", "0.5", "--keep", "nowhere")).isEqualTo(2);
    assertThat(run(network.toString(), "--macs", "0.5", "--epochs", "-1")).isEqualTo(2);
    assertThat(run("nothing.onnx", "--macs", "0.5")).isEqualTo(2);
    assertThat(run("nothing.pth", "--macs", "0.5")).isEqualTo(2);
    assertThat(run(network.toString(), "--macs", "0.5", "--images", "nowhere")).isEqualTo(2);
    assertThat(errors.toString())
        .contains("Invalid value for option '--macs': share out of range: ")
        .contains("Invalid value for option '--parameters': share out of range: ")
        .contains("Invalid value for option '--channels': sparsity out of range: ")
        .contains("Invalid value for option '--bytes': size that cannot be read: ")
        .doesNotContain("file or folder cannot be used")
        .contains("time that cannot be read")
        .contains("unknown name: --importance")
        .contains("no layer of this name")
        .contains("Here --keep names a layer whose channels stay, and --importance")
        .contains("epochs out of range: --epochs; expected at least 0, found -1;")
        .contains("no architecture for a file of weights: nothing.pth")
        .contains("nothing.onnx")
        .contains("nowhere");
    assertThat(said.toString()).isEmpty(); // of a time that cannot be read, before any is taken
    assertThat(out.resolve("smaller.onnx")).doesNotExist();
  }

  @Test
  void budget_outOfReach_saysHowNearItCame() {
    assertThat(run(network.toString(), "--macs", "0.0001")).isEqualTo(2);
    assertThat(errors.toString())
        .contains("budget out of reach: macs")
        .contains("nearest")
        .contains("Here --min-keep and --round-to say how many stay");
    assertThat(out.resolve("smaller.onnx")).doesNotExist();
  }

  @Test
  void channelsOutOfReach_fail_andWhatTheMessageSaysHelps() {
    // a tenth of 16 stays, rounded up
    assertThat(run(network.toString(), "--channels", "0.05")).isEqualTo(2);
    assertThat(errors.toString())
        .contains("budget out of reach: --channels; expected ")
        .contains(": at least 2 stay); keep more, lower --min-keep, or let groups compete by");
    assertThat(out.resolve("smaller.onnx")).doesNotExist();
    assertThat(run(network.toString(), "--channels", "0.07", "--min-keep", "1")).isZero();
    assertThat(run(network.toString(), "--channels", "0.15")).isZero();
  }

  @Test
  void budget_whereNoChannelCanLeave_saysWhy() {
    String[] keepingAll = {
      network.toString(), "--macs", "0.5", "--keep", "conv1", "--keep", "layer1"
    };
    String[] more = {"--keep", "layer2", "--keep", "layer3"};
    assertThat(run(Stream.of(keepingAll, more).flatMap(Stream::of).toArray(String[]::new)))
        .isEqualTo(2);
    assertThat(errors.toString())
        .contains("(no channel can leave; the first stays: 'conv1' keeps its outputs");
  }

  @Test
  void folderThatCannotBeWritten_isToldBeforeAnythingIsDone() throws IOException {
    out = Files.writeString(folder.resolve("notes"), "a file");
    assertThat(run(network.toString(), "--macs", "0.5")).isEqualTo(1);
    assertThat(said.toString()).isEmpty();
    assertThat(errors.toString())
        .startsWith("results cannot be written: " + out + "; expected a folder to write into, ");
  }

  @Test
  void folderThatAnotherProcessWrites_isRefused() throws IOException {
    try (FolderLock lock = OutFolder.lock(out)) {
      assertThat(lock).isNotNull();
      assertThat(run(network.toString(), "--macs", "0.5")).isEqualTo(1);
    }
    assertThat(said.toString()).isEmpty();
    assertThat(errors.toString()).startsWith("folder in use: " + out);
    assertThat(out).doesNotExist();
  }

  @Test
  void help_namesAllOptions() {
    assertThat(Shrink.commandLine().getUsageMessage(CommandLine.Help.Ansi.OFF))
        .contains("--macs", "--latency", "--images", "--keep", "Exit codes:");
  }
}
