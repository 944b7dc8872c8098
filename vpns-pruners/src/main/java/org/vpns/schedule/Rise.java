package org.vpns.schedule;

import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * Sparsity from s_i to s_f over u = k / n. Linear and cubic are rational, so they are exact up to
 * an upward rounding in the 40th decimal, which no count can see; the others go through doubles and
 * are rounded to 12 decimals, which takes away their last bits' noise.
 */
enum Rise {
  ONE_SHOT {
    @Override
    BigDecimal at(BigDecimal from, BigDecimal to, long k, long n) {
      return to;
    }
  },
  LINEAR {
    @Override
    BigDecimal at(BigDecimal from, BigDecimal to, long k, long n) {
      return to.subtract(share(to.subtract(from), n - k, n, 1));
    }
  },
  CUBIC {
    @Override
    BigDecimal at(BigDecimal from, BigDecimal to, long k, long n) {
      return to.subtract(share(to.subtract(from), n - k, n, 3));
    }
  },
  EXPONENTIAL {
    @Override
    BigDecimal at(BigDecimal from, BigDecimal to, long k, long n) {
      double first = 1 - from.doubleValue();
      double last = 1 - to.doubleValue();
      return rounded(1 - first * Math.pow(last / first, (double) k / n));
    }
  },
  COSINE {
    @Override
    BigDecimal at(BigDecimal from, BigDecimal to, long k, long n) {
      double rise = to.doubleValue() - from.doubleValue();
      return rounded(to.doubleValue() - rise * (1 + Math.cos(Math.PI * k / n)) / 2);
    }
  };

  /** The value for 0 &lt; k &lt; n; at both ends the schedule has it without a formula. */
  abstract BigDecimal at(BigDecimal from, BigDecimal to, long k, long n);

  /** {@code range * (part / whole)^power}, rounded down. */
  private static BigDecimal share(BigDecimal range, long part, long whole, int power) {
    return range
        .multiply(BigDecimal.valueOf(part).pow(power))
        .divide(BigDecimal.valueOf(whole).pow(power), 40, RoundingMode.FLOOR);
  }

  private static BigDecimal rounded(double value) {
    return BigDecimal.valueOf(value).setScale(12, RoundingMode.HALF_EVEN);
  }
}
