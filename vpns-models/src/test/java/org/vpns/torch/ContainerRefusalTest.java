package org.vpns.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.vpns.torch.PickleRefusalTest.failure;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.io.FormatException;
import org.vpns.torch.TorchBytes.Entry;
import org.vpns.torch.TorchBytes.Legacy;
import org.vpns.torch.TorchBytes.Zip;

/** Archives and older files that are damaged or lie about themselves, and files of other kinds. */
final class ContainerRefusalTest {
  private static final byte[] DATA = TorchBytes.floats(1, 2);

  @TempDir Path folder;

  private static byte[] pickle() {
    return Pickler.protocol2().dict().text("w").tensor("FloatStorage", "0", 2).raw('s').stop();
  }

  private static Zip zip() {
    return Zip.of(pickle()).storage("0", DATA);
  }

  private static Legacy legacy() {
    return new Legacy(pickle());
  }

  private static FormatException assertRefused(byte[] file, String what, String place) {
    FormatException failure = failure(file);
    assertThat(failure).hasMessageStartingWith(what + ": bad.pth, " + place);
    assertThat(failure.field()).startsWith(place);
    return failure;
  }

  @Test
  void parse_ofTheUndamagedFiles_succeeds() throws IOException {
    assertThat(TorchFile.parse(zip().bytes(), "zip").floats("w")).containsExactly(1, 2);
    byte[] old = legacy().storage("0", 2, DATA).bytes();
    assertThat(TorchFile.parse(old, "old").floats("w")).containsExactly(1, 2);
  }

  @Test
  void zip_withoutOrWithTwoPickles_isRefused() {
    assertThat(
            assertRefused(
                new Zip().add("a.txt", "x").bytes(),
                "zip archive without weights",
                "zip directory"))
        .hasMessageContaining("expected an entry ROOT/data.pkl, found [a.txt]");
    assertRefused(new Zip().bytes(), "zip archive without weights", "zip directory");
    assertRefused(
        new Zip().add("a/b/data.pkl", pickle()).add("data.pkl", pickle()).bytes(),
        "zip archive without weights",
        "zip directory");
    assertRefused(
        zip().add("other/data.pkl", pickle()).bytes(), "two networks in one archive", "other");
    assertRefused(zip().add("net/data.pkl", pickle()).bytes(), "entry twice", "net/data.pkl");
    assertRefused(zip().storage("0", DATA).bytes(), "entry twice", "net/data/0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../x", "net/../../x", "/etc/x", ".."})
  void zip_withNamesThatLeadOut_isRefusedAndWritesNothing(String name) throws IOException {
    Path file = folder.resolve("net.pth");
    Files.write(file, zip().add(name, "evil").bytes());
    byte[] bytes = Files.readAllBytes(file);
    assertRefused(bytes, "entry name leads out of the archive", name);
    try (Stream<Path> files = Files.walk(folder)) {
      assertThat(files).containsExactlyInAnyOrder(folder, file);
    }
  }

  @Test
  void zip_withAWrongCheckSum_isRefused() {
    Zip storage = zip();
    storage.last().crc ^= 1;
    assertThat(assertRefused(storage.bytes(), "check sum differs", "net/data/0"))
        .hasMessageContaining("set_crc32_options(True)");
    Zip pickle = zip();
    pickle.first().crc = 0;
    assertRefused(pickle.bytes(), "check sum differs", "net/data.pkl");
    Zip order = zip().add("net/byteorder", "little");
    order.last().crc ^= 0x100;
    assertRefused(order.bytes(), "check sum differs", "net/byteorder");
  }

  @Test
  void zip_withCompressedEntries_isRefusedBeforeTheyUnfold() {
    // a gigabyte of zeros in about a megabyte
    byte[] zeros = new byte[1 << 20];
    Entry bomb = Entry.deflated("net/data.pkl", zeros);
    bomb.size = 1L << 30;
    assertThat(
            assertRefused(
                new Zip().add(bomb).add("net/version", "3").bytes(),
                "compressed entry",
                "net/data.pkl"))
        .hasMessageContaining("found zip method 8; save the file again");
    assertRefused(
        Zip.of(pickle()).add(Entry.deflated("net/data/0", DATA)).bytes(),
        "compressed entry",
        "net/data/0");
    Zip secret = zip();
    secret.last().flags = 1;
    assertRefused(secret.bytes(), "encrypted entry", "net/data/0");
  }

  @Test
  void zip_withSizesThatLie_isRefused() {
    Zip small = zip();
    small.last().stored = 4;
    assertRefused(small.bytes(), "entry does not fit", "net/data/0");
    Zip other = zip();
    other.last().size = 4;
    other.last().stored = 4;
    assertRefused(other.bytes(), "storage of another size", "net/data/0");
    Zip large = zip();
    large.first().size = 1 << 30;
    large.first().stored = 1 << 30;
    assertRefused(large.bytes(), "zip archive damaged", "zip directory");
    // sizes of 2^32 - 1 announce 64-bit ones, which are not there
    Zip wide = zip();
    wide.last().size = -1;
    wide.last().stored = -1;
    assertThat(failure(wide.bytes())).hasMessageContaining("bad.pth");
  }

