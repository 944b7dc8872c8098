package org.vpns;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SymbolBlock;
import ai.djl.util.Pair;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableListMultimap;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The dotted paths of a block's parameters, in definition order.
 *
 * <p>A segment is the name under which a child was added ({@code conv1}); a child added without a
 * name of its own, as in a {@code SequentialBlock}, is called by its position, counted from 0. The
 * last segment is the parameter's name in the field's usual spelling: {@code weight}, {@code bias},
 * {@code running_mean}, {@code running_var}. A TorchScript module brings its own dotted names.
 *
 * <p>Children of one block that would share a segment keep DJL's numbered keys ({@code 01conv},
 * {@code 02conv}), so paths are unique. What several blocks share is listed once, under its first
 * path: it is one tensor, with one mask. That is a parameter, an array that several parameters of
 * DJL blocks hold, or memory that several tensors of a TorchScript module have in common.
 */
public final class ParameterPaths implements Iterable<NamedParameter> {
  private static final int MAX_LISTED = 8;

  private final ImmutableList<NamedParameter> parameters;
  private final ImmutableListMultimap<String, NamedParameter> sharing;
  private final ImmutableList<NamedParameter> frozen;
  private final boolean symbolic;

  private ParameterPaths(Block block, List<NamedParameter> found) {
    List<NamedParameter> firsts = SharedTensors.firsts(found);
    ImmutableList.Builder<NamedParameter> own = ImmutableList.builder();
    ImmutableListMultimap.Builder<String, NamedParameter> others = ImmutableListMultimap.builder();
    for (int i = 0; i < found.size(); i++) {
      NamedParameter first = firsts.get(i);
      if (first == found.get(i)) {
        own.add(first);
      } else {
        others.put(first.path(), found.get(i));
      }
    }
    parameters = own.build();
    sharing = others.build();
    symbolic = block instanceof SymbolBlock;
    frozen = frozen(found, firsts);
  }

  private ImmutableList<NamedParameter> frozen(
      List<NamedParameter> found, List<NamedParameter> firsts) {
    boolean learns = found.stream().anyMatch(p -> p.parameter().requiresGradient());
    if (symbolic && !learns) {
      // the engine freezes a module that it loads without gradients; nobody has chosen that
      return ImmutableList.of();
    }
    Set<NamedParameter> held = new LinkedHashSet<>();
    for (int i = 0; i < found.size(); i++) {
      NamedParameter p = found.get(i);
      if (!p.parameter().requiresGradient() && !p.isStatistic()) {
        held.add(firsts.get(i));
      }
    }
    return parameters.stream().filter(held::contains).collect(ImmutableList.toImmutableList());
  }

  /**
   * Paths of all parameters of the block, statistics included.
   *
   * @throws IllegalArgumentException if two parameters come out with one path
   * @throws IllegalStateException if the block's engine shows no parameters
   */
  public static ParameterPaths of(Block block) {
    Problem.given(block, "ParameterPaths.of", "block");
    List<NamedParameter> found = new ArrayList<>();
    if (block instanceof SymbolBlock) {
      BlockParameters.of(block, "ParameterPaths.of");
    }
    collect("", block, found);
    ParameterPaths paths = new ParameterPaths(block, found);
    paths.requireUnique(block);
    return paths;
  }

  private void requireUnique(Block block) {
    Set<String> paths = new HashSet<>();
    for (NamedParameter parameter : parameters) {
      if (!paths.add(parameter.path())) {
        throw Problem.argument(
            "two parameters of one path",
            parameter.path(),
            "unique paths",
            "it twice in " + block.getClass().getSimpleName(),
            "give the blocks' children different names");
      }
    }
  }

  private static void collect(String prefix, Block block, List<NamedParameter> found) {
    for (Pair<String, Parameter> entry : block.getDirectParameters()) {
      found.add(
          new NamedParameter(
              prefix + usualName(entry.getKey(), entry.getValue()), entry.getValue(), block));
    }
    List<String> segments = new ArrayList<>();
    for (Pair<String, Block> child : block.getChildren()) {
      segments.add(segment(child, segments.size()));
    }
    int position = 0;
    for (Pair<String, Block> child : block.getChildren()) {
      String segment = segments.get(position++);
      boolean shared = Collections.frequency(segments, segment) > 1;
      collect(prefix + (shared ? child.getKey() : segment) + ".", child.getValue(), found);
    }
  }

