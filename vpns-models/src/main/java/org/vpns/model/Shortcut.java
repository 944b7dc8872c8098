package org.vpns.model;

/** What a residual block adds to its result where shape or resolution changes. */
public enum Shortcut {
  /** A 1x1 convolution and batch norm ("option B"). */
  PROJECTION,
  /**
   * Nothing to learn ("option A"): every stride-th pixel, new channels filled with zeros, half of
   * them (rounded down) before the old ones.
   */
  SUBSAMPLE
}
