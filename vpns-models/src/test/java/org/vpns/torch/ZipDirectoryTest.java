package org.vpns.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import org.apache.commons.compress.archivers.zip.Zip64Mode;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.apache.commons.compress.utils.SeekableInMemoryByteChannel;
import org.junit.jupiter.api.Test;
import org.vpns.io.FormatException;
import org.vpns.torch.TorchBytes.Zip;
import org.vpns.torch.ZipDirectory.Entry;

/** Directories of zip archives: right whatever wrote them, and read in a few goes. */
final class ZipDirectoryTest {
  private static byte[] archive(int entries) {
    Zip zip = new Zip();
    for (int i = 0; i < entries; i++) {
      zip.add("net/data/" + i, new byte[0]);
    }
    return zip.bytes();
  }

  private static List<Entry> entries(byte[] archive) throws IOException, Refusal {
    return ZipDirectory.read(new SeekableInMemoryByteChannel(archive));
  }

  /** What another writer makes with sizes of 64 bits everywhere. */
  private static byte[] wide(String comment) throws IOException {
    SeekableInMemoryByteChannel channel = new SeekableInMemoryByteChannel();
    try (ZipArchiveOutputStream out = new ZipArchiveOutputStream(channel)) {
      out.setUseZip64(Zip64Mode.Always);
      out.setComment(comment);
      for (String name : List.of("net/a", "net/\u00e4")) {
        byte[] data = name.getBytes(StandardCharsets.UTF_8);
        ZipArchiveEntry entry = new ZipArchiveEntry(name);
        CRC32 crc = new CRC32();
        crc.update(data);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(data.length);
        entry.setCrc(crc.getValue());
        out.putArchiveEntry(entry);
        out.write(data);
        out.closeArchiveEntry();
      }
    }
    byte[] whole = new byte[(int) channel.size()];
    System.arraycopy(channel.array(), 0, whole, 0, whole.length);
    return whole;
  }

  @Test
  void read_ofSizesOf64Bits_givesThemAndWhereDataBegin() throws Exception {
    for (String comment : List.of("", "a comment".repeat(100))) {
      byte[] archive = wide(comment);
      for (Entry entry : entries(archive)) {
        long begin = ZipDirectory.begin(new SeekableInMemoryByteChannel(archive), entry);
        assertThat(new String(archive, (int) begin, (int) entry.size(), StandardCharsets.UTF_8))
            .isEqualTo(entry.name());
        assertThat(entry.stored()).isEqualTo(entry.size());
        assertThat(entry.method()).isEqualTo(ZipEntry.STORED);
      }
      assertThat(entries(archive)).extracting(Entry::name).containsExactly("net/a", "net/\u00e4");
    }
  }

  @Test
  void read_ofAnyNumberOfEntries_asksTheFileAsOften() throws Exception {
    assertThat(reads(archive(5_000))).isEqualTo(reads(archive(5))).isLessThan(10);
  }

  private static int reads(byte[] archive) throws IOException, Refusal {
    SeekableByteChannel channel = new SeekableInMemoryByteChannel(archive);
    int[] reads = {0};
    SeekableByteChannel counting =
        (SeekableByteChannel)
            Proxy.newProxyInstance(
                SeekableByteChannel.class.getClassLoader(),
                new Class<?>[] {SeekableByteChannel.class},
                (proxy, method, arguments) -> {
                  reads[0] += method.getName().equals("read") ? 1 : 0;
                  return method.invoke(channel, arguments);
                });
    ZipDirectory.read(counting);
    return reads[0];
  }

  @Test
  void parse_ofMoreEntriesThanAnyNetworkHas_isRefused() throws Exception {
    // the record at the end counts them modulo 65,536
    byte[] archive = archive(ZipDirectory.MAX_ENTRIES + 1);
    assertThatThrownBy(() -> TorchFile.parse(archive, "many.pth"))
        .isInstanceOf(FormatException.class)
        .hasMessage(
            "too many entries in the zip archive: many.pth, zip directory; expected at most"
                + " 100000, found more; save the weights alone:"
                + " torch.save(model.state_dict(), other).");
    assertThat(entries(archive(ZipDirectory.MAX_ENTRIES))).hasSize(ZipDirectory.MAX_ENTRIES);
  }

  @Test
  void parse_ofACountThatIsTooLarge_isRefusedBeforeTheDirectoryIsRead() throws Exception {
    byte[] archive = wide("");
    // 64-bit count of entries, behind the record's 32 first bytes
    archive[archive.length - 22 - 20 - 56 + 32 + 3] = 1;
    assertThatThrownBy(() -> TorchFile.parse(archive, "many.pth"))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("expected at most 100000, found 16777218");
  }

  @Test
  void read_ofADamagedDirectory_givesEntriesOfTheFileOrARefusal() throws Exception {
    byte[] whole = wide("");
    for (int at = 0; at < whole.length; at++) {
      for (byte value : new byte[] {0, 1, 0x7f, -1}) {
        byte[] damaged = whole.clone();
        damaged[at] = value;
        try {
          for (Entry entry : entries(damaged)) {
            assertThat(entry.stored()).isBetween(0L, (long) whole.length);
            assertThat(ZipDirectory.begin(new SeekableInMemoryByteChannel(damaged), entry))
                .isLessThan(whole.length + 2L * 0xffff);
          }
        } catch (Refusal refusal) {
          assertThat(refusal.getMessage()).contains("zip archive");
        }
      }
    }
  }
}
