package org.vpns.internal.runtime.kernel;

/**
 * Weights that are not 0, output by output.
 *
 * @param starts where each output's begin, and the end
 * @param offsets floats from an output's position to what a weight is multiplied with
 * @param values the weights
 * @param bias one number for each output
 */
public record SparseRows(int[] starts, int[] offsets, float[] values, float[] bias) {
  /** Number of outputs. */
  public int rows() {
    return bias.length;
  }
}
