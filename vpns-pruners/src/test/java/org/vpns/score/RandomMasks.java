package org.vpns.score;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;

/** Masks that remove each weight with some probability. */
final class RandomMasks {
  private RandomMasks() {}

  static MaskSet of(Layout layout, long seed, double removed) {
    Random random = new Random(seed);
    Map<String, Mask> masks = new LinkedHashMap<>();
    for (int i = 0; i < layout.tensors(); i++) {
      masks.put(layout.path(i), Mask.of(layout.shape(i), j -> random.nextDouble() >= removed));
    }
    return MaskSet.of(masks);
  }
}
