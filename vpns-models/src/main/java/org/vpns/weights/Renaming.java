package org.vpns.weights;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Names of a file and of a network that may stand for each other: the only two of one shape within
 * a module, or else the only two of one shape in all that is left. Exporters reshape parameters and
 * drop their names, which leaves no more than that to go by; so it is proposed and never done
 * unasked.
 */
final class Renaming {
  private static final int MOST_CALLS = 6;
  private static final long MOST_PAIRS = 1 << 20;

  private final Map<String, Shape> missing;
  private final Map<String, Shape> unexpected;

  /** Names of the network by those of the file. */
  private final Map<String, String> pairs = new LinkedHashMap<>();

  private final boolean byShapeAlone;

  /**
   * @param missing shapes of parameters without a tensor, by path
   * @param unexpected shapes of tensors without a parameter, by name
   * @param byShape whether shapes alone may tell, as where most names fit
   */
  Renaming(Map<String, Shape> missing, Map<String, Shape> unexpected, boolean byShape) {
    this.missing = new LinkedHashMap<>(missing);
    this.unexpected = new LinkedHashMap<>(unexpected);
    if ((long) missing.size() * unexpected.size() > MOST_PAIRS) {
      byShapeAlone = false;
      return;
    }
    pair((name, path) -> module(name).equals(module(path)));
    int within = pairs.size();
    if (byShape) {
      pair((name, path) -> true);
    }
    byShapeAlone = pairs.size() > within;
  }

  /**
   * A change of names.
   *
   * @param regex as {@link WeightFile#rename} takes it
   * @param replacement likewise
   */
  record Call(String regex, String replacement) {}

  /**
   * Changes that make each tensor's name that of its parameter; none if a parameter has no tensor
   * or may have several, or the changes are many.
   */
  List<Call> calls() {
    if (pairs.isEmpty() || !missing.isEmpty()) {
      return List.of();
    }
    Set<Call> calls = new LinkedHashSet<>();
    pairs.forEach((name, path) -> calls.add(call(name, path)));
    return calls.size() > MOST_CALLS ? List.of() : List.copyOf(calls);
  }

  /** Whether some belong together by nothing but their shape. */
  boolean isByShapeAlone() {
    return byShapeAlone;
  }

  /**
   * Whether two shapes are one, or those of a vector without and with axes of length 1 beside it. A
   * row is no column: weights of many inputs to one output are not those of one to many.
   */
  static boolean isSame(Shape a, Shape b) {
    boolean plain = a.dimension() == 1 || b.dimension() == 1;
    return a.equals(b) || plain && isVector(a) && isVector(b) && a.size() == b.size();
  }

  private static boolean isVector(Shape shape) {
    return shape.dimension() > 0
        && Arrays.stream(shape.getShape()).filter(length -> length != 1).count() <= 1;
  }

  private void pair(BiPredicate<String, String> within) {
    Map<String, String> found = new LinkedHashMap<>();
    for (String path : missing.keySet()) {
      String name = only(unexpected, missing.get(path), other -> within.test(other, path));
      if (name != null
          && path.equals(only(missing, unexpected.get(name), p -> within.test(name, p)))) {
        found.put(name, path);
      }
    }
    pairs.putAll(found);
    unexpected.keySet().removeAll(found.keySet());
    missing.keySet().removeAll(found.values());
  }

  private static @Nullable String only(
      Map<String, Shape> of, @Nullable Shape shape, Predicate<String> within) {
    List<String> fitting =
        of.entrySet().stream()
            .filter(e -> shape != null && isSame(e.getValue(), shape) && within.test(e.getKey()))
            .map(Map.Entry::getKey)
            .limit(2)
            .toList();
    return fitting.size() == 1 ? fitting.get(0) : null;
  }

  /** Of the last part alone where the module is one, so that one change serves all of its kind. */
  private static Call call(String name, String path) {
    return module(name).equals(module(path))
        ? new Call("(^|\\.)" + quoted(leaf(name)) + "$", "$1" + leaf(path))
        : new Call("^" + quoted(name) + "$", path);
  }

  private static String quoted(String name) {
    return name.replaceAll("[^\\w-]", "\\\\$0");
  }

  private static String module(String name) {
    return name.substring(0, Math.max(0, name.lastIndexOf('.')));
  }

  private static String leaf(String name) {
    return name.substring(name.lastIndexOf('.') + 1);
  }
}
