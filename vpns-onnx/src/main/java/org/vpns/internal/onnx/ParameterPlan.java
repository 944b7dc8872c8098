package org.vpns.internal.onnx;

import ai.djl.nn.Parameter;
import ai.djl.nn.Parameter.Type;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which tensors of a graph are parameters, of which type and under which name.
 *
 * <p>A float tensor is a parameter if it is the weight or bias of a convolution or matrix product,
 * the scale, shift or statistics of a normalisation, or the slope of {@code PRelu}; a bias may also
 * be added by a node of its own right after a matrix product. Operators that only reshape it in
 * between do not matter. A tensor with more than one element that other arithmetic reads is a
 * parameter of type OTHER if it bears a name that a person gave (see {@link ParameterNames}), as
 * class tokens, position embeddings and layer scales do. Everything else stays a constant.
 */
final class ParameterPlan {
  private static final Set<String> RESHAPING =
      Set.of(
          "Transpose", "Reshape", "Unsqueeze", "Squeeze", "Flatten", "Cast", "Identity", "Expand");
  private static final Set<String> ARITHMETIC =
      Set.of("Add", "Sub", "Mul", "Div", "Concat", "Gather", "Pow", "Where");

  /**
   * A parameter to be.
   *
   * @param transposed whether the file holds it as (in, out)
   */
  record Spec(String name, Parameter.Type type, StoredTensor tensor, boolean transposed) {
    /** Whether it learns by gradients. */
    boolean learns() {
      return type != Type.RUNNING_MEAN && type != Type.RUNNING_VAR;
    }
  }

  /** A place where a value is read. */
  record Use(OnnxNode node, int input) {}

  private final Map<String, List<Use>> uses;
  private final Map<String, OnnxNode> producers = new LinkedHashMap<>();
  private final Map<String, Spec> specs = new LinkedHashMap<>();

  private ParameterPlan(List<OnnxNode> nodes, Map<String, List<Use>> uses) {
    this.uses = uses;
    for (OnnxNode node : nodes) {
      node.outputs().forEach(output -> producers.put(output, node));
    }
  }

  /** Where each value is read. */
  static Map<String, List<Use>> uses(List<OnnxNode> nodes) {
    Map<String, List<Use>> uses = new LinkedHashMap<>();
    for (OnnxNode node : nodes) {
      for (int i = 0; i < node.inputs().size(); i++) {
        uses.computeIfAbsent(node.inputs().get(i), k -> new ArrayList<>()).add(new Use(node, i));
      }
    }
    return uses;
  }

  /**
   * The parameters by tensor, in the order in which the nodes read them.
   *
   * @param transposed tensors whose readers want them with their two axes exchanged
   */
  static Map<String, Spec> of(
      List<OnnxNode> nodes, Map<String, StoredTensor> tensors, Set<String> transposed) {
    ParameterPlan plan = new ParameterPlan(nodes, uses(nodes));
    ParameterNames names = new ParameterNames();
    for (OnnxNode node : nodes) {
      for (String input : node.inputs()) {
        StoredTensor tensor = tensors.get(input);
        if (tensor != null && tensor.type().isFloat() && !plan.specs.containsKey(input)) {
          Found found = plan.role(input, input, tensor, 0);
          if (found != null) {
            String name = names.of(input, found.reader(), found.type());
            plan.specs.put(input, new Spec(name, found.type(), tensor, transposed.contains(input)));
          }
        }
      }
    }
    return plan.specs;
  }

  private record Found(Parameter.Type type, OnnxNode reader) {}

  /** The role of a tensor under the name that it has after some reshaping; null for a constant. */
  private @Nullable Found role(String name, String original, StoredTensor tensor, int depth) {
    Found other = null;
    for (Use use : uses.getOrDefault(name, List.of())) {
      Found found = null;
      if (RESHAPING.contains(use.node().operator())) {
        boolean data = use.input() == 0 && depth < 8;
        found = data ? role(use.node().outputs().get(0), original, tensor, depth + 1) : null;
      } else {
        Parameter.Type type = type(use, original, tensor);
        found = type == null ? null : new Found(type, use.node());
      }
      if (found != null && found.type() != Type.OTHER) {
        return found;
      }
      other = other == null ? found : other;
    }
    return other;
  }