  /**
   * DJL's keys are the position, counted from 1 and of at least two digits, and a name; unnamed
   * children bear their class's name.
   */
  private static String segment(Pair<String, Block> child, int position) {
    String number = String.format(Locale.ROOT, "%02d", position + 1);
    String key = child.getKey();
    String name = key.startsWith(number) ? key.substring(number.length()) : key;
    boolean unnamed = name.isEmpty() || name.equals(child.getValue().getClass().getSimpleName());
    return unnamed ? Integer.toString(position) : name;
  }

  private static String usualName(String name, Parameter parameter) {
    return switch (parameter.getType()) {
      case GAMMA -> name.equals("gamma") ? "weight" : name;
      case BETA -> name.equals("beta") ? "bias" : name;
      case RUNNING_MEAN -> name.equals("runningMean") ? "running_mean" : name;
      case RUNNING_VAR -> name.equals("runningVar") ? "running_var" : name;
      default -> name;
    };
  }

  /** All parameters in definition order. */
  public List<NamedParameter> list() {
    return parameters;
  }

  /** The parameter of this path, or null. */
  public @Nullable NamedParameter find(String path) {
    Problem.given(path, "ParameterPaths.find", "path");
    return parameters.stream().filter(p -> p.path().equals(path)).findFirst().orElse(null);
  }

  /** Further paths of the tensor of this path, which are not listed; mostly none. */
  public List<NamedParameter> sharing(String path) {
    Problem.given(path, "ParameterPaths.sharing", "path");
    return sharing.get(path);
  }

  /**
   * The parameters that are frozen, by {@link Block#freezeParameters(boolean)} or because they were
   * made without gradient: no method trains them, and by default none prunes them. What several
   * blocks share is frozen if one of them freezes it; statistics are not meant. A TorchScript
   * module that was loaded without {@code trainParam} has none: it can be read, but not trained at
   * all.
   */
  public List<NamedParameter> frozen() {
    return frozen;
  }

  /**
   * The layout of the parameters that pass the filter.
   *
   * @throws IllegalArgumentException if none does, or the block is a module whose weights are
   *     constants
   * @throws IllegalStateException if the block has not been initialised
   */
  public Layout prunable(ParameterFilter filter) {
    Problem.given(filter, "ParameterPaths.prunable", "filter");
    Map<String, Shape> shapes = new LinkedHashMap<>();
    filter.of(parameters, frozen).forEach(p -> shapes.put(p.path(), p.shape()));
    if (parameters.isEmpty() && symbolic) {
      throw Problem.argument(
          "network without parameters",
          "a module that the engine loaded from a file",
          "weights that are parameters",
          "none: its weights are constants, as torch.jit.freeze and optimize_for_inference leave"
              + " them",
          "save the module before it is frozen, with torch.jit.script(net).save(file); read an"
              + " ONNX file with Onnx.read");
    }
    if (shapes.isEmpty() && !filter.frozenToo().of(parameters, frozen).isEmpty()) {
      throw Problem.argument(
          "every prunable parameter is frozen",
          filter.toString(),
          "at least 1 of " + parameters.size() + " parameters that learns",
          "those that pass frozen: "
              + Problem.listed(
                  filter.frozenToo().of(parameters, frozen).stream()
                      .map(NamedParameter::path)
                      .toList(),
                  MAX_LISTED),
          "call freezeParameters(false) on what is to be pruned and trained, or prune it as it is"
              + " with ParameterFilter.frozenToo()");
    }
    if (shapes.isEmpty()) {
      List<String> beginnings =
          parameters.stream()
              .map(p -> p.path().replaceFirst("\\..*", ""))
              .distinct()
              .limit(12)
              .toList();
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
