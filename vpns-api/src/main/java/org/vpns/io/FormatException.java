package org.vpns.io;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.internal.io.FileGuess;

/**
 * A file, or a text from one, that is not what it should be: damaged, of another format, or with
 * something that this library does not read. The message says where.
 */
public final class FormatException extends IOException {
  private static final int MOST_SHOWN = 120;

  private static final long serialVersionUID = 1L;

  private final String field;
  private final long byteOffset;

  /** A file as a whole, with the parts of the message; see {@link Problem}. */
  public FormatException(
      String what, String where, Object expected, @Nullable Object found, String remedy) {
    this(Problem.message(what, where, expected, found, remedy), "", -1);
  }

  /** A field of a file; the message names it after the file. */
  public FormatException(
      String what,
      String file,
      String field,
      Object expected,
      @Nullable Object found,
      String remedy) {
    this(Problem.message(what, file + ", " + field, expected, found, remedy), field, -1);
  }

  private FormatException(String message, String field, long byteOffset) {
    super(message);
    this.field = field;
    this.byteOffset = byteOffset;
  }

  /** A field of a binary file that nothing but another copy mends. */
  static FormatException at(
      String what,
      String file,
      long byteOffset,
      String field,
      Object expected,
      @Nullable Object found) {
    String where = file + ", byte " + byteOffset + ", " + field;
    String remedy = "write or fetch the file again";
    return new FormatException(
        Problem.message(what, where, expected, found, remedy), field, byteOffset);
  }

  /** A file that begins as one of another kind does. */
  static FormatException ofOther(
      String what, String file, String field, Object expected, FileGuess found) {
    String message =
        Problem.message(what, file + ", byte 0, " + field, expected, found.what(), found.remedy());
    return new FormatException(message, field, 0);
  }

  /** The same with its cause, to be given once. */
  public FormatException causedBy(Throwable cause) {
    initCause(cause);
    return this;
  }

  /**
   * Which field, as the format calls it: of mask files, prompts and checkpoints an entry; of
   * safetensors {@code header length}, {@code header}, or a tensor's name with its field; of
   * PyTorch's files a part, with its byte, or an entry. Empty where the message alone tells it.
   */
  public String field() {
    return field;
  }

  /**
   * Where in the file, counted from 0; for a field of a safetensors header 8, the header's first
   * byte. -1 where it is not known: in all but mask files and safetensors.
   */
  public long byteOffset() {
    return byteOffset;
  }

  /** What a damaged file says may be megabytes long. */
  static String shortened(@Nullable Object value) {
    String text = String.valueOf(value);
    return text.length() <= MOST_SHOWN ? text : text.substring(0, MOST_SHOWN) + "...";
  }
}
