package org.vpns.internal.onnx;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.onnx.OnnxOperator.Step;
import org.vpns.io.FormatException;

/**
 * Recurrent layers, step by step: the format's weights, in its order of gates, stay what the file
 * calls them, and every step is of operators that are counted, pruned and written again.
 */
final class RecurrentOperators {
  /** Of a layer in one direction. */
  static final int MAX_STEPS = 1024;

  private static final float HARD_SLOPE = 0.2f;
  private static final float HARD_SHIFT = 0.5f;
  private static final ImmutableMap<String, Function> FUNCTIONS =
      ImmutableMap.of(
          "sigmoid",
          RecurrentOperators::sigmoid,
          "tanh",
          RecurrentOperators::tanh,
          "relu",
          (in, x) -> in.temporary(x.getNDArrayInternal().relu()),
          "hardsigmoid",
          (in, x) -> in.temporary(ActivationOperators.linearClip(in, x, HARD_SLOPE, HARD_SHIFT)));
  private static final Set<String> DIRECTIONS = Set.of("forward", "reverse", "bidirectional");

  private RecurrentOperators() {}

  static void addTo(OperatorTable table) {
    table.add("LSTM", node -> prepare(node, RecurrentOperators::longShort));
    table.add("GRU", RecurrentOperators::gated);
    table.add("RNN", node -> prepare(node, RecurrentOperators::plain));
  }

  /**
   * What one direction has.
   *
   * @param hidden weight of the state, (gates, hidden)
   * @param inputBias bias that goes with the input, or null
   * @param hiddenBias bias that goes with the state, or null
   * @param peepholes weights from the cell to its gates, or null
   * @param functions of the gates, of the news, and of the cell that is shown
   */
  private record Weights(
      NDArray hidden,
      @Nullable NDArray inputBias,
      @Nullable NDArray hiddenBias,
      @Nullable NDArray peepholes,
      List<Function> functions) {
    NDArray gate(Operands in, NDArray x) {
      return functions.get(0).apply(in, x);
    }

    NDArray news(Operands in, NDArray x) {
      return functions.get(1).apply(in, x);
    }

    NDArray shown(Operands in, NDArray x) {
      return functions.get(2).apply(in, x);
    }
  }

  /** A function of each value. */
  private interface Function {
    NDArray apply(Operands in, NDArray x);
  }

  /** State after a step; the cell is null where there is none, all are before a first one of 0. */
  private record State(@Nullable NDArray hidden, @Nullable NDArray cell) {}

  /** What happens in a step, given the input's part of the gates. */
  private interface Cell {
    State step(Operands in, NDArray gates, Weights weights, State before);
  }

  /**
   * A layer as its node describes it.
   *
   * @param functions those of each direction, one after the other
   */
  private record Layer(
      Cell cell, List<Function> functions, int gates, String direction, boolean batchFirst) {
    int directions() {
      return direction.equals("bidirectional") ? 2 : 1;
    }

    boolean isBackward(int number) {
      return number == 1 || direction.equals("reverse");
    }

    List<Function> functions(int number) {
      int own = functions.size() / directions();
      return functions.subList(number * own, (number + 1) * own);
    }

    int imagesAxis() {
      return batchFirst ? 0 : 1;
    }

    int stepsAxis() {
      return batchFirst ? 1 : 0;
    }
  }

  private static Step gated(OnnxNode node) throws FormatException {
    boolean after = node.integer("linear_before_reset", 0) != 0;
    return prepare(node, (in, gates, weights, before) -> gated(in, gates, weights, before, after));
  }

