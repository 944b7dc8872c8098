package org.vpns.internal.onnx;

import ai.djl.nn.Parameter;
import ai.djl.nn.Parameter.Type;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which tensors of a graph are parameters, of which type and under which name.
 *
 * <p>The place where a float tensor enters decides, never its name: the weight or bias of a
 * convolution or matrix product, the scale, shift or statistics of a normalisation, the slope of
 * {@code PRelu}; a bias may also be added by a node of its own right after a matrix product. What
 * meets values of the images in arithmetic ({@code Add}, {@code Mul}, {@code Concat} ...) is a
 * parameter of type OTHER, as class tokens, position embeddings and layer scales are, and so is
 * what a product without images takes, such as one with zeros and ones that selects rows of a
 * table. Operators that reshape a tensor, round it or compute with it before that do not matter.
 *
 * <p>Constants are what a reader declares to be so, what only shapes are computed from, and the
 * numbers of formulas: tensors without axes, and single elements as exponents, as bounds and below
 * roots.
 */
final class ParameterPlan {
  private static final Set<String> RESHAPING =
      Set.of(
          "Transpose",
          "Reshape",
          "Unsqueeze",
          "Squeeze",
          "Flatten",
          "Cast",
          "Dropout",
          "Identity",
          "Expand",
          "Slice",
          "Split",
          "QuantizeLinear",
          "DequantizeLinear");
  private static final Set<String> FUNCTIONS =
      Set.of(
          "Abs",
          "AveragePool",
          "BatchNormalization",
          "Clip",
          "Conv",
          "ConvTranspose",
          "DepthToSpace",
          "Elu",
          "Erf",
          "Exp",
          "GatherElements",
          "GatherND",
          "Gelu",
          "GlobalAveragePool",
          "GlobalMaxPool",
          "GroupNormalization",
          "HardSigmoid",
          "HardSwish",
          "InstanceNormalization",
          "LayerNormalization",
          "LeakyRelu",
          "Log",
          "LogSoftmax",
          "MaxPool",
          "Mish",
          "Neg",
          "PRelu",
          "Pad",
          "Reciprocal",
          "ReduceL1",
          "ReduceL2",
          "ReduceLogSumExp",
          "ReduceMax",
          "ReduceMean",
          "ReduceMin",
          "ReduceProd",
          "ReduceSum",
          "ReduceSumSquare",
          "Relu",
          "Resize",
          "Selu",
          "Sigmoid",
          "Softmax",
          "Softplus",
          "Softsign",
          "SpaceToDepth",
          "Sqrt",
          "Tanh",
          "Tile",
          "Upsample");
  private static final Set<String> ARITHMETIC =
      Set.of("Add", "Sub", "Mul", "Div", "Concat", "Gather", "Pow", "Where", "Max", "Min");
  private static final Set<String> PRODUCTS = Set.of("MatMul", "Gemm", "Einsum");
  private static final String BIAS = "bias";
  private static final int DEPTH = 256;

  /**
   * A parameter to be.
   *
   * @param transposed whether the file holds it as (in, out)
   */
  record Spec(String name, Parameter.Type type, StoredTensor tensor, boolean transposed) {
    /** Whether it learns by gradients. */
    boolean learns() {
      return ParameterPlan.learns(type);
    }
  }

  private static boolean learns(Parameter.Type type) {
    return type != Type.RUNNING_MEAN && type != Type.RUNNING_VAR;
  }

  /** A place where a value is read. */
  record Use(OnnxNode node, int input) {}

  private final Map<String, List<Use>> uses;
  private final Map<String, OnnxNode> producers = new LinkedHashMap<>();
  private final Set<String> images;
  private final Map<String, Spec> specs = new LinkedHashMap<>();

