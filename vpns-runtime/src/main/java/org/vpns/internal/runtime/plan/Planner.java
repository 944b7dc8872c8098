package org.vpns.internal.runtime.plan;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.vpns.graph.GraphParameter;
import org.vpns.graph.ModelGraph;
import org.vpns.internal.runtime.kernel.Affine;
import org.vpns.internal.runtime.kernel.Binary;
import org.vpns.internal.runtime.kernel.Geometry;
import org.vpns.internal.runtime.kernel.GlobalMean;
import org.vpns.internal.runtime.kernel.Join;
import org.vpns.internal.runtime.kernel.Planes;
import org.vpns.internal.runtime.kernel.Reduction;
import org.vpns.internal.runtime.kernel.Step;
import org.vpns.internal.runtime.kernel.Unary;

/** Chooses how each value lies, and makes steps of layers. */
public final class Planner {
  /** A step that can be made once every tensor has its place. */
  private record Pending(String name, Supplier<Step> step) {}

  private final LayerList network;
  private final Halos halos;
  private final List<Slot> slots = new ArrayList<>();
  private final List<Pending> steps = new ArrayList<>();
  private final List<Map<Layout, Slot>> forms = new ArrayList<>();
  private final Map<Slot, float[]> constants = new HashMap<>();
  private final boolean[] atLeastZero;

  private Planner(LayerList network) {
    this.network = network;
    this.halos = Halos.of(network);
    this.atLeastZero = new boolean[network.shapes().size()];
    network.shapes().forEach(s -> forms.add(new HashMap<>()));
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
    return new Planner(Lowering.lower(graph, image, weights)).run();
  }

  private Program run() {
    Slot input = slot(network.input(), Layout.ROWS);
    input.touch(0);
    network.layers().forEach(this::add);
    Slot output = form(network.output(), Layout.ROWS);
    output.touch(steps.size());
    constants.keySet().forEach(s -> s.touch(0));
    constants.keySet().forEach(s -> s.touch(steps.size()));
    int floats = Arena.place(slots);
    return new Program(
        steps.stream().map(p -> p.step().get()).toList(),
        steps.stream().map(Pending::name).toList(),
        floats,
        input.base(),
        network.size(network.input()),
        output.base(),
        network.size(network.output()),
        Arrays.stream(shape(network.output())).boxed().toList(),
        constants.entrySet().stream()
            .map(e -> new Program.Fixed(e.getKey().base(), e.getValue()))
            .toList());
  }

  private int[] shape(int value) {
    return network.shapes().get(value);
  }

  /** A place for a value in a layout. */
  private Slot slot(int value, Layout layout) {
    int[] shape = shape(value);
    int size = layout.isRows() ? network.size(value) : shape[0] * layout.channel(shape);
    Slot slot = new Slot(layout, layout.isRows() ? 1 : shape[0], size);
    slots.add(slot);
    forms.get(value).put(layout, slot);
    return slot;
  }

  /** How a value lies if nothing speaks against it. */
  private Layout home(int value) {
    return network.isMaps(value) ? Layout.maps(halos.geometry(shape(value))) : Layout.ROWS;
  }

  /** A value in a layout, copied there if it is not. */
  private Slot form(int value, Layout layout) {
    Map<Layout, Slot> known = forms.get(value);
    Slot found = known.get(layout);
    if (found != null) {
      return found;
    }
    Slot home = known.get(home(value));
    Slot from = home == null ? known.values().iterator().next() : home;
    Slot to = slot(value, layout);
    step("move", List.of(from), to, () -> Views.copy(from, to, maps(shape(value))));
    return to;
  }

  /** A shape of maps, if need be of one row. */
  private static int[] maps(int[] shape) {
    return shape.length == 3 ? shape : new int[] {1, 1, LayerList.size(shape)};
  }

  private void step(String name, List<Slot> reads, Slot writes, Supplier<Step> step) {
    reads.forEach(s -> s.touch(steps.size()));
    writes.touch(steps.size());
    steps.add(new Pending(name, step));
  }