  private @Nullable Type type(Use use, String tensorName, StoredTensor tensor) {
    String operator = use.node().operator();
    switch (operator) {
      case "Conv", "ConvTranspose":
        return use.input() == 1 ? Type.WEIGHT : use.input() == 2 ? Type.BIAS : null;
      case "Gemm":
        return use.input() == 2 ? Type.BIAS : Type.WEIGHT;
      case "MatMul":
        return Type.WEIGHT;
      case "BatchNormalization":
        return List.of(Type.OTHER, Type.GAMMA, Type.BETA, Type.RUNNING_MEAN, Type.RUNNING_VAR)
            .get(use.input());
      case "LayerNormalization", "InstanceNormalization", "GroupNormalization":
        return use.input() == 1 ? Type.GAMMA : use.input() == 2 ? Type.BETA : null;
      case "PRelu":
        return use.input() == 1 ? Type.OTHER : null;
      default:
        break;
    }
    if (operator.equals("Add") && tensor.shape().dimension() == 1 && addsToProduct(use)) {
      return Type.BIAS;
    }
    boolean learned = tensor.shape().size() > 1 && ParameterNames.isPath(tensorName);
    return learned && ARITHMETIC.contains(operator) ? Type.OTHER : null;
  }

  private boolean addsToProduct(Use use) {
    OnnxNode producer = producers.get(use.node().inputs().get(1 - use.input()));
    return producer != null
        && (producer.operator().equals("MatMul") || producer.operator().equals("Gemm"));
  }

  /**
   * Dotted names for parameters.
   *
   * <p>A tensor's own name is kept if it looks like a path ({@code layer1.0.conv1.weight}, {@code
   * pos_embed}). Names that exporters make up ({@code onnx::Conv_190}, {@code 42}, {@code val_7})
   * say nothing; then the reading node's name tells the path: {@code /layer1/layer1.0/conv1/Conv}
   * becomes {@code layer1.0.conv1.weight}. Nodes without a telling name are called by operator and
   * number: {@code conv3.weight}. Names that are taken get a number.
   */
  static final class ParameterNames {
    private static final Pattern PATH = Pattern.compile("[A-Za-z_]\\w*(\\.\\w+)*");
    private static final Pattern MADE_UP =
        Pattern.compile(
            "_?(onnx|val|const|constant|tensor|initializer|init|node|var|input|output|t|x)_*\\d*"
                + "|.*_output_\\d+");

    private final Set<String> taken = new HashSet<>();
    private final Map<String, Integer> counts = new HashMap<>();
    private final Map<String, Integer> numbers = new HashMap<>();

    /** Whether a name was given by a person rather than made up. */
    static boolean isPath(String name) {
      return PATH.matcher(name).matches() && !MADE_UP.matcher(name).matches();
    }

    /** A unique name for a tensor that a node reads. */
    String of(String tensor, OnnxNode reader, Parameter.Type type) {
      String name = isPath(tensor) ? tensor : path(reader) + "." + leaf(type);
      String unique = name;
      for (int i = 2; !taken.add(unique); i++) {
        unique = name + "_" + i;
      }
      return unique;
    }

    private static String leaf(Parameter.Type type) {
      return switch (type) {
        case WEIGHT, GAMMA -> "weight";
        case BIAS, BETA -> "bias";
        case RUNNING_MEAN -> "running_mean";
        case RUNNING_VAR -> "running_var";
        default -> "value";
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
     * The path in a node's name. Scopes repeat their parents ({@code layer1/layer1.0}); a last
     * segment that only names the operator goes.
     */
    private static String path(String node, String operator) {
      String path = "";
      String[] segments = node.replaceAll("^/+", "").split("/+");
      for (int i = 0; i < segments.length; i++) {
        String segment = segments[i].replaceAll("[^\\w.]+", "_").replaceAll("^\\.+|\\.+$", "");
        if (i == segments.length - 1 && segment.matches(Pattern.quote(operator) + "(_\\d+)?")) {
          if (path.isEmpty() || segment.equals(operator)) {
            break;
          }
          segment = segment.toLowerCase(Locale.ROOT);
        }
        if (path.isEmpty() || segment.startsWith(path + ".")) {
          path = segment;
        } else if (!segment.isEmpty()) {
          path += "." + segment;
        }
      }
      return path.matches("\\d.*") ? "" : path;
    }
  }
}
