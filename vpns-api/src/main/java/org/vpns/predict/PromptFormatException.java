package org.vpns.predict;

import java.io.IOException;
import org.vpns.Problem;

/** A file that is no prompt, or a damaged one; says where. */
public final class PromptFormatException extends IOException {
  private final String field;

  PromptFormatException(String what, String file, String field, Object expected, Object found) {
    super(
        Problem.message(
            what, file + ", " + field, expected, found, "save the prompt again or take a copy"));
    this.field = field;
  }

  /** The entry of the file: a key of its metadata, or {@code delta}. */
  public String field() {
    return field;
  }
}
