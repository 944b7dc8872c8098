package org.vpns.internal.onnx;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.vpns.internal.onnx.OnnxOperator.Step;
import org.vpns.internal.onnx.ParameterPlan.Spec;

/**
 * A graph made ready to run: parameters chosen, constants worked out, every value with a place.
 *
 * @param source the file, for messages
 * @param parameters parameters and their places
 * @param constants constants and their places
 * @param inputs places of the inputs
 * @param inputNames names of the inputs
 * @param outputs places of the outputs
 * @param places how many places there are
 * @param constantNames names of the stored float arrays of more than one element that are constants
 */
record Program(
    String source,
    List<Instruction> instructions,
    Map<Integer, Spec> parameters,
    Map<Integer, HostTensor> constants,
    int[] inputs,
    List<String> inputNames,
    int[] outputs,
    int places,
    List<String> constantNames) {
  /**
   * A node to run.
   *
   * @param inputs places it reads, -1 for absent ones
   * @param outputs places it writes, -1 for unwanted ones
   * @param conditions places of what decides whether it runs
   * @param last places that nobody reads after it
   */
  record Instruction(
      OnnxNode node, Step step, int[] inputs, int[] outputs, int[] conditions, int[] last) {}

  /**
   * Compiles a graph.
   *
   * @throws IOException if tensor data cannot be read
   * @throws IllegalArgumentException if arithmetic on constants fails
   */
  static Program of(OnnxFile graph) throws IOException {
    return of(graph, name -> false);
  }

  /**
   * Compiles a graph.
   *
   * @param constant whether a tensor that could learn stays constant, by its name
   * @throws IOException if tensor data cannot be read
   * @throws IllegalArgumentException if arithmetic on constants fails
   */
  static Program of(OnnxFile graph, Predicate<String> constant) throws IOException {
    return new Compiler(graph, constant).compile();
  }

  /** Whether a shape leaves sizes open or agrees with an actual one, the first axis aside. */
  static boolean fits(Shape declared, Shape actual) {
    boolean fits = declared.dimension() == actual.dimension();
    for (int i = 1; fits && i < actual.dimension(); i++) {
      fits = declared.get(i) == -1 || declared.get(i) == actual.get(i);
    }
    return fits;
  }
}
