package org.vpns.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vpns.internal.io.FileBytes;
import org.vpns.internal.io.HalfFloats;
import org.vpns.testing.Fixtures;

final class SafeTensorsTest {
  @TempDir Path folder;

  @Test
  void write_thenRead_givesEveryValueBack() throws IOException {
    Path file = folder.resolve("all.safetensors");
    float[] floats = {0f, -0f, Float.NaN, Float.MIN_VALUE, Float.NEGATIVE_INFINITY, 1.5f};
    double[] doubles = {Math.PI, -1e300};
    long[] longs = {Long.MIN_VALUE, -1, Long.MAX_VALUE};
    byte[] bytes = {0, -1, 127};
    SafeTensors.builder()
        .metadata("seed", "7")
        .putBytes("b", bytes)
        .putFloats("a \"f\" ü", new Shape(2, 1, 3), floats)
        .putDoubles("d", new Shape(2), doubles)
        .putLongs("l", new Shape(3, 1), longs)
        .putFloats("empty", new Shape(0, 4), new float[0])
        .putFloats("scalar", new Shape(), new float[] {2})
        .write(file);
    SafeTensors read = SafeTensors.read(file);
    assertThat(read.names()).containsExactly("b", "a \"f\" ü", "d", "l", "empty", "scalar");
    assertThat(read.metadata()).containsExactly(java.util.Map.entry("seed", "7"));
    assertThat(read.bytes("b")).isEqualTo(bytes);
    assertThat(read.longs("b")).containsExactly(0, 255, 127);
    assertThat(read.floats("a \"f\" ü")).isEqualTo(floats);
    assertThat(read.shape("a \"f\" ü")).isEqualTo(new Shape(2, 1, 3));
    assertThat(read.doubles("d")).isEqualTo(doubles);
    assertThat(read.floats("d")).containsExactly((float) Math.PI, Float.NEGATIVE_INFINITY);
    assertThat(read.longs("l")).isEqualTo(longs);
    assertThat(read.type("l")).isEqualTo(TensorType.I64);
    assertThat(read.floats("empty")).isEmpty();
    assertThat(read.shape("empty")).isEqualTo(new Shape(0, 4));
    assertThat(read.floats("scalar")).containsExactly(2f);
    assertThat(read.shape("scalar").dimension()).isZero();
    assertThat(read.contains("d")).isTrue();
    assertThat(read.contains("e")).isFalse();
  }

  @Test
  void write_header_isPaddedToEightBytesInTheOrderGiven() {
    byte[] file =
        SafeTensors.builder()
            .metadata("k", "v")
            .putFloats("z", new Shape(1), new float[] {1})
            .putBytes("a", new byte[] {9})
            .toBytes();
    String json =
        "{\"__metadata__\":{\"k\":\"v\"},"
            + "\"z\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
            + "\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[4,5]}}";
    int padded = (json.length() + 7) / 8 * 8;
    ByteBuffer expected = ByteBuffer.allocate(8 + padded + 5).order(ByteOrder.LITTLE_ENDIAN);
    expected.putLong(padded);
    expected.put((json + " ".repeat(padded - json.length())).getBytes(StandardCharsets.UTF_8));
    expected.putFloat(1).put((byte) 9);
    assertThat(file).isEqualTo(expected.array());
  }

  @Test
  void read_largeTensor_crossesChunksUnharmed() throws IOException {
    float[] values = new float[700_001];
    for (int i = 0; i < values.length; i++) {
      values[i] = i * 0.5f;
    }
    Path file = folder.resolve("large.safetensors");
    SafeTensors.builder()
        .putBytes("odd", new byte[3])
        .putFloats("x", new Shape(values.length), values)
        .write(file);
    // not mapped; mapped whole; in segments that end inside a page, as the tensor begins at byte 3
    for (int segment : new int[] {0, 1 << 30, 1 << 16, 100_000}) {
      SafeTensors read = SafeTensors.read(file, FileBytes.of(file, segment));
      assertThat(read.floats("x")).as("segments of %d", segment).isEqualTo(values);
      assertThat(read.doubles("x")[700_000]).isEqualTo(350_000);
      assertThat(read.bytes("odd")).isEqualTo(new byte[3]);
    }
  }

  /** A file that is read can be replaced, as the writer does it. */
  @Test
  void floats_ofAFileReplacedAfterReading_areTheNewOnes() throws IOException {
    Path file = folder.resolve("replaced.safetensors");
    float[] old = new float[50_000];
    float[] fresh = new float[50_000];
    java.util.Arrays.fill(fresh, 2);
    SafeTensors.builder().putFloats("x", new Shape(50_000), old).write(file);
    assertThat(SafeTensors.read(file).floats("x")).isEqualTo(old);
    SafeTensors.builder().putFloats("x", new Shape(50_000), fresh).write(file);
    assertThat(SafeTensors.read(file).floats("x")).isEqualTo(fresh);
  }

