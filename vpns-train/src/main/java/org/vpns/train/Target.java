package org.vpns.train;

/** What a stage moves. */
public enum Target {
  /** The network's weights, biases and normalisation; removed weights stay zero. */
  WEIGHTS,
  /**
   * The prunable weights alone; beside scores, in passes of their own, as removed ones may return.
   */
  PRUNABLE,
  /** Biases and normalisation alone; WEIGHTS moves them too. */
  OTHERS,
  /** The scores that select the mask; weights stay as they are. */
  SCORES,
  /** The visual prompt. */
  PROMPT
}
