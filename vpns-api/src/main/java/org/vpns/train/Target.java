package org.vpns.train;

/** What a stage moves. */
public enum Target {
  /** The network's weights, biases and normalisation; removed weights stay zero. */
  WEIGHTS,
  /** The scores that select the mask; weights stay as they are. */
  SCORES,
  /** The visual prompt. */
  PROMPT
}
