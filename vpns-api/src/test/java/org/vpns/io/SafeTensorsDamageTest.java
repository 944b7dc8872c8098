package org.vpns.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.Seeds;
import org.vpns.internal.io.MemoryBound;
import org.vpns.testing.AllocatedBytes;
import org.vpns.testing.Mutations;

final class SafeTensorsDamageTest {
  @TempDir Path folder;

  /** Header text and 8 bytes of data. */
  private static byte[] file(String header) {
    return file(header.getBytes(StandardCharsets.UTF_8), 8);
  }

  private static byte[] file(byte[] header, int dataBytes) {
    return ByteBuffer.allocate(8 + header.length + dataBytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header.length)
        .put(header)
        .array();
  }

  private static String entry(String dtype, String shape, String offsets) {
    return "{\"a\":{\"dtype\":%s,\"shape\":%s,\"data_offsets\":%s}}"
        .formatted(dtype, shape, offsets);
  }

  private static FormatException failure(byte[] file) {
    ThrowingCallable parse = () -> SafeTensors.parse(file, "bad.safetensors");
    FormatException failure = catchThrowableOfType(FormatException.class, parse);
    assertThat(failure).isNotNull();
    assertThat(failure.getMessage())
        .matches("(?s).+: bad\\.safetensors, byte \\d+, .+; expected .+, found .+; .+\\.");
    return failure;
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, -5, 1000, 100_000_001L, Integer.MAX_VALUE, Long.MAX_VALUE})
  void parse_headerLengthOutOfRange_isRefusedWithoutAllocating(long length) {
    byte[] bytes = file("{}");
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(0, length);
    FormatException failure = failure(bytes);
    assertThat(failure.field()).isEqualTo("header length");
    assertThat(failure.byteOffset()).isZero();
    assertThat(AllocatedBytes.during(() -> failure(bytes))).isLessThan(1_000_000);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "[]",
        "{  ",
        "{}x",
        "{} {}",
        "{'a':1}",
        "{a:1}",
        "{\"a\":1,}",
        " {}",
        "{\"a\":{}}",
        "{\"a\":null}",
        "{\"a\":[]}",
        "{/**/}",
        "{\"\t\":1}",
        "{\"__metadata__\":[]}",
        "{\"__metadata__\":{\"k\":1}}",
        "{\"__metadata__\":{\"k\":null}}",
        "{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}",
        "{\"__metadata__\":{},\"__metadata__\":{}}"
      })
  void parse_headerThatIsNoProperObject_isRefused(String header) {
    assertThat(failure(file(header.getBytes(StandardCharsets.UTF_8), 0)).byteOffset()).isEqualTo(8);
  }

  @Test
  void parse_entriesMalformed_nameTheField() {
    assertThat(failure(file(entry("3", "[2]", "[0,8]"))).field()).isEqualTo("'a'.dtype");
    for (String shape :
        List.of("[2.0]", "[2e0]", "[\"2\"]", "[-2]", "2", "[[2]]", "[02]", "[" + "9".repeat(30))) {
      assertThat(failure(file(entry("\"F32\"", shape, "[0,8]"))).byteOffset()).isEqualTo(8);
    }
    for (String offsets :
        List.of("[8,0]", "[0]", "[0,8,8]", "[0,9]", "[0,3000000000]", "[-1,8]", "[0,null]")) {
      assertThat(failure(file(entry("\"F32\"", "[2]", offsets))).field())
          .isEqualTo("'a'.data_offsets");
    }
    String huge = "[" + "900000000000000000,".repeat(2) + "0]";
    assertThat(failure(file(entry("\"F32\"", huge, "[0,0]"))).field()).isEqualTo("'a'.shape");
    assertThat(failure(file(entry("\"F32\"", "[3]", "[0,8]"))))
        .hasMessageContaining("expected 12 bytes for F32 [3], found 8");
    String noShape = "{\"a\":{\"dtype\":\"U8\",\"data_offsets\":[0,8]}}";
    assertThat(failure(file(noShape)).field()).isEqualTo("'a'.shape");
    String more = entry("\"U8\"", "[8]", "[0,8],\"x\":1");
    assertThat(failure(file(more))).hasMessageContaining("found 'x'");
    String twice = entry("\"U8\"", "[8]", "[0,8],\"dtype\":\"U8\"");
    assertThat(failure(file(twice)).field()).isEqualTo("'a'.dtype");
  }

  @Test
  void parse_entriesThatDoNotTileTheData_areRefused() {
    String one = "\"%s\":{\"dtype\":\"U8\",\"shape\":[%d],\"data_offsets\":[%d,%d]}";
    String overlap = "{" + one.formatted("a", 5, 0, 5) + "," + one.formatted("b", 4, 4, 8) + "}";
    FormatException failure = failure(file(overlap));
    assertThat(failure).hasMessageContaining("overlap").hasMessageContaining("'b'");
    assertThat(failure.byteOffset()).isEqualTo(8 + overlap.length() + 4);
    String gap = "{" + one.formatted("a", 3, 0, 3) + "," + one.formatted("b", 4, 4, 8) + "}";
    assertThat(failure(file(gap))).hasMessageContaining("gap");
    String rest = "{" + one.formatted("a", 7, 0, 7) + "}";
    assertThat(failure(file(rest))).hasMessageContaining("belong to no tensor");
    String same = "{" + one.formatted("a", 8, 0, 8) + "," + one.formatted("a", 0, 8, 8) + "}";
    assertThat(failure(file(same))).hasMessageContaining("name twice");
  }

  @Test
  void parse_bytesThatAreNoText_areRefused() {
    assertThat(failure(file(new byte[] {'{', '"', (byte) 0xc3, '"', ':', '1', '}'}, 0)))
        .hasMessageContaining("expected UTF-8");
    assertThat(failure(new byte[9]).field()).isEqualTo("header length");
    assertThat(failure(new byte[0]).field()).isEqualTo("header length");
  }

  @Test
  void parse_deepNesting_isRefusedWithoutRecursion() {
    failure(file("{\"a\":" + "[".repeat(1_000_000)));
    failure(file("{\"a\":{\"shape\":" + "[".repeat(1_000_000)));
    failure(file("{\"__metadata__\":" + "{\"a\":".repeat(100_000)));
  }

  @Test
  void read_truncatedFile_isRefusedAtEveryLength() throws IOException {
    byte[] whole =
        SafeTensors.builder().putFloats("a", new Shape(4), new float[] {1, 2, 3, 4}).toBytes();
    for (int length = 0; length < whole.length; length++) {
      Path path = Files.write(folder.resolve("cut"), Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> SafeTensors.read(path))
          .as("%d bytes", length)
          .isInstanceOf(FormatException.class);
    }
    Path path = Files.write(folder.resolve("whole"), whole);
    assertThat(SafeTensors.read(path).floats("a")).containsExactly(1, 2, 3, 4);
  }

  @Test
  void floats_ofAFileCutWhileOpen_failWithItsName() throws IOException {
    Path path = folder.resolve("cut-later");
    SafeTensors.builder().putFloats("a", new Shape(4), new float[4]).write(path);
    SafeTensors open = SafeTensors.read(path);
    Files.write(path, new byte[20]);
    assertThatThrownBy(() -> open.floats("a"))
        .isInstanceOf(java.io.UncheckedIOException.class)
        .hasMessageContaining("tensor cannot be read: " + path);
  }

  @Test
  void parse_headerWithMarksOrSigns_isRefused() {
    // a byte-order mark, numbers in other forms
    assertThat(failure(file("\ufeff{}"))).hasMessageContaining("is no object");
    for (String number : List.of("+8", "0x8", "08", "8.", "8e0", "\"8\"", "true", "-0", "8,")) {
      failure(file(entry("\"F32\"", "[2]", "[0," + number + "]")));
      failure(file(entry("\"U8\"", "[" + number + "]", "[0,8]")));
    }
  }

  @Test
  void parse_ofNamesLongerThanAnyNetworkHas_isRefusedInShort() throws IOException {
    String name = "n".repeat(MemoryBound.NAME);
    String entry = entry("\"F32\"", "[2]", "[0,8]");
    assertThat(
            SafeTensors.parse(file(entry.replace("{\"a\"", "{\"" + name + "\"")), "long").names())
        .containsExactly(name);
    assertThat(failure(file(entry.replace("{\"a\"", "{\"" + name + "n\""))).getMessage())
        .startsWith("safetensors name too long")
        .hasSizeLessThan(1000);
    assertThat(failure(file("{\"__metadata__\":{\"" + name + "n\":\"v\"}}")))
        .hasMessageStartingWith("safetensors name too long");
  }

  private static byte[] sample() {
    return SafeTensors.builder()
        .metadata("model", "net")
        .putFloats("layer1.0.conv1.weight", new Shape(2, 3), new float[6])
        .putLongs("count", new Shape(), new long[] {5})
        .putBytes("mask", new byte[11])
        .toBytes();
  }

  /** Number of refused ones among so many damaged files. */
  private static int refusedOf(int files, String stream) {
    var random = new Seeds(20240602).stream(stream);
    byte[] whole = sample();
    int refused = 0;
    for (int i = 0; i < files; i++) {
      try {
        SafeTensors read = SafeTensors.parse(Mutations.mutate(whole, random), "damaged");
        for (String name : read.names()) {
          // no more elements than the file has bytes, whatever the header says
          assertThat(read.shape(name).size()).isLessThanOrEqualTo(whole.length + 50);
          TensorType type = read.type(name);
          if (type.isFloat()) {
            assertThat(read.floats(name)).isNotNull();
          } else if (type != TensorType.U64 && Elements.isInteger(type)) {
            assertThat(read.longs(name)).isNotNull();
          }
        }
      } catch (FormatException e) {
        refused++;
      }
    }
    return refused;
  }

  @Test
  void parse_ofDamagedFiles_refusesOrReadsEveryTensor() {
    // damage of the data alone is not seen: the format has no checksum
    assertThat(refusedOf(1000, "damage")).isBetween(500, 990);
    // a header of some 200 bytes, its text, its entries and a message: 20 kB each on average
    assertThat(AllocatedBytes.during(() -> refusedOf(200, "memory"))).isLessThan(200 * 20_000L);
  }
}
