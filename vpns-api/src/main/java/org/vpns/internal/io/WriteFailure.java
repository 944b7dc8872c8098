package org.vpns.internal.io;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;

/**
 * Why something could not be written, in words: what the system throws has a name or two, and what
 * helps against a full disk does not help against a folder of somebody else's.
 *
 * @param found what was in the way
 * @param remedy against it
 */
public record WriteFailure(String found, String remedy) {
  private static final String ELSEWHERE = "choose another folder";

  /** Of what was thrown; where that tells of another failure, of that one. */
  public static WriteFailure of(IOException failure) {
    IOException first = failure;
    while (first.getCause() instanceof IOException cause) {
      first = cause;
    }
    if (first instanceof ClosedByInterruptException) {
      return new WriteFailure(
          "an interrupt of the thread that writes",
          "write it again after Thread.interrupted(), which clears it");
    }
    if (first instanceof AccessDeniedException denied) {
      return new WriteFailure(
          "no right to write " + denied.getFile(), "give this program that right or " + ELSEWHERE);
    }
    if (first instanceof FileAlreadyExistsException taken) {
      String reason = taken.getReason();
      return new WriteFailure(
          reason == null ? inTheWay(taken.getFile()) : reason, "move it or " + ELSEWHERE);
    }
    // the name of the file is no part of what the system says
    String said = first instanceof FileSystemException e ? e.getReason() : first.getMessage();
    String lower = String.valueOf(said).toLowerCase(Locale.ROOT);
    boolean full = lower.contains("space") || lower.contains("quota");
    return new WriteFailure(
        said == null ? first.toString() : String.valueOf(first.getMessage()),
        (full ? "make room or " : "mend that or ") + ELSEWHERE);
  }

  private static String inTheWay(String file) {
    boolean link = Files.isSymbolicLink(Path.of(file)) && !Files.exists(Path.of(file));
    return (link ? "a link that leads nowhere, " : "a file ") + file;
  }

  /**
   * Something that could not be written.
   *
   * @param what is wrong, such as {@code checkpoint cannot be written}
   * @param expected in its place
   * @param after of the message; null for nothing more
   */
  public static UnwritableException told(
      String what, Path where, String expected, IOException failure, @Nullable String after) {
    WriteFailure why = of(failure);
    return new UnwritableException(
        Problem.message(
            what,
            where.toString(),
            expected,
            why.found,
            after == null ? why.remedy : why.remedy + "; " + after),
        where,
        failure);
  }
}
