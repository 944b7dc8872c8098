package org.vpns;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The dotted paths of a block's parameters, in definition order.
 *
 * <p>A segment is the name under which a child was added ({@code conv1}); a child added without a
 * name of its own, as in a {@code SequentialBlock}, is called by its position, counted from 0. The
 * last segment is the parameter's name in the field's usual spelling: {@code weight}, {@code bias},
 * {@code running_mean}, {@code running_var}. A TorchScript module brings its own dotted names.
 */
public final class ParameterPaths implements Iterable<NamedParameter> {
  private final ImmutableList<NamedParameter> parameters;

  private ParameterPaths(List<NamedParameter> parameters) {
    this.parameters = ImmutableList.copyOf(parameters);
  }

  /** Paths of all parameters of the block, statistics included. */
  public static ParameterPaths of(Block block) {
    List<NamedParameter> found = new ArrayList<>();
    collect("", block, found);
    return new ParameterPaths(found);
  }

  private static void collect(String prefix, Block block, List<NamedParameter> found) {
    for (Pair<String, Parameter> entry : block.getDirectParameters()) {
      found.add(
          new NamedParameter(
              prefix + usualName(entry.getKey(), entry.getValue()), entry.getValue(), block));
    }
    int position = 0;
    for (Pair<String, Block> child : block.getChildren()) {
      collect(prefix + segment(child, position++) + ".", child.getValue(), found);
    }
  }

  /** DJL's keys are a two-digit position and a name; unnamed children bear their class's name. */
  private static String segment(Pair<String, Block> child, int position) {
    String name = child.getKey().replaceFirst("^\\d{2,}", "");
    boolean unnamed = name.isEmpty() || name.equals(child.getValue().getClass().getSimpleName());
    return unnamed ? Integer.toString(position) : name;
  }

  private static String usualName(String name, Parameter parameter) {
    switch (parameter.getType()) {
      case GAMMA:
        return name.equals("gamma") ? "weight" : name;
      case BETA:
        return name.equals("beta") ? "bias" : name;
      case RUNNING_MEAN:
        return name.equals("runningMean") ? "running_mean" : name;
      case RUNNING_VAR:
        return name.equals("runningVar") ? "running_var" : name;
      default:
        return name;
    }
  }

  /** All parameters in definition order. */
  public List<NamedParameter> list() {
    return parameters;
  }

  /** The parameter of this path, or null. */
  public @Nullable NamedParameter find(String path) {
    return parameters.stream().filter(p -> p.path().equals(path)).findFirst().orElse(null);
  }

  /**
   * The layout of the parameters that pass the filter.
   *
   * @throws IllegalArgumentException if none does
   */
  public Layout prunable(ParameterFilter filter) {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    for (NamedParameter p : parameters) {
      if (filter.test(p)) {
        shapes.put(p.path(), p.parameter().getShape());
      }
    }
    if (shapes.isEmpty()) {
      List<String> beginnings =
          parameters.stream().map(p -> p.path().split("\\.")[0]).distinct().limit(12).toList();
      throw Problem.argument(
          "no prunable parameter",
          filter.toString(),
          "at least 1 of " + parameters.size() + " parameters",
          0,
          "names begin with: " + String.join(", ", beginnings));
    }
    return Layout.of(shapes);
  }

  @Override
  public Iterator<NamedParameter> iterator() {
    return parameters.iterator();
  }
}
