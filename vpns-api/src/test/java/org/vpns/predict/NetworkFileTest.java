package org.vpns.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.core.Linear;
import com.google.common.hash.Hashing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.internal.network.NetworkProvider;
import org.vpns.internal.network.StoredShapes;
import org.vpns.testing.Engines;
import org.vpns.testing.Providers;
import org.vpns.testing.TinyResNet;
import org.vpns.testing.TinyResNetProvider;

/** Results that load without a model, and those that say why they cannot. */
final class NetworkFileTest {
  @TempDir Path folder;

  /** Fails in a way that no provider should. */
  public static final class Broken implements NetworkProvider {
    @Override
    public String format() {
      return "broken 1";
    }

    @Override
    public String describe(Block block, Shape image) {
      throw new ClassCastException("a proxy is no array.");
    }

    @Override
    public Block make(NDManager manager, String description, StoredShapes stored) {
      throw new IndexOutOfBoundsException("operator 7 of 3");
    }
  }

  /** Describes everything, as something else. */
  public static final class Wrong implements NetworkProvider {
    @Override
    public String format() {
      return "wrong 1";
    }

    @Override
    public String describe(Block block, Shape image) {
      return "{}";
    }

    @Override
    public Block make(NDManager manager, String description, StoredShapes stored) {
      Block block = Linear.builder().setUnits(20).build();
      block.initialize(manager, DataType.FLOAT32, new Shape(1, 3072));
      return block;
    }
  }

  /** Gives text that is no JSON object. */
  public static final class Talker implements NetworkProvider {
    @Override
    public String format() {
      return "talk 1";
    }

    @Override
    public String describe(Block block, Shape image) {
      return "conv, relu, conv";
    }

    @Override
    public Block make(NDManager manager, String description, StoredShapes stored) {
      return new TinyResNet();
    }
  }

  @SafeVarargs
  private Path save(Class<? extends NetworkProvider>... providers) throws Exception {
    Path result = folder.resolve("result");
    return Providers.with(
        () -> {
          try (Model model = TinyResNet.newModel();
              PrunedModel pruned = SmallResult.prune(model, 0.3, 11)) {
            pruned.save(result);
          }
          return result;
        },
        NetworkProvider.class,
        providers);
  }

  @SafeVarargs
  private static IOException failure(Path result, Class<? extends NetworkProvider>... providers)
      throws Exception {
    IOException failure =
        Providers.with(
            () -> catchThrowableOfType(IOException.class, () -> PrunedModel.load(result)),
            NetworkProvider.class,
            providers);
    assertThat(failure).isNotNull();
    assertThat(failure.getMessage()).matches("(?s)[^:;]+: [^;]+; expected .+, found .+; .+[^.]\\.");
    return failure;
  }

  /** Replaces the description and puts its true checksum into model.json, as an attacker would. */
  private static void forge(Path result, String text) throws IOException {
    Path description = result.resolve("network.json");
    String before = checksum(Files.readString(description));
    Files.writeString(description, text);
    Path model = result.resolve("model.json");
    String json = Files.readString(model);
    assertThat(json).contains(before);
    Files.writeString(model, json.replace(before, checksum(text)));
  }

  private static String checksum(String text) {
    int crc = Hashing.crc32().hashString(text, StandardCharsets.UTF_8).asInt();
    return String.format(Locale.ROOT, "%08x", crc);
  }

  @Test
  void load_withoutModel_makesTheNetworkAgain() throws Exception {
    Path result = save(TinyResNetProvider.class);
    assertThat(result.resolve("network.json")).hasContent("{\"network\":\"TinyResNet\"}");
    NDArray array =
        Providers.with(
            () -> {
              try (Model model = TinyResNet.newModel();
                  PrunedModel pruned = SmallResult.prune(model, 0.3, 11);
                  PrunedModel loaded = PrunedModel.load(result)) {
                Map<String, float[]> found = SavedResults.parameters(loaded.model());
                SavedResults.parameters(model)
                    .forEach((path, values) -> assertThat(found.get(path)).isEqualTo(values));
                Shape shape = new Shape(16, 3, 32, 32);
                assertThat(
                        Engines.evaluate(
                            loaded.model().getBlock(), TinyResNet.plainInput(1), shape))
                    .isEqualTo(Engines.evaluate(model.getBlock(), TinyResNet.plainInput(1), shape));
                assertThat(loaded.masks()).isEqualTo(pruned.masks());
                return loaded.model().getBlock().getParameters().get(0).getValue().getArray();
              }
            },
            NetworkProvider.class,
            TinyResNetProvider.class);
    assertThat(array.isReleased()).as("closed with the result").isTrue();
  }

  @Test
  void load_intoModel_leavesItOpen() throws Exception {
    Path result = save(TinyResNetProvider.class);
    try (Model model = TinyResNet.newModel()) {
      PrunedModel.load(result, model).close();
      assertThat(model.getBlock().getParameters().get(0).getValue().getArray().isReleased())
          .isFalse();
    }
  }

