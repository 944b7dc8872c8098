package org.vpns.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.io.TensorType;
import org.vpns.torch.TorchBytes.Legacy;
import org.vpns.torch.TorchBytes.Zip;

/** Files put together by hand: every value below is known from the format, not from a writer. */
final class TorchFileTest {
  @TempDir Path folder;

  private static TorchFile parse(Zip zip) throws IOException {
    return TorchFile.parse(zip.bytes(), "net.pth");
  }

  /** An ordered dictionary, open for items; close it with {@code setItems().stop()}. */
  private static Pickler stateDict() {
    return Pickler.protocol2().ordered().mark();
  }

  /** The library that reads the zip's directory once closed the channel when it was collected. */
  @Test
  void read_whileTheCollectorRuns_keepsItsChannel() throws Exception {
    Pickler pickle = stateDict();
    for (int i = 0; i < 2_000; i++) {
      pickle.text("w" + i).tensor("FloatStorage", "0", 2);
    }
    byte[] file = Zip.of(pickle.setItems().stop()).storage("0", TorchBytes.floats(1, 2)).bytes();
    AtomicBoolean stop = new AtomicBoolean();
    Thread collector =
        new Thread(
            () -> {
              while (!stop.get()) {
                System.gc();
              }
            });
    collector.start();
    try {
      for (int i = 0; i < 5; i++) {
        assertThat(TorchFile.parse(file, "net.pth").names()).hasSize(2_000);
      }
    } finally {
      stop.set(true);
      collector.join();
    }
  }

  @Test
  void read_ofEveryElementType_givesItsValues() throws IOException {
    Pickler pickle = stateDict();
    String[] types = {
      "Double", "Float", "Half", "BFloat16", "Long", "Int", "Short", "Char", "Byte", "Bool"
    };
    for (int i = 0; i < types.length; i++) {
      pickle.text(types[i]).tensor(types[i] + "Storage", Integer.toString(i), 2);
    }
    // halves: 1 is 0x3c00, -2 is 0xc000; bfloat16 is the upper half of a float: 1 is 0x3f80
    TorchFile file =
        parse(
            Zip.of(pickle.setItems().stop())
                .storage("0", TorchBytes.longs(Double.doubleToLongBits(0.1), 0))
                .storage("1", TorchBytes.floats(1.5f, -0f))
                .storage("2", TorchBytes.shorts(0x3c00, 0xc000))
                .storage("3", TorchBytes.shorts(0x3f80, 0xc040))
                .storage("4", TorchBytes.longs(Long.MIN_VALUE, 7))
                .storage("5", new byte[] {-1, -1, -1, -1, 1, 1, 0, 0})
                .storage("6", TorchBytes.shorts(-2, 300))
                .storage("7", new byte[] {-1, 127})
                .storage("8", new byte[] {-1, 127})
                .storage("9", new byte[] {1, 0}));
    assertThat(file.names()).containsExactly(types);
    assertThat(file.doubles("Double")).containsExactly(0.1, 0);
    assertThat(file.floats("Double")).containsExactly(0.1f, 0);
    assertThat(file.floats("Float")).containsExactly(1.5f, -0f);
    assertThat(file.doubles("Float")).containsExactly(1.5, -0.0);
    assertThat(file.floats("Half")).containsExactly(1f, -2f);
    assertThat(file.doubles("BFloat16")).containsExactly(1, -3);
    assertThat(file.longs("Long")).containsExactly(Long.MIN_VALUE, 7);
    assertThat(file.longs("Int")).containsExactly(-1, 257);
    assertThat(file.longs("Short")).containsExactly(-2, 300);
    assertThat(file.longs("Char")).containsExactly(-1, 127);
    assertThat(file.longs("Byte")).containsExactly(255, 127);
    assertThat(file.longs("Bool")).containsExactly(1, 0);
    assertThat(file.names().stream().map(file::type))
        .containsExactly(
            TensorType.F64,
            TensorType.F32,
            TensorType.F16,
            TensorType.BF16,
            TensorType.I64,
            TensorType.I32,
            TensorType.I16,
            TensorType.I8,
            TensorType.U8,
            TensorType.BOOL);
    assertThat(file.toString()).isEqualTo("10 tensors of net.pth");
    assertThatThrownBy(() -> file.floats("Long"))
        .hasMessageContaining("expected F32, F64, F16 or BF16 for floats, found I64");
    assertThatThrownBy(() -> file.longs("Float")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> file.floats("nothing"))
        .hasMessageContaining("no such tensor: net.pth, 'nothing'; expected one of 10 names");
  }

