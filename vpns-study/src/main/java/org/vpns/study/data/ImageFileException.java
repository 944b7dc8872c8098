package org.vpns.study.data;

import java.io.IOException;
import org.vpns.Problem;

/** A file of images or labels that does not hold what its format says. Names the file. */
public final class ImageFileException extends IOException {
  private static final long serialVersionUID = 1L;

  /** A message in the form of {@link Problem}. */
  public ImageFileException(
      String what, String where, Object expected, Object found, String remedy) {
    super(Problem.message(what, where, expected, found, remedy));
  }

  ImageFileException(String what, String where, Object expected, String remedy, IOException cause) {
    super(Problem.message(what, where, expected, cause, remedy), cause);
  }
}
