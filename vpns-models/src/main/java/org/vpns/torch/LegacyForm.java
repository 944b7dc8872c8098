package org.vpns.torch;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.vpns.io.FormatException;
import org.vpns.torch.Pickled.Dict;
import org.vpns.torch.Pickled.PyList;

/**
 * The form that PyTorch wrote before version 1.6: five pickles in a row (a magic number, the
 * protocol, facts of the machine, the object, the keys of the storages), then each storage as a
 * count of 8 bytes and its elements.
 */
final class LegacyForm {
  private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
  private static final long PROTOCOL = 1001;

  private final SeekableByteChannel channel;
  private final String source;
  private final long size;
  private final PickleInput in;

  private LegacyForm(SeekableByteChannel channel, String source) throws IOException {
    this.channel = channel;
    this.source = source;
    this.size = channel.size();
    this.in = new PickleInput(channel, 0, Math.min(size, Content.MAX_PICKLE_BYTES));
  }

  /** Reads all but the elements. */
  static Content read(SeekableByteChannel channel, String source, Ignoring ignored)
      throws IOException {
    return new LegacyForm(channel, source).read(ignored);
  }

  private Content read(Ignoring ignored) throws IOException {
    TorchObjects plain = new TorchObjects(false, Ignoring.of(Set.of()), 0, 0);
    // of another program's file, that one pickle is all
    Ignoring classes = Ignoring.all(Set.of());
    Object magic = run(new TorchObjects(false, classes, 0, 0), "magic number");
    if (!magic.equals(MAGIC)) {
      throw new Refusal(
              "pickle of something else",
              "PyTorch's magic number",
              Pickled.describe(magic),
              classes.needed().stream().anyMatch(TorchObjects::isArray)
                  ? TorchObjects.ARRAYS
                  : TorchObjects.WEIGHTS_ONLY)
          .at(source, "magic number");
    }
    Object protocol = run(plain, "protocol");
    if (!protocol.equals(PROTOCOL)) {
      throw new Refusal("protocol not known", PROTOCOL, Pickled.describe(protocol))
          .at(source, "protocol");
    }
    ByteOrder order = order(run(plain, "machine"));
    long begin = in.position();
    TorchObjects objects = new TorchObjects(false, ignored, Content.budget(size), in.remaining());
    Object root = run(objects, "object");
    long pickleBytes = in.position() - begin;
    Object keys = run(plain, "storage keys");
    return new Content(root, false, storages(keys, objects, order), order, pickleBytes);
  }

  private Object run(TorchObjects objects, String place) throws IOException {
    return PickleMachine.run(in, objects, source, place);
  }

  private ByteOrder order(Object machine) throws FormatException {
    if (machine instanceof Dict facts
        && facts.items().get("little_endian") instanceof Boolean little) {
      return little ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
    }
    throw new Refusal(
            "byte order not told", "a dictionary with 'little_endian'", Pickled.describe(machine))
        .at(source, "machine");
  }

  private Map<String, Long> storages(Object keys, TorchObjects objects, ByteOrder order)
      throws IOException {
    long at = in.position();
    String place = "storage keys";
    try {
      if (!(keys instanceof PyList list)) {
        throw new Refusal("bad storage keys", "a list", Pickled.describe(keys));
      }
      Map<String, Long> begins = new HashMap<>();
      for (Object key : list.items()) {
        Storage storage = key instanceof String ? objects.storages().get(key) : null;
        if (storage == null) {
          throw new Refusal(
              "storage of no tensor", "a key that the object names", Pickled.describe(key));
        }
        place = "storage " + key + ", byte " + at;
        if (begins.putIfAbsent(storage.key(), at + Long.BYTES) != null) {
          throw new Refusal("storage twice", "unique keys", key);
        }
        PickleInput number = new PickleInput(channel, at, size);
        long count = number.i64();
        count = order == ByteOrder.LITTLE_ENDIAN ? count : Long.reverseBytes(count);
        if (count != storage.count()) {
          throw new Refusal("count differs from the object's", storage.count(), count);
        }
        if (storage.bytes() > number.remaining()) {
          throw new Refusal("unexpected end", storage.bytes() + " bytes", number.remaining());
        }
        at += Long.BYTES + storage.bytes();
      }
      place = "storage keys";
      if (begins.size() != objects.storages().size()) {
        throw new Refusal(
            "storage missing", objects.storages().size() + " storages", begins.size());
      }
      place = "byte " + at;
      if (at != size) {
        throw new Refusal("bytes after the last storage", "none", (size - at) + " bytes");
      }
      return begins;
    } catch (Refusal refusal) {
      throw refusal.at(source, place);
    }
  }
}
