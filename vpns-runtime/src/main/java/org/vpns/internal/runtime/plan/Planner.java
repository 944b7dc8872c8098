package org.vpns.internal.runtime.plan;

import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.vpns.graph.GraphParameter;
import org.vpns.graph.ModelGraph;
import org.vpns.internal.runtime.kernel.Affine;
import org.vpns.internal.runtime.kernel.Binary;
import org.vpns.internal.runtime.kernel.Join;
import org.vpns.internal.runtime.kernel.Planes;
import org.vpns.internal.runtime.kernel.Reduction;
import org.vpns.internal.runtime.kernel.Step;
import org.vpns.internal.runtime.kernel.Unary;

/** Chooses how each value lies, and makes steps of layers. */
public final class Planner {
  private final Draft draft;
  private final WeightPlanning weights;
  private final WindowPlanning windows;
  private final boolean[] atLeastZero;

  private Planner(LayerList network) {
    this.draft = new Draft(network);
    this.atLeastZero = new boolean[network.shapes().size()];
    this.weights = new WeightPlanning(draft);
    this.windows = new WindowPlanning(draft, atLeastZero);
  }

  /**
   * The program of a graph in evaluation mode.
   *
   * @param image shape of one image
   * @param weights values of a parameter, row-major
   * @throws IllegalArgumentException if it has operators that there is nothing for; names them
   */
  public static Program plan(
      ModelGraph graph, Shape image, Function<GraphParameter, float[]> weights) {
    LayerList network = Lowering.lower(graph, image, weights);
    Planner planner = new Planner(network);
    Slot input = planner.draft.begin();
    network.layers().forEach(planner::add);
    return planner.draft.finish(input);
  }

  private void add(Layer layer) {
    if (layer instanceof Layer.Convolve c) {
      weights.add(c);
    } else if (layer instanceof Layer.Multiply m) {
      weights.add(m);
    } else if (layer instanceof Layer.Window w) {
      windows.add(w);
    } else if (layer instanceof Layer.MapMean m) {
      windows.add(m);
    } else if (layer instanceof Layer.Reduce r) {
      Slot in = draft.form(r.in(), Layout.ROWS);
      Slot out = draft.slot(r.output(), Layout.ROWS);
      draft.step(
          "reduce",
          List.of(in),
          out,
          () -> new Reduction(r.kind(), in.base(), out.base(), r.outer(), r.length(), r.inner()));
    } else if (layer instanceof Layer.Rearrange r) {
      addRearrange(r);
    } else if (layer instanceof Layer.Append a) {
      addAppend(a);
    } else if (layer instanceof Layer.Constant c) {
      draft.constant(c.output(), c.values());
    } else {
      addFunction(layer);
    }
    atLeastZero[layer.output()] = isAtLeastZero(layer);
  }

  private boolean isAtLeastZero(Layer layer) {
    if (layer instanceof Layer.Convolve c) {
      return c.clamp().low() >= 0;
    } else if (layer instanceof Layer.Multiply m) {
      return m.clamp().low() >= 0;
    } else if (layer instanceof Layer.Scale s) {
      return s.clamp().low() >= 0;
    } else if (layer instanceof Layer.Apply a) {
      return a.clamp().low() >= 0 || a.function() == Unary.Function.SIGMOID;
    } else if (layer instanceof Layer.Combine c) {
      return c.clamp().low() >= 0;
    }
    boolean passes = layer instanceof Layer.Window || layer instanceof Layer.Append;
    return passes && layer.inputs().stream().allMatch(v -> atLeastZero[v]);
  }

  private void addRearrange(Layer.Rearrange r) {
    int[] from = r.from();
    if (from == null && !draft.isMaps(r.output())) {
      // the same numbers under another shape
      draft.alias(r.output(), draft.form(r.in(), Layout.ROWS));
      return;
    }
    Slot known = draft.atHome(r.in());
    Slot in = known == null ? draft.form(r.in(), Layout.ROWS) : known;
    if (from == null) {
      Slot rows = draft.form(r.in(), Layout.ROWS);
      draft.alias(r.output(), rows);
      return;
    }
    Slot out = draft.slot(r.output(), draft.home(r.output()));
    draft.step(
        "rearrange",
        List.of(in),
        out,
        () -> {
          Step move =
              Views.rearrange(
                  in, draft.shape(r.in()), out, draft.shape(r.output()), from, r.fill());
          return new Finished(move, out.planes());
        });
  }

  private void addAppend(Layer.Append a) {
    Layout layout = draft.home(a.output());
    List<Slot> parts = a.inputs().stream().map(v -> draft.form(v, layout)).toList();
    Slot out = draft.slot(a.output(), layout);
    int planes = 0;
    int numbers = 0;
    for (int i = 0; i < parts.size(); i++) {
      Slot part = parts.get(i);
      int plane = planes;
      int number = numbers;
      int size = draft.size(a.inputs().get(i));
      draft.step(
          "concat",
          List.of(part),
          out,
          () ->
              layout.isRows()
                  ? new Join(new Planes(part.base(), 1, size, null), at(out, number, size))
                  : new Join(part.planes(), behind(out.planes(), plane)));
      planes += draft.shape(a.inputs().get(i))[0];
      numbers += size;
    }
  }

  private static Planes at(Slot out, int number, int size) {
    return new Planes(out.base() + number, 1, size, null);
  }

  private static Planes behind(Planes p, int first) {
    return new Planes(p.at(first), p.count() - first, p.plane(), p.seams());
  }

  private void addFunction(Layer layer) {
    int first = layer.inputs().get(0);
    Layout layout = draft.home(first);
    Slot in = draft.form(first, layout);
    boolean byChannel =
        layer instanceof Layer.Combine c && draft.size(c.right()) != draft.size(c.left());
    Slot other =
        layer instanceof Layer.Combine c
            ? draft.form(c.right(), byChannel ? Layout.ROWS : layout)
            : null;
    Slot out = draft.slot(layer.output(), layout);
    List<Slot> reads = other == null ? List.of(in) : List.of(in, other);
    draft.step(
        layer.getClass().getSimpleName().toLowerCase(Locale.ROOT),
        reads,
        out,
        () -> function(layer, in, other, byChannel, out));
  }

  private static Step function(
      Layer layer, Slot in, @Nullable Slot other, boolean byChannel, Slot out) {
    if (layer instanceof Layer.Scale s) {
      boolean flat = in.layout.isRows();
      return new Affine(
          in.planes(), out.planes(), floats(s.scale()), floats(s.shift()), flat, s.clamp());
    }
    if (layer instanceof Layer.Apply a) {
      return new Unary(a.function(), a.alpha(), in.planes(), out.planes(), a.clamp());
    }
    if (layer instanceof Layer.Count c) {
      return Binary.withNumber(c.function(), in.planes(), c.number(), out.planes(), c.clamp());
    }
    if (layer instanceof Layer.Combine c && other != null) {
      return byChannel
          ? Binary.byChannel(c.function(), in.planes(), other.base(), out.planes(), c.clamp())
          : Binary.of(c.function(), in.planes(), other.planes(), out.planes(), c.clamp());
    }
    throw new IllegalStateException(layer.getClass().getSimpleName());
  }

  private static float[] floats(double[] doubles) {
    float[] floats = new float[doubles.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) doubles[i];
    }
    return floats;
  }
}
