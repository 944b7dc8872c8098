package org.vpns.internal.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.onnx.BatchLift.Lifted;
import org.vpns.internal.onnx.OnnxOperator.Step;
import org.vpns.internal.onnx.OnnxValue.OnHost;
import org.vpns.io.FormatException;

/** The end of an {@code If}, whose {@link Branches} ran before: hands on what one of them gave. */
final class BranchOperator {
  private BranchOperator() {}

  static void addTo(OperatorTable table) {
    table.add(Branches.IF, BranchOperator::choice);
  }

  private static Step choice(OnnxNode node) throws FormatException {
    int results = node.outputs().size();
    node.requireInputs(1, 1 + 2 * results);
    return in -> {
      int first = first(in, node);
      return new ArrayList<>(in.values().subList(first, first + results));
    };
  }

  private static int first(Operands in, OnnxNode node) {
    return decides(node, in.value(0)) ? 1 : 1 + node.outputs().size();
  }

  /** With the images where they lie in what is handed on. */
  static Lifted lifted(Step step, OnnxNode node, Operands in, @Nullable BatchAxis[] read) {
    int first = first(in, node);
    return new Lifted(
        step.run(in), Arrays.asList(read).subList(first, first + node.outputs().size()), false);
  }

  /** A condition: what shapes, or numbers of the file, decide. */
  static boolean decides(OnnxNode node, OnnxValue condition) {
    if (condition instanceof OnHost host && host.tensor().size() == 1) {
      return host.tensor().longAt(0) != 0;
    }
    throw node.problem(
        "branch that the images decide",
        "a condition of shapes, or of numbers of the file",
        condition instanceof OnHost host ? host.tensor() : "one that is computed from images",
        "export the part of the network before this node");
  }
}
