package org.vpns.study.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.vpns.internal.data.Pixels;
import org.vpns.internal.io.FileBytes;
import org.vpns.io.FormatException;

/**
 * CIFAR-10 and CIFAR-100 in their binary versions: files of records, of one label byte or two (the
 * coarse one, then the fine one, which counts), then a red, a green and a blue plane of 32 x 32
 * bytes.
 */
final class Cifar {
  private static final int SIDE = 32;
  private static final int PLANE = SIDE * SIDE;

  private final SetFolder folder;
  private final int labelBytes;
  private final List<String> classNames;

  private Cifar(SetFolder folder, int labelBytes, List<String> classNames) {
    this.folder = folder;
    this.labelBytes = labelBytes;
    this.classNames = classNames;
  }

  static StoredImages.Split ten(Path root) throws IOException {
    SetFolder folder = new SetFolder("CIFAR-10 (binary version)", root);
    Cifar set = new Cifar(folder, 1, names(folder, "batches.meta.txt", 10));
    List<String> batches =
        IntStream.rangeClosed(1, 5).mapToObj(i -> "data_batch_" + i + ".bin").toList();
    return set.split(batches, List.of("test_batch.bin"));
  }

  static StoredImages.Split hundred(Path root) throws IOException {
    SetFolder folder = new SetFolder("CIFAR-100 (binary version)", root);
    Cifar set = new Cifar(folder, 2, names(folder, "fine_label_names.txt", 100));
    return set.split(List.of("train.bin"), List.of("test.bin"));
  }

  private static List<String> names(SetFolder folder, String file, int classes) throws IOException {
    List<String> names = folder.lines(file);
    if (names.stream().distinct().count() != classes || names.size() != classes) {
      throw folder.damaged(file, classes + " distinct names, one a line", names.size());
    }
    return names;
  }

  private StoredImages.Split split(List<String> train, List<String> test) throws IOException {
    return new StoredImages.Split(part("training", train), null, part("test", test));
  }

  private StoredImages part(String name, List<String> names) throws IOException {
    List<Path> files = new ArrayList<>();
    List<Integer> records = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    for (String file : names) {
      Path path = folder.requireFile(file);
      byte[] found = labels(path);
      files.add(path);
      records.add(found.length);
      for (byte label : found) {
        labels.add(Byte.toUnsignedInt(label));
      }
    }
    return StoredImages.of(
        folder.set() + ", " + name,
        new Records(files, records, labelBytes),
        labels.stream().mapToInt(Integer::intValue).toArray(),
        classNames);
  }

  /** The label of each record. */
  private byte[] labels(Path file) throws IOException {
    int recordBytes = labelBytes + 3 * PLANE;
    long bytes = Files.size(file);
    if (bytes == 0 || bytes % recordBytes != 0 || bytes > Integer.MAX_VALUE) {
      throw folder.damaged(
          folder.root().relativize(file).toString(),
          "records of " + recordBytes + " bytes",
          bytes + " bytes");
    }
    byte[] labels = new byte[(int) (bytes / recordBytes)];
    ByteBuffer label = ByteBuffer.allocate(1);
    return FileBytes.with(
        file,
        channel -> {
          for (int record = 0; record < labels.length; record++) {
            FileBytes.fill(channel, label.clear(), (long) record * recordBytes + labelBytes - 1);
            labels[record] = label.get();
            if (Byte.toUnsignedInt(labels[record]) >= classNames.size()) {
              throw new FormatException(
                  "label out of range",
                  file + ", record " + record,
                  "0 to " + (classNames.size() - 1),
                  Byte.toUnsignedInt(labels[record]),
                  "fetch the file again");
            }
          }
          return labels;
        });
  }

  /**
   * Records of files, one after the other.
   *
   * @param counts records of each file
   */
  private record Records(List<Path> files, List<Integer> counts, int labelBytes)
      implements PictureStore {
    @Override
    public String where(int index) {
      int[] at = at(index);
      return files.get(at[0]) + ", record " + at[1];
    }

    /** File and record. */
    private int[] at(int index) {
      int file = 0;
      int record = index;
      while (record >= counts.get(file)) {
        record -= counts.get(file++);
      }
      return new int[] {file, record};
    }

    @Override
    public Pixels read(int index) throws IOException {
      int[] at = at(index);
      int recordBytes = labelBytes + 3 * PLANE;
      ByteBuffer planes =
          FileBytes.with(
              files.get(at[0]),
              channel -> {
                ByteBuffer read = ByteBuffer.allocate(3 * PLANE);
                FileBytes.fill(channel, read, (long) at[1] * recordBytes + labelBytes);
                return read;
              });
      Pixels pixels = Pixels.black(3, SIDE, SIDE);
      for (int i = 0; i < PLANE; i++) {
        for (int c = 0; c < 3; c++) {
          pixels.values()[3 * i + c] = planes.get(c * PLANE + i);
        }
      }
      return pixels;
    }
  }
}
