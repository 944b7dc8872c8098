package org.vpns.allocate;

import ai.djl.ndarray.types.Shape;
import com.google.common.math.LongMath;
import java.math.RoundingMode;
import org.vpns.Allocation;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.Problem;
import org.vpns.Scores;
import org.vpns.Sparsity;
import org.vpns.Value;

/**
 * N:M sparsity: of every M consecutive weights the N best stay (ties: the lower position), as
 * sparse tensor cores want it with 2:4. Groups begin at index 0 of the axis.
 *
 * <p>Axis, by default the input dimension: the in-features of each output of a linear layer, the
 * in-channels of each (out, kh, kw) of a convolution; {@link #flattened()} takes (in, kh, kw) in
 * row-major order, of each output. The trailing group of r &lt; M weights keeps {@code ceil(N r /
 * M)} by default. Parameters whose axis is shorter than M, such as a first convolution or a
 * depthwise one, are exempt: they stay dense; {@link #withShortAxes()} takes them in.
 *
 * <p>The sparsity asked for is met exactly. Where it is above that of the pattern, a global
 * selection among the pattern's survivors (and the exempt parameters) removes the rest; below it is
 * an error: ask for {@link #sparsity(Layout)} to have the pattern alone. Immutable.
 */
public final class NOfMAllocation extends Value<NOfMAllocation> implements Allocation {
  /** What becomes of the last weights of an axis that M does not divide. */
  public enum Trailing {
    /** Of r weights {@code ceil(N r / M)} stay. */
    PROPORTIONAL,
    /** All stay. */
    DENSE,
    /** Refused, naming the parameter. */
    ERROR
  }

  private final int n;
  private final int m;
  private boolean flattened;
  private boolean shortAxes;
  private Trailing trailing = Trailing.PROPORTIONAL;

  NOfMAllocation(int n, int m) {
    if (n < 1 || m < n) {
      throw Problem.argument(
          "pattern impossible",
          "Allocations.nOfM",
          "1 <= N <= M",
          n + ":" + m,
          "pass the number kept first, 2 and 4 for 2:4");
    }
    this.n = n;
    this.m = m;
  }

  /** Groups along (in, kh, kw) of each output instead of along the inputs alone. */
  public NOfMAllocation flattened() {
    return with(a -> a.flattened = true);
  }

  /** Takes in parameters whose axis is shorter than M, as one trailing group. */
  public NOfMAllocation withShortAxes() {
    return with(a -> a.shortAxes = true);
  }

  /** What becomes of a last group of fewer than M; default {@link Trailing#PROPORTIONAL}. */
  public NOfMAllocation trailing(Trailing newTrailing) {
    Problem.given(newTrailing, "NOfMAllocation.trailing", "trailing");
    return with(a -> a.trailing = newTrailing);
  }

  @Override
  public MaskSet allocate(Scores scores, Sparsity sparsity) {
    Problem.given(scores, "NOfMAllocation.allocate", "scores");
    Problem.given(sparsity, "NOfMAllocation.allocate", "sparsity");
    return allocateWithin(MaskSet.ones(scores.layout()), scores, sparsity);
  }

  @Override
  public MaskSet allocateWithin(MaskSet survivors, Scores scores, Sparsity sparsity) {
    Problem.given(survivors, "NOfMAllocation.allocateWithin", "survivors");
    Problem.given(scores, "NOfMAllocation.allocateWithin", "scores");
    Problem.given(sparsity, "NOfMAllocation.allocateWithin", "sparsity");
    scores.requireNumbers();
    long size = scores.layout().size();
    MaskSet pattern = pattern(scores.nested(survivors)).and(survivors);
    if (sparsity.keep(size) > pattern.kept()) {
      throw Problem.argument(
          "sparsity below that of the pattern",
          describe() + " at sparsity " + sparsity,
          "at most " + pattern.kept() + " of " + size + " weights to keep",
          sparsity.keep(size),
          "ask for at least " + Sparsity.removing(size - pattern.kept(), size));
    }
    return new GlobalAllocation().allocateWithin(pattern, scores, sparsity);
  }

  /** The sparsity of the pattern alone, 1 - N/M where M divides every axis and none is exempt. */
  public Sparsity sparsity(Layout layout) {
    Problem.given(layout, "NOfMAllocation.sparsity", "layout");
    Scores any = Scores.of(layout, new float[layout.size()]);
    return Sparsity.removing(layout.size() - pattern(any).kept(), layout.size());
  }

  private MaskSet pattern(Scores scores) {
    return MaskSet.of(scores.layout(), i -> pattern(scores, i));
  }

  private Mask pattern(Scores scores, int tensor) {
    Layout layout = scores.layout();
    Shape shape = layout.shape(tensor);
    int size = layout.size(tensor);
    int kernel = flattened ? 1 : size(shape, 2);
    int length = flattened ? size(shape, 1) : size(shape, 1) / Math.max(1, kernel);
    if (length < m && !shortAxes) {
      return Mask.ones(shape);
    }
    if (trailing == Trailing.ERROR && length % m != 0) {
      throw Problem.argument(
          "axis not divisible",
          layout.path(tensor) + " " + shape + ", " + describe(),
          "a multiple of " + m,
          length,
          "let the trailing group be proportional or dense, or leave the parameter out");
    }
    boolean[] kept = new boolean[size];
    int offset = layout.offset(tensor);
    for (int row = 0; row < size; row += length * kernel) {
      for (int place = 0; place < kernel; place++) {
        for (int group = 0; group < length; group += m) {
          int members = Math.min(m, length - group);
          keepBest(scores, offset, row + place + group * kernel, kernel, members, kept);
        }
      }
    }
    return Mask.of(shape, j -> kept[j]);
  }

  /** Keeps those entries of a group that fewer than {@code keep} others precede. */
  private void keepBest(
      Scores scores, int offset, int start, int stride, int members, boolean[] kept) {
    int keep = keep(members);
    for (int a = 0; a < members; a++) {
      float score = scores.get(offset + start + a * stride);
      int better = 0;
      for (int b = 0; b < members; b++) {
        float other = scores.get(offset + start + b * stride);
        better += other > score || (other == score && b < a) ? 1 : 0;
      }
      kept[start + a * stride] = better < keep;
    }
  }

  /** How many of a group's members stay. */
  private int keep(int members) {
    return trailing == Trailing.DENSE && members < m
        ? members
        : (int) LongMath.divide((long) n * members, m, RoundingMode.CEILING);
  }

  /** Entries of the dimensions from {@code first} on: 1 if there are none. */
  private static int size(Shape shape, int first) {
    return shape.dimension() <= first ? 1 : (int) shape.slice(first).size();
  }

  @Override
  public String describe() {
    return n
        + ":"
        + m
        + (flattened ? " flattened" : "")
        + (shortAxes ? ", short axes too" : "")
        + (trailing == Trailing.PROPORTIONAL ? "" : ", trailing " + trailing);
  }

  @Override
  public String toString() {
    return describe();
  }
}
