package org.vpns.internal.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.vpns.io.FormatException;
import us.hebi.matlab.mat.types.Array;
import us.hebi.matlab.mat.types.Cell;
import us.hebi.matlab.mat.types.Char;
import us.hebi.matlab.mat.types.MatFile;
import us.hebi.matlab.mat.types.Matrix;
import us.hebi.matlab.mat.types.Sources;
import us.hebi.matlab.mat.types.Struct;

/** Variables of a MATLAB file (MAT 5, as {@code save} writes it up to {@code -v7}). */
public final class MatlabFile {
  /**
   * Longest file, in bytes: the annotations of the sets that are read have some hundred thousand.
   */
  private static final int LONGEST = 1 << 24;

  private final Path file;
  private final MatFile content;

  private MatlabFile(Path file, MatFile content) {
    this.file = file;
    this.content = content;
  }

  /**
   * Reads variables.
   *
   * @param variables their names; others are passed over
   * @throws FormatException if it is no such file, is damaged, or more than the reader is for
   * @throws NoSuchFileException if there is none
   */
  public static MatlabFile read(Path file, String... variables) throws IOException {
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(LONGEST + 1);
    }
    if (bytes.length > LONGEST) {
      throw refused(file, "at most " + LONGEST + " bytes", "more", null);
    }
    Set<String> wanted = Set.of(variables);
    try {
      return new MatlabFile(
          file,
          new BoundedMatReader(Sources.wrap(bytes), header -> wanted.contains(header.getName()))
              .readMat());
    } catch (IOException | RuntimeException e) {
      throw refused(file, "a file of MATLAB, version 5 to 7", e, e);
    }
  }

  /**
   * Whole numbers of a vector or matrix, column by column.
   *
   * @throws FormatException if there is no such variable, or some are no whole numbers from 0
   */
  public int[] numbers(String variable) throws FormatException {
    if (!(variable(variable) instanceof Matrix matrix)) {
      throw refused("numbers", variable, variable(variable));
    }
    int[] numbers = new int[matrix.getNumElements()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = number(matrix, i, variable);
    }
    return numbers;
  }

  /**
   * Texts of a cell array.
   *
   * @throws FormatException if there is no such variable, or some are no texts
   */
  public List<String> texts(String variable) throws FormatException {
    if (!(variable(variable) instanceof Cell cell)) {
      throw refused("a cell array", variable, variable(variable));
    }
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < cell.getNumElements(); i++) {
      texts.add(text(cell.get(i), variable + ", cell " + i));
    }
    return texts;
  }

  /** Texts of a field of an array of structs; throws as {@link #texts}. */
  public List<String> texts(String variable, String field) throws FormatException {
    Struct struct = struct(variable, field);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < struct.getNumElements(); i++) {
      texts.add(text(struct.get(field, i), variable + "." + field + ", entry " + i));
    }
    return texts;
  }

  /** A whole number of a field of each of an array of structs; throws as {@link #numbers}. */
  public int[] numbers(String variable, String field) throws FormatException {
    Struct struct = struct(variable, field);
    int[] numbers = new int[struct.getNumElements()];
    for (int i = 0; i < numbers.length; i++) {
      Array value = struct.get(field, i);
      String where = variable + "." + field + ", entry " + i;
      if (!(value instanceof Matrix matrix) || matrix.getNumElements() != 1) {
        throw refused("a number", where, value);
      }
      numbers[i] = number(matrix, 0, where);
    }
    return numbers;
  }

  private Struct struct(String variable, String field) throws FormatException {
    if (!(variable(variable) instanceof Struct struct)) {
      throw refused("an array of structs", variable, variable(variable));
    }
    if (!struct.getFieldNames().contains(field)) {
      throw refused(file, variable + " with field " + field, struct.getFieldNames(), null);
    }
    return struct;
  }

  private Array variable(String name) throws FormatException {
    for (MatFile.Entry entry : content.getEntries()) {
      if (entry.getName().equals(name)) {
        return entry.getValue();
      }
    }
    throw refused(file, "a variable " + name, "none", null);
  }

  private int number(Matrix matrix, int index, String where) throws FormatException {
    double value;
    try {
      value = matrix.getDouble(index);
    } catch (RuntimeException e) { // fewer values than the size says
      throw refused(file, "a number for " + where, e, e);
    }
    if (value != Math.rint(value) || value < 0 || value > Integer.MAX_VALUE) {
      throw refused(file, "a whole number from 0 for " + where + ", element " + index, value, null);
    }
    return (int) value;
  }

  private String text(Array value, String where) throws FormatException {
    if (!(value instanceof Char text)) {
      throw refused("a text", where, value);
    }
    try {
      return text.getNumRows() == 0 ? "" : text.getRow(0);
    } catch (RuntimeException e) { // fewer characters than the size says
      throw refused(file, "a text for " + where, e, e);
    }
  }

  private FormatException refused(String expected, String where, Array found) {
    return refused(file, expected + " for " + where, found.getType(), null);
  }

  private static FormatException refused(
      Path file, Object expected, Object found, @Nullable Exception cause) {
    FormatException refusal =
        new FormatException(
            "MATLAB file is not what it should be",
            file.toString(),
            expected,
            found,
            "fetch it again, or save it with -v7 if it was made anew");
    return cause == null ? refusal : refusal.causedBy(cause);
  }
}
