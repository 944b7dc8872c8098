package org.vpns.onnx;

/** An operator that a file cannot express; the message is the reason. */
final class Unexportable extends RuntimeException {
  private static final long serialVersionUID = 1L;

  Unexportable(String reason) {
    super(reason);
  }

  /** The reason. */
  String reason() {
    return String.valueOf(getMessage());
  }
}