  @Test
  void longs_ofEveryIntegerType_haveTheirSign() throws IOException {
    byte[] ones = new byte[16];
    java.util.Arrays.fill(ones, (byte) 0xff);
    ones[8] = 1;
    java.util.Arrays.fill(ones, 9, 16, (byte) 0);
    assertThat(integers("I8", 16, ones)).startsWith(-1, -1).endsWith(1, 0, 0, 0, 0, 0, 0, 0);
    assertThat(integers("U8", 16, ones)).startsWith(255, 255).contains(1, 0);
    assertThat(integers("I16", 8, ones)).containsExactly(-1, -1, -1, -1, 1, 0, 0, 0);
    assertThat(integers("U16", 8, ones)).containsExactly(65535, 65535, 65535, 65535, 1, 0, 0, 0);
    assertThat(integers("I32", 4, ones)).containsExactly(-1, -1, 1, 0);
    assertThat(integers("U32", 4, ones)).containsExactly(0xffffffffL, 0xffffffffL, 1, 0);
    assertThat(integers("I64", 2, ones)).containsExactly(-1, 1);
    assertThat(integers("BOOL", 3, new byte[] {0, 1, 1})).containsExactly(0, 1, 1);
    assertThatThrownBy(() -> integers("U64", 2, ones))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("found 18446744073709551615");
    assertThatThrownBy(() -> integers("BOOL", 3, new byte[] {0, 2, 1}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'h'[1], BOOL; expected 0 to 1, found 2");
  }

  private static long[] integers(String type, int count, byte[] data) throws IOException {
    String json =
        "{\"h\":{\"dtype\":\"%s\",\"shape\":[%d],\"data_offsets\":[0,%d]}}"
            .formatted(type, count, data.length);
    ByteBuffer file =
        ByteBuffer.allocate(8 + json.length() + data.length).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(json.length()).put(json.getBytes(StandardCharsets.UTF_8)).put(data);
    return SafeTensors.parse(file.array(), type).longs("h");
  }

  /** More than 2 GiB on paper, some kilobytes on a disk that stores no holes. */
  @Test
  @Tag("slow")
  void read_fileBeyond2GiB_givesWhatLiesAcrossAndBehindTheBorder() throws IOException {
    Path file = folder.resolve("wide.safetensors");
    long before = (1L << 31) - 200_000;
    int length = 100_000;
    long large = 1L << 32;
    String json =
        String.format(
            Locale.ROOT,
            "{\"before\":{\"dtype\":\"U8\",\"shape\":[%d],\"data_offsets\":[0,%d]},"
                + "\"across\":{\"dtype\":\"F32\",\"shape\":[%d],\"data_offsets\":[%d,%d]},"
                + "\"large\":{\"dtype\":\"F32\",\"shape\":[2,%d],\"data_offsets\":[%d,%d]},"
                + "\"last\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[%d,%d]}}",
            before,
            before,
            length,
            before,
            before + 4L * length,
            large / 2,
            before + 4L * length,
            before + 4L * length + 4 * large,
            before + 4L * length + 4 * large,
            before + 4L * length + 4 * large + 4);
    json += " ".repeat(-json.length() & 7);
    long data = 8 + json.length();
    float[] across = new float[length];
    ByteBuffer bytes = ByteBuffer.allocate(4 * length).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < length; i++) {
      across[i] = i + 0.25f;
      bytes.putFloat(across[i]);
    }
    try (var channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.WRITE,
            StandardOpenOption.SPARSE)) {
      ByteBuffer header =
          ByteBuffer.allocate((int) data)
              .order(ByteOrder.LITTLE_ENDIAN)
              .putLong(json.length())
              .put(json.getBytes(StandardCharsets.UTF_8))
              .flip();
      channel.write(header, 0);
      channel.write(bytes.flip(), data + before);
      ByteBuffer last = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(7).flip();
      channel.write(last, data + before + 4L * length + 4 * large);
    }
    for (int segment : new int[] {0, 1 << 30}) {
      SafeTensors read = SafeTensors.read(file, FileBytes.of(file, segment));
      assertThat(read.floats("across")).isEqualTo(across);
      assertThat(read.floats("last")).containsExactly(7);
      assertThat(read.shape("large")).isEqualTo(new Shape(2, large / 2));
      assertThatThrownBy(() -> read.floats("large"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("tensor too large for one array: ");
    }
  }

  /** 2^31 bytes of a file with a hole, whose last is 7: in one tensor, and in two. */
  @Test
  @Tag("slow")
  void tensorOf2GiB_isRefused_andReadsOnceItIsSplit() throws IOException {
    long all = 1L << 31;
    long half = all / 2;
    Path whole = holes("whole", "\"w\":" + bytes(0, all), all);
    assertThatThrownBy(() -> SafeTensors.read(whole).bytes("w"))
        .hasMessageStartingWith("tensor too large for one array: " + whole + ", 'w'; expected ")
        .hasMessageEndingWith("; split the tensor.");
    Path split = holes("split", "\"a\":" + bytes(0, half) + ",\"b\":" + bytes(half, all), all);
    SafeTensors parts = SafeTensors.read(split);
    assertThat(parts.bytes("a")).hasSize((int) half).endsWith(0, 0);
    assertThat(parts.bytes("b")).hasSize((int) half).endsWith(0, 7);
  }

  private static String bytes(long from, long to) {
    return String.format(
        Locale.ROOT,
        "{\"dtype\":\"U8\",\"shape\":[%d],\"data_offsets\":[%d,%d]}",
        to - from,
        from,
        to);
  }

  private Path holes(String name, String entries, long size) throws IOException {
    Path file = folder.resolve(name + ".safetensors");
    byte[] json = ("{" + entries + "}").getBytes(StandardCharsets.UTF_8);
    ByteBuffer header = ByteBuffer.allocate(8 + json.length).order(ByteOrder.LITTLE_ENDIAN);
    Files.write(file, header.putLong(json.length).put(json).array());
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(new byte[] {7}), header.capacity() + size - 1);
    }
    return file;
  }

