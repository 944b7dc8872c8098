package org.vpns.report;

/**
 * Density of one prunable tensor.
 *
 * @param path dotted path
 * @param shape such as {@code (64, 3, 3, 3)}
 * @param size entries
 * @param kept entries kept
 */
public record LayerRecord(String path, String shape, int size, int kept) {
  /** Fraction kept. */
  public double density() {
    return size == 0 ? 1 : (double) kept / size;
  }
}
