package org.vpns.weights;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.vpns.NamedParameter;
import org.vpns.Problem;
import org.vpns.io.NamedTensors;

/**
 * The i-th tensor of a file for the i-th parameter of a network, for networks whose names differ
 * from the file's. Never by likeness: counts and all shapes must agree.
 */
final class OrderMatch {
  private static final int SHOWN = 5;

  private OrderMatch() {}

  /**
   * Pairs in order.
   *
   * @throws IllegalArgumentException if counts, shapes or types differ
   */
  static Map<NamedParameter, String> of(
      List<NamedParameter> parameters, NamedTensors tensors, Pattern skip, String source) {
    List<NamedParameter> wanted =
        parameters.stream().filter(p -> !skip.matcher(p.path()).matches()).toList();
    List<String> given =
        tensors.names().stream()
            .filter(name -> !NameMatch.isCounter(name) && !skip.matcher(name).matches())
            .toList();
    List<String> differences = new ArrayList<>();
    Map<NamedParameter, String> pairs = new LinkedHashMap<>();
    for (int i = 0; i < Math.min(wanted.size(), given.size()); i++) {
      NamedParameter parameter = wanted.get(i);
      String name = given.get(i);
      pairs.put(parameter, name);
      if (!parameter.shape().equals(tensors.shape(name)) || !tensors.type(name).isFloat()) {
        differences.add(
            String.format(
                Locale.ROOT,
                "%d: %s float %s, %s %s %s",
                i + 1,
                parameter.path(),
                parameter.shape(),
                name,
                tensors.type(name),
                tensors.shape(name)));
      }
    }
    if (wanted.size() != given.size()) {
      differences.add(
          0,
          wanted.size() + " parameters of the network, " + given.size() + " tensors of the file");
    }
    if (!differences.isEmpty() || wanted.isEmpty()) {
      throw Problem.argument(
          "weights do not fit the network in order",
          source,
          "the same shapes in the same order",
          differences.size()
              + " differences: "
              + String.join("; ", differences.subList(0, Math.min(SHOWN, differences.size())))
              + (differences.size() > SHOWN ? "; ..." : ""),
          "define the layers in the file's order, or load by name; the network is unchanged");
    }
    return pairs;
  }
}
