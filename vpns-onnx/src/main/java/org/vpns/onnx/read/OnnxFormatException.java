package org.vpns.onnx.read;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;

/** A file that is no ONNX model, or one with something that this library does not read. */
public final class OnnxFormatException extends IOException {
  /** An error with the parts of its message. */
  public OnnxFormatException(
      String what, String where, Object expected, @Nullable Object found, String remedy) {
    super(Problem.message(what, where, expected, found, remedy));
  }
}
