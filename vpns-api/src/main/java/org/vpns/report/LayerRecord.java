package org.vpns.report;

import com.google.common.collect.ImmutableList;
import java.util.List;
import org.vpns.MaskSet;
import org.vpns.Problem;

/**
 * Density of one prunable tensor.
 *
 * @param path dotted path
 * @param shape such as {@code (64, 3, 3, 3)}
 * @param size entries
 * @param kept entries kept
 */
public record LayerRecord(String path, String shape, int size, int kept) {
  /** No part may be null. */
  public LayerRecord {
    Problem.given(path, "new LayerRecord", "path");
    Problem.given(shape, "new LayerRecord", "shape");
  }

  /** One for each mask, in their order. */
  public static List<LayerRecord> of(MaskSet masks) {
    Problem.given(masks, "LayerRecord.of", "masks");
    ImmutableList.Builder<LayerRecord> layers = ImmutableList.builder();
    masks
        .asMap()
        .forEach(
            (path, mask) ->
                layers.add(
                    new LayerRecord(path, mask.shape().toString(), mask.size(), mask.kept())));
    return layers.build();
  }

  /** Fraction kept. */
  public double density() {
    return size == 0 ? 1 : (double) kept / size;
  }
}