  @Test
  void read_ofViewsOfOneStorage_gathersThem() throws IOException {
    Pickler pickle = stateDict();
    pickle.text("matrix").tensor("FloatStorage", "0", 6, 0, new long[] {2, 3}, new long[] {3, 1});
    pickle
        .text("transposed")
        .tensor("FloatStorage", "0", 6, 0, new long[] {3, 2}, new long[] {1, 3});
    pickle.text("row").tensor("FloatStorage", "0", 6, 3, new long[] {3}, new long[] {1});
    pickle.text("column").tensor("FloatStorage", "0", 6, 1, new long[] {2}, new long[] {3});
    pickle.text("expanded").tensor("FloatStorage", "0", 6, 5, new long[] {2, 2}, new long[] {0, 0});
    pickle.text("scalar").tensor("FloatStorage", "0", 6, 4, new long[] {}, new long[] {});
    pickle.text("empty").tensor("FloatStorage", "0", 6, 6, new long[] {0, 3}, new long[] {3, 1});
    // the stride of an axis of one element does not matter
    pickle.text("one").tensor("FloatStorage", "0", 6, 2, new long[] {1, 2}, new long[] {99, 1});
    TorchFile file =
        parse(Zip.of(pickle.setItems().stop()).storage("0", TorchBytes.floats(0, 1, 2, 3, 4, 5)));
    assertThat(file.floats("matrix")).containsExactly(0, 1, 2, 3, 4, 5);
    assertThat(file.shape("transposed")).isEqualTo(new Shape(3, 2));
    assertThat(file.floats("transposed")).containsExactly(0, 3, 1, 4, 2, 5);
    assertThat(file.floats("row")).containsExactly(3, 4, 5);
    assertThat(file.floats("column")).containsExactly(1, 4);
    assertThat(file.floats("expanded")).containsExactly(5, 5, 5, 5);
    assertThat(file.shape("scalar").dimension()).isZero();
    assertThat(file.floats("scalar")).containsExactly(4);
    assertThat(file.floats("empty")).isEmpty();
    assertThat(file.shape("empty")).isEqualTo(new Shape(0, 3));
    assertThat(file.floats("one")).containsExactly(2, 3);
  }

  @Test
  void read_ofParametersHooksAndAttributes_takesTheTensors() throws IOException {
    Pickler pickle = Pickler.protocol2().ordered().put(0).mark();
    pickle.text("p").global("torch._utils", "_rebuild_parameter").mark();
    pickle.tensor("FloatStorage", "0", 1).bool(true).ordered().tuple().reduce();
    pickle.text("q").global("torch._utils", "_rebuild_parameter_with_state").mark();
    pickle.tensor("FloatStorage", "0", 1).bool(true).ordered().dict().tuple().reduce();
    pickle.text("old").global("torch._utils", "_rebuild_tensor").mark();
    pickle.storage("FloatStorage", "0", 1).number(0).numbers(1).numbers(1).tuple().reduce();
    pickle.setItems();
    // the versions of the modules, as an attribute of the ordered dictionary
    pickle.dict().text("_metadata").ordered().text("").dict().text("version").number(1);
    pickle.raw('s').raw('s').raw('s').raw('b');
    TorchFile file = parse(Zip.of(pickle.stop()).storage("0", TorchBytes.floats(3)));
    assertThat(file.names()).containsExactly("p", "q", "old");
    assertThat(file.floats("q")).containsExactly(3);
  }

