package org.vpns.study.data;

import com.google.common.primitives.Ints;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.vpns.Problem;
import org.vpns.internal.io.InputFile;
import org.vpns.internal.io.MemoryBound;
import org.vpns.internal.study.Unzipped;
import org.vpns.internal.text.ClassNames;
import org.vpns.io.FormatException;

/**
 * An IDX file of unsigned bytes, the format of MNIST and its relatives: big-endian int32 magic
 * number (2051 for images, 2049 for labels), the length of each axis, then the values row by row.
 * Plain or gzip-compressed, told apart by the first bytes.
 */
public final class IdxFile {
  private static final int UNSIGNED_BYTES = 0x0800;
  private static final int IMAGE_AXES = 3;
  private static final int LABEL_AXES = 1;

  /** A byte here and four in a table. */
  private static final long MOST_VALUES = Runtime.getRuntime().maxMemory() / 6;

  private final String name;
  private final int[] shape;
  private final byte[] values;

  private IdxFile(String name, int[] shape, byte[] values) {
    this.name = name;
    this.shape = shape;
    this.values = values;
  }

  /**
   * Images: (count, rows, columns).
   *
   * @throws FormatException if the file is not of that format, empty, cut short or too long, or
   *     holds more values than a sixth of the heap has bytes
   */
  public static IdxFile readImages(Path file) throws IOException {
    Problem.given(file, "IdxFile.readImages", "file");
    return Unzipped.read(open(file), file.toString(), in -> images(in, file.toString()));
  }

  /**
   * Labels: (count).
   *
   * @throws FormatException if the file is not of that format, empty, cut short or too long, or
   *     holds more values than a sixth of the heap has bytes
   */
  public static IdxFile readLabels(Path file) throws IOException {
    Problem.given(file, "IdxFile.readLabels", "file");
    return Unzipped.read(open(file), file.toString(), in -> labels(in, file.toString()));
  }

  private static InputStream open(Path file) throws IOException {
    return Files.newInputStream(InputFile.require(file, "an IDX file"));
  }

  /** Images of a stream of a plain IDX file; the name is for messages. */
  public static IdxFile images(InputStream in, String name) throws IOException {
    Problem.given(in, "IdxFile.images", "in");
    Problem.given(name, "IdxFile.images", "name");
    return read(in, name, IMAGE_AXES);
  }

  /** Labels of a stream of a plain IDX file; the name is for messages. */
  public static IdxFile labels(InputStream in, String name) throws IOException {
    Problem.given(in, "IdxFile.labels", "in");
    Problem.given(name, "IdxFile.labels", "name");
    return read(in, name, LABEL_AXES);
  }

  private static IdxFile read(InputStream in, String name, int axes) throws IOException {
    int headerBytes = Ints.BYTES * (1 + axes);
    byte[] header = in.readNBytes(headerBytes);
    if (header.length == 0) {
      throw new FormatException(
          "empty file", name, "an IDX header", "0 bytes", "copy the file again");
    }
    if (header.length < Ints.BYTES) {
      throw cutShort(name, headerBytes, header.length);
    }
    int magic = Ints.fromByteArray(header);
    if (magic != (UNSIGNED_BYTES | axes)) {
      throw new FormatException(
          "not an IDX file of " + (axes == IMAGE_AXES ? "images" : "labels"),
          name,
          "magic number " + (UNSIGNED_BYTES | axes),
          magic,
          "2051 marks images, 2049 labels; check that the two files are not swapped");
    }
    if (header.length < headerBytes) {
      throw cutShort(name, headerBytes, header.length);
    }
    int[] shape = new int[axes];
    long count = 1;
    for (int axis = 0; axis < axes; axis++) {
      shape[axis] = Ints.fromByteArray(Arrays.copyOfRange(header, 4 * axis + 4, 4 * axis + 8));
      if (shape[axis] < 1 || shape[axis] > Integer.MAX_VALUE / count) {
        throw new FormatException(
            "length out of range",
            name + ", axis " + axis,
            "at least 1 and at most 2^31 - 1 values in all",
            shape[axis],
            "copy the file again, or split it if it is so large");
      }
      count *= shape[axis];
    }
    // a compressed file of some kilobytes may go on for as long as its header says
    if (count > MOST_VALUES) {
      throw new FormatException(
          "file too large for the heap",
          name,
          "at most " + MOST_VALUES + " values",
          count,
          MemoryBound.REMEDY);
    }
    byte[] values = in.readNBytes((int) count);
    if (values.length < count) {
      throw cutShort(name, header.length + count, header.length + (long) values.length);
    }
    if (in.read() != -1) {
      throw new FormatException(
          "bytes after the last value",
          name,
          (header.length + count) + " bytes",
          "more",
          "copy the file again: its header tells of fewer values");
    }
    return new IdxFile(name, shape, values);
  }

  private static FormatException cutShort(String name, long expected, long found) {
    return new FormatException(
        "file cut short", name, expected + " bytes", found, "copy the file again");
  }

  /** Length of each axis; a copy. */
  public int[] shape() {
    return shape.clone();
  }

  /** The value at a flat index, 0 to 255. */
  public int value(int index) {
    return Byte.toUnsignedInt(values[index]);
  }

  /**
   * Grey images, values divided by 255, with their labels.
   *
   * @throws FormatException if the counts differ or a label has no class name
   */
  public static ImageTable table(
      String name, IdxFile images, IdxFile labels, List<String> classNames) throws FormatException {
    Problem.given(name, "IdxFile.table", "name");
    Problem.given(images, "IdxFile.table", "images");
    Problem.given(labels, "IdxFile.table", "labels");
    ClassNames.require(classNames, "IdxFile.table", "classNames");
    if (images.shape.length != IMAGE_AXES
        || labels.shape.length != LABEL_AXES
        || images.shape[0] != labels.shape[0]) {
      throw new FormatException(
          "images and labels do not belong together",
          images.name + " and " + labels.name,
          "shapes (n, rows, columns) and (n)",
          Arrays.toString(images.shape) + " and " + Arrays.toString(labels.shape),
          "pass the two files of one set");
    }
    int pixels = images.shape[1] * images.shape[2];
    float[][] rows = new float[images.shape[0]][pixels];
    int[] classes = new int[rows.length];
    for (int i = 0; i < rows.length; i++) {
      for (int p = 0; p < pixels; p++) {
        rows[i][p] = images.value(i * pixels + p) / 255f;
      }
      classes[i] = labels.value(i);
      if (classes[i] >= classNames.size()) {
        throw new FormatException(
            "label out of range",
            labels.name + ", image " + i,
            "0 to " + (classNames.size() - 1),
            classes[i],
            "name every class");
      }
    }
    return new ImageTable(name, 1, images.shape[1], images.shape[2], rows, classes, classNames);
  }
}
