package org.vpns.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.djl.ndarray.types.Shape;
import com.google.common.primitives.Bytes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.Seeds;
import org.vpns.testing.AllocatedBytes;
import org.vpns.testing.Mutations;

final class MaskFileTest {
  @TempDir Path folder;

  static byte[] bytes(MaskFile content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      content.write(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static MaskFile parse(byte[] file) throws IOException {
    return MaskFile.read(new ByteArrayInputStream(file), "test");
  }

  private static MaskSet set(Mask... masks) {
    Map<String, Mask> named = new LinkedHashMap<>();
    for (int i = 0; i < masks.length; i++) {
      named.put("layer" + i + ".weight", masks[i]);
    }
    return MaskSet.of(named);
  }

  @Property(tries = 300)
  void writeThenRead_anyLengths_isTheIdentity(
      @ForAll @Size(max = 4) List<@IntRange(max = 200) Integer> sizes, @ForAll long seed)
      throws IOException {
    var random = new Seeds(seed).stream("bits");
    MaskSet masks =
        set(
            sizes.stream()
                .map(size -> Mask.of(new Shape(size), i -> random.nextBoolean()))
                .toArray(Mask[]::new));
    MaskFile file = parse(bytes(MaskFile.of(masks).withModel("m\u00fc").with("seed", "" + seed)));
    assertThat(file.masks()).isEqualTo(masks);
    assertThat(file.model()).isEqualTo("m\u00fc");
    assertThat(file.metadata()).containsExactly(Map.entry("seed", "" + seed));
  }

  @Example
  void writeThenRead_everyLengthUpTo130_isTheIdentity() throws IOException {
    for (int size = 0; size <= 130; size++) {
      MaskSet masks = set(Mask.ones(new Shape(size)), Mask.zeros(new Shape(size)));
      assertThat(parse(bytes(MaskFile.of(masks))).masks()).isEqualTo(masks);
    }
  }

  @Test
  void writeThenRead_emptySetScalarAndWideShape_isTheIdentity() throws IOException {
    Path file = folder.resolve("m.vpns");
    MaskFile.of(MaskSet.of(Map.of())).write(file);
    assertThat(MaskFile.read(file).masks()).isEqualTo(MaskSet.of(Map.of()));
    MaskSet odd =
        set(
            Mask.ones(new Shape()),
            Mask.parse(new Shape(1, 3, 1, 2), "011010"),
            Mask.zeros(new Shape(1L << 40, 0)));
    MaskFile.of(odd).write(file);
    assertThat(MaskFile.read(file).masks()).isEqualTo(odd);
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void write_smallSet_givesTheDocumentedBytes() {
    byte[] file =
        bytes(
            MaskFile.of(set(Mask.parse(new Shape(2, 5), "1000000101")))
                .withModel("net")
                .with("k", "v"));
    byte[] array = new byte[200];
    ByteBuffer expected = ByteBuffer.wrap(array).order(ByteOrder.LITTLE_ENDIAN);
    expected.put(new byte[] {(byte) 0x89, 'V', 'P', 'N', 'M', 13, 10, 26}).putInt(1);
    text(expected, "net").putInt(1);
    text(expected, "k");
    text(expected, "v").putInt(1);
    sum(expected, array, 0);
    int record = expected.position();
    text(expected, "layer0.weight").put((byte) 2).putLong(2).putLong(5);
    expected.put((byte) 0b1000_0001).put((byte) 0b10);
    sum(expected, array, record);
    assertThat(file).isEqualTo(java.util.Arrays.copyOf(array, expected.position()));
  }

  private static ByteBuffer text(ByteBuffer into, String text) {
    return into.putInt(text.length()).put(text.getBytes(StandardCharsets.UTF_8));
  }

  private static void sum(ByteBuffer into, byte[] array, int from) {
    CRC32C checksum = new CRC32C();
    checksum.update(array, from, into.position() - from);
    into.putInt((int) checksum.getValue());
  }

  @Test
  void read_fromAStreamOfTwo_leavesTheSecondToRead() throws IOException {
    MaskSet first = set(Mask.parse(new Shape(3), "101"));
    MaskSet second = set(Mask.ones(new Shape(9)));
    var in =
        new ByteArrayInputStream(
            Bytes.concat(bytes(MaskFile.of(first)), bytes(MaskFile.of(second))));
    assertThat(MaskFile.read(in, "two").masks()).isEqualTo(first);
    assertThat(MaskFile.read(in, "two").masks()).isEqualTo(second);
  }

  @Test
  void validate_contentThatMakesNoSet_namesRecordAndOffset() throws IOException {
    long[] one = {1};
    Shape shape = new Shape(3);
    var good = new MaskFile.Entry("a", shape, one, 0);
    MaskFile twice = parse(bytes(new MaskFile("t", "", Map.of(), List.of(good, good))));
    assertThat(twice.size()).isEqualTo(2);
    FormatException failure = catchThrowableOfType(FormatException.class, twice::validate);
    assertThat(failure).hasMessageStartingWith("mask path twice: test, byte 47, mask 1 path;");
    // header 8 + 4 + 4 + 4 + 4 + 4 = 28; the first record is 5 + 1 + 8 + 1 + 4 = 19 bytes long
    assertThat(failure.byteOffset()).isEqualTo(28 + 19);
    MaskFile blank =
        new MaskFile("t", "", Map.of(), List.of(new MaskFile.Entry(" ", shape, one, 0)));
    assertThatThrownBy(() -> parse(bytes(blank)).validate()).hasMessageContaining("blank");
    MaskFile tail =
        new MaskFile("t", "", Map.of(), List.of(new MaskFile.Entry("a", shape, new long[] {9}, 0)));
    assertThatThrownBy(() -> parse(bytes(tail)).masks())
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("mask 0 bits");
  }

  @Test
  void read_eachKindOfDamage_namesFieldAndOffset() {
    byte[] file = bytes(MaskFile.of(set(Mask.ones(new Shape(10)))));
    // header fields begin at 0 magic, 8 version, 12 model, 16 metadata, 20 masks, 24 checksum
    assertBad(with(file, 0, 'x'), "magic", 0);
    assertBad(with(file, 8, 2), "version", 8);
    assertBad(with(file, 15, 0x7f), "model length", 12);
    assertBad(with(file, 19, -1), "number of metadata", 16);
    assertBad(with(file, 20, 2), "checksum of the header", 24);
    // the record: 28 path length, 32 path, 45 rank, 46 shape, 54 bits, 56 checksum
    assertBad(with(file, 33, 'x'), "mask 0 checksum", 56);
    assertBad(with(file, 33, -1), "mask 0 path", 32);
    assertBad(with(file, 53, -1), "mask 0 shape", 46);
    assertBad(with(file, 53, 1), "mask 0 shape", 46);
    assertBad(with(file, 49, 1), "mask 0 bits", 54);
    assertBad(java.util.Arrays.copyOf(file, 55), "mask 0 bits", 54);
    assertBad(new byte[0], "magic", 0);
  }

  @Test
  void read_fileWithABitTooMany_isRefused() throws IOException {
    byte[] file = bytes(MaskFile.of(set(Mask.ones(new Shape(10)))));
    Path path = Files.write(folder.resolve("long.vpns"), Bytes.concat(file, new byte[1]));
    assertThatThrownBy(() -> MaskFile.read(path))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith("mask file goes on after its last mask: " + path + ", byte 60");
  }

  private static byte[] with(byte[] file, int at, int value) {
    byte[] copy = file.clone();
    copy[at] = (byte) value;
    return copy;
  }

  private static void assertBad(byte[] file, String field, long offset) {
    ThrowingCallable parse = () -> parse(file);
    FormatException failure = catchThrowableOfType(FormatException.class, parse);
    assertThat(failure).as(field).isNotNull();
    assertThat(failure.field()).isEqualTo(field);
    assertThat(failure.byteOffset()).as(field).isEqualTo(offset);
  }

  /** Number of refused ones among so many damaged files; none gives another set. */
  private static int refusedOf(int files, String stream) throws IOException {
    var random = new Seeds(20240601).stream(stream);
    MaskSet masks =
        set(
            Mask.of(new Shape(8, 3, 3, 3), i -> random.nextBoolean()),
            Mask.ones(new Shape(7)),
            Mask.zeros(new Shape(0)));
    byte[] file = bytes(MaskFile.of(masks).withModel("net").with("key", "value"));
    int refused = 0;
    for (int i = 0; i < files; i++) {
      try {
        assertThat(parse(Mutations.mutate(file, random)).masks()).isEqualTo(masks);
      } catch (FormatException e) {
        refused++;
      }
    }
    return refused;
  }

  @Test
  void read_ofDamagedFiles_refusesOrGivesTheSameSet() throws IOException {
    // the rest: bytes after the end, which a stream leaves, and damage that changed nothing
    assertThat(refusedOf(1000, "damage")).isBetween(700, 980);
    // a text of at most 1 MiB that is not there is not allocated: 10 kB each on average
    assertThat(AllocatedBytes.during(() -> refusedOf(200, "memory"))).isLessThan(200 * 10_000L);
  }

  @Test
  @Tag("slow")
  void read_ofManyDamagedFiles_refusesOrGivesTheSameSet() throws IOException {
    assertThat(refusedOf(20_000, "much damage")).isBetween(14_000, 19_600);
  }

  @Test
  void read_ofLengthsThatAreNotThere_allocatesNextToNothing() {
    byte[] file = bytes(MaskFile.of(set(Mask.ones(new Shape(10)))));
    // a shape of 2^30 + 10 entries; a text of 1 MB; 2^31 - 1 masks
    byte[][] liars = {with(file, 49, 0x40), with(file, 14, 0x0f), with(file, 23, 0x7f)};
    for (byte[] liar : liars) {
      ThrowingCallable parse =
          () -> assertThatThrownBy(() -> parse(liar)).isInstanceOf(FormatException.class);
      assertThat(AllocatedBytes.during(parse)).isLessThan(1_000_000);
    }
  }

  @Test
  void write_textsThatCannotBeStored_areRefused() {
    MaskFile file = MaskFile.of(set());
    assertThatThrownBy(() -> bytes(file.withModel("x".repeat((1 << 20) + 1))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at most 1048576 bytes, found 1048577");
    assertThatThrownBy(() -> bytes(file.withModel("\udc00")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> file.with("k", "1").with("k", "2"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("found 1 then 2");
  }
}
