package org.vpns.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.vpns.internal.io.MemoryBound;
import org.vpns.io.FormatException;
import org.vpns.torch.TorchBytes.Zip;

/** What is taken of a file that holds more than one dictionary of tensors. */
final class CheckpointTest {
  private static final float[] VALUES = {1, 2, 3, 4};

  /** A tensor of one element, number {@code index} of the one storage. */
  private static Pickler element(Pickler pickle, int index) {
    return pickle.tensor("FloatStorage", "0", 4, index, new long[] {1}, new long[] {1});
  }

  private static Pickler dict(Pickler pickle, String name, int index) {
    return element(pickle.dict().mark().text(name), index).setItems();
  }

  private static byte[] file(Pickler pickle) {
    return Zip.of(pickle.stop()).storage("0", TorchBytes.floats(VALUES)).bytes();
  }

  private static TorchFile parse(Pickler pickle) throws IOException {
    return TorchFile.parse(file(pickle), "net.pth");
  }

  @Test
  void read_ofACheckpoint_takesTheOneDictionaryOfTensorsInIt() throws IOException {
    Pickler pickle = Pickler.protocol2().dict().mark();
    pickle.text("epoch").number(3).text("arch").text("resnet18").text("note").none();
    pickle.text("state_dict");
    dict(pickle, "conv1.weight", 1);
    // an optimiser keeps its tensors two levels deeper, under whole numbers
    pickle.text("optimizer").dict().mark().text("state").dict().mark().number(0);
    dict(pickle, "momentum_buffer", 2).setItems().setItems().setItems();
    TorchFile file = parse(pickle);
    assertThat(file.names()).containsExactly("conv1.weight");
    assertThat(file.floats("conv1.weight")).containsExactly(2);
    assertThat(file.metadata()).isEqualTo(Map.of("epoch", "3", "arch", "resnet18"));
    assertThat(file.at("optimizer").names()).containsExactly("state.0.momentum_buffer");
    assertThat(file.at("optimizer", "state", "0").floats("momentum_buffer")).containsExactly(3);
    assertThat(file.at().names())
        .containsExactly("state_dict.conv1.weight", "optimizer.state.0.momentum_buffer");
    assertThat(file.at("state_dict", "conv1.weight").names()).containsExactly("conv1.weight");
    assertThatThrownBy(() -> file.at("model"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "no tensor at this place: net.pth, at(\"model\"); expected one of"
                + " [at(\"state_dict\") with 1 tensor], found none; choose one of those.");
    assertThatThrownBy(() -> file.at("epoch")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void names_ofSeveralDictionaries_areRefusedUntilOneIsChosen() throws IOException {
    Pickler pickle = Pickler.protocol2().dict().mark();
    pickle.text("model");
    dict(pickle, "w", 0).text("ema");
    dict(pickle, "w", 1).text("loss");
    element(pickle, 2).setItems();
    TorchFile file = parse(pickle);
    assertThatThrownBy(file::names)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "several dictionaries of tensors: net.pth; expected one choice of 3 places, found"
                + " [at() with 3 tensors, at(\"model\") with 1 tensor, at(\"ema\") with 1 tensor];"
                + " choose one: TorchFile.read(file).at(...).");
    assertThatThrownBy(() -> file.floats("w")).isInstanceOf(IllegalStateException.class);
    assertThat(file.at("ema").floats("w")).containsExactly(2);
    assertThat(file.at().names()).containsExactly("model.w", "ema.w", "loss");
    assertThat(file).asString().contains("at(\"model\")");
  }

  @Test
  void read_ofAListOrASingleTensor_namesThemByPosition() throws IOException {
    Pickler list = Pickler.protocol2().list().mark();
    element(element(list, 0), 3).appends();
    TorchFile two = parse(list);
    assertThat(two.names()).containsExactly("0", "1");
    assertThat(two.floats("1")).containsExactly(4);
    Pickler pair = Pickler.protocol2();
    element(pair, 2).number(7).raw(0x86);
    assertThat(parse(pair).names()).containsExactly("0");
    TorchFile single = parse(element(Pickler.protocol2(), 2));
    assertThat(single.names()).containsExactly("tensor");
    assertThat(single.floats("tensor")).containsExactly(3);
    assertThat(single.at().names()).containsExactly("tensor");
  }

  @Test
  void read_ofDictionariesInside_joinsTheNames() throws IOException {
    Pickler pickle = Pickler.protocol2().dict().mark();
    pickle.text("net").dict().mark().text("encoder");
    dict(pickle, "w", 1).setItems().setItems();
    // two levels without tensors: the first level that has one decides
    TorchFile file = parse(pickle);
    assertThat(file.names()).containsExactly("w");
    assertThat(file.at().names()).containsExactly("net.encoder.w");
  }

  @Test
  void read_withoutAnyTensor_isRefused() {
    assertThatThrownBy(() -> parse(Pickler.protocol2().dict()))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("no tensor in the file: net.pth, top; expected a dictionary of")
        .hasMessageContaining("found a dictionary of 0; save the weights alone");
  }

  @Test
  void read_ofTwoTensorsWithOneDottedName_isRefused() {
    Pickler pickle = Pickler.protocol2().dict().mark();
    element(pickle.text("a.w"), 0).text("a");
    dict(pickle, "w", 1).setItems();
    assertThatThrownBy(() -> parse(pickle).at())
        .hasMessageContaining("two tensors of one name: net.pth, at(); expected unique names");
  }

  @Test
  void read_ofExtras_needsThemIgnored() throws IOException {
    Pickler pickle = Pickler.protocol2().dict().mark();
    pickle.text("best").global("numpy.core.multiarray", "scalar").mark();
    pickle.global("numpy", "dtype").mark().text("f8").tuple().reduce().put(9);
    pickle.numbers(1).raw('b').text("x").tuple().reduce();
    pickle.text("args").global("argparse", "Namespace").emptyTuple().raw(0x81);
    pickle.dict().text("lr").real(0.1).raw('s').raw('b');
    pickle.text("defaults").global("collections", "defaultdict").emptyTuple().reduce();
    pickle.mark().text("k").number(1).setItems();
    pickle.text("queue").global("collections", "deque").emptyTuple().reduce();
    pickle.mark().number(1).appends().text("state_dict");
    dict(pickle, "w", 1).setItems();
    byte[] bytes = file(pickle);
    assertThatThrownBy(() -> TorchFile.parse(bytes, "net.pth"))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("found numpy.core.multiarray.scalar")
        .hasMessageContaining("TorchFile.ignoring(\"numpy.core.multiarray.scalar\")");
    TorchFile file =
        TorchFile.ignoring(
                "numpy.*", "argparse.Namespace", "collections.defaultdict", "collections.deque")
            .parse(bytes, "net.pth");
    assertThat(file.names()).containsExactly("w");
    assertThat(file.metadata()).isEmpty();
    assertThatThrownBy(() -> TorchFile.ignoring("numpy").parse(bytes, "net.pth"))
        .hasMessageContaining("numpy.core.multiarray.scalar");
  }

  @Test
  void read_ofATensorFromIgnoredParts_staysRefused() {
    Pickler pickle = Pickler.protocol2().global("torch._utils", "_rebuild_tensor_v2").mark();
    pickle.global("torch.storage", "UntypedStorage").emptyTuple().reduce().number(0);
    pickle.numbers(1).numbers(1).bool(false).ordered().tuple().reduce();
    assertThatThrownBy(() -> TorchFile.ignoring("torch.storage.*").parse(file(pickle), "net.pth"))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("no tensor in the file: net.pth, top;")
        .hasMessageContaining("found torch.storage.UntypedStorage;");
  }

  @Test
  void read_ofANameLongerThanAnyNetworkHas_isRefusedInShort() {
    Pickler pickle = Pickler.protocol2().dict().mark();
    element(pickle.text("n".repeat(MemoryBound.NAME + 1)), 0).setItems();
    assertThatThrownBy(() -> parse(pickle))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith("name too long: net.pth")
        .message()
        .hasSizeLessThan(1000);
  }

  @Test
  void read_ofADictionaryInsideItself_isRefused() {
    Pickler pickle = Pickler.protocol2().dict().put(0).mark();
    element(pickle.text("w"), 0).text("me").get(0).setItems();
    assertThatThrownBy(() -> parse(pickle))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("containers too deep, or one inside itself");
    Pickler list = Pickler.protocol2().list().put(0).get(0).raw('a');
    assertThatThrownBy(() -> parse(list)).hasMessageContaining("containers too deep");
  }

  @Test
  void read_ofContainersThatUnfoldToBillions_isRefusedAtOnce() {
    // 30 dictionaries, each with the one below it twice: 2^30 names
    Pickler pickle = Pickler.protocol2();
    dict(pickle, "w", 0);
    for (int level = 0; level < 30; level++) {
      pickle.put(level).raw('0').dict().mark();
      pickle.text("a").get(level).text("b").get(level).setItems();
    }
    assertThatThrownBy(() -> parse(pickle).at())
        .hasMessageContaining("containers unfold to too many names");
  }
}
