package org.vpns.internal.runtime.plan;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.runtime.kernel.Geometry;

/** Plans layers with weights. */
final class WeightPlanning {
  private final Draft draft;

  WeightPlanning(Draft draft) {
    this.draft = draft;
  }

  void add(Layer.Convolve c) {
    if (!draft.isMaps(c.output())) {
      float[] matrix = Weights.asMatrix(c.kernel(), draft.shape(c.in()));
      add(new Layer.Multiply(c.in(), c.output(), matrix, c.bias(), c.clamp()));
      return;
    }
    Layer.Kernel k = c.kernel();
    Geometry g = draft.geometry(draft.shape(c.output()));
    boolean direct =
        k.strideY() == 1 && k.strideX() == 1 && draft.home(c.in()).equals(Layout.maps(g));
    Slot in =
        draft.form(c.in(), direct ? Layout.maps(g) : new Layout(g, k.strideY(), k.strideX(), 0));
    if (!direct) {
      in.read(Weights.firstOffsets(k, g));
    } else if (k.height() * k.width() > 1) {
      in.complete();
    }
    Slot residual = c.residual() < 0 ? null : draft.form(c.residual(), Layout.maps(g));
    Slot out = draft.slot(c.output(), Layout.maps(g));
    Way way = Way.of(k, g);
    String name = way + " " + describe(c);
    if (way == Way.WINOGRAD) {
      Winograd winograd = Winograd.of(k, g);
      Slot transformed = draft.scratch(Math.toIntExact(winograd.transformed()));
      Slot between = draft.scratch(Math.toIntExact(winograd.between()));
      draft.step(
          name,
          with(residual, in, transformed, between),
          out,
          () ->
              winograd.step(
                  c.bias(), in, transformed, between, Convolutions.sums(c, residual, out)));
    } else {
      draft.step(
          name,
          with(residual, in),
          out,
          () ->
              way == Way.DENSE
                  ? Convolutions.dense(c, g, in, residual, out)
                  : Convolutions.sparse(c, g, in, residual, out));
    }
  }

  private static List<Slot> with(@Nullable Slot residual, Slot... reads) {
    return Stream.concat(Stream.of(reads), Stream.ofNullable(residual)).toList();
  }

  private String describe(Layer.Convolve c) {
    int[] in = draft.shape(c.in());
    Layer.Kernel k = c.kernel();
    return k.height()
        + "x"
        + k.width()
        + "/"
        + k.strideY()
        + " "
        + in[0]
        + "->"
        + k.outputs()
        + " "
        + in[1]
        + "x"
        + in[2]
        + (k.groups() > 1 ? " in " + k.groups() + " groups" : "");
  }

  void add(Layer.Multiply m) {
    Slot from = draft.form(m.in(), Layout.ROWS);
    Slot to = draft.slot(m.output(), Layout.ROWS);
    draft.step(
        "linear " + m.weight().length / m.bias().length + "->" + m.bias().length,
        List.of(from),
        to,
        () -> Convolutions.linear(m.weight(), m.bias(), from, to, m.clamp()));
  }
}