  @Test
  void floats_ofHalfTypes_areExact() throws IOException {
    // 1.0, -2.0, largest 65504, smallest subnormal 2^-24, largest subnormal, infinity, -0.0
    int[] halves = {0x3c00, 0xc000, 0x7bff, 0x0001, 0x03ff, 0x7c00, 0x8000};
    byte[] file = tensor("F16", halves);
    assertThat(SafeTensors.parse(file, "halves").floats("h"))
        .containsExactly(1f, -2f, 65504f, 0x1p-24f, 0x1.ff8p-15f, Float.POSITIVE_INFINITY, -0f);
    assertThat(HalfFloats.toFloat((short) 0x7e00)).isNaN();
    // bfloat16 is the upper half of a float: 0x3f80 = 1, 0xc040 = -3, 0x7f80 = infinity
    file = tensor("BF16", new int[] {0x3f80, 0xc040, 0x7f80});
    assertThat(SafeTensors.parse(file, "b").floats("h"))
        .containsExactly(1f, -3f, Float.POSITIVE_INFINITY);
    assertThat(SafeTensors.parse(file, "b").doubles("h")[1]).isEqualTo(-3);
  }

  private static byte[] tensor(String type, int[] shorts) {
    String json =
        "{\"h\":{\"dtype\":\"%s\",\"shape\":[%d],\"data_offsets\":[0,%d]}}"
            .formatted(type, shorts.length, shorts.length * 2);
    ByteBuffer file =
        ByteBuffer.allocate(8 + json.length() + shorts.length * 2).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(json.length()).put(json.getBytes(StandardCharsets.UTF_8));
    for (int s : shorts) {
      file.putShort((short) s);
    }
    return file.array();
  }

  @Test
  void read_ofTheFixtures_findsNamesTypesAndValues() {
    SafeTensors tiny = Fixtures.tinyresnet();
    assertThat(tiny.shape("images")).isEqualTo(new Shape(8, 16, 3, 24, 24));
    assertThat(tiny.longs("model.bn1.num_batches_tracked")).containsExactly(100);
    assertThat(tiny.floats("images")).hasSize(8 * 16 * 3 * 24 * 24);
    SafeTensors core = Fixtures.core();
    int kept = 0;
    for (byte b : core.bytes("hydra-0.8.mask")) {
      kept += b;
    }
    assertThat(kept).isEqualTo(1055);
    assertThat(core.doubles("plain.losses")).hasSize(16);
  }