  @Test
  void read_ofProtocol4_knowsItsInstructions() throws IOException {
    Pickler pickle = new Pickler().raw(0x80, 4).frame(10);
    pickle.raw(0x8c, 11).ascii("collections").raw(0x94).raw(0x8c, 11).ascii("OrderedDict");
    pickle.raw(0x94).raw(0x93).raw(0x94).emptyTuple().reduce().raw(0x94).mark();
    pickle.text("w").stackGlobal("torch._utils", "_rebuild_tensor_v2").mark();
    // ('storage', type, key, location, count) by memo numbers 4 and up
    pickle.mark().text("storage").stackGlobal("torch", "FloatStorage").raw(0x94);
    pickle.text("0").text("cpu").raw('K', 2).tuple().raw('Q');
    pickle.raw('K', 0).raw('K', 2).raw(0x85).raw('M', 1, 0).raw(0x85).bool(false);
    pickle.get(2).emptyTuple().reduce().none().tuple().reduce().setItems();
    TorchFile file = parse(Zip.of(pickle.stop()).storage("0", TorchBytes.floats(8, 9)));
    assertThat(file.floats("w")).containsExactly(8, 9);
  }

  @Test
  void read_ofEveryOtherInstruction_behavesAsPythonDoes() throws IOException {
    Pickler pickle = Pickler.protocol2().dict().mark();
    pickle.text("real").real(1.5).text("none").none().text("yes").bool(true);
    pickle.text("negative").number(-3).text("long").number(1L << 40);
    pickle.text("zero").raw(0x8a, 0);
    pickle.text("pair").none().none().raw(0x86).text("three").none().none().none().raw(0x87);
    pickle.text("list").list().number(1).raw('a').mark().number(2).number(3).appends();
    pickle.text("size").global("torch", "Size").mark().numbers(2, 3).tuple().reduce();
    pickle.text("old").raw('T', 2, 0, 0, 0).ascii("\u00e9!");
    pickle.text("gone").none().number(5).raw('0');
    pickle.text("kept").longPut(70_000).longGet(70_000);
    pickle.text("w").tensor("FloatStorage", "0", 1).setItems();
    TorchFile file = parse(Zip.of(pickle.stop()).storage("0", TorchBytes.floats(3)));
    assertThat(file.names()).containsExactly("w");
    assertThat(file.metadata())
        .containsOnly(
            java.util.Map.entry("real", "1.5"),
            java.util.Map.entry("yes", "true"),
            java.util.Map.entry("negative", "-3"),
            java.util.Map.entry("long", "1099511627776"),
            java.util.Map.entry("zero", "0"),
            java.util.Map.entry("old", "\u00e9!"),
            java.util.Map.entry("kept", "kept"));
  }

  @Test
  void read_ofPython2_takesPairsInAList() throws IOException {
    Pickler pickle = Pickler.protocol2().global("collections", "OrderedDict").list().mark();
    pickle.list().oldText("b").raw('a').tensor("FloatStorage", "0", 1).raw('a');
    pickle.list().oldText("a").raw('a').tensor("FloatStorage", "1", 1).raw('a');
    pickle.appends().raw(0x85).reduce();
    TorchFile file =
        parse(
            Zip.of(pickle.stop())
                .storage("0", TorchBytes.floats(3))
                .storage("1", TorchBytes.floats(4)));
    assertThat(file.names()).containsExactly("b", "a");
    assertThat(file.floats("a")).containsExactly(4);
  }

  @Test
  void read_ofABigEndianMachine_turnsTheBytes() throws IOException {
    byte[] big = ByteBuffer.allocate(8).putFloat(1.5f).putFloat(-2).array();
    byte[] pickle = stateDict().text("w").tensor("FloatStorage", "0", 2).setItems().stop();
    TorchFile file = parse(Zip.of(pickle).add("net/byteorder", "big").storage("0", big));
    assertThat(file.floats("w")).containsExactly(1.5f, -2);
    Legacy legacy = new Legacy(pickle).bigEndian().storage("0", 2, big);
    assertThat(TorchFile.parse(legacy.bytes(), "old").floats("w")).containsExactly(1.5f, -2);
    Zip little = Zip.of(pickle).add("net/byteorder", "little");
    assertThat(parse(little.storage("0", TorchBytes.floats(1, 2))).floats("w"))
        .containsExactly(1, 2);
  }

