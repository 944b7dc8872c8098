package org.vpns.study.data;

import com.google.common.primitives.ImmutableIntArray;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.vpns.Problem;
import org.vpns.internal.io.InputFile;
import org.vpns.internal.io.TextFile;
import org.vpns.internal.text.ClassNames;
import org.vpns.io.FormatException;

/**
 * Files of records of {@value #RECORD_BYTES} bytes, the binary layout of CIFAR-10: a label, then a
 * red, a green and a blue plane of 32 x 32 bytes each, row by row. Values are divided by 255.
 */
public final class CifarRecords {
  /** Bytes of a record. */
  public static final int RECORD_BYTES = 3_073;

  /** The classes of CIFAR-10 in the order of their labels. */
  public static final List<String> CIFAR10_CLASS_NAMES =
      List.of(
          "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");

  private static final int SIDE = 32;
  private static final int PIXELS = RECORD_BYTES - 1;
  private static final String CLASS_FILE = "batches.meta.txt";

  /** Longest file of class names, in bytes. */
  private static final int MOST_NAMES = 1 << 20;

  private final List<float[]> images = new ArrayList<>();
  private final ImmutableIntArray.Builder labels = ImmutableIntArray.builder();

  private CifarRecords() {}

  /**
   * All records of the files, in order.
   *
   * @param name of the set, for messages
   * @throws FormatException if there is no file, one is empty or ends inside a record, or a label
   *     has no class name
   */
  public static ImageTable read(String name, List<String> classNames, List<Path> files)
      throws IOException {
    Problem.given(name, "CifarRecords.read", "name");
    ClassNames.require(classNames, "CifarRecords.read", "classNames");
    Problem.givenEach(files, "CifarRecords.read", "files");
    CifarRecords records = new CifarRecords();
    for (Path file : files) {
      records.add(file, classNames.size() - 1);
    }
    return records.table(name, classNames);
  }

  /**
   * A folder with files for training, {@code data_batch*.bin} or {@code train*.bin}, and for
   * testing, {@code test*.bin}. Class names are the lines of its {@code batches.meta.txt}, as in
   * the distribution of CIFAR-10; without that file they are the numbers from 0 to the highest
   * label.
   *
   * @throws FormatException if there is no folder, a part has no file or a file is damaged
   */
  public static ImageTable.Split readFolder(Path folder) throws IOException {
    Problem.given(folder, "CifarRecords.readFolder", "folder");
    CifarRecords train = folder(folder, "{data_batch,train}*.bin");
    CifarRecords test = folder(folder, "test*.bin");
    List<String> classNames = classNames(folder, Math.max(train.highest(), test.highest()));
    return new ImageTable.Split(
        train.table(folder + ", training", classNames), test.table(folder + ", test", classNames));
  }

  private static CifarRecords folder(Path folder, String pattern) throws IOException {
    List<Path> files = new ArrayList<>();
    try (var found = Files.newDirectoryStream(folder, pattern)) {
      found.forEach(files::add);
    } catch (NoSuchFileException | NotDirectoryException e) {
      throw new FormatException(
              "no such folder",
              folder.toString(),
              "a folder with " + pattern,
              Files.exists(folder) ? "a file" : "nothing",
              "check the path")
          .causedBy(e);
    }
    if (files.isEmpty()) {
      throw new FormatException(
          "no file of records", folder.toString(), pattern, "none", "check the folder");
    }
    files.sort(null);
    CifarRecords records = new CifarRecords();
    for (Path file : files) {
      records.add(file, 255);
    }
    return records;
  }

  private static List<String> classNames(Path folder, int highest) throws IOException {
    Path file = folder.resolve(CLASS_FILE);
    if (!Files.exists(file)) {
      return IntStream.rangeClosed(0, highest).mapToObj(Integer::toString).toList();
    }
    List<String> names =
        TextFile.read(file, MOST_NAMES)
            .lines()
            .map(String::strip)
            .filter(line -> !line.isEmpty())
            .toList();
    if (names.size() <= highest) {
      throw new FormatException(
          "label out of range",
          folder.toString(),
          "0 to " + (names.size() - 1) + " (" + CLASS_FILE + ")",
          highest,
          "name every class, one a line");
    }
    ClassFolders.requireNames(file, names);
    return names;
  }

  private void add(Path file, int highestLabel) throws IOException {
    long bytes = Files.size(InputFile.require(file, "a file of records"));
    if (bytes == 0 || bytes % RECORD_BYTES != 0) {
      throw new FormatException(
          bytes == 0 ? "empty file" : "file ends inside a record",
          file.toString(),
          "records of " + RECORD_BYTES + " bytes",
          bytes + " bytes",
          "copy the file again, or check that it holds 32 x 32 colour images");
    }
    byte[] record = new byte[RECORD_BYTES];
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      for (int index = 0; in.readNBytes(record, 0, RECORD_BYTES) == RECORD_BYTES; index++) {
        int label = Byte.toUnsignedInt(record[0]);
        if (label > highestLabel) {
          throw new FormatException(
              "label out of range",
              file + ", record " + index,
              "0 to " + highestLabel,
              label,
              "name every class");
        }
        labels.add(label);
        images.add(pixels(record));
      }
    }
  }

  private static float[] pixels(byte[] record) {
    float[] image = new float[PIXELS];
    for (int p = 0; p < PIXELS; p++) {
      image[p] = Byte.toUnsignedInt(record[1 + p]) / 255f;
    }
    return image;
  }

  private int highest() {
    return labels.build().stream().max().orElse(0);
  }

  private ImageTable table(String name, List<String> classNames) throws FormatException {
    if (images.isEmpty()) {
      throw new FormatException(
          "no file of records", name, "at least 1 file", 0, "check the list of files");
    }
    return new ImageTable(
        name, 3, SIDE, SIDE, images.toArray(new float[0][]), labels.build().toArray(), classNames);
  }
}
