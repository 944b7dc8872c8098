package org.vpns.internal.runtime.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.runtime.kernel.Geometry;
import org.vpns.internal.runtime.kernel.Pool;
import org.vpns.internal.runtime.kernel.PooledConvolution;
import org.vpns.internal.runtime.kernel.SparseConvolution;
import org.vpns.internal.runtime.kernel.Step;

/** A program that is being planned: its steps so far, and in which layouts each value lies. */
final class Draft {
  /** A step that can be made once every tensor has its place. */
  private record Pending(String name, List<Slot> reads, Slot writes, Supplier<Step> step) {}

  /** A step that is made. */
  private record Named(String name, Step step) {}

  private final LayerList network;
  private final Halos halos;
  private final List<Slot> slots = new ArrayList<>();
  private final List<Pending> steps = new ArrayList<>();
  private final List<Map<Layout, Slot>> forms = new ArrayList<>();
  private final Map<Slot, float[]> constants = new HashMap<>();

  Draft(LayerList network) {
    this.network = network;
    this.halos = Halos.of(network);
    network.shapes().forEach(s -> forms.add(new HashMap<>()));
  }

  /** How maps of a shape lie. */
  Geometry geometry(int[] shape) {
    return halos.geometry(shape);
  }

  /** Whether a value is maps of more than one pixel. */
  boolean isMaps(int value) {
    return network.isMaps(value);
  }

  /** Numbers of a value. */
  int size(int value) {
    return network.size(value);
  }

  /** A place of its own for numbers that are no value. */
  Slot scratch(int size) {
    Slot slot = new Slot(Layout.ROWS, 1, size);
    slots.add(slot);
    return slot;
  }

  /** A value that is another's numbers, row-major, under another shape. */
  void alias(int value, Slot rows) {
    forms.get(value).put(Layout.ROWS, rows);
  }

  /** Where a value lies as it is at home, or null. */
  @Nullable Slot atHome(int value) {
    return forms.get(value).get(home(value));
  }

  /** A value that is there from the start. */
  void constant(int value, float[] numbers) {
    constants.put(slot(value, Layout.ROWS), numbers);
  }

  int[] shape(int value) {
    return network.shapes().get(value);
  }

  /** A place for a value in a layout. */
  Slot slot(int value, Layout layout) {
    int[] shape = shape(value);
    int size = layout.isRows() ? network.size(value) : shape[0] * layout.channel(shape);
    Slot slot = new Slot(layout, layout.isRows() ? 1 : shape[0], size);
    slots.add(slot);
    forms.get(value).put(layout, slot);
    return slot;
  }

  /** How a value lies if nothing speaks against it. */
  Layout home(int value) {
    return network.isMaps(value) ? Layout.maps(halos.geometry(shape(value))) : Layout.ROWS;
  }

  /** A value in a layout, copied there if it is not. */
  Slot form(int value, Layout layout) {
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

  void step(String name, List<Slot> reads, Slot writes, Supplier<Step> step) {
    reads.forEach(s -> s.touch(steps.size()));
    writes.touch(steps.size());
    steps.add(new Pending(name, reads, writes, step));
  }

  /**
   * A pooling. It may become one step with that before it, whose operands are therefore still read
   * when the pooling writes.
   */
  void pooling(String name, Slot in, Slot out, Supplier<Step> pool) {
    int before = steps.size() - 1;
    if (before >= 0 && steps.get(before).writes() == in) {
      steps.get(before).reads().forEach(s -> s.touch(steps.size()));
    }
    step(name, List.of(in), out, pool);
  }

  /** The input's place, before the first step. */
  Slot begin() {
    Slot input = slot(network.input(), Layout.ROWS);
    input.touch(0);
    return input;
  }

  /** The program; every tensor gets its place. */
  Program finish(Slot input) {
    Slot output = form(network.output(), Layout.ROWS);
    output.touch(steps.size());
    constants.keySet().forEach(s -> s.touch(0));
    constants.keySet().forEach(s -> s.touch(steps.size()));
    int floats = Arena.place(slots);
    List<Named> made = made();
    return new Program(
        made.stream().map(Named::step).toList(),
        made.stream().map(Named::name).toList(),
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

  /** The steps, a pooling together with the convolution that only it reads. */
  private List<Named> made() {
    List<Named> made = new ArrayList<>();
    for (int i = 0; i < steps.size(); i++) {
      Named next = new Named(steps.get(i).name(), steps.get(i).step().get());
      boolean alone = i > 0 && steps.get(i - 1).writes().last == i;
      if (alone
          && made.get(made.size() - 1).step() instanceof SparseConvolution c
          && next.step() instanceof Pool p
          && p.in().base() == c.out().base()) {
        String name = steps.get(i - 1).name() + ", " + next.name();
        made.set(made.size() - 1, new Named(name, PooledConvolution.of(c, p)));
      } else {
        made.add(next);
      }
    }
    return made;
  }
}
