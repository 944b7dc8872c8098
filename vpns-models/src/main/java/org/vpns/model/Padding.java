package org.vpns.model;

/** Zeros around the maps before a 3x3 convolution of stride 2. */
public enum Padding {
  /** One row or column on every side. */
  SYMMETRIC,
  /**
   * As many as give ceil(size / 2) outputs, the odd one at the bottom and on the right: 0 and 1 for
   * even sizes, 1 and 1 for odd ones ("same" of TensorFlow).
   */
  SAME
}
