package org.vpns.weights;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.Problem;
import org.vpns.io.NamedTensors;
import org.vpns.io.TensorType;

/** Which tensor of a file goes into which parameter of a network, and what is in the way. */
final class NameMatch {
  private static final int MAX_LISTED = 8;

  private final String source;
  private final int parameters;
  private final Map<NamedParameter, String> tensorOf = new LinkedHashMap<>();
  private final List<String> skipped = new ArrayList<>();
  private final List<String> missing = new ArrayList<>();
  private final List<String> unexpected = new ArrayList<>();

  /** Tensors by their names as changed. */
  private final Map<String, String> names = new LinkedHashMap<>();

  // not if they are tables of places alone, as windowed attention has them
  private boolean unexpectedHinder;
  private final List<String> unfit = new ArrayList<>();
  private final Set<String> troubled = new LinkedHashSet<>();
  private final TiedWeights tied = new TiedWeights();

  private NameMatch(String source, int parameters) {
    this.source = source;
    this.parameters = parameters;
  }

  static NameMatch of(
      ParameterPaths parameters,
      NamedTensors tensors,
      UnaryOperator<String> naming,
      Pattern skip,
      String source) {
    NameMatch match = new NameMatch(source, parameters.list().size());
    Map<String, String> names = match.named(tensors, naming);
    match.names.putAll(names);
    for (NamedParameter p : parameters) {
      Map<String, String> given = new LinkedHashMap<>();
      for (String path : TiedWeights.paths(p, parameters)) {
        String tensor = names.remove(path);
        if (tensor != null && !skip.matcher(path).matches()) {
          given.put(path, tensor);
        }
      }
      if (skip.matcher(p.path()).matches()) {
        match.skipped.add(p.path());
      } else if (given.isEmpty()) {
        match.missing.add(p.path());
      } else {
        given.forEach(
            (path, tensor) ->
                match.compare(path, p.shape(), tensors.shape(tensor), tensors.type(tensor)));
        match.tensorOf.put(p, given.values().iterator().next());
        match.tied.add(given);
      }
    }
    names.forEach(
        (name, tensor) -> {
          if (!skip.matcher(name).matches()) {
            match.unexpected.add(name);
            match.unexpectedHinder |= tensors.type(tensor).isFloat();
          }
        });
    return match;
  }

  /**
   * Whether a tensor counts the batches that a batch norm has seen; no network of ours wants it.
   */
  static boolean isCounter(String name) {
    return name.equals("num_batches_tracked") || name.endsWith(".num_batches_tracked");
  }

  /** Names as the naming makes them, without batch norm's counters, to names as they are. */
  private Map<String, String> named(NamedTensors tensors, UnaryOperator<String> naming) {
    Map<String, String> names = new LinkedHashMap<>();
    for (String name : tensors.names()) {
      if (!isCounter(name)) {
        String other = names.put(naming.apply(name), name);
        if (other != null) {
          throw Problem.argument(
              "names fall together once prefixes are stripped and names changed",
              source + ", " + naming.apply(name),
              "unique names",
              other + " and " + name,
              "do not change these names");
        }
      }
    }
    return names;
  }

  private void compare(String path, Shape wanted, Shape shape, TensorType type) {
    // exporters give slopes, scales and shifts axes of length 1
    boolean fits = Renaming.isSame(wanted, shape);
    if (!fits || !type.isFloat()) {
      troubled.add(firstPart(path));
    }
    if (!fits) {
      unfit.add(path + " (network " + wanted + ", file " + shape + ")");
    } else if (!type.isFloat()) {
      unfit.add(path + " (network float, file " + type + ")");
    }
  }

  Map<NamedParameter, String> tensorOf() {
    return tensorOf;
  }

  /** What the file has under several paths of one parameter. */
  TiedWeights tied() {
    return tied;
  }

  LoadReport report() {
    return new LoadReport(byPath(tensorOf), skipped, missing, unexpected);
  }

  static Map<String, String> byPath(Map<NamedParameter, String> tensorOf) {
    Map<String, String> pairs = new LinkedHashMap<>();
    tensorOf.forEach((parameter, tensor) -> pairs.put(parameter.path(), tensor));
    return pairs;
  }

