package org.vpns;

/** How a network runs while it is looked at. */
public enum NetworkMode {
  /** As in training: batch norm takes the batch's statistics, dropout drops. */
  TRAIN,
  /** As in use: batch norm takes its running statistics, dropout rests. */
  EVAL
}
