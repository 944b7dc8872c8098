package org.vpns.structured.score;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.vpns.structured.ChannelUnit;
import org.vpns.structured.ChannelUnit.Role;

/**
 * How far a unit's row lies from the rows of all units of its group: sum over v of |r_u - r_v|_2. A
 * small sum is near the geometric median of the rows, which can stand in for it.
 */
final class Fpgm extends MemberImportance {
  /** Rows that meet each other row while it is near. */
  private static final int TILE = 8;

  private final String name;
  private final DoubleUnaryOperator entry;

  /**
   * With what becomes of the entries of rows.
   *
   * @param name of the form
   */
  Fpgm(String name, DoubleUnaryOperator entry) {
    super(Role.OUT, Role.IN, Role.THROUGH);
    this.name = name;
    this.entry = entry;
  }

  @Override
  protected Session open(ChannelContext context) {
    return member -> {
      float[] values = context.values(member.parameter());
      double[][] rows =
          member.group().units().stream()
              .map(unit -> row(member, unit, member.slice(values, unit)))
              .toArray(double[][]::new);
      return IntStream.range(0, (rows.length + TILE - 1) / TILE)
          .parallel()
          .mapToObj(tile -> sums(rows, tile * TILE))
          .flatMapToDouble(Arrays::stream)
          .toArray();
    };
  }

  /** Of some rows; each in the order of the others, so that equal rows have equal sums. */
  private static double[] sums(double[][] rows, int from) {
    double[] sums = new double[Math.min(TILE, rows.length - from)];
    for (double[] other : rows) {
      for (int i = 0; i < sums.length && other.length > 0; i++) {
        sums[i] += distance(rows[from + i], other);
      }
    }
    return sums;
  }

  /**
   * Position after position: units of more and of fewer are then compared by what lies where, in
   * whatever order the parameter's other axes are.
   */
  private double[] row(ChannelMember member, ChannelUnit unit, float[] slice) {
    int positions = Math.max(1, member.positions(unit).size());
    int each = slice.length / positions;
    int inner = member.inner();
    double[] row = new double[slice.length];
    for (int i = 0; i < row.length; i++) {
      int position = i / inner % positions;
      int within = i / inner / positions * inner + i % inner;
      row[position * each + within] = entry.applyAsDouble(slice[i]);
    }
    return row;
  }

  /** Rows of fewer positions end in zeros. */
  private static double distance(double[] a, double[] b) {
    double[] longer = a.length < b.length ? b : a;
    double[] shorter = a.length < b.length ? a : b;
    // sums side by side, which do not wait for each other
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int i = 0;
    for (; i + 4 <= shorter.length; i += 4) {
      s0 += square(longer[i] - shorter[i]);
      s1 += square(longer[i + 1] - shorter[i + 1]);
      s2 += square(longer[i + 2] - shorter[i + 2]);
      s3 += square(longer[i + 3] - shorter[i + 3]);
    }
    for (; i < longer.length; i++) {
      s0 += square(i < shorter.length ? longer[i] - shorter[i] : longer[i]);
    }
    return Math.sqrt(s0 + s1 + (s2 + s3));
  }

  private static double square(double d) {
    return d * d;
  }

  @Override
  protected String name() {
    return name;
  }
}
