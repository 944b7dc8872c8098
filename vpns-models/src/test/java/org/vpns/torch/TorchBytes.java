package org.vpns.torch;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/** Files of PyTorch in either form, put together byte by byte so that every field may lie. */
final class TorchBytes {
  private TorchBytes() {}

  /** Numbers as the elements of a storage. */
  static byte[] floats(float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      bytes.putFloat(value);
    }
    return bytes.array();
  }

  static byte[] shorts(int... values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * 2).order(ByteOrder.LITTLE_ENDIAN);
    for (int value : values) {
      bytes.putShort((short) value);
    }
    return bytes.array();
  }

  static byte[] longs(long... values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * 8).order(ByteOrder.LITTLE_ENDIAN);
    for (long value : values) {
      bytes.putLong(value);
    }
    return bytes.array();
  }

  /** One entry of an archive; the numbers stand in its headers, right or wrong. */
  static final class Entry {
    final byte[] name;
    final byte[] data;
    int method;
    int flags;
    long crc;
    long size;
    long stored;

    Entry(String name, byte[] data) {
      this.name = name.getBytes(StandardCharsets.UTF_8);
      this.data = data;
      CRC32 sum = new CRC32();
      sum.update(data);
      crc = sum.getValue();
      size = data.length;
      stored = data.length;
    }

    /** The same content, compressed. */
    static Entry deflated(String name, byte[] data) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      try (DeflaterOutputStream deflater = new DeflaterOutputStream(out, new Deflater(9, true))) {
        deflater.write(data);
      } catch (IOException e) {
        throw new AssertionError(e);
      }
      Entry whole = new Entry(name, data);
      Entry entry = new Entry(name, out.toByteArray());
      entry.crc = whole.crc;
      entry.size = whole.size;
      entry.method = 8;
      return entry;
    }
  }

  /** A zip archive. */
  static final class Zip {
    private final List<Entry> entries = new ArrayList<>();

    /** An archive of root {@code net} with this pickle. */
    static Zip of(byte[] pickle) {
      return new Zip().add("net/data.pkl", pickle).add("net/version", "3\n");
    }

    Zip add(String name, byte[] data) {
      return add(new Entry(name, data));
    }

    Zip add(String name, String data) {
      return add(name, data.getBytes(StandardCharsets.UTF_8));
    }

    Zip add(Entry entry) {
      entries.add(entry);
      return this;
    }

    /** A storage of this key. */
    Zip storage(String key, byte[] data) {
      return add("net/data/" + key, data);
    }

    Entry last() {
      return entries.get(entries.size() - 1);
    }

    Entry first() {
      return entries.get(0);
    }

    byte[] bytes() {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      ByteArrayOutputStream directory = new ByteArrayOutputStream();
      for (Entry entry : entries) {
        int at = out.size();
        out.writeBytes(header(30, 0x04034b50, entry, at));
        out.writeBytes(entry.name);
        out.writeBytes(entry.data);
        directory.writeBytes(header(46, 0x02014b50, entry, at));
        directory.writeBytes(entry.name);
      }
      ByteBuffer end = ByteBuffer.allocate(22).order(ByteOrder.LITTLE_ENDIAN).putInt(0x06054b50);
      end.putInt(0).putShort((short) entries.size()).putShort((short) entries.size());
      end.putInt(directory.size()).putInt(out.size());
      out.writeBytes(directory.toByteArray());
      out.writeBytes(end.array());
      return out.toByteArray();
    }

    private static byte[] header(int length, int magic, Entry entry, int at) {
      ByteBuffer header = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
      header.putInt(magic);
      if (length == 46) {
        header.putShort((short) 20).putInt(42, at);
      }
      header.putShort((short) 20).putShort((short) entry.flags).putShort((short) entry.method);
      header.putInt(0).putInt((int) entry.crc);
      header.putInt((int) entry.stored).putInt((int) entry.size);
      header.putShort((short) entry.name.length);
      return header.array();
    }
  }

  /** A file of the older form. */
  static final class Legacy {
    private byte[] magic =
        Pickler.protocol2()
            .raw(0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19)
            .stop();
    private byte[] protocol = Pickler.protocol2().number(1001).stop();
    private boolean little = true;
    private final byte[] object;
    private final List<String> keys = new ArrayList<>();
    private final ByteArrayOutputStream storages = new ByteArrayOutputStream();

    Legacy(byte[] object) {
      this.object = object;
    }

    Legacy magic(byte[] pickle) {
      magic = pickle;
      return this;
    }

    Legacy protocol(byte[] pickle) {
      protocol = pickle;
      return this;
    }

    Legacy bigEndian() {
      little = false;
      return this;
    }

    /** A key of the list and the storage that goes with it. */
    Legacy storage(String key, long count, byte[] data) {
      return key(key).storage(count, data);
    }

    Legacy key(String key) {
      keys.add(key);
      return this;
    }

    Legacy storage(long count, byte[] data) {
      storages.writeBytes(longs(little ? count : Long.reverseBytes(count)));
      storages.writeBytes(data);
      return this;
    }

    byte[] bytes() {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      out.writeBytes(magic);
      out.writeBytes(protocol);
      Pickler machine = Pickler.protocol2().dict().mark();
      machine.text("protocol_version").number(1001).text("little_endian").bool(little);
      machine.text("type_sizes").dict().mark().text("int").number(4).setItems().setItems();
      out.writeBytes(machine.stop());
      out.writeBytes(object);
      Pickler list = Pickler.protocol2().list().mark();
      keys.forEach(list::text);
      out.writeBytes(list.appends().stop());
      out.writeBytes(storages.toByteArray());
      return out.toByteArray();
    }
  }
}
