package org.vpns.study;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A long series as few points: each the mean of the finite values of {@code bucket} consecutive
 * steps (the last of what is left).
 *
 * @param bucket steps per point
 * @param steps length of the series
 * @param points means with four significant digits; null where no value of the bucket is finite
 * @param notFinite values that are NaN or infinite
 */
record Curve(int bucket, int steps, List<@Nullable Double> points, long notFinite) {
  static Curve of(List<Double> values, int maxPoints) {
    int bucket = Math.max(1, (values.size() + maxPoints - 1) / maxPoints);
    List<@Nullable Double> points = new ArrayList<>();
    long notFinite = 0;
    for (int start = 0; start < values.size(); start += bucket) {
      double sum = 0;
      int finite = 0;
      for (double value : values.subList(start, Math.min(start + bucket, values.size()))) {
        if (Double.isFinite(value)) {
          sum += value;
          finite++;
        } else {
          notFinite++;
        }
      }
      points.add(finite == 0 ? null : round(sum / finite));
    }
    return new Curve(bucket, values.size(), points, notFinite);
  }

  /** The first point that is there; null without any. */
  @Nullable Double first() {
    for (Double point : points) {
      if (point != null) {
        return point;
      }
    }
    return null;
  }

  /** The last point that is there; null without any. */
  @Nullable Double last() {
    Double last = null;
    for (Double point : points) {
      if (point != null) {
        last = point;
      }
    }
    return last;
  }

  /** Four significant digits. */
  static double round(double value) {
    return value == 0 || !Double.isFinite(value)
        ? value
        : new BigDecimal(value).round(new MathContext(4, RoundingMode.HALF_EVEN)).doubleValue();
  }

  /** A fraction in percent; null where there is none, or none that is finite. */
  static @Nullable Double percent(@Nullable Double fraction) {
    return fraction == null || !Double.isFinite(fraction) ? null : round(100 * fraction);
  }
}
