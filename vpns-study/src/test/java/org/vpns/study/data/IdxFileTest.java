package org.vpns.study.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.io.FormatException;

class IdxFileTest {
  @TempDir Path folder;

  private static byte[] idx(int[] header, int... values) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    for (int number : header) {
      out.writeInt(number);
    }
    for (int value : values) {
      out.writeByte(value);
    }
    return bytes.toByteArray();
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(zipped)) {
      out.write(bytes);
    }
    return zipped.toByteArray();
  }

  private Path file(String name, byte[] bytes) throws IOException {
    return Files.write(folder.resolve(name), bytes);
  }

  /** Two images of 1 row and 3 columns. */
  private static byte[] twoImages() throws IOException {
    return idx(new int[] {2051, 2, 1, 3}, 0, 51, 255, 128, 1, 2);
  }

  @Test
  void readImages_twoImages_givesBytesAsUnsignedNumbers() throws IOException {
    IdxFile images = IdxFile.readImages(file("images", twoImages()));

    assertThat(images.shape()).containsExactly(2, 1, 3);
    assertThat(new int[] {images.value(1), images.value(2), images.value(3)})
        .containsExactly(51, 255, 128);
  }

  @Test
  void table_pairOfFiles_dividesBy255AndKeepsLabels() throws IOException {
    ImageTable table =
        IdxFile.table(
            "two",
            IdxFile.readImages(file("images.gz", gzip(twoImages()))),
            IdxFile.readLabels(file("labels", idx(new int[] {2049, 2}, 1, 0))),
            List.of("a", "b"));

    assertThat(table.image(0)).containsExactly(0f, 51 / 255f, 1f);
    assertThat(table.image(1)).containsExactly(128 / 255f, 1 / 255f, 2 / 255f);
    assertThat(table.label(0)).isEqualTo(1);
    assertThat(table.label(1)).isZero();
    assertThat(table).hasToString("two: 2 images of 1 x 1 x 3, 2 classes");
  }

  @Test
  void readImages_emptyFile_isRefusedByName() throws IOException {
    Path empty = file("empty", new byte[0]);

    assertThatThrownBy(() -> IdxFile.readImages(empty))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith("empty file: " + empty);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 4, 15, 16, 21})
  void readImages_cutAnywhere_isRefusedWithBothLengths(int length) throws IOException {
    Path cut = file("cut", Arrays.copyOf(twoImages(), length));

    assertThatThrownBy(() -> IdxFile.readImages(cut))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith("file cut short: " + cut)
        .hasMessageContaining("found " + length);
  }

  @Test
  void readImages_byteTooMany_isRefused() throws IOException {
    Path longer = file("longer", Arrays.copyOf(twoImages(), 23));

    assertThatThrownBy(() -> IdxFile.readImages(longer))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith("bytes after the last value: " + longer + "; expected 22 bytes");
  }

  @Test
  void readImages_labelsFile_namesBothMagicNumbers() throws IOException {
    Path labels = file("labels", idx(new int[] {2049, 2}, 1, 0));

    assertThatThrownBy(() -> IdxFile.readImages(labels))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("expected magic number 2051, found 2049");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
  void readImages_lengthBelowOne_isRefusedWithItsAxis(int rows) throws IOException {
    Path file = file("rows", idx(new int[] {2051, 2, rows, 3}));

    assertThatThrownBy(() -> IdxFile.readImages(file))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith("length out of range: " + file + ", axis 1")
        .hasMessageContaining("found " + rows);
  }

  @Test
  void readImages_headerOfMoreThanOneArray_isRefusedWithoutAllocating() throws IOException {
    Path huge = file("huge", idx(new int[] {2051, 1 << 20, 1 << 10, 1 << 10}));

    assertThatThrownBy(() -> IdxFile.readImages(huge))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith("length out of range: " + huge + ", axis 2");
  }

  /** Zeros without end are a thousandth of themselves when they are compressed. */
  @Test
  void readImages_gzipOfMoreThanTheHeapHolds_isRefusedByItsHeader() throws IOException {
    int rows = Math.toIntExact(Math.min(1 << 20, Runtime.getRuntime().maxMemory() >> 11));
    Path bomb = file("bomb.gz", gzip(idx(new int[] {2051, 1 << 10, rows, 1}, new int[1 << 10])));

    assertThatThrownBy(() -> IdxFile.readImages(bomb))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith("file too large for the heap: " + bomb)
        .hasMessageContaining("found " + ((long) rows << 10));
  }

  @Test
  void readImages_gzipCutShort_isRefusedByName() throws IOException {
    byte[] zipped = gzip(twoImages());
    Path cut = file("cut.gz", Arrays.copyOf(zipped, zipped.length - 9));

    assertThatThrownBy(() -> IdxFile.readImages(cut))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith("damaged gzip file: " + cut);
  }

  @Test
  void readImages_gzipWithAChangedByte_isRefusedByItsChecksum() throws IOException {
    byte[] zipped = gzip(twoImages());
    zipped[zipped.length - 8] ^= 1; // the first byte of the CRC
    Path damaged = file("damaged.gz", zipped);

    assertThatThrownBy(() -> IdxFile.readImages(damaged))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith("damaged gzip file: " + damaged);
  }

  @Test
  void table_otherNumberOfLabels_namesBothFiles() throws IOException {
    IdxFile images = IdxFile.readImages(file("images", twoImages()));
    IdxFile labels = IdxFile.readLabels(file("labels", idx(new int[] {2049, 3}, 1, 0, 1)));

    assertThatThrownBy(() -> IdxFile.table("two", images, labels, List.of("a", "b")))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("images and ")
        .hasMessageContaining("found [2, 1, 3] and [3]");
  }

  @Test
  void table_labelWithoutClass_namesTheImage() throws IOException {
    IdxFile images = IdxFile.readImages(file("images", twoImages()));
    IdxFile labels = IdxFile.readLabels(file("labels", idx(new int[] {2049, 2}, 1, 2)));

    assertThatThrownBy(() -> IdxFile.table("two", images, labels, List.of("a", "b")))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("labels, image 1; expected 0 to 1, found 2");
  }
}
