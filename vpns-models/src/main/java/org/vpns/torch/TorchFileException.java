package org.vpns.torch;

import java.io.IOException;
import org.vpns.Problem;

/** A PyTorch file that is damaged or holds more than weights; says where. */
public final class TorchFileException extends IOException {
  private final String place;

  TorchFileException(
      String what, String source, String place, Object expected, Object found, String remedy) {
    super(Problem.message(what, source + ", " + place, expected, found, remedy));
    this.place = place;
  }

  /** Where in the file: a part and a byte, counted from the file's first, or an entry's name. */
  public String place() {
    return place;
  }
}
