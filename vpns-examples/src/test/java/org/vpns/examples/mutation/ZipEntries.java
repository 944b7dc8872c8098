package org.vpns.examples.mutation;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32;

/** Entries of an archive whose entries are stored as they are, as PyTorch writes it. */
final class ZipEntries implements Structure {
  private static final int LOCAL = 0x04034b50;
  private static final int CENTRAL = 0x02014b50;
  private static final int END = 0x06054b50;

  /**
   * An entry.
   *
   * @param lie added to what the directory says of it: method, checksum, sizes, offset
   */
  private record Entry(String name, byte[] content, int[] lie) {
    static Entry of(String name, byte[] content) {
      return new Entry(name, content, new int[5]);
    }
  }

  @Override
  public byte[] mutate(byte[] file, RandomGenerator random) {
    List<Entry> entries = parse(file);
    int at = random.nextInt(entries.size());
    Entry entry = entries.get(at);
    Entry other = entries.get(random.nextInt(entries.size()));
    switch (random.nextInt(10)) {
      case 0 -> entries.remove(at);
      case 1 -> entries.add(random.nextInt(entries.size() + 1), entry);
      case 2 -> entries.set(at, Entry.of(other.name, entry.content));
      case 3 -> entries.set(at, Entry.of(entry.name, other.content));
      case 4 -> {
        String name = entry.name.substring(0, entry.name.indexOf('/') + 1);
        entries.set(at, Entry.of(name + Structure.text(random), entry.content));
      }
      case 5 -> {
        int[] lie = new int[5];
        lie[random.nextInt(5)] = (int) Structure.number(random);
        entries.set(at, new Entry(entry.name, entry.content, lie));
      }
      default -> {
        // what is read: mostly the pickle, else storages and the like
        for (int i = 0; i < entries.size(); i++) {
          at = entries.get(i).name.endsWith("data.pkl") && random.nextInt(4) > 0 ? i : at;
        }
        Entry chosen = entries.get(at);
        entries.set(
            at, Entry.of(chosen.name, Structure.damage(chosen.name, chosen.content, random)));
      }
    }
    return bytes(entries);
  }

  private static List<Entry> parse(byte[] file) {
    ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    int end = file.length - 22;
    while (in.getInt(end) != END) {
      end--;
    }
    List<Entry> entries = new ArrayList<>();
    int at = in.getInt(end + 16);
    for (int i = in.getShort(end + 10); i > 0; i--) {
      if (in.getInt(at) != CENTRAL || in.getShort(at + 10) != 0) {
        throw new IllegalArgumentException("no stored entry at " + at);
      }
      byte[] name = Structure.part(file, at + 46, at + 46 + in.getShort(at + 28));
      int local = in.getInt(at + 42);
      int begin = local + 30 + in.getShort(local + 26) + in.getShort(local + 28);
      byte[] content = Structure.part(file, begin, (long) begin + in.getInt(at + 24));
      entries.add(Entry.of(new String(name, StandardCharsets.UTF_8), content));
      at += 46 + name.length + in.getShort(at + 30) + in.getShort(at + 32);
    }
    return entries;
  }

  private static byte[] bytes(List<Entry> entries) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream directory = new ByteArrayOutputStream();
    for (Entry entry : entries) {
      int offset = out.size();
      byte[] name = entry.name.getBytes(StandardCharsets.UTF_8);
      CRC32 crc = new CRC32();
      crc.update(entry.content);
      ByteBuffer local = record(30);
      local.putInt(LOCAL).putShort((short) 10).putShort((short) 0).putShort((short) 0).putInt(0);
      local.putInt((int) crc.getValue()).putInt(entry.content.length).putInt(entry.content.length);
      out.writeBytes(local.putShort((short) name.length).array());
      out.writeBytes(name);
      out.writeBytes(entry.content);
      int[] lie = entry.lie;
      ByteBuffer central = record(46);
      central.putInt(CENTRAL).putShort((short) 10).putShort((short) 10).putShort((short) 0);
      central.putShort((short) lie[0]).putInt(0).putInt((int) crc.getValue() + lie[1]);
      central.putInt(entry.content.length + lie[2]).putInt(entry.content.length + lie[3]);
      central.putShort((short) name.length).putInt(42, offset + lie[4]);
      directory.writeBytes(central.array());
      directory.writeBytes(name);
    }
    int begin = out.size();
    out.writeBytes(directory.toByteArray());
    ByteBuffer end = record(22).putInt(END).putInt(0).putShort((short) entries.size());
    end.putShort((short) entries.size()).putInt(directory.size()).putInt(begin);
    out.writeBytes(end.array());
    return out.toByteArray();
  }

  private static ByteBuffer record(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }
}