  private ParameterPlan(
      List<OnnxNode> nodes, Map<String, StoredTensor> tensors, Map<String, List<Use>> uses) {
    this.uses = uses;
    for (OnnxNode node : nodes) {
      node.outputs().forEach(output -> producers.put(output, node));
    }
    images = ImageValues.of(nodes, tensors.keySet());
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
   * @param constant whether a tensor stays constant, by its own name or its name as a parameter
   */
  static Map<String, Spec> of(
      List<OnnxNode> nodes,
      Map<String, StoredTensor> tensors,
      Set<String> transposed,
      Predicate<String> constant) {
    ParameterPlan plan = new ParameterPlan(nodes, tensors, uses(nodes));
    ParameterNames names = new ParameterNames();
    for (OnnxNode node : nodes) {
      for (String input : node.inputs()) {
        StoredTensor tensor = tensors.get(input);
        if (tensor != null && tensor.type().isFloat() && !plan.specs.containsKey(input)) {
          Found found = plan.role(input, tensor, new HashSet<>(), 0);
          if (found != null) {
            String given =
                found.type() == Type.WEIGHT ? plan.besideBias(input, found, tensors) : input;
            String name = names.of(given, found.reader(), found.type(), plan.producers);
            plan.specs.put(input, new Spec(name, found.type(), tensor, transposed.contains(input)));
          }
        }
      }
    }
    // after all have their names, which so do not depend on what is constant
    plan.specs
        .entrySet()
        .removeIf(e -> constant.test(e.getKey()) || constant.test(e.getValue().name()));
    return plan.specs;
  }

  /**
   * The name of a weight that an exporter has turned, which takes its name, from that of the bias
   * that is added to the product: {@code attn.in_proj_bias} stands beside {@code
   * attn.in_proj_weight}.
   */
  private String besideBias(String weight, Found found, Map<String, StoredTensor> tensors) {
    if (ParameterNames.isPath(weight)) {
      return weight;
    }
    return uses.getOrDefault(found.reader().outputs().get(0), List.of()).stream()
        .filter(use -> use.node().operator().equals("Add"))
        .map(use -> use.node().inputs().get(1 - use.input()))
        .filter(bias -> bias.endsWith(BIAS) && ParameterNames.isPath(bias))
        .filter(bias -> isVector(tensors.get(bias)))
        .map(bias -> bias.substring(0, bias.length() - BIAS.length()) + "weight")
        .findFirst()
        .orElse(weight);
  }

  private static boolean isVector(@Nullable StoredTensor tensor) {
    return tensor != null && tensor.shape().dimension() == 1;
  }

  private record Found(Parameter.Type type, OnnxNode reader) {}

  /**
   * The role of a tensor under the name that it has after some operators; null for a constant.
   *
   * @param seen values that were followed already
   */
  private @Nullable Found role(String name, StoredTensor tensor, Set<String> seen, int depth) {
    Found other = null;
    for (Use use : uses.getOrDefault(name, List.of())) {
      Parameter.Type type = type(use, tensor);
      Found found = type == null ? further(use, tensor, seen, depth) : new Found(type, use.node());
      if (found != null && found.type() != Type.OTHER) {
        return found;
      }
      other = other == null ? found : other;
    }
    return other;
  }

  /** The role of what a node makes of a tensor, without images. */
  private @Nullable Found further(Use use, StoredTensor tensor, Set<String> seen, int depth) {
    String operator = use.node().operator();
    // parts that are put in another order, as gates of recurrent layers are
    boolean reshaping =
        use.input() == 0 && RESHAPING.contains(operator) || operator.equals("Concat");
    boolean computing =
        ARITHMETIC.contains(operator)
            ? isOperand(use, tensor)
            : PRODUCTS.contains(operator)
                || use.input() == 0 && FUNCTIONS.contains(operator) && hasAxes(tensor);
    Found result = null;
    if ((reshaping || computing) && depth < DEPTH) {
      for (String output : use.node().outputs()) {
        Found found = seen.add(output) ? role(output, tensor, seen, depth + 1) : null;
        result = result == null ? found : result;
      }
    }
    // a zero in what a weight is computed from removes nothing; statistics never learn
    return result == null || reshaping || !learns(result.type())
        ? result
        : new Found(Type.OTHER, result.reader());
  }

  /** What a layer reads at a place; null where that are images or what says how it computes. */
  static Parameter.@Nullable Type ofLayer(Use use) {
    return switch (use.node().operator()) {
      case "Conv", "ConvTranspose" ->
          use.input() == 1 ? Type.WEIGHT : use.input() == 2 ? Type.BIAS : null;
      case "LSTM", "GRU", "RNN" ->
          use.input() == 1 || use.input() == 2
              ? Type.WEIGHT
              : use.input() == 3 ? Type.BIAS : use.input() == 7 ? Type.OTHER : null;
      case "Gemm" -> use.input() == 2 ? Type.BIAS : Type.WEIGHT;
      case "MatMul", "Einsum" -> Type.WEIGHT;
      case "BatchNormalization" ->
          List.of(Type.OTHER, Type.GAMMA, Type.BETA, Type.RUNNING_MEAN, Type.RUNNING_VAR)
              .get(use.input());
      case "LayerNormalization", "InstanceNormalization", "GroupNormalization" ->
          use.input() == 1 ? Type.GAMMA : use.input() == 2 ? Type.BETA : null;
      case "PRelu" -> use.input() == 1 ? Type.OTHER : null;
      default -> null;
    };
  }

  private Parameter.@Nullable Type type(Use use, StoredTensor tensor) {
    String operator = use.node().operator();
    boolean meets = images.contains(use.node().outputs().get(0));
    Parameter.Type ofLayer = ofLayer(use);
    if (ofLayer != null && (meets || !PRODUCTS.contains(operator))) {
      return ofLayer;
    }
    if (operator.equals("Add") && tensor.shape().dimension() == 1 && addsToProduct(use)) {
      return Type.BIAS;
    }
    return meets && ARITHMETIC.contains(operator) && isOperand(use, tensor) ? Type.OTHER : null;
  }

  /** Whether arithmetic computes with a tensor that could learn. */
  private boolean isOperand(Use use, StoredTensor tensor) {
    boolean single = tensor.shape().size() == 1;
    return switch (use.node().operator()) {
      case "Gather" -> use.input() == 0;
      case "Pow" -> use.input() == 0 ? hasAxes(tensor) : !single;
      case "Max", "Min", "Where" -> !single;
      case "Add" -> hasAxes(tensor) && !(single && isBelowRoot(use.node()));
      default -> hasAxes(tensor);
    };
  }

  private static boolean hasAxes(StoredTensor tensor) {
    return tensor.shape().dimension() > 0;
  }

  private boolean isBelowRoot(OnnxNode node) {
    return uses.getOrDefault(node.outputs().get(0), List.of()).stream()
        .anyMatch(use -> use.node().operator().equals("Sqrt"));
  }

  private boolean addsToProduct(Use use) {
    OnnxNode producer = producers.get(use.node().inputs().get(1 - use.input()));
    return producer != null
        && (producer.operator().equals("MatMul") || producer.operator().equals("Gemm"));
  }
}