  @Test
  void read_ofTheOlderForm_findsStoragesInTheOrderOfTheKeyList() throws IOException {
    Pickler pickle = stateDict();
    for (String key : new String[] {"94020255495056", "17"}) {
      pickle.text("t" + key).global("torch._utils", "_rebuild_tensor").mark();
      pickle.oldStorage("FloatStorage", key, 2).number(1).numbers(1).numbers(1);
      pickle.tuple().reduce();
    }
    Legacy legacy =
        new Legacy(pickle.setItems().stop())
            .key("17")
            .storage("94020255495056", 2, TorchBytes.floats(1, 2))
            .storage(2, TorchBytes.floats(3, 4));
    TorchFile file = TorchFile.parse(legacy.bytes(), "old.pth");
    assertThat(file.names()).containsExactly("t94020255495056", "t17");
    assertThat(file.floats("t17")).containsExactly(2);
    assertThat(file.floats("t94020255495056")).containsExactly(4);
  }

  @Test
  void read_ofATensorOverSeveralChunks_keepsEveryValue() throws IOException {
    float[] values = new float[700_001];
    for (int i = 0; i < values.length; i++) {
      values[i] = i * 0.5f;
    }
    byte[] pickle =
        stateDict().text("w").tensor("FloatStorage", "0", values.length).setItems().stop();
    Path path = folder.resolve("large.pth");
    Files.write(path, Zip.of(pickle).storage("0", TorchBytes.floats(values)).bytes());
    assertThat(TorchFile.read(path).floats("w")).isEqualTo(values);
  }

  @Test
  void floats_ofAFileThatBecameShorter_saysSo() throws IOException {
    byte[] pickle = stateDict().text("w").tensor("FloatStorage", "0", 2).setItems().stop();
    Path path = folder.resolve("w.pth");
    Files.write(path, Zip.of(pickle).storage("0", TorchBytes.floats(1, 2)).bytes());
    TorchFile file = TorchFile.read(path);
    Files.write(path, new byte[20]);
    assertThatThrownBy(() -> file.floats("w"))
        .isInstanceOf(java.io.UncheckedIOException.class)
        .hasMessageContaining("tensor cannot be read: " + path + ", 'w'")
        .hasMessageContaining("file became shorter");
  }

  @Test
  void longs_ofATruthValueThatIsNone_isRefused() throws IOException {
    byte[] pickle = stateDict().text("b").tensor("BoolStorage", "0", 2).setItems().stop();
    TorchFile file = parse(Zip.of(pickle).storage("0", new byte[] {1, 2}));
    assertThatThrownBy(() -> file.longs("b"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected 0 or 1, found 2");
  }

  @Test
  @Tag("slow")
  void read_ofAStorageAbove2GiB_reachesItsLastElements() throws IOException {
    // a file with a hole, of which only the last bytes take room on the disk
    long count = (1L << 29) + 10;
    Pickler pickle = stateDict();
    pickle
        .text("end")
        .tensor("FloatStorage", "0", count, count - 2, new long[] {2}, new long[] {1});
    pickle.text("whole").tensor("FloatStorage", "0", count);
    pickle
        .text("apart")
        .tensor("FloatStorage", "0", count, 0, new long[] {2}, new long[] {count - 1});
    byte[] head = new Legacy(pickle.setItems().stop()).key("0").storage(count, new byte[0]).bytes();
    Path path = folder.resolve("huge.pth");
    Files.write(path, head);
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
      channel.write(
          ByteBuffer.wrap(TorchBytes.floats(5, 6)), head.length + (count - 2) * Float.BYTES);
    }
    TorchFile file = TorchFile.read(path);
    assertThat(file.floats("end")).containsExactly(5, 6);
    assertThat(file.shape("whole").size()).isEqualTo(count);
    assertThatThrownBy(() -> file.floats("apart"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("tensor too large for one array");
  }
}