  private static Step prepare(OnnxNode node, Cell cell) throws FormatException {
    boolean longShort = node.operator().equals("LSTM");
    node.requireInputs(3, longShort ? 8 : 6);
    int gates =
        switch (node.operator()) {
          case "LSTM" -> 4;
          case "GRU" -> 3;
          default -> 1;
        };
    String direction = node.text("direction", "forward");
    if (!DIRECTIONS.contains(direction)) {
      throw node.outOfRange("direction", "one of " + DIRECTIONS, "'" + direction + "'");
    }
    long hidden = node.integer("hidden_size", -1);
    if (longShort) {
      node.integer("input_forget", 0, 0, 0);
    }
    if (node.hasAttribute("clip")) {
      throw node.bad(
          "limit of the gates not supported",
          "a layer without 'clip'",
          node.real("clip", 0),
          "export the layer without clipping");
    }
    boolean batchFirst = node.flag("layout", false);
    List<Function> functions =
        functions(node, usual(node.operator()), direction.equals("bidirectional") ? 2 : 1);
    Layer layer = new Layer(cell, functions, gates, direction, batchFirst);
    return in -> {
      in.requireRank(2, 3, 3);
      if (hidden >= 0 && hidden != in.shape(2).get(2)) {
        throw in.problem(
            "'hidden_size' does not fit the weights",
            in.shape(2).get(2),
            hidden,
            "export the model again");
      }
      return run(in, layer);
    };
  }

  /** The functions of a direction where none are named. */
  private static List<String> usual(String operator) {
    return switch (operator) {
      case "LSTM" -> List.of("Sigmoid", "Tanh", "Tanh");
      case "GRU" -> List.of("Sigmoid", "Tanh");
      default -> List.of("Tanh");
    };
  }

  /** Those of each direction, one after the other. */
  private static List<Function> functions(OnnxNode node, List<String> usual, int directions)
      throws FormatException {
    int each = usual.size();
    List<String> names = node.texts("activations");
    List<Function> functions = new ArrayList<>();
    for (int i = 0; i < directions * each; i++) {
      String name = names == null || i >= names.size() ? usual.get(i % each) : names.get(i);
      Function function = FUNCTIONS.get(name.toLowerCase(Locale.ROOT));
      if (function == null || names != null && names.size() != directions * each) {
        throw node.bad(
            "functions of the gates not supported",
            directions * each + " of " + FUNCTIONS.keySet(),
            String.valueOf(names),
            "export the layer with sigmoid and tanh");
      }
      functions.add(function);
    }
    requireUsual(node, "activation_alpha", HARD_SLOPE);
    requireUsual(node, "activation_beta", HARD_SHIFT);
    return functions;
  }

  /** Numbers of functions are written down even if they are the usual ones. */
  private static void requireUsual(OnnxNode node, String attribute, float usual)
      throws FormatException {
    float[] numbers = node.reals(attribute);
    for (int i = 0; numbers != null && i < numbers.length; i++) {
      if (numbers[i] != usual) {
        throw node.outOfRange(attribute, usual, numbers[i]);
      }
    }
  }

  private static List<OnnxValue> run(Operands in, Layer layer) {
    in.requireRank(0, 3, 3);
    in.requireRank(1, 3, 3);
    int directions = layer.directions();
    int gates = layer.gates;
    long size = in.shape(2).get(2);
    long steps = in.shape(0).get(layer.stepsAxis());
    long images = in.shape(0).get(layer.imagesAxis());
    requireShape(in, 1, directions, gates * size, in.shape(0).get(2));
    requireShape(in, 2, directions, gates * size, size);
    requireShape(in, 3, directions, 2 * gates * size);
    requireShape(in, 7, directions, 3 * size);
    requireFullLength(in, steps);
    if (steps < 1 || steps > MAX_STEPS) {
      throw in.problem(
          "sequence too long", "1 to " + MAX_STEPS + " steps", steps, "use shorter sequences");
    }
    in.requireSteps(directions * steps);
    Shape all = new Shape(steps, images, gates * size);
    in.requireRoom(all, 2L * directions);
    in.requireSums(all, in.shape(0).get(2) + size, directions);
    NDArray x = layer.batchFirst ? in.temporary(in.array(0).transpose(1, 0, 2)) : in.array(0);
    List<NDList> outputs = new ArrayList<>();
    NDList lastHidden = new NDList();
    NDList lastCells = new NDList();
    for (int d = 0; d < directions; d++) {
      NDList states = new NDList();
      State last = run(in, layer, d, x, states);
      outputs.add(states);
      lastHidden.add(last.hidden());
      if (last.cell() != null) {
        lastCells.add(last.cell());
      }
    }
    List<OnnxValue> result = new ArrayList<>();
    result.add(OnnxValue.of(sequence(in, outputs, layer)));
    result.add(OnnxValue.of(stacked(lastHidden, layer.stepsAxis())));
    if (!lastCells.isEmpty()) {
      result.add(OnnxValue.of(stacked(lastCells, layer.stepsAxis())));
    }
    return result;
  }

