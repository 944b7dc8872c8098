package org.vpns.internal.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.vpns.internal.onnx.OnnxFile.Item;
import org.vpns.internal.onnx.ParameterPlan.Use;
import org.vpns.io.FormatException;

/**
 * Weights of products become (out, in), as the engine's linear operator wants them: stored as (in,
 * out) with one reader, or transposed by a node of their own.
 */
final class StraightProducts {
  private final Map<String, StoredTensor> tensors;
  private final List<String> outputs;
  private final Map<String, List<Use>> uses;
  private final Set<String> images;
  private final Set<String> transposed = new HashSet<>();
  private final List<Item> items;

  private StraightProducts(
      List<Item> items, Map<String, StoredTensor> tensors, List<String> outputs)
      throws FormatException {
    this.tensors = tensors;
    this.outputs = outputs;
    List<OnnxNode> nodes = items.stream().map(Item::node).toList();
    uses = ParameterPlan.uses(nodes);
    images = ImageValues.of(nodes, tensors.keySet());
    this.items = straightened(items);
  }

  /**
   * Of a graph.
   *
   * @param tensors stored values by name
   * @param outputs names of the graph's outputs
   */
  static StraightProducts of(
      List<Item> items, Map<String, StoredTensor> tensors, List<String> outputs)
      throws FormatException {
    return new StraightProducts(items, tensors, outputs);
  }

  /** The nodes. */
  List<Item> items() {
    return items;
  }

  /** Names of stored values that are to be transposed. */
  Set<String> transposed() {
    return transposed;
  }

  private List<Item> straightened(List<Item> given) throws FormatException {
    Map<String, String> turned = new LinkedHashMap<>();
    for (Item item : given) {
      OnnxNode node = item.node();
      if (node.operator().equals("Transpose") && turns(node)) {
        turned.put(node.outputs().get(0), node.inputs().get(0));
      }
    }
    List<Item> straight = new ArrayList<>();
    for (Item item : given) {
      if (!turned.containsKey(item.node().outputs().get(0))) {
        straight.add(straightened(item, turned));
      }
    }
    return straight;
  }

  /** Whether a node turns a weight for one product and for nothing else. */
  private boolean turns(OnnxNode node) throws FormatException {
    String output = node.outputs().get(0);
    List<Use> readers = uses.getOrDefault(output, List.of());
    return isMatrix(node.inputs().get(0))
        && readers.size() == 1
        && readers.get(0).input() == 1
        && readers.get(0).node().operator().equals("MatMul")
        && isLayer(readers.get(0).node())
        && !outputs.contains(output)
        && exchanges(node);
  }

  /** Without images a product is no layer, and what it reads stays as it is stored. */
  private boolean isLayer(OnnxNode product) {
    return images.contains(product.outputs().get(0));
  }

  private static boolean exchanges(OnnxNode node) throws FormatException {
    long[] order = node.integers("perm");
    return order == null || Arrays.equals(order, new long[] {1, 0});
  }

  private boolean isMatrix(String name) {
    StoredTensor tensor = tensors.get(name);
    return tensor != null && tensor.type().isFloat() && tensor.shape().dimension() == 2;
  }

  private Item straightened(Item item, Map<String, String> turned) throws FormatException {
    OnnxNode node = item.node();
    String weight = node.inputs().size() > 1 ? node.inputs().get(1) : "";
    boolean alone =
        isMatrix(weight)
            && uses.getOrDefault(weight, List.of()).size() == 1
            && isLayer(node)
            && !outputs.contains(weight);
    if (node.operator().equals("MatMul") && (alone || turned.containsKey(weight))) {
      OnnxNode linear = node.withInput(1, turned.getOrDefault(weight, weight));
      if (alone) {
        transposed.add(weight);
      }
      return new Item(linear, MatrixOperators.linear(linear), false);
    }
    if (node.operator().equals("Gemm") && alone && !node.flag("transB", false)) {
      transposed.add(weight);
      return new Item(node, MatrixOperators.gemm(node, true), false);
    }
    return item;
  }
}
