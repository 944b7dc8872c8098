package org.vpns.torch;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The directory at the end of a zip archive, with 64-bit sizes where it has them. It is read in one
 * piece whose length is bounded, so that an archive of any number of entries costs no more than one
 * that is read: libraries seek and read for every entry.
 */
final class ZipDirectory {
  static final int MAX_ENTRIES = 100_000;

  /** Some three hundred bytes for each entry; those of PyTorch take a hundred. */
  static final int MAX_BYTES = 1 << 25;

  /** What comes before the name in a directory's entry, and before the name at the data. */
  private static final int ENTRY_BYTES = 46;

  private static final int HEADER_BYTES = 30;

  private static final int END_BYTES = 22;
  private static final int END64_BYTES = 56;
  private static final int LOCATOR_BYTES = 20;
  private static final int MAX_COMMENT = 0xffff;

  private static final int ENTRY = 0x02014b50;
  private static final int HEADER = 0x04034b50;
  private static final int END = 0x06054b50;
  private static final int END64 = 0x06064b50;
  private static final int LOCATOR = 0x07064b50;

  /** Of a number of 32 bits that stands among the 64-bit ones instead. */
  private static final long ELSEWHERE = 0xffffffffL;

  private static final int WIDE_FIELD = 1;

  private final SeekableByteChannel channel;
  private final long size;

  private ZipDirectory(SeekableByteChannel channel) throws IOException {
    this.channel = channel;
    this.size = channel.size();
  }

  /**
   * An entry as the directory has it.
   *
   * @param stored bytes that its data take in the archive
   * @param size bytes of the data once they are unfolded
   * @param header where its header begins, behind which its data are
   */
  record Entry(
      String name, int method, boolean encrypted, long crc, long stored, long size, long header) {}

  /** What the record at the end says of the directory. */
  private record Extent(long entries, long bytes, long begin) {}

  /** All entries, in the order of the directory. */
  static List<Entry> read(SeekableByteChannel channel) throws IOException, Refusal {
    ZipDirectory directory = new ZipDirectory(channel);
    return directory.entries(directory.extent());
  }

  /** Where an entry's data begin; -1 if its header is not there. */
  static long begin(SeekableByteChannel channel, Entry entry) throws IOException {
    if (entry.header() > channel.size() - HEADER_BYTES) {
      return -1;
    }
    ByteBuffer header = new ZipDirectory(channel).bytes(entry.header(), HEADER_BYTES);
    return header.getInt(0) == HEADER
        ? entry.header() + HEADER_BYTES + u16(header, 26) + u16(header, 28)
        : -1;
  }

  private Extent extent() throws IOException, Refusal {
    ByteBuffer tail = bytes(0, 0);
    int end = -1;
    if (size >= END_BYTES) {
      long begin = Math.max(0, size - END_BYTES - MAX_COMMENT);
      tail = bytes(begin, (int) (size - begin));
      end = tail.limit() - END_BYTES;
      while (end >= 0 && tail.getInt(end) != END) {
        end--;
      }
    }
    if (end < 0) {
      throw damaged("a record at the end of the archive", "none");
    }
    long at = size - tail.limit() + end;
    long locator = at - LOCATOR_BYTES;
    if (locator >= 0) {
      ByteBuffer where = bytes(locator, LOCATOR_BYTES);
      if (where.getInt(0) == LOCATOR) {
        return wide(where.getLong(8), locator);
      }
    }
    return new Extent(u16(tail, end + 10), u32(tail, end + 12), u32(tail, end + 16));
  }

  private Extent wide(long at, long locator) throws IOException, Refusal {
    if (at < 0 || at > locator - END64_BYTES) {
      throw damaged("a record of 64-bit sizes before byte " + locator, "one at byte " + at);
    }
    ByteBuffer end = bytes(at, END64_BYTES);
    if (end.getInt(0) != END64) {
      throw damaged("a record of 64-bit sizes at byte " + at, "none");
    }
    return new Extent(end.getLong(32), end.getLong(40), end.getLong(48));
  }