  @Test
  void load_ofEarlierFormat_asksWhoReadsIt() throws Exception {
    Path result = save(TinyResNetProvider.class);
    Path model = result.resolve("model.json");
    Files.writeString(model, Files.readString(model).replace("tiny 2", "tiny 1"));
    Providers.with(
        () -> {
          PrunedModel.load(result).close();
          return null;
        },
        NetworkProvider.class,
        Broken.class,
        TinyResNetProvider.class);
  }

  @Test
  void save_withoutProvider_saysWhyAndLoadNamesTheRemedy() throws Exception {
    Path result = save();
    assertThat(result.resolve("network.json")).doesNotExist();
    assertThat(failure(result))
        .hasMessageContaining("no module on the class path describes networks")
        .hasMessageContaining("PrunedModel.load(folder, model)");
    try (Model model = TinyResNet.newModel()) {
      PrunedModel.load(result, model).close();
    }
  }

  @Test
  void save_withProvidersThatCannot_isDoneAndListsTheirReasons() throws Exception {
    Path result = save(Broken.class, Wrong.class, Talker.class);
    assertThat(result.resolve("network.json")).doesNotExist();
    assertThat(failure(result))
        .hasMessageContaining("broken 1: ClassCastException (a proxy is no array)")
        .hasMessageContaining("wrong 1: ")
        .hasMessageContaining("expected conv1.weight (8, 3, 3, 3), found weight (20, 3072)")
        .hasMessageContaining("talk 1: ");
  }

  @Test
  void save_withOneProviderThatCan_takesThatOne() throws Exception {
    Path result = save(Broken.class, Wrong.class, TinyResNetProvider.class);
    assertThat(result.resolve("model.json")).content().contains("\"tiny 2\"");
  }

  @Test
  void load_withoutTheFormatsProvider_namesFormatAndRemedy() throws Exception {
    Path result = save(TinyResNetProvider.class);
    assertThat(failure(result, Wrong.class))
        .hasMessageContaining("a NetworkProvider for 'tiny 2'")
        .hasMessageContaining("PrunedModel.load(folder, model)");
    try (Model model = TinyResNet.newModel()) {
      PrunedModel.load(result, model).close();
    }
  }

  @Test
  void load_ofChangedDescription_isRefusedByItsChecksum() throws Exception {
    Path result = save(TinyResNetProvider.class);
    Path file = result.resolve("network.json");
    for (String text : new String[] {"{\"network\":\"TinyResNeT\"}", "", "\u0000"}) {
      Files.writeString(file, text);
      assertThat(failure(result, TinyResNetProvider.class))
          .hasMessageStartingWith("network description damaged: " + file + "; expected checksum");
    }
    Files.write(file, new byte[] {(byte) 0xff});
    assertThat(failure(result, TinyResNetProvider.class)).hasMessageContaining("UTF-8");
    Files.delete(file);
    assertThat(failure(result, TinyResNetProvider.class))
        .hasMessageStartingWith("result folder incomplete: " + file);
  }

  @Test
  void load_ofHostileDescription_isRefusedBeforeAnyProviderSeesIt() throws Exception {
    Path result = save(TinyResNetProvider.class);
    for (String text :
        new String[] {
          "null",
          "[]",
          "{} {}",
          "{\"a\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}",
          "{\"a\":" + "{\"a\":".repeat(64) + "0" + "}".repeat(65),
          "{\"a\":01}",
          "{'a':1}",
          "{"
        }) {
      forge(result, text);
      assertThat(failure(result, TinyResNetProvider.class))
          .hasMessageStartingWith("network description damaged: ");
    }
    forge(result, "{\"network\":\"VGG\"}");
    assertThat(failure(result, TinyResNetProvider.class))
        .hasMessageStartingWith("unknown network: ");
  }

  @Test
  void load_byProviderThatThrows_isAnIoException() throws Exception {
    Path result = save(TinyResNetProvider.class);
    Path model = result.resolve("model.json");
    Files.writeString(model, Files.readString(model).replace("tiny 2", "broken 1"));
    assertThat(failure(result, Broken.class))
        .hasMessageStartingWith("network description damaged: ")
        .hasMessageContaining("IndexOutOfBoundsException (operator 7 of 3)");
  }

  /** The description of one result beside the weights of another. */
  @Test
  void load_ofDescriptionOfAnotherNetwork_isRefused() throws Exception {
    Path result = save(TinyResNetProvider.class);
    Path model = result.resolve("model.json");
    Files.writeString(model, Files.readString(model).replace("tiny 2", "wrong 1"));
    assertThat(failure(result, Wrong.class))
        .hasMessageStartingWith("result folder damaged: " + result);
  }

  @Test
  void load_ofDescriptionBeyondTheLimit_isRefused() throws Exception {
    Path result = save(TinyResNetProvider.class);
    try (var file =
        java.nio.channels.FileChannel.open(
            result.resolve("network.json"), java.nio.file.StandardOpenOption.WRITE)) {
      // sparse: 64 MiB and one byte on paper
      file.write(java.nio.ByteBuffer.allocate(1), 1L << 26);
    }
    Providers.with(
        () -> {
          assertThatIOException()
              .isThrownBy(() -> PrunedModel.load(result))
              .withMessageStartingWith("text file too long: ");
          return null;
        },
        NetworkProvider.class,
        TinyResNetProvider.class);
  }
}