  /**
   * @param remedy what to do about it
   * @throws IllegalArgumentException telling what does not fit; the lists come after the remedy
   */
  void requireFits(boolean lenient, Supplier<String> remedy) {
    if (fits(lenient)) {
      return;
    }
    List<String> parts = new ArrayList<>();
    if (!lenient && !missing.isEmpty()) {
      parts.add(missing.size() + " missing: " + Problem.listed(missing, MAX_LISTED));
    }
    if (!lenient && !unexpected.isEmpty()) {
      parts.add(unexpected.size() + " unexpected: " + Problem.listed(withNearest(), MAX_LISTED));
    }
    if (!unfit.isEmpty()) {
      parts.add(unfit.size() + " of another shape or type: " + Problem.listed(unfit, MAX_LISTED));
    }
    boolean more = !lenient && unexpectedHinder;
    throw new IllegalArgumentException(
        Problem.message(
                "weights do not fit the network",
                source,
                "one tensor for each of "
                    + parameters
                    + " parameters"
                    + (more ? ", no others" : ""),
                found(more),
                remedy.get())
            + parts.stream()
                .map(part -> "\n" + Problem.visible(part) + ";")
                .collect(Collectors.joining())
            + "\nthe network is unchanged.");
  }

  private String found(boolean more) {
    int right = tensorOf.size() - unfit.size();
    if (right == 0) {
      return "no tensor with the name of a parameter that fits";
    }
    return right + " that fit" + (more ? " and " + unexpected.size() + " others" : "");
  }

  /** Whether a load may begin. */
  boolean fits(boolean lenient) {
    return unfit.isEmpty()
        && (lenient || (missing.isEmpty() && !unexpectedHinder))
        && (!tensorOf.isEmpty() || skipped.size() == parameters);
  }

  /** Whether as many parameters lack a tensor as tensors lack a parameter. */
  boolean namesAlone() {
    return unfit.isEmpty() && !missing.isEmpty() && missing.size() == unexpected.size();
  }

  /** Whether the network has all of its parameters from the file, and the file has more. */
  boolean hasMore() {
    return unfit.isEmpty() && missing.isEmpty() && unexpectedHinder;
  }

  /** Whether a weight comes in two, dense and its mask, as torch.nn.utils.prune leaves it. */
  boolean bringsMasks() {
    return unexpected.stream()
        .filter(name -> name.endsWith("_mask"))
        .anyMatch(name -> unexpected.contains(name.substring(0, name.length() - 5) + "_orig"));
  }

  /** Whether the file has statistics of batch norm that no parameter wants. */
  boolean bringsStatistics() {
    return unexpected.stream().anyMatch(name -> name.endsWith("running_mean"));
  }

  /** What names of the file have in front of names of the network, the first few tried. */
  Set<String> prefixes() {
    Set<String> prefixes = new LinkedHashSet<>();
    for (String name : unexpected.subList(0, Math.min(20, unexpected.size()))) {
      for (String wanted : missing) {
        if (name.endsWith("." + wanted)) {
          prefixes.add(name.substring(0, name.length() - wanted.length()));
        }
      }
    }
    return prefixes;
  }

  /** What may stand for what is missing. */
  Renaming renaming(ParameterPaths parameters, NamedTensors tensors) {
    Map<String, Shape> wanted = new LinkedHashMap<>();
    Map<String, Shape> given = new LinkedHashMap<>();
    Set<String> absent = new HashSet<>(missing);
    for (NamedParameter p : parameters) {
      if (absent.contains(p.path())) {
        wanted.put(p.path(), p.shape());
      }
    }
    unexpected.forEach(
        name -> {
          String tensor = names.getOrDefault(name, name);
          if (tensors.type(tensor).isFloat()) {
            given.put(name, tensors.shape(tensor));
          }
        });
    return new Renaming(wanted, given, !tensorOf.isEmpty());
  }

  /** First parts of the names of what does not fit: {@code fc}. */
  Set<String> troubled(boolean lenient) {
    Set<String> first = new LinkedHashSet<>(troubled);
    if (!lenient) {
      missing.forEach(name -> first.add(firstPart(name)));
      unexpected.forEach(name -> first.add(firstPart(name)));
    }
    return first;
  }

  private static String firstPart(String path) {
    return path.indexOf('.') < 0 ? path : path.substring(0, path.indexOf('.'));
  }

  private List<String> withNearest() {
    List<String> result = new ArrayList<>();
    for (String name : unexpected) {
      String nearest = result.size() < MAX_LISTED ? Problem.nearest(name, missing) : null;
      result.add(nearest == null ? name : name + " (nearest: " + nearest + ")");
    }
    return result;
  }
}
