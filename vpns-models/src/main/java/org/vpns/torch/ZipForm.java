package org.vpns.torch;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import org.jspecify.annotations.Nullable;
import org.vpns.io.FormatException;
import org.vpns.torch.ZipDirectory.Entry;

/**
 * The form that PyTorch writes since version 1.6: a zip archive with the pickle in {@code
 * ROOT/data.pkl} and one entry {@code ROOT/data/KEY} per storage, all of them uncompressed. A
 * TorchScript archive is one too.
 *
 * <p>Compressed entries are refused, which PyTorch never writes here: so nothing unfolds to more
 * bytes than the file has, and every element can be read where it lies.
 */
final class ZipForm {
  private static final int CHUNK_BYTES = 1 << 16;

  private final SeekableByteChannel channel;
  private final String source;
  private final long size;
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private long claimed;

  private ZipForm(SeekableByteChannel channel, String source) throws IOException {
    this.channel = channel;
    this.source = source;
    this.size = channel.size();
  }

  /** Reads all but the elements, whose check sums it compares. */
  static Content read(SeekableByteChannel channel, String source, Ignoring ignored)
      throws IOException {
    ZipForm form = new ZipForm(channel, source);
    try {
      for (Entry entry : ZipDirectory.read(channel)) {
        form.add(entry);
      }
    } catch (Refusal refusal) {
      throw refusal.at(source, "zip directory");
    }
    return form.read(ignored);
  }

  private void add(Entry entry) throws FormatException {
    String name = entry.name();
    boolean climbs = List.of(name.split("/", -1)).contains("..");
    if (climbs || name.startsWith("/") || name.indexOf('\\') >= 0) {
      throw damaged("entry name leads out of the archive", name, "a relative name", name);
    }
    if (entries.putIfAbsent(name, entry) != null) {
      throw damaged("entry twice", name, "entries of unique names", "another");
    }
  }

  private Content read(Ignoring ignored) throws IOException {
    String root = root();
    Entry pickle = require(root + "/data.pkl");
    boolean script = false;
    for (String name : entries.keySet()) {
      script |= name.equals(root + "/constants.pkl") || name.startsWith(root + "/code/");
    }
    long begin = verified(pickle, Content.MAX_PICKLE_BYTES);
    long bytes = pickle.size();
    TorchObjects objects = new TorchObjects(script, ignored, Content.budget(size), bytes);
    PickleInput in = new PickleInput(channel, begin, begin + bytes);
    Object value = PickleMachine.run(in, objects, source, pickle.name());
    if (in.remaining() != 0) {
      throw damaged("bytes after the pickle", pickle.name(), "none", in.remaining() + " bytes");
    }
    ByteOrder order = order(root);
    Map<String, Long> begins = new HashMap<>();
    for (Storage storage : objects.storages().values()) {
      begins.put(storage.key(), storage(root, storage));
    }
    return new Content(value, script, begins, order, bytes);
  }

  private String root() throws FormatException {
    String root = null;
    for (String name : entries.keySet()) {
      if (name.indexOf('/') > 0 && name.substring(name.indexOf('/')).equals("/data.pkl")) {
        if (root != null) {
          String other = name.substring(0, name.indexOf('/'));
          throw new FormatException(
              "two networks in one archive",
              source,
              name,
              "one data.pkl",
              root + "/data.pkl too",
              "unpack it and pack each folder into a file of its own, uncompressed: zip -0 -r "
                  + other
                  + ".pth "
                  + other);
        }
        root = name.substring(0, name.indexOf('/'));
      }
    }
    if (root == null) {
      throw new FormatException(
          "zip archive without weights",
          source,
          "zip directory",
          "an entry ROOT/data.pkl",
          entries.keySet().stream().limit(5).toList(),
          "pass a file that torch.save wrote");
    }
    return root;
  }

  private ByteOrder order(String root) throws IOException {
    Entry entry = entries.get(root + "/byteorder");
    if (entry == null) {
      return ByteOrder.LITTLE_ENDIAN;
    }
    long begin = verified(entry, 16);
    ByteBuffer text = ByteBuffer.allocate((int) entry.size());
    Reading.fill(channel, text, begin);
    String order = StandardCharsets.UTF_8.decode(text).toString();
    return switch (order) {
      case "little" -> ByteOrder.LITTLE_ENDIAN;
      case "big" -> ByteOrder.BIG_ENDIAN;
      default -> throw damaged("byte order not known", entry.name(), "little or big", order);
    };
  }

  private long storage(String root, Storage storage) throws IOException {
    Entry entry = require(root + "/data/" + storage.key());
    try {
      if (entry.size() != storage.bytes()) {
        throw new Refusal(
            "storage of another size",
            storage.bytes() + " bytes for " + storage.count() + " of " + storage.type(),
            entry.size());
      }
    } catch (Refusal refusal) {
      throw refusal.at(source, entry.name());
    }
    return verified(entry, Long.MAX_VALUE);
  }

  private Entry require(String name) throws FormatException {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw damaged("entry missing", name, "an entry of this name", "none");
    }
    return entry;
  }

  /** Where an uncompressed entry begins whose place, size and check sum are right. */
  private long verified(Entry entry, long limit) throws IOException {
    if (entry.encrypted()) {
      throw new FormatException(
          "encrypted entry",
          source,
          entry.name(),
          "plain bytes, as PyTorch writes them",
          "bytes behind a password",
          "unpack the archive with its password, and pack it again without one or compression");
    }
    if (entry.method() != ZipEntry.STORED) {
      throw new FormatException(
          "compressed entry",
          source,
          entry.name(),
          "plain bytes, as PyTorch writes them",
          "zip method " + entry.method(),
          "save the file again, or pack the archive again without compression");
    }
    long begin = ZipDirectory.begin(channel, entry);
    long bytes = entry.size();
    claimed += Math.max(0, bytes);
    // entries that share bytes would make much of little
    if (bytes < 0
        || bytes > limit
        || bytes != entry.stored()
        || begin < 0
        || begin > size - bytes
        || claimed > size) {
      throw damaged(
          "entry does not fit",
          entry.name(),
          "at most "
              + Math.min(limit, size)
              + " bytes inside the file, no two entries in one place",
          bytes + " bytes from byte " + begin + ", stored as " + entry.stored());
    }
    long crc = crc(begin, bytes);
    if (crc != entry.crc()) {
      throw new FormatException(
          "check sum differs",
          source,
          entry.name(),
          "CRC " + Long.toHexString(entry.crc()),
          Long.toHexString(crc),
          "fetch the file again; if it was saved without check sums, save it with them:"
              + " torch.serialization.set_crc32_options(True)");
    }
    return begin;
  }

  private long crc(long begin, long bytes) throws IOException {
    CRC32 crc = new CRC32();
    ByteBuffer chunk = ByteBuffer.allocate((int) Math.min(CHUNK_BYTES, bytes));
    for (long at = begin; at < begin + bytes; at += chunk.limit()) {
      chunk.clear().limit((int) Math.min(chunk.capacity(), begin + bytes - at));
      Reading.fill(channel, chunk, at);
      crc.update(chunk);
      chunk.rewind();
    }
    return crc.getValue();
  }

  private FormatException damaged(
      String what, String place, Object expected, @Nullable Object found) {
    return new Refusal(what, expected, String.valueOf(found)).at(source, place);
  }
}