  private static void requireShape(Operands in, int input, long... shape) {
    if (in.has(input) && !in.shape(input).equals(new Shape(shape))) {
      throw in.problem(
          "input " + input + " does not fit the layer",
          new Shape(shape),
          in.shape(input),
          "export the model again");
    }
  }

  private static void requireFullLength(Operands in, long steps) {
    if (in.has(4)) {
      long[] lengths = in.longs(4);
      if (Arrays.stream(lengths).anyMatch(length -> length != steps)) {
        throw in.problem(
            "sequences of different lengths",
            "all of " + steps + " steps",
            Arrays.toString(lengths),
            "export the model without packed sequences");
      }
    }
  }

  /**
   * One direction.
   *
   * @param states takes the states of all steps
   */
  private static State run(Operands in, Layer layer, int direction, NDArray x, NDList states) {
    long half = layer.gates * in.shape(2).get(2);
    NDArray inputBias = null;
    NDArray hiddenBias = null;
    if (in.has(3)) {
      NDArray biases = row(in, in.array(3), direction);
      inputBias = part(in, biases, 0, half);
      hiddenBias = part(in, biases, half, 2 * half);
    }
    NDArray peepholes = in.has(7) ? row(in, in.array(7), direction) : null;
    NDArray hidden = row(in, in.array(2), direction);
    Weights weights =
        new Weights(hidden, inputBias, hiddenBias, peepholes, layer.functions(direction));
    // the input's part of all steps at once
    NDArray turned = row(in, in.array(1), direction);
    NDArray all = linear(in, x, turned, inputBias);
    State state = new State(first(in, 5, direction, layer), first(in, 6, direction, layer));
    long steps = x.getShape().get(0);
    NDArray[] made = new NDArray[(int) steps];
    for (int i = 0; i < steps; i++) {
      int at = (int) (layer.isBackward(direction) ? steps - 1 - i : i);
      state = layer.cell.step(in, row(in, all, at), weights, state);
      made[at] = state.hidden();
    }
    states.addAll(Arrays.asList(made));
    return state;
  }

  /**
   * A first state, or null for one of zeros, which exporters write down for a batch of their own.
   */
  private static @Nullable NDArray first(Operands in, int input, int direction, Layer layer) {
    if (!in.has(input)) {
      return null;
    }
    if (in.onHost(input) && Arrays.stream(in.host(input).toDoubles()).allMatch(v -> v == 0)) {
      return null;
    }
    NDIndex index = new NDIndex();
    if (layer.batchFirst) {
      index.addAllDim();
    }
    return in.temporary(in.array(input).get(index.addIndices(direction)));
  }

  private static NDArray sequence(Operands in, List<NDList> directions, Layer layer) {
    NDList joined = new NDList();
    for (NDList states : directions) {
      joined.add(in.temporary(stacked(states, layer.stepsAxis())));
    }
    return NDArrays.stack(joined, layer.stepsAxis() + 1);
  }

  private static NDArray stacked(NDList parts, int axis) {
    return NDArrays.stack(parts, axis);
  }

  private static NDArray row(Operands in, NDArray array, int at) {
    return in.temporary(array.get(new NDIndex().addIndices(at)));
  }

  /** Positions of the last axis of a vector or matrix. */
  private static NDArray part(Operands in, NDArray array, long from, long to) {
    NDIndex index = new NDIndex().addAllDim(array.getShape().dimension() - 1);
    return in.temporary(array.get(index.addSliceDim(from, to)));
  }

  private static NDArray gate(Operands in, NDArray gates, int gate, int of) {
    int last = gates.getShape().dimension() - 1;
    long size = gates.getShape().get(last) / of;
    return part(in, gates, gate * size, (gate + 1) * size);
  }

  private static NDArray linear(Operands in, NDArray x, NDArray weight, @Nullable NDArray bias) {
    return in.temporary(x.getNDArrayInternal().linear(x, weight, bias).singletonOrThrow());
  }

