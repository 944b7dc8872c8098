package org.vpns.internal.onnx;

import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What PyTorch calls a parameter within its module, for operators that its exporter makes of one
 * module: the slope of {@code PReLU}, and scale and shift that follow a normalisation. All nodes of
 * a module bear its scope: {@code /features/features.3/Mul}.
 */
final class ModuleParts {
  private static final Set<String> NORMALISATIONS =
      Set.of("InstanceNormalization", "LayerNormalization", "GroupNormalization");

  private static final Set<String> MOVES = Set.of("Reshape", "Transpose", "Cast", "Identity");

  private static final String UNKNOWN = "value";

  private ModuleParts() {}

  /**
   * The last part of a parameter's name.
   *
   * @param reader the node that computes with it
   * @param producers nodes by the values they make
   */
  static String leaf(OnnxNode reader, Map<String, OnnxNode> producers) {
    return switch (reader.operator()) {
      case "PRelu" -> "weight";
      case "Mul" -> isScale(reader, producers) ? "weight" : UNKNOWN;
      case "Add" ->
          reader.inputs().stream()
                  .map(producers::get)
                  .anyMatch(
                      node ->
                          node != null
                              && node.operator().equals("Mul")
                              && isOneModule(node, reader)
                              && isScale(node, producers))
              ? "bias"
              : UNKNOWN;
      default -> UNKNOWN;
    };
  }

  /** Whether a product is of what its module has normalised. */
  private static boolean isScale(OnnxNode product, Map<String, OnnxNode> producers) {
    return product.inputs().stream().anyMatch(value -> isNormalised(value, product, producers));
  }

  private static boolean isNormalised(
      String value, OnnxNode product, Map<String, OnnxNode> producers) {
    OnnxNode node = producers.get(value);
    while (node != null && isOneModule(node, product) && MOVES.contains(node.operator())) {
      node = read(node, 0, producers);
    }
    if (node == null || !isOneModule(node, product)) {
      return false;
    }
    // older operator sets and modules of one's own divide by the deviation
    OnnxNode divisor = node.operator().equals("Div") ? read(node, 1, producers) : null;
    return NORMALISATIONS.contains(node.operator())
        || divisor != null && divisor.operator().equals("Sqrt") && isOneModule(divisor, product);
  }

  /** The node that makes what a node reads; null if none does. */
  private static @Nullable OnnxNode read(
      OnnxNode node, int input, Map<String, OnnxNode> producers) {
    return node.inputs().size() > input ? producers.get(node.inputs().get(input)) : null;
  }

  private static boolean isOneModule(OnnxNode a, OnnxNode b) {
    String scope = scope(a);
    return !scope.isEmpty() && scope.equals(scope(b));
  }

  /** The module in a node's name; empty if there is none. */
  private static String scope(OnnxNode node) {
    return node.name().substring(0, Math.max(0, node.name().lastIndexOf('/')));
  }
}
