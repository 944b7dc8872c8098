package org.vpns.internal.onnx;

import ai.djl.nn.Parameter;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Dotted names for parameters.
 *
 * <p>A tensor's own name is kept if it could be one of a state dict ({@code layer1.0.conv1.weight},
 * {@code 0.weight}, {@code stem-a.t}). Names that exporters make up ({@code onnx::Conv_190}, {@code
 * 42}, {@code val_7}) say nothing; then the reading node's name tells the path: {@code
 * /layer1/layer1.0/conv1/Conv} becomes {@code layer1.0.conv1.weight}. Nodes without a telling name
 * are called by operator and number: {@code conv3.weight}. Names that are taken get a number.
 */
final class ParameterNames {
  // what modules are called: letters of any script, with spaces between words
  private static final String LETTERS = "[\\p{L}\\p{M}\\p{N}_-]+";
  private static final String WORDS = LETTERS + "( " + LETTERS + ")*";
  private static final Pattern PATH = Pattern.compile(WORDS + "(\\." + WORDS + ")*");
  private static final Pattern MADE_UP =
      Pattern.compile(
          "\\d+|_?(onnx|val|const|constant|tensor|initializer|init|node|var|input|output)_*\\d+"
              + "|.*_output_\\d+");

  private final Set<String> taken = new HashSet<>();
  private final Map<String, Integer> counts = new HashMap<>();
  private final Map<String, Integer> numbers = new HashMap<>();

  /** Whether a name was given by a person rather than made up. */
  static boolean isPath(String name) {
    return PATH.matcher(name).matches() && !MADE_UP.matcher(name).matches();
  }

  /**
   * A unique name for a tensor that a node reads.
   *
   * @param type what the node reads it as
   * @param producers nodes by the values they make
   */
  String of(String tensor, OnnxNode reader, Parameter.Type type, Map<String, OnnxNode> producers) {
    String name = isPath(tensor) ? tensor : path(reader) + "." + leaf(reader, type, producers);
    String unique = name;
    for (int i = 2; !taken.add(unique); i++) {
      unique = name + "_" + i;
    }
    return unique;
  }

  private static String leaf(
      OnnxNode reader, Parameter.Type type, Map<String, OnnxNode> producers) {
    return switch (type) {
      case WEIGHT, GAMMA -> "weight";
      case BIAS, BETA -> "bias";
      case RUNNING_MEAN -> "running_mean";
      case RUNNING_VAR -> "running_var";
      default -> ModuleParts.leaf(reader, producers);
    };
  }

  private String path(OnnxNode reader) {
    String path = path(reader.name(), reader.operator());
    if (path.isEmpty()) {
      String kind = reader.operator().toLowerCase(Locale.ROOT);
      // one number for all tensors of a node
      int number =
          numbers.computeIfAbsent(reader.where(), k -> counts.merge(kind, 1, Integer::sum));
      path = kind + number;
    }
    return path;
  }

  /**
   * The path in a node's name. A module of a container repeats the container's name, as far as it
   * is one container in another: {@code features/features.1/block/block.0/block.0.0} is the path
   * {@code features.1.block.0.0}. A last segment that only names the operator goes.
   */
  private static String path(String node, String operator) {
    String path = "";
    String parent = "";
    String[] segments = node.replaceAll("^/+", "").split("/+");
    for (int i = 0; i < segments.length; i++) {
      String segment =
          segments[i].replaceAll("[^\\p{L}\\p{M}\\p{N}_. -]+", "_").replaceAll("^\\.+|\\.+$", "");
      if (i == segments.length - 1 && segment.matches(Pattern.quote(operator) + "(_\\d+)?")) {
        if (path.isEmpty() || segment.equals(operator)) {
          break;
        }
        segment = segment.toLowerCase(Locale.ROOT);
      }
      if (path.isEmpty()) {
        path = segment;
      } else if (segment.startsWith(parent + ".")) {
        path = path.substring(0, path.length() - parent.length()) + segment;
      } else if (!segment.isEmpty()) {
        path += "." + segment;
      }
      parent = segment.isEmpty() ? parent : segment;
    }
    // a number alone is a module only as part of a scope
    return path.matches("\\d+") && !node.startsWith("/") ? "" : path;
  }
}