  private static NDArray sum(Operands in, NDArray a, @Nullable NDArray b) {
    return b == null ? a : in.temporary(a.add(b));
  }

  private static NDArray product(Operands in, NDArray a, NDArray b) {
    return in.temporary(a.mul(b));
  }

  private static NDArray sigmoid(Operands in, NDArray x) {
    return in.temporary(x.getNDArrayInternal().sigmoid());
  }

  private static NDArray tanh(Operands in, NDArray x) {
    return in.temporary(x.tanh());
  }

  /** No gates: the state is a function of input and state. */
  private static State plain(Operands in, NDArray x, Weights weights, State before) {
    NDArray hidden = before.hidden();
    NDArray all =
        hidden == null
            ? sum(in, x, weights.hiddenBias())
            : sum(in, x, linear(in, hidden, weights.hidden(), weights.hiddenBias()));
    return new State(weights.gate(in, all), null);
  }

  /** Gates: input, output, forget, cell. */
  private static State longShort(Operands in, NDArray gates, Weights weights, State before) {
    NDArray hidden = before.hidden();
    NDArray all =
        hidden == null
            ? sum(in, gates, weights.hiddenBias())
            : sum(in, gates, linear(in, hidden, weights.hidden(), weights.hiddenBias()));
    NDArray cell = before.cell();
    NDArray holes = weights.peepholes();
    NDArray open = weights.gate(in, peeped(in, gate(in, all, 0, 4), holes, 0, cell));
    NDArray news = product(in, open, weights.news(in, gate(in, all, 3, 4)));
    if (cell != null) {
      NDArray keep = weights.gate(in, peeped(in, gate(in, all, 2, 4), holes, 2, cell));
      news = in.temporary(product(in, keep, cell).add(news));
    }
    NDArray show = weights.gate(in, peeped(in, gate(in, all, 1, 4), holes, 1, news));
    return new State(product(in, show, weights.shown(in, news)), news);
  }

  private static NDArray peeped(
      Operands in, NDArray gate, @Nullable NDArray holes, int which, @Nullable NDArray cell) {
    return holes == null || cell == null
        ? gate
        : sum(in, gate, product(in, cell, gate(in, holes, which, 3)));
  }

  /**
   * Gates: update, reset, news.
   *
   * @param after whether the reset applies to the product with the state rather than to the state
   */
  private static State gated(
      Operands in, NDArray gates, Weights weights, State before, boolean after) {
    NDArray hidden = before.hidden();
    NDArray bias = weights.hiddenBias();
    long size = gates.getShape().get(1) / 3;
    NDArray both = part(in, gates, 0, 2 * size);
    NDArray bothBias = bias == null ? null : part(in, bias, 0, 2 * size);
    NDArray newsBias = bias == null ? null : gate(in, bias, 2, 3);
    NDArray news = gate(in, gates, 2, 3);
    NDArray bothHidden = bothBias;
    NDArray newsWeight = null;
    if (hidden != null) {
      NDArray bothWeight =
          in.temporary(weights.hidden().get(new NDIndex().addSliceDim(0, 2 * size)));
      newsWeight =
          in.temporary(weights.hidden().get(new NDIndex().addSliceDim(2 * size, 3 * size)));
      bothHidden = linear(in, hidden, bothWeight, bothBias);
    }
    NDArray open = weights.gate(in, sum(in, both, bothHidden));
    NDArray update = gate(in, open, 0, 2);
    NDArray reset = gate(in, open, 1, 2);
    NDArray recurrent = newsBias;
    if (hidden != null && newsWeight != null) {
      recurrent = linear(in, after ? hidden : product(in, reset, hidden), newsWeight, newsBias);
    }
    if (after && recurrent != null) {
      recurrent = product(in, reset, recurrent);
    }
    NDArray fresh = weights.news(in, sum(in, news, recurrent));
    if (hidden == null) {
      return new State(in.temporary(fresh.sub(product(in, update, fresh))), null);
    }
    // (1 - z) n + z h
    NDArray moved = product(in, update, in.temporary(hidden.sub(fresh)));
    return new State(in.temporary(fresh.add(moved)), null);
  }
}
