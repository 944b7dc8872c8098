package org.vpns.prune;

import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.train.MovingMask.Change;
import org.vpns.train.MovingMask.View;

/** With which weights grown entries begin. */
enum GrownStart {
  /** 0. */
  ZERO(""),
  /**
   * As if their layer were initialised: N(0, 2 / fan-in) (He et al. 2015, "Delving deep into
   * rectifiers"), drawn in flat order from a stream per parameter.
   */
  INITIALISED(", grown weights initialised");

  private final String text;

  GrownStart(String text) {
    this.text = text;
  }

  /** To be added to a description of the movement. */
  String describe() {
    return text;
  }

  /** The change in which these entries are fresh. */
  Change change(MaskSet masks, MaskSet fresh, View view) {
    Layout layout = view.context().layout();
    return new Change(masks, fresh, this == ZERO ? null : drawn(layout, fresh, view::random));
  }

  /** Drawn numbers where an entry is fresh, elsewhere 0; null if none is. */
  static float @Nullable [] drawn(
      Layout layout, MaskSet fresh, Function<String, RandomGenerator> streams) {
    if (fresh.kept() == 0) {
      return null;
    }
    float[] values = new float[layout.size()];
    for (int i = 0; i < layout.tensors(); i++) {
      Mask mask = fresh.get(layout.path(i));
      RandomGenerator random = streams.apply("grown/" + layout.path(i));
      double deviation = Math.sqrt(2.0 / layout.fanIn(i));
      for (int j = 0; j < mask.size(); j++) {
        if (mask.isKept(j)) {
          values[layout.offset(i) + j] = (float) (deviation * random.nextGaussian());
        }
      }
    }
    return values;
  }
}