  @Test
  void zip_withEntriesThatShareBytes_isRefused() {
    byte[] values = new byte[1000];
    Pickler pickle = Pickler.protocol2().mark();
    for (int i = 0; i < 50; i++) {
      pickle.tensor("ByteStorage", Integer.toString(i), 1000);
    }
    Zip zip = Zip.of(pickle.tuple().stop());
    for (int i = 0; i < 50; i++) {
      zip.storage(Integer.toString(i), values);
    }
    byte[] file = zip.bytes();
    // every storage's directory entry points to the first one's header
    int directory = indexOf(file, new byte[] {'P', 'K', 1, 2}, 0);
    int first = -1;
    for (int at = directory; at >= 0; at = indexOf(file, new byte[] {'P', 'K', 1, 2}, at + 1)) {
      String name = new String(file, at + 46, 9, StandardCharsets.US_ASCII);
      if (name.startsWith("net/data/")) {
        first = first < 0 ? at : first;
        System.arraycopy(file, first + 42, file, at + 42, 4);
      }
    }
    // the last directory entry is 56 bytes and the end record 22: cut 49 storages from the middle
    int cut = indexOf(file, "net/data/1".getBytes(StandardCharsets.US_ASCII), 0) - 30;
    byte[] shorter = new byte[file.length - (directory - cut)];
    System.arraycopy(file, 0, shorter, 0, cut);
    System.arraycopy(file, directory, shorter, cut, file.length - directory);
    java.nio.ByteBuffer.wrap(shorter)
        .order(java.nio.ByteOrder.LITTLE_ENDIAN)
        .putInt(shorter.length - 6, cut);
    assertThat(assertRefused(shorter, "entry does not fit", "net/data/"))
        .hasMessageContaining("no two entries in one place");
  }

  private static int indexOf(byte[] where, byte[] what, int from) {
    for (int at = from; at + what.length <= where.length; at++) {
      if (Arrays.equals(where, at, at + what.length, what, 0, what.length)) {
        return at;
      }
    }
    return -1;
  }

  @Test
  void zip_withoutItsEnd_isRefused() {
    byte[] whole = zip().bytes();
    assertRefused(Arrays.copyOf(whole, whole.length - 30), "zip archive damaged", "zip directory");
    assertRefused(Arrays.copyOf(whole, 10), "zip archive damaged", "zip directory");
  }

  @Test
  void zip_ofAnUnknownByteOrder_isRefused() {
    assertThat(
            assertRefused(
                zip().add("net/byteorder", "middle").bytes(),
                "byte order not known",
                "net/byteorder"))
        .hasMessageContaining("expected little or big, found middle");
    assertRefused(
        zip().add("net/byteorder", "x".repeat(17)).bytes(), "entry does not fit", "net/byteorder");
  }

  @Test
  void legacy_ofAWrongMagicOrProtocol_isRefused() {
    Pickler number = Pickler.protocol2().number(5);
    assertThat(
            assertRefused(
                legacy().magic(number.stop()).bytes(), "pickle of something else", "magic number"))
        .hasMessageContaining("found 5; save the weights alone");
    assertRefused(
        legacy().protocol(Pickler.protocol2().number(1000).stop()).bytes(),
        "protocol not known",
        "protocol");
    // any other pickle, such as a whole object
    assertRefused(Pickler.protocol2().dict().stop(), "pickle of something else", "magic number");
    assertRefused(new byte[] {(byte) 0x80, 2}, "unexpected end", "magic number, byte 2");
  }

  @Test
  void legacy_withKeysThatDoNotFit_isRefused() {
    assertThat(assertRefused(legacy().bytes(), "storage missing", "storage keys"))
        .hasMessageContaining("expected 1 storages, found 0");
  }

  @Test
  void legacy_withALongerOrDoubledKeyList_isRefused() {
    byte[] longer = legacy().key("0").key("1").storage(2, DATA).storage(2, DATA).bytes();
    assertRefused(longer, "storage of no tensor", "storage");
    byte[] doubled = legacy().key("0").key("0").storage(2, DATA).storage(2, DATA).bytes();
    assertRefused(doubled, "storage twice", "storage 0");
  }

  @Test
  void legacy_withCountsThatLie_isRefused() {
    assertThat(
            assertRefused(
                legacy().storage("0", -2, DATA).bytes(),
                "count differs from the object's",
                "storage 0, byte "))
        .hasMessageContaining("expected 2, found -2");
    assertRefused(
        legacy().storage("0", Long.MAX_VALUE, DATA).bytes(),
        "count differs from the object's",
        "storage 0");
    assertRefused(legacy().storage("0", 2, new byte[7]).bytes(), "unexpected end", "storage 0");
    assertRefused(legacy().key("0").bytes(), "unexpected end", "storage 0");
  }

  @Test
  void legacy_withBytesBehindTheLastStorage_isRefused() {
    assertThat(
            assertRefused(
                legacy().storage("0", 2, new byte[9]).bytes(),
                "bytes after the last storage",
                "byte "))
        .hasMessageContaining("expected none, found 1 bytes");
  }

  @Test
  void read_ofATextFile_saysWhatItIs() {
    assertText(
        "version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 12\n",
        "found a Git LFS pointer; fetch the content it points to: git lfs pull.");
    assertText(
        "\n<!DOCTYPE html>\n<html><body>404</body></html>",
        "found a web page (HTML); the download failed");
    assertText("not weights\nat all", "found text beginning 'not weights'; pass the file");
    assertText("", "found an empty file; fetch the file again");
    assertText("\u0000\u0001\u0002", "found first bytes 00 01 02; pass a file of a known format");
  }

  private static void assertText(String text, String message) {
    assertThat(assertRefused(text.getBytes(StandardCharsets.UTF_8), "no file of PyTorch", "byte 0"))
        .hasMessageContaining(message);
  }
}
