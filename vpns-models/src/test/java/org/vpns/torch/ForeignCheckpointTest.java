package org.vpns.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vpns.io.FormatException;
import org.vpns.torch.TorchBytes.Zip;

/** Checkpoints as public trainers write them; see the README of the folder torch. */
final class ForeignCheckpointTest {
  private static final Pattern IGNORING = Pattern.compile("TorchFile\\.ignoring\\(\"(.+)\"\\)");

  private static byte[] bytes(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(ForeignCheckpointTest.class.getResourceAsStream("/torch/" + name))) {
      return in.readAllBytes();
    }
  }

  private static TorchFile read(String name) throws IOException {
    return TorchFile.parse(bytes(name), name);
  }

  @Test
  void read_ofDictionariesOfDifferentDepth_keepsAllTensors() throws IOException {
    TorchFile file = read("nested_uneven.pth");
    assertThat(file.names()).containsExactly("encoder.l0.weight", "decoder.weight");
    assertThat(file.shape("encoder.l0.weight")).isEqualTo(new Shape(2, 2));
    assertThat(file.floats("decoder.weight")).containsExactly(1, 1, 1);
  }

  @Test
  void names_ofAListOfStateDictsBesideOtherTensors_asksNamingBoth() throws IOException {
    TorchFile file = read("list_of_state_dicts.pth");
    assertThatThrownBy(file::names)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "several dictionaries of tensors: list_of_state_dicts.pth; expected one choice of 2"
                + " places, found [at(\"sampler_indices\") with 1 tensor, at(\"state_dict\", \"0\")"
                + " with 1 tensor]; choose one: TorchFile.read(file).at(...).");
    assertThat(file.at("state_dict", "0").names()).containsExactly("0.weight");
    assertThat(file.at("sampler_indices").longs("0")).containsExactly(0, 1, 2);
  }

  @Test
  void read_ofTheImageNetExample_takesItsStateDict() throws IOException {
    TorchFile file = read("ckpt_imagenet_example.pth");
    assertThat(file.names()).startsWith("0.weight").doesNotContain("best_acc1");
    assertThat(file.metadata()).containsEntry("arch", "resnet18");
    assertThat(file.at("best_acc1").names()).containsExactly("best_acc1");
  }

  @ParameterizedTest
  @CsvSource({
    "timm.pth, ''",
    "lightning.ckpt, net.",
    "mmcv.pth, ''",
    "ultralytics.pt, ''",
    "sets_protocol4.pth, ''"
  })
  void read_ofAPublicTrainersFile_findsTheNetworkByItself(String name, String prefix)
      throws IOException {
    TorchFile file = read(name);
    assertThat(file.names())
        .containsExactly(
            prefix + "0.weight",
            prefix + "0.bias",
            prefix + "1.weight",
            prefix + "1.bias",
            prefix + "1.running_mean",
            prefix + "1.running_var",
            prefix + "1.num_batches_tracked");
    assertThat(file.shape(prefix + "0.weight")).isEqualTo(new Shape(2, 3));
    // the moving average beside it has every value one larger
    assertThat(file.longs(prefix + "1.num_batches_tracked")).containsExactly(1);
  }

  @Test
  void read_ofTheOtherNetworkOfACheckpoint_needsItsPlace() throws IOException {
    assertThat(read("timm.pth").at("state_dict_ema").longs("1.num_batches_tracked"))
        .containsExactly(2);
  }

  @ParameterizedTest
  @CsvSource({"model, ema", "model, model_ema", "params, params_ema", "net, ema_net"})
  void read_ofANetworkAndItsMovingAverage_takesTheNetwork(String network, String average)
      throws IOException {
    Pickler pickle = Pickler.protocol2().dict().mark();
    pickle.text(average).dict().mark().text("w").tensor("FloatStorage", "1", 2).setItems();
    withWeight(pickle.text(network).dict().mark()).setItems();
    byte[] bytes =
        Zip.of(pickle.setItems().stop())
            .storage("0", TorchBytes.floats(1, 2))
            .storage("1", TorchBytes.floats(3, 4))
            .bytes();
    TorchFile file = TorchFile.parse(bytes, "net.pth");
    assertThat(file.floats("w")).containsExactly(1, 2);
    assertThat(file.at(average).floats("w")).containsExactly(3, 4);
  }

  @Test
  void names_ofSeveralPlaces_countTheTensorsOfEveryDepth() throws IOException {
    Pickler pickle = Pickler.protocol2().dict().mark().text("a").dict().mark();
    withWeight(pickle).text("inner").dict().mark();
    withWeight(pickle).setItems().setItems();
    withWeight(pickle.text("b").dict().mark()).setItems();
    TorchFile file = TorchFile.parse(file(pickle.setItems()), "net.pth");
    assertThatThrownBy(file::names)
        .hasMessageContaining("[at(\"a\") with 2 tensors, at(\"b\") with 1 tensor]");
    assertThat(file.at("a").names()).containsExactly("w", "inner.w");
  }

  @Test
  void refusalOfAModuleInsideContainers_saysWhereItLies() throws IOException {
    Pickler pickle = Pickler.protocol2().dict().mark().text("runs").raw(']').mark();
    pickle.global("project", "Net").emptyTuple().raw(0x81);
    pickle.dict().mark().text("_parameters").dict().setItems().raw('b').raw('e');
    assertThat(PickleRefusalTest.failure(file(withWeight(pickle).setItems())))
        .hasMessageEndingWith(
            "torch.save(torch.load(file, weights_only=False)[\"runs\"][0].state_dict(), other).");
  }

  @Test
  void read_ofComplexTensors_isRefusedWithWaysThatWork() throws IOException {
    FormatException failure = PickleRefusalTest.failure(bytes("complex.pth"));
    assertThat(failure)
        .hasMessageContaining("found torch.ComplexFloatStorage; save torch.view_as_real(tensor)");
    // the one way: what it says, done in Python
    assertThat(read("complex_as_real.pth").shape("c")).isEqualTo(new Shape(3, 2));
    // the other: without them
    TorchFile file =
        TorchFile.ignoring(ignoring(failure)).parse(bytes("complex.pth"), "complex.pth");
    assertThat(file.names()).containsExactly("a");
    assertThat(file.floats("a")).hasSize(2);
  }

  @Test
  void read_ofAWholeModule_isRefusedWithAWayThatWorks() throws IOException {
    assertThatThrownBy(() -> read("wholemodule_legacy.pth"))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("found torch.nn.modules.container.Sequential;")
        .hasMessageContaining(
            "torch.save(torch.load(file, weights_only=False).state_dict(), other)")
        .hasMessageNotContaining("fetch the file again")
        .hasMessageNotContaining("ignoring");
    assertThat(read("wholemodule_weights.pth").names()).hasSize(9).startsWith("0.weight");
  }

  /**
   * OneCycleLR keeps a method of itself, and so its optimiser, whose state has tensors for keys.
   */
  @Test
  void refusalOfAScheduleThatHoldsItsOptimiser_namesWhatDropsBoth() throws IOException {
    Pickler pickle = Pickler.protocol2().dict().mark().text("model").dict().mark();
    withWeight(pickle).setItems().text("schedule").dict().mark().text("anneal_func");
    pickle.global("__builtin__", "getattr").mark();
    pickle.global("torch.optim.lr_scheduler", "OneCycleLR").emptyTuple().raw(0x81);
    pickle.dict().mark().text("optimizer").global("torch.optim.sgd", "SGD").emptyTuple().raw(0x81);
    pickle.dict().mark().text("state").dict().mark();
    pickle.tensor("FloatStorage", "0", 2).none().setItems().setItems().raw('b');
    pickle.setItems().raw('b').text("_annealing_cos").raw('t').reduce().setItems().setItems();
    byte[] bytes = file(pickle);
    FormatException failure = PickleRefusalTest.failure(bytes);
    assertThat(failure)
        .hasMessageEndingWith(
            "; save the weights alone: torch.save(model.state_dict(), file); or drop it:"
                + " TorchFile.ignoring(\"__builtin__.getattr\","
                + " \"torch.optim.lr_scheduler.OneCycleLR\", \"torch.optim.sgd.SGD\").");
    TorchFile file = TorchFile.ignoring(ignoring(failure)).parse(bytes, "net.pth");
    assertThat(file.names()).containsExactly("w");
    assertThat(file.floats("w")).containsExactly(1, 2);
  }

  /** To save its state would give an empty file. */
  @Test
  void refusalOfALayerWithoutWeights_namesWhatDropsIt() throws IOException {
    Pickler pickle = Pickler.protocol2().dict().mark().text("model").dict().mark();
    withWeight(pickle).setItems().text("activation");
    pickle.global("torch.nn.modules.activation", "ReLU").emptyTuple().raw(0x81).dict().mark();
    for (String part : new String[] {"_parameters", "_buffers", "_modules"}) {
      pickle.text(part).ordered();
    }
    byte[] bytes = file(pickle.setItems().raw('b').setItems());
    FormatException failure = PickleRefusalTest.failure(bytes);
    assertThat(failure)
        .hasMessageEndingWith(
            "or drop it: TorchFile.ignoring(\"torch.nn.modules.activation.ReLU\").");
    assertThat(TorchFile.ignoring(ignoring(failure)).parse(bytes, "net.pth").names())
        .containsExactly("w");
  }

  /** A module beside the weights may be anything, such as a loss with tables of its own. */
  @Test
  void refusalOfAModuleBesideAStateDict_namesWhatDropsIt() throws IOException {
    Pickler pickle = Pickler.protocol2().dict().mark().text("state_dict").dict().mark();
    withWeight(pickle).setItems().text("loss").global("project", "Loss").emptyTuple().raw(0x81);
    pickle.dict().mark().text("_parameters").dict().setItems().raw('b');
    byte[] bytes = file(pickle.setItems());
    FormatException failure = PickleRefusalTest.failure(bytes);
    assertThat(failure).hasMessageEndingWith("or drop it: TorchFile.ignoring(\"project.Loss\").");
    assertThat(TorchFile.ignoring(ignoring(failure)).parse(bytes, "net.pth").names())
        .containsExactly("w");
  }

  /** As one that torch.fx has traced, which is made by a function. */
  @Test
  void refusalOfOneObject_saysToSaveItsWeights() {
    Pickler pickle = Pickler.protocol2().global("torch.fx.graph_module", "reduce_graph_module");
    pickle.dict().raw(0x85).reduce();
    assertThat(PickleRefusalTest.failure(file(pickle)))
        .hasMessageEndingWith(
            "torch.save(torch.load(file, weights_only=False).state_dict(), other).");
  }

  /** What is loaded is a dictionary, which has no {@code state_dict()}. */
  @Test
  void refusalOfANetworkInsideAnObject_doesNotSendToAPlaceWhereNoneIs() throws IOException {
    Pickler pickle = Pickler.protocol2().dict().mark().text("trainer");
    pickle.global("project", "Trainer").emptyTuple().raw(0x81).dict().mark().text("net");
    pickle.global("project", "Net").emptyTuple().raw(0x81);
    pickle.dict().mark().text("_parameters").dict().setItems().raw('b').setItems().raw('b');
    assertThat(PickleRefusalTest.failure(file(withWeight(pickle).setItems())))
        .hasMessageEndingWith(
            "found project.Trainer; save the weights alone: torch.save(model.state_dict(),"
                + " file).");
  }

  @ParameterizedTest
  @CsvSource({"rng_state", "cuda_rng", "torch_rng_state"})
  void read_ofANetworkBesideRandomState_takesTheNetwork(String name) throws IOException {
    Pickler pickle = Pickler.protocol2().dict().mark().text("model").dict().mark();
    withWeight(pickle).setItems().text(name).tensor("ByteStorage", "1", 16);
    byte[] bytes =
        Zip.of(pickle.setItems().stop())
            .storage("0", TorchBytes.floats(1, 2))
            .storage("1", new byte[16])
            .bytes();
    TorchFile file = TorchFile.parse(bytes, "net.pth");
    assertThat(file.names()).containsExactly("w");
    assertThat(file.at(name).shape(name)).isEqualTo(new Shape(16));
    // one for each device
    Pickler several = Pickler.protocol2().dict().mark().text("model").dict().mark();
    withWeight(several).setItems().text(name).list().mark().tensor("ByteStorage", "1", 16);
    byte[] listed =
        Zip.of(several.appends().setItems().stop())
            .storage("0", TorchBytes.floats(1, 2))
            .storage("1", new byte[16])
            .bytes();
    assertThat(TorchFile.parse(listed, "net.pth").names()).containsExactly("w");
  }

  private static String[] ignoring(FormatException failure) {
    Matcher call = IGNORING.matcher(failure.getMessage());
    assertThat(call.find()).isTrue();
    return call.group(1).split("\", \"");
  }

  private static Pickler withWeight(Pickler pickle) {
    return pickle.text("w").tensor("FloatStorage", "0", 2);
  }

  private static byte[] file(Pickler pickle) {
    return Zip.of(pickle.stop()).storage("0", TorchBytes.floats(1, 2)).bytes();
  }

  @Test
  void refusalOfManyClasses_namesAllOfThemAtOnce() throws IOException {
    for (int count : new int[] {1, 3, 40}) {
      Pickler pickle = Pickler.protocol2().dict().mark();
      for (int i = 0; i < count; i++) {
        pickle.text("x" + i).global("project.config" + i, "Options").emptyTuple().raw(0x81);
      }
      byte[] bytes = file(withWeight(pickle).setItems());
      FormatException failure = PickleRefusalTest.failure(bytes);
      assertThat(failure).hasMessageContaining("found project.config0.Options;");
      assertThat(failure.getMessage()).hasSizeLessThan(400);
      assertThat(TorchFile.ignoring(ignoring(failure)).parse(bytes, "net.pth").names())
          .containsExactly("w");
    }
  }

  @Test
  void refusalOfAClass_beyondThoseThatAreIgnored_keepsThem() throws IOException {
    Pickler pickle = Pickler.protocol2().dict().mark();
    pickle.text("a").global("a", "A").text("b").global("b", "B");
    byte[] bytes = file(withWeight(pickle).setItems());
    assertThatThrownBy(() -> TorchFile.ignoring("a.A").parse(bytes, "net.pth"))
        .hasMessageContaining("drop it: TorchFile.ignoring(\"a.A\", \"b.B\").");
  }

  @Test
  void names_ofThousandsOfDictionaries_listsTenShortestFirst() throws IOException {
    Pickler pickle = Pickler.protocol2().dict().mark();
    for (int i = 0; i < 3000; i++) {
      pickle.text("net" + i + "x".repeat(i == 7 ? 1000 : 0));
      if (i < 5) {
        pickle.dict().mark().text("deep");
      }
      withWeight(pickle.dict().mark()).setItems();
      if (i < 5) {
        pickle.setItems();
      }
    }
    TorchFile file = TorchFile.parse(file(pickle.setItems()), "net.pth");
    assertThatThrownBy(file::names)
        .hasMessageContaining("one choice of 3000 places, found [at(\"net5\") with 1 tensor, ")
        .hasMessageContaining(", at(\"net14\") with 1 tensor, 2990 more]; choose one: ")
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(800));
    assertThat(file.toString()).hasSizeLessThan(800);
    assertThatThrownBy(() -> file.at("nothing"))
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(800));
    assertThat(file.at("net3").names()).containsExactly("deep.w");
  }

  @Test
  void read_ofMillionsOfEmptyDictionaries_stopsAtTheBoundOfObjects() {
    byte[] pickle = new byte[3 + 2 * 2_400_000 + 1];
    pickle[0] = (byte) 0x80;
    pickle[1] = 2;
    pickle[2] = ']';
    byte[] item = "}a".getBytes(StandardCharsets.US_ASCII);
    for (int i = 3; i + 1 < pickle.length; i += 2) {
      System.arraycopy(item, 0, pickle, i, 2);
    }
    pickle[pickle.length - 1] = '.';
    Zip zip = Zip.of(pickle);
    FormatException failure = PickleRefusalTest.failure(zip.bytes());
    // the list and all dictionaries but one of the million
    long refused = zip.first().name.length + 30 + 3 + 2L * (PickleMachine.MAX_OBJECTS - 1);
    assertThat(failure.field()).isEqualTo("net/data.pkl, byte " + refused);
    assertThat(failure).hasMessageContaining("too many objects");
  }

  @Test
  void read_ofTuplesInsideTuples_stopsAtTheBoundOfObjects() {
    byte[] pickle = new byte[2_000_000];
    Arrays.fill(pickle, (byte) 0x85);
    pickle[0] = (byte) 0x80;
    pickle[1] = 2;
    pickle[2] = 'N';
    pickle[pickle.length - 1] = '.';
    assertThat(PickleRefusalTest.failure(Zip.of(pickle).bytes()))
        .hasMessageContaining("too many objects");
  }

  @Test
  void read_ofWhatIsRememberedOutOfTurn_stopsAtItsBound() {
    Pickler pickle = Pickler.protocol2().none();
    for (int i = 0; i <= Memo.MAX_SCATTERED; i++) {
      pickle.longPut(10 + 2L * i);
    }
    assertThat(PickleRefusalTest.failure(Zip.of(pickle.stop()).bytes()))
        .hasMessageContaining("too many numbers out of turn");
  }
}