  @Test
  void floats_ofAnUnknownNameOrType_areRefused() {
    SafeTensors core = Fixtures.core();
    assertThatThrownBy(() -> core.floats("nothing"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("no such tensor: core.safetensors, 'nothing'; expected one of");
    assertThatThrownBy(() -> core.floats("hydra-0.8.mask"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("found U8");
    assertThatThrownBy(() -> core.longs("plain.losses"))
        .hasMessageContaining("an integer type or BOOL");
    assertThatThrownBy(() -> core.bytes("plain.losses")).hasMessageContaining("found F64");
  }

  @Test
  void put_withAUsedNameOrWrongShape_isRefused() {
    SafeTensors.Builder builder = SafeTensors.builder().putBytes("a", new byte[2]);
    assertThatThrownBy(() -> builder.putBytes("a", new byte[1]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("tensor name not free: 'a'");
    assertThatThrownBy(() -> builder.putBytes("__metadata__", new byte[1]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> builder.putFloats("b", new Shape(2, 2), new float[3]))
        .hasMessageContaining("expected 4 values for (2, 2), found 3");
    assertThatThrownBy(() -> builder.putBytes("\ud800", new byte[1]))
        .hasMessageContaining("name cannot be stored");
    assertThatThrownBy(() -> builder.metadata("k", "1").metadata("k", "2"))
        .hasMessageContaining("found 1 then 2");
  }

  /** Two floats, and a tensor of a newer type before them. */
  private static byte[] withNewerType(String type, int elements, int bytes) {
    String header =
        "{\"new\":{\"dtype\":\"%s\",\"shape\":[%d],\"data_offsets\":[0,%d]},"
                .formatted(type, elements, bytes)
            + "\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[%d,%d]}}"
                .formatted(bytes, bytes + 8);
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer file = ByteBuffer.allocate(8 + json.length + bytes + 8);
    file.order(ByteOrder.LITTLE_ENDIAN).putLong(json.length).put(json);
    file.position(file.position() + bytes);
    return file.putFloat(1.5f).putFloat(-2).array();
  }

  @ParameterizedTest
  @CsvSource({
    "F8_E8M0, 4, 4",
    "F8_E4M3FNUZ, 3, 3",
    "F8_E5M2FNUZ, 3, 3",
    "F8_E4M3, 3, 3",
    "F6_E2M3, 4, 3",
    "F6_E3M2, 8, 6",
    "F4, 6, 3",
    "C64, 3, 24"
  })
  void read_ofATypeThatIsNotRead_refusesTheTensorAlone(String type, int elements, int bytes)
      throws IOException {
    SafeTensors tensors = SafeTensors.parse(withNewerType(type, elements, bytes), "x.safetensors");
    assertThat(tensors.floats("w")).containsExactly(1.5f, -2);
    assertThat(tensors.type("new")).hasToString(type);
    assertThat(tensors.shape("new")).isEqualTo(new Shape(elements));
    assertThatThrownBy(() -> tensors.floats("new"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'new'; expected F32, F64, F16 or BF16 for floats, found " + type)
        .hasMessageContaining("convert this tensor before it is saved");
    assertThatThrownBy(() -> tensors.longs("new")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> SafeTensors.parse(withNewerType(type, elements, bytes + 1), "x"))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("expected " + bytes + " bytes for " + type);
  }

  /** How many bytes its elements take is not known, so only where its data lie can be held. */
  @Test
  void read_ofATypeThatNobodyKnows_refusesTheTensorAlone() throws IOException {
    SafeTensors tensors = SafeTensors.parse(withNewerType("F2_\u00e91", 5, 7), "x.safetensors");
    assertThat(tensors.floats("w")).containsExactly(1.5f, -2);
    assertThat(tensors.type("new")).isEqualTo(TensorType.UNKNOWN);
    assertThat(tensors.shape("new")).isEqualTo(new Shape(5));
    assertThatThrownBy(() -> tensors.floats("new"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "tensor type does not fit: x.safetensors, 'new'; expected F32, F64, F16 or BF16 for"
                + " floats, found F2_\u00e91; convert this tensor before it is saved (PyTorch:"
                + " tensor.float(), or torch.view_as_real(tensor) of complex ones); all others can"
                + " be read.");
    assertThatThrownBy(() -> tensors.longs("new")).hasMessageContaining("found F2_\u00e91");
    assertThatThrownBy(() -> tensors.bytes("new")).hasMessageContaining("found F2_\u00e91");
    // names are as they are written
    assertThat(SafeTensors.parse(withNewerType("f32", 2, 8), "x").type("new"))
        .isEqualTo(TensorType.UNKNOWN);
    assertThatThrownBy(() -> SafeTensors.parse(withNewerType("n".repeat(70_000), 1, 1), "x"))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("type too long");
  }

  @Test
  void parse_ofPackedElementsThatEndInsideAByte_isRefused() {
    assertThatThrownBy(() -> SafeTensors.parse(withNewerType("F4", 3, 2), "x"))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("shape ends inside a byte");
  }
}
