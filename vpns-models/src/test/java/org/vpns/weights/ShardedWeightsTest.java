package org.vpns.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.io.FormatException;
import org.vpns.io.SafeTensors;
import org.vpns.torch.TorchFile;

/** Sets of files under one index: of PyTorch, of safetensors, of both. */
final class ShardedWeightsTest {
  private static final String FIRST = "pytorch_model-00001-of-00002.bin";
  private static final String SECOND = "pytorch_model-00002-of-00002.bin";
  private static final String INDEX = "pytorch_model.bin.index.json";

  @TempDir Path outer;
  private Path folder;
  private Path index;
  private String json;
  private NDManager manager;
  private SequentialBlock network;

  @BeforeEach
  void start() throws IOException {
    folder = Files.createDirectory(outer.resolve("net"));
    for (String name : List.of(FIRST, SECOND, INDEX)) {
      copy("shards/" + name, name);
    }
    index = folder.resolve(INDEX);
    json = Files.readString(index);
    manager = NDManager.newBaseManager();
    network =
        new SequentialBlock()
            .add(Linear.builder().setUnits(2).build())
            .add(Activation::relu)
            .add(Linear.builder().setUnits(1).build());
    network.initialize(manager, DataType.FLOAT32, new Shape(1, 2));
  }

  @AfterEach
  void stop() {
    manager.close();
  }

  private void copy(String resource, String name) throws IOException {
    try (InputStream in = ShardedWeightsTest.class.getResourceAsStream("/torch/" + resource)) {
      Files.write(folder.resolve(name), in.readAllBytes());
    }
  }

  private float[] values(String path) {
    return ParameterPaths.of(network).find(path).parameter().getArray().toFloatArray();
  }

  private void assertLoads() throws IOException {
    for (NamedParameter p : ParameterPaths.of(network)) {
      p.parameter().getArray().set(new float[(int) p.parameter().getArray().size()]);
    }
    WeightFile.load(network, index);
    assertThat(values("0.weight")).containsExactly(1, 2, 3, 4);
    assertThat(values("0.bias")).containsExactly(5, 6);
    assertThat(values("2.weight")).containsExactly(7, 8);
    assertThat(values("2.bias")).containsExactly(0.5f);
  }

  private void assertRefused(String text, String message) throws IOException {
    assertThat(text).isNotEqualTo(json);
    Files.writeString(index, text);
    assertThatThrownBy(() -> WeightFile.open(index))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void load_ofShardsOfPyTorch_readsEveryFile() throws IOException {
    assertLoads();
    assertThat(WeightFile.open(index).metadata()).containsEntry("total_size", "36");
  }

  @Test
  void load_ofShardsOfTwoFormats_tellsEachByItsContent() throws IOException {
    SafeTensors.builder()
        .putFloats("0.weight", new Shape(2, 2), new float[] {1, 2, 3, 4})
        .write(folder.resolve(FIRST));
    assertLoads();
  }

  @Test
  void open_ofShardsAndIndexThatDisagree_namesTheTensor() throws IOException {
    assertRefused(json.replace("0.bias", "9.bias"), "tensor missing from its file: " + index);
    assertRefused(
        json.replace("\"0.bias\": \"" + SECOND, "\"0.bias\": \"" + FIRST),
        "tensor missing from its file: " + index + ", byte 0, 0.bias; expected it in '" + FIRST);
    assertRefused(
        json.replace("\"0.bias\": \"" + SECOND + "\",", ""),
        "tensor of a file that the index does not name: " + index + ", byte 0, 0.bias");
    assertRefused(json.replace("\"2.weight\": ", "\"0.bias\": "), "index field twice: " + index);
    Files.writeString(index, json);
    Files.copy(folder.resolve(SECOND), folder.resolve("third.bin"));
    assertRefused(
        json.replace("\"2.bias\": \"" + SECOND, "\"2.bias\": \"third.bin"),
        "tensor of a file that the index does not name: " + index);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gone.bin", "../outside.bin", "/etc/passwd", "link.bin"})
  void open_ofAShardElsewhere_isRefused(String file) throws IOException {
    Files.copy(folder.resolve(FIRST), outer.resolve("outside.bin"));
    try {
      Files.createSymbolicLink(folder.resolve("link.bin"), outer.resolve("outside.bin"));
    } catch (UnsupportedOperationException | IOException e) {
      // without links this is a missing file, which is refused too
    }
    assertRefused(json.replace(FIRST, file), "file outside its folder or missing: " + folder);
  }

  @Test
  void open_ofAShardThatIsAnIndex_isRefused() throws IOException {
    assertRefused(json.replace(FIRST, INDEX), "no weight file: " + folder.resolve(INDEX));
  }

  @Test
  void open_ofAShardOfSeveralNetworks_saysSo() throws IOException {
    copy("list_of_state_dicts.pth", FIRST);
    assertThatThrownBy(() -> WeightFile.open(index))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith("several networks in a file of a set: " + folder.resolve(FIRST))
        .hasMessageEndingWith("; write a set of the one that is meant.");
  }

  @Test
  void otherReaders_ofAnIndex_nameTheDoor() {
    for (ThrowingCallable open :
        List.<ThrowingCallable>of(() -> TorchFile.read(index), () -> SafeTensors.read(index))) {
      assertThatThrownBy(open)
          .hasMessageContaining("found an index of weight files; open it with WeightFile.open(");
    }
  }
}
