package org.vpns.weights;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.Problem;
import org.vpns.io.NamedTensors;

/** Tensors of a file that stand for one weight, which the network holds under several paths. */
final class TiedWeights {
  /** Two paths of one weight, and their tensors. */
  private record Pair(String path, String tensor, String otherPath, String otherTensor) {}

  private final List<Pair> pairs = new ArrayList<>();

  /** All paths of a parameter, its own first. Views of another shape are no name for it. */
  static List<String> paths(NamedParameter parameter, ParameterPaths all) {
    List<String> paths = new ArrayList<>(List.of(parameter.path()));
    for (NamedParameter same : all.sharing(parameter.path())) {
      if (same.shape().equals(parameter.shape())) {
        paths.add(same.path());
      }
    }
    return paths;
  }

  /**
   * Notes tensors for one weight, of which the first is taken.
   *
   * @param given by path
   */
  void add(Map<String, String> given) {
    Map.Entry<String, String> first = given.entrySet().iterator().next();
    given.forEach(
        (path, tensor) -> {
          if (!path.equals(first.getKey())) {
            pairs.add(new Pair(first.getKey(), first.getValue(), path, tensor));
          }
        });
  }

  /**
   * Checks that it makes no difference which tensor is taken.
   *
   * @param without how to load the file without the tensor of a path
   * @throws IllegalArgumentException if two of one weight differ
   */
  void requireEqual(NamedTensors tensors, String source, UnaryOperator<String> without) {
    for (Pair pair : pairs) {
      double[] values = tensors.doubles(pair.tensor());
      double[] others = tensors.doubles(pair.otherTensor());
      int at = Arrays.mismatch(values, others);
      if (at >= 0) {
        throw Problem.argument(
            "tied weights differ",
            source + ", " + pair.tensor() + " and " + pair.otherTensor(),
            "equal values, as the network holds one tensor under both paths",
            values[at] + " and " + others[at] + " at [" + at + "]",
            "untie them in the network, or leave one out: "
                + without.apply(pair.otherPath())
                + "; the network is unchanged");
      }
    }
  }
}
