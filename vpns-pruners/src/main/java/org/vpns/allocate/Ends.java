package org.vpns.allocate;

import org.vpns.Layout;

/** Where a network begins and ends, as far as shapes tell. */
final class Ends {
  private Ends() {}

  /** The first parameter of more than two dimensions, or -1. */
  static int firstConvolution(Layout layout) {
    for (int i = 0; i < layout.tensors(); i++) {
      if (layout.shape(i).dimension() > 2) {
        return i;
      }
    }
    return -1;
  }

  /** The last parameter of two dimensions, or -1. */
  static int lastLinear(Layout layout) {
    for (int i = layout.tensors() - 1; i >= 0; i--) {
      if (layout.shape(i).dimension() == 2) {
        return i;
      }
    }
    return -1;
  }
}
