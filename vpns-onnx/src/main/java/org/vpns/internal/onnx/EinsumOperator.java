package org.vpns.internal.onnx;

import static org.vpns.internal.onnx.EinsumEquation.both;
import static org.vpns.internal.onnx.EinsumEquation.without;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.vpns.internal.onnx.OnnxOperator.Step;
import org.vpns.io.FormatException;

/** Sums of products over named axes, as matrix products of one operand after another. */
final class EinsumOperator {
  private final Operands in;
  private final EinsumEquation equation;
  private final Map<Character, Long> sizes = new HashMap<>();

  private EinsumOperator(Operands in, EinsumEquation equation) {
    this.in = in;
    this.equation = equation.ofRanks(ranks(in));
  }

  static void addTo(OperatorTable table) {
    table.since(12, "Einsum", EinsumOperator::prepare);
  }

  private static Step prepare(OnnxNode node) throws FormatException {
    node.requireInputs(1, Integer.MAX_VALUE);
    EinsumEquation equation = EinsumEquation.of(node);
    return in -> List.of(OnnxValue.of(new EinsumOperator(in, equation).result()));
  }

  static int[] ranks(Operands in) {
    return IntStream.range(0, in.count()).map(in::rank).toArray();
  }

  /** A product so far, a letter for each axis. */
  private record Part(NDArray array, String letters) {}

  private NDArray result() {
    List<String> terms = equation.terms();
    for (int i = 0; i < terms.size(); i++) {
      measure(i, terms.get(i));
    }
    Part product = operand(0);
    for (int i = 1; i < terms.size(); i++) {
      String later = equation.result() + String.join("", terms.subList(i + 1, terms.size()));
      product = product(product, operand(i), later);
    }
    return turned(summed(product, equation.result()), equation.result()).array;
  }

  /** An axis of length 1 that is longer elsewhere says the same to all: it is left out. */
  private Part operand(int input) {
    String term = equation.terms().get(input);
    Shape shape = in.shape(input);
    String letters =
        term.chars()
            .mapToObj(letter -> (char) letter)
            .filter(letter -> shape.get(term.indexOf(letter)) == size(letter))
            .map(String::valueOf)
            .collect(Collectors.joining());
    return new Part(shaped(in.array(input), shape(letters)), letters);
  }

  private void measure(int input, String letters) {
    in.requireRank(input, letters.length(), letters.length());
    for (int axis = 0; axis < letters.length(); axis++) {
      long size = in.shape(input).get(axis);
      long other = sizes.merge(letters.charAt(axis), size, Math::max);
      if (size != 1 && other != size) {
        throw in.problem(
            "axes of one letter differ",
            other + " along '" + letters.charAt(axis) + "'",
            size + " in input " + input,
            "check the shape of the network's input");
      }
    }
  }

  /** The sum over all letters but those that are needed later. */
  private Part product(Part left, Part right, String later) {
    Part x = summed(left, later + right.letters);
    Part y = summed(right, later + x.letters);
    String common = both(x.letters, y.letters);
    String matrices = both(common, later);
    String inner = without(common, later);
    String rows = without(x.letters, common);
    String columns = without(y.letters, common);
    in.requireRoom(shape(matrices + rows + columns), 2);
    in.requireSums(shape(matrices + rows + columns), shape(inner).size());
    NDArray a = matrices(turned(x, matrices + rows + inner), matrices, rows, inner);
    NDArray b = matrices(turned(y, matrices + inner + columns), matrices, inner, columns);
    NDArray result = in.temporary(a.matMul(b));
    String letters = matrices + rows + columns;
    return new Part(shaped(result, shape(letters)), letters);
  }

  private Shape shape(String letters) {
    return new Shape(letters.chars().mapToLong(letter -> size((char) letter)).toArray());
  }

  private long size(char letter) {
    return sizes.getOrDefault(letter, 1L);
  }

  /** With the letters of rows in one axis, and those of columns in another. */
  private NDArray matrices(Part part, String matrices, String rows, String columns) {
    return shaped(
        part.array, shape(matrices).addAll(new Shape(shape(rows).size(), shape(columns).size())));
  }

  private NDArray shaped(NDArray array, Shape shape) {
    return array.getShape().equals(shape) ? array : in.temporary(array.reshape(shape));
  }

  private Part summed(Part part, String later) {
    String gone = without(part.letters, later);
    if (gone.isEmpty()) {
      return part;
    }
    int[] axes = gone.chars().map(part.letters::indexOf).toArray();
    return new Part(in.temporary(part.array.sum(axes)), both(part.letters, later));
  }

  private Part turned(Part part, String letters) {
    if (part.letters.equals(letters)) {
      return part;
    }
    int[] order = letters.chars().map(part.letters::indexOf).toArray();
    return new Part(in.temporary(part.array.transpose(order)), letters);
  }
}
