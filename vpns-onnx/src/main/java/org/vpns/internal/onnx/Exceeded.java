package org.vpns.internal.onnx;

/**
 * A network that asks for more memory or arithmetic than one for such images does. Unlike other
 * refusals it is final: whoever tries a network in another way would spend as much again.
 */
final class Exceeded extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /**
   * @param refusal what the node says
   */
  Exceeded(IllegalArgumentException refusal) {
    super(refusal.getMessage());
  }
}