  private void add(Layer layer) {
    if (layer instanceof Layer.Convolve c) {
      addConvolution(c);
    } else if (layer instanceof Layer.Multiply m) {
      addLinear(m.in(), m.output(), m.weight(), m);
    } else if (layer instanceof Layer.Window w) {
      addWindow(w);
    } else if (layer instanceof Layer.MapMean m) {
      addMean(m);
    } else if (layer instanceof Layer.Reduce r) {
      Slot in = form(r.in(), Layout.ROWS);
      Slot out = slot(r.output(), Layout.ROWS);
      step(
          "reduce",
          List.of(in),
          out,
          () -> new Reduction(r.kind(), in.base(), out.base(), r.outer(), r.length(), r.inner()));
    } else if (layer instanceof Layer.Rearrange r) {
      addRearrange(r);
    } else if (layer instanceof Layer.Append a) {
      addAppend(a);
    } else if (layer instanceof Layer.Constant c) {
      constants.put(slot(c.output(), Layout.ROWS), c.values());
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

  private void addConvolution(Layer.Convolve c) {
    if (!network.isMaps(c.output())) {
      float[] matrix = Weights.asMatrix(c.kernel(), shape(c.in()));
      addLinear(
          c.in(),
          c.output(),
          matrix,
          new Layer.Multiply(c.in(), c.output(), matrix, c.bias(), c.clamp()));
      return;
    }
    Layer.Kernel k = c.kernel();
    Geometry g = halos.geometry(shape(c.output()));
    boolean direct = k.strideY() == 1 && k.strideX() == 1 && home(c.in()).equals(Layout.maps(g));
    Slot in = form(c.in(), direct ? Layout.maps(g) : new Layout(g, k.strideY(), k.strideX(), 0));
    if (!direct) {
      in.read(Weights.firstOffsets(k, g));
    } else if (k.height() * k.width() > 1) {
      in.complete();
    }
    Slot residual = c.residual() < 0 ? null : form(c.residual(), Layout.maps(g));
    Slot out = slot(c.output(), Layout.maps(g));
    List<Slot> reads = residual == null ? List.of(in) : List.of(in, residual);
    boolean dense = k.groups() == 1 && Weights.isDense(k.weight());
    step(
        (dense ? "dense " : "sparse ") + describe(c),
        reads,
        out,
        () ->
            dense
                ? Convolutions.dense(c, g, in, residual, out)
                : Convolutions.sparse(c, g, in, residual, out));
  }

  private String describe(Layer.Convolve c) {
    int[] in = shape(c.in());
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

  private void addLinear(int in, int output, float[] weight, Layer.Multiply m) {
    Slot from = form(in, Layout.ROWS);
    Slot to = slot(output, Layout.ROWS);
    step(
        "linear " + weight.length / m.bias().length + "->" + m.bias().length,
        List.of(from),
        to,
        () -> Convolutions.linear(weight, m.bias(), from, to, m.clamp()));
  }

  private void addWindow(Layer.Window w) {
    int[] inShape = shape(w.in());
    int[] outShape = shape(w.output());
    if (!network.isMaps(w.output())) {
      // one window: what of it lies in the map, gathered
      addSingleWindow(w, inShape);
      return;
    }
    Geometry g = halos.geometry(outShape);
    boolean zeros =
        !w.largest() || atLeastZero[w.in()] || Windows.staysInside(w, inShape, outShape);
    boolean aligned = zeros && Halos.isAligned(w, inShape, outShape);
    float fill = zeros ? 0 : Float.NEGATIVE_INFINITY;
    Layout layout = aligned ? home(w.in()) : new Layout(g, w.strideY(), w.strideX(), fill);
    Slot in = form(w.in(), layout);
    if (aligned) {
      in.complete();
    } else {
      in.read(Windows.taps(w, g, false));
    }
    Slot out = slot(w.output(), Layout.maps(g));
    step(
        w.largest() ? "max pool" : "mean pool",
        List.of(in),
        out,
        () -> Windows.pool(w, in, inShape, out, outShape, aligned, atLeastZero[w.in()]));
  }

  private void addSingleWindow(Layer.Window w, int[] in) {
    int[] window = Windows.single(w, in);
    int[] rows = {in[0], window.length};
    Slot from = form(w.in(), Layout.ROWS);
    Slot gathered = new Slot(Layout.ROWS, 1, in[0] * window.length);
    slots.add(gathered);
    Slot out = slot(w.output(), Layout.ROWS);
    step(
        "window",
        List.of(from),
        gathered,
        () -> Views.rearrange(from, in, gathered, rows, Windows.gather(window, in), 0));
    Reduction.Kind kind = w.largest() ? Reduction.Kind.MAX : Reduction.Kind.SUM;
    Slot sums = w.largest() ? out : new Slot(Layout.ROWS, 1, in[0]);
    if (!w.largest()) {
      slots.add(sums);
    }
    step(
        "reduce",
        List.of(gathered),
        sums,
        () -> new Reduction(kind, gathered.base(), sums.base(), in[0], window.length, 1));
    if (!w.largest()) {
      float share = Windows.share(w, in);
      step(
          "share",
          List.of(sums),
          out,
          () ->
              Binary.withNumber(
                  Binary.Function.MUL,
                  sums.planes(),
                  share,
                  out.planes(),
                  org.vpns.internal.runtime.kernel.Clamp.NONE));
    }
  }

  private void addMean(Layer.MapMean m) {
    int[] shape = shape(m.in());
    int map = shape[1] * shape[2];
    Slot known = forms.get(m.in()).get(home(m.in()));
    Slot in = known == null ? form(m.in(), Layout.ROWS) : known;
    Slot out = slot(m.output(), Layout.ROWS);
    if (in.layout.isRows()) {
      step(
          "mean",
          List.of(in),
          out,
          () -> new Reduction(Reduction.Kind.MEAN, in.base(), out.base(), shape[0], map, 1));
      return;
    }
    if (!in.layout.planes().isFull()) {
      in.complete();
    }
    step(
        "mean",
        List.of(in),
        out,
        () -> new GlobalMean(in.planes(), out.base(), in.layout.planes()));
  }

  private void addRearrange(Layer.Rearrange r) {
    int[] from = r.from();
    if (from == null && !network.isMaps(r.output())) {
      // the same numbers under another shape
      forms.get(r.output()).put(Layout.ROWS, form(r.in(), Layout.ROWS));
      return;
    }
    Slot known = forms.get(r.in()).get(home(r.in()));
    Slot in = known == null ? form(r.in(), Layout.ROWS) : known;
    if (from == null) {
      Slot rows = form(r.in(), Layout.ROWS);
      forms.get(r.output()).put(Layout.ROWS, rows);
      return;
    }
    Slot out = slot(r.output(), home(r.output()));
    step(
        "rearrange",
        List.of(in),
        out,
        () -> {
          Step move = Views.rearrange(in, shape(r.in()), out, shape(r.output()), from, r.fill());
          return new Finished(move, out.planes());
        });
  }

  private void addAppend(Layer.Append a) {
    Layout layout = home(a.output());
    List<Slot> parts = a.inputs().stream().map(v -> form(v, layout)).toList();
    Slot out = slot(a.output(), layout);
    int planes = 0;
    int numbers = 0;
    for (int i = 0; i < parts.size(); i++) {
      Slot part = parts.get(i);
      int plane = planes;
      int number = numbers;
      int size = network.size(a.inputs().get(i));
      step(
          "concat",
          List.of(part),
          out,
          () ->
              layout.isRows()
                  ? new Join(new Planes(part.base(), 1, size, null), at(out, number, size))
                  : new Join(part.planes(), behind(out.planes(), plane)));
      planes += shape(a.inputs().get(i))[0];
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
    Layout layout = home(first);
    Slot in = form(first, layout);
    boolean byChannel =
        layer instanceof Layer.Combine c && network.size(c.right()) != network.size(c.left());
    Slot other =
        layer instanceof Layer.Combine c ? form(c.right(), byChannel ? Layout.ROWS : layout) : null;
    Slot out = slot(layer.output(), layout);
    List<Slot> reads = other == null ? List.of(in) : List.of(in, other);
    step(
        layer.getClass().getSimpleName().toLowerCase(java.util.Locale.ROOT),
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