  private List<Entry> entries(Extent extent) throws IOException, Refusal {
    if (extent.entries() < 0 || extent.entries() > MAX_ENTRIES) {
      throw tooMany(Long.toUnsignedString(extent.entries()));
    }
    if (extent.bytes() < 0 || extent.begin() < 0 || extent.begin() > size - extent.bytes()) {
      throw damaged(
          "a directory inside the file", extent.bytes() + " bytes from byte " + extent.begin());
    }
    if (extent.bytes() > MAX_BYTES) {
      throw damaged("a directory of at most " + MAX_BYTES + " bytes", extent.bytes());
    }
    ByteBuffer in = bytes(extent.begin(), (int) extent.bytes());
    List<Entry> entries = new ArrayList<>((int) extent.entries());
    while (in.hasRemaining()) {
      // writers that know no 64-bit sizes count to 65,535 and begin again
      if (entries.size() == MAX_ENTRIES) {
        throw tooMany("more");
      }
      entries.add(entry(in, extent.begin()));
    }
    return entries;
  }

  private Entry entry(ByteBuffer in, long begin) throws Refusal {
    int at = in.position();
    String where = "byte " + (begin + at);
    if (in.remaining() < ENTRY_BYTES || in.getInt(at) != ENTRY) {
      throw damaged("an entry of the directory at " + where, "something else");
    }
    int name = u16(in, at + 28);
    int extra = u16(in, at + 30);
    int end = ENTRY_BYTES + name + extra + u16(in, at + 32);
    if (end > in.remaining()) {
      throw damaged("an entry of " + end + " bytes at " + where, in.remaining());
    }
    // in the order in which the 64-bit field has those that do not fit
    long[] sizes = {u32(in, at + 24), u32(in, at + 20), u32(in, at + 42)};
    widen(sizes, in.slice(at + ENTRY_BYTES + name, extra).order(ByteOrder.LITTLE_ENDIAN));
    if (sizes[1] < 0
        || sizes[2] < 0
        || sizes[2] > begin - HEADER_BYTES
        || sizes[1] > begin - HEADER_BYTES - sizes[2]) {
      throw damaged(
          "entries inside the file",
          sizes[1] + " bytes behind byte " + sizes[2] + " by the directory at " + where);
    }
    byte[] text = new byte[name];
    in.get(at + ENTRY_BYTES, text);
    in.position(at + end);
    return new Entry(
        new String(text, StandardCharsets.UTF_8),
        u16(in, at + 10),
        (u16(in, at + 8) & 1) != 0,
        u32(in, at + 16),
        sizes[1],
        sizes[0],
        sizes[2]);
  }

  private static void widen(long[] sizes, ByteBuffer extra) throws Refusal {
    for (int at = 0; at <= extra.limit() - 4; ) {
      int length = u16(extra, at + 2);
      int next = at + 4 + length;
      if (u16(extra, at) == WIDE_FIELD && next <= extra.limit()) {
        int from = at + 4;
        for (int i = 0; i < sizes.length; i++) {
          if (sizes[i] == ELSEWHERE) {
            if (from + Long.BYTES > next) {
              throw damaged("a size of 64 bits", "none");
            }
            sizes[i] = extra.getLong(from);
            from += Long.BYTES;
          }
        }
        return;
      }
      at = next;
    }
  }

  private ByteBuffer bytes(long begin, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    Reading.fill(channel, buffer, begin);
    return buffer;
  }

  private static int u16(ByteBuffer in, int at) {
    return Short.toUnsignedInt(in.getShort(at));
  }

  private static long u32(ByteBuffer in, int at) {
    return Integer.toUnsignedLong(in.getInt(at));
  }

  private static Refusal tooMany(String found) {
    return new Refusal(
        "too many entries in the zip archive",
        "at most " + MAX_ENTRIES,
        found,
        "save the weights alone: torch.save(model.state_dict(), other)");
  }

  private static Refusal damaged(Object expected, Object found) {
    return new Refusal("zip archive damaged", expected, found);
  }
}
