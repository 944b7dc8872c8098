package org.vpns.study;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.vpns.report.LayerRecord;
import org.vpns.report.PruneReport;

/**
 * The axis of the density bars, one for the whole page: linear from 0 to 100 % where every network
 * keeps at least a fifth of its weights, else logarithmic from the power of ten below the smallest
 * positive density.
 *
 * @param decades powers of ten shown; 0 = linear
 */
record DensityScale(int decades) {
  /** Densities below one in a million are drawn as that. */
  private static final int MAX_DECADES = 6;

  static DensityScale of(List<PruneReport> reports) {
    double whole = 1;
    double smallest = 1;
    for (PruneReport report : reports) {
      whole = Math.min(whole, report.density());
      for (LayerRecord layer : report.layers()) {
        if (layer.kept() > 0) {
          smallest = Math.min(smallest, layer.density());
        }
      }
    }
    if (whole >= 0.2) {
      return new DensityScale(0);
    }
    // A little below, so that the smallest bar does not vanish at a power of ten.
    int decades = (int) Math.ceil(-Math.log10(0.9 * smallest));
    return new DensityScale(Math.max(1, Math.min(MAX_DECADES, decades)));
  }

  /** Length of the bar in percent of the axis; 0 only for nothing kept. */
  String length(double density) {
    double share = decades == 0 ? density : 1 + Math.log10(density) / decades;
    return density > 0
        ? String.format(Locale.ROOT, "%.1f", 100 * Math.max(0.005, Math.min(1, share)))
        : "0";
  }

  /** Number of equal parts of the axis. */
  int parts() {
    return decades == 0 ? 4 : decades;
  }

  String name() {
    return decades == 0 ? "linear scale" : "logarithmic scale";
  }

  /** Left ends of the parts and the right end, in percent. */
  List<String> ticks() {
    List<String> ticks = new ArrayList<>();
    for (int i = 0; i <= parts(); i++) {
      ticks.add(
          decades == 0
              ? String.valueOf(25 * i)
              : new BigDecimal("100")
                  .movePointLeft(decades - i)
                  .stripTrailingZeros()
                  .toPlainString());
    }
    return ticks;
  }
}
