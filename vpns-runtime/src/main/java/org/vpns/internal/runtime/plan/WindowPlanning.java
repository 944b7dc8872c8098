package org.vpns.internal.runtime.plan;

import java.util.List;
import org.vpns.internal.runtime.kernel.Binary;
import org.vpns.internal.runtime.kernel.Clamp;
import org.vpns.internal.runtime.kernel.Geometry;
import org.vpns.internal.runtime.kernel.GlobalMean;
import org.vpns.internal.runtime.kernel.Reduction;

/** Plans layers that make one number of several of a map. */
final class WindowPlanning {
  private final Draft draft;
  private final boolean[] atLeastZero;

  /**
   * @param atLeastZero whether a value is never negative; filled in by the caller
   */
  WindowPlanning(Draft draft, boolean[] atLeastZero) {
    this.draft = draft;
    this.atLeastZero = atLeastZero;
  }

  void add(Layer.Window w) {
    int[] inShape = draft.shape(w.in());
    int[] outShape = draft.shape(w.output());
    if (!draft.isMaps(w.output())) {
      // one window: what of it lies in the map, gathered
      addSingleWindow(w, inShape);
      return;
    }
    Geometry g = draft.geometry(outShape);
    boolean zeros =
        !w.largest() || atLeastZero[w.in()] || Windows.staysInside(w, inShape, outShape);
    boolean aligned = zeros && Halos.isAligned(w, inShape, outShape);
    float fill = zeros ? 0 : Float.NEGATIVE_INFINITY;
    Layout layout = aligned ? draft.home(w.in()) : new Layout(g, w.strideY(), w.strideX(), fill);
    Slot in = draft.form(w.in(), layout);
    if (aligned) {
      in.complete();
    } else {
      in.read(Windows.taps(w, g, false));
    }
    Slot out = draft.slot(w.output(), Layout.maps(g));
    draft.pooling(
        w.largest() ? "max pool" : "mean pool",
        in,
        out,
        () -> Windows.pool(w, in, inShape, out, outShape, aligned, atLeastZero[w.in()]));
  }

  private void addSingleWindow(Layer.Window w, int[] in) {
    int[] window = Windows.single(w, in);
    int[] rows = {in[0], window.length};
    Slot from = draft.form(w.in(), Layout.ROWS);
    Slot gathered = draft.scratch(in[0] * window.length);
    Slot out = draft.slot(w.output(), Layout.ROWS);
    draft.step(
        "window",
        List.of(from),
        gathered,
        () -> Views.rearrange(from, in, gathered, rows, Windows.gather(window, in), 0));
    Reduction.Kind kind = w.largest() ? Reduction.Kind.MAX : Reduction.Kind.SUM;
    Slot sums = w.largest() ? out : draft.scratch(in[0]);
    draft.step(
        "reduce",
        List.of(gathered),
        sums,
        () -> new Reduction(kind, gathered.base(), sums.base(), in[0], window.length, 1));
    if (!w.largest()) {
      float share = Windows.share(w, in);
      draft.step(
          "share",
          List.of(sums),
          out,
          () ->
              Binary.withNumber(
                  Binary.Function.MUL, sums.planes(), share, out.planes(), Clamp.NONE));
    }
  }

  void add(Layer.MapMean m) {
    int[] shape = draft.shape(m.in());
    int map = shape[1] * shape[2];
    Slot known = draft.atHome(m.in());
    Slot in = known == null ? draft.form(m.in(), Layout.ROWS) : known;
    Slot out = draft.slot(m.output(), Layout.ROWS);
    if (in.layout.isRows()) {
      draft.step(
          "mean",
          List.of(in),
          out,
          () -> new Reduction(Reduction.Kind.MEAN, in.base(), out.base(), shape[0], map, 1));
      return;
    }
    if (!in.layout.planes().isFull()) {
      in.complete();
    }
    draft.step(
        "mean", List.of(in), out, () -> GlobalMean.of(in.planes(), out.base(), in.layout.planes()));
  }
}
