package org.vpns.structured.score;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.vpns.structured.ChannelUnit.Role;

/**
 * How far a unit's row lies from the rows of all units of its group: sum over v of |r_u - r_v|_2. A
 * small sum is near the geometric median of the rows, which can stand in for it.
 */
final class Fpgm extends MemberImportance {
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
              .map(unit -> row(member.slice(values, unit)))
              .toArray(double[][]::new);
      // each sum in the order of the units, whichever thread takes it: equal rows, equal sums
      return IntStream.range(0, rows.length)
          .parallel()
          .mapToDouble(
              u ->
                  Arrays.stream(rows)
                      .filter(row -> row.length > 0)
                      .mapToDouble(row -> distance(rows[u], row))
                      .sum())
          .toArray();
    };
  }

  private double[] row(float[] slice) {
    double[] row = new double[slice.length];
    for (int i = 0; i < row.length; i++) {
      row[i] = entry.applyAsDouble(slice[i]);
    }
    return row;
  }

  /** Rows of fewer positions end in zeros. */
  private static double distance(double[] a, double[] b) {
    int both = Math.min(a.length, b.length);
    double squares = 0;
    for (int i = 0; i < both; i++) {
      double d = a[i] - b[i];
      squares += d * d;
    }
    double[] longer = a.length > both ? a : b;
    for (int i = both; i < longer.length; i++) {
      squares += longer[i] * longer[i];
    }
    return Math.sqrt(squares);
  }

  @Override
  protected String name() {
    return name;
  }
}
