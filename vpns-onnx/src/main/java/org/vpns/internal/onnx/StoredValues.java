package org.vpns.internal.onnx;

import ai.djl.nn.Parameter.Type;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.vpns.internal.onnx.OnnxFile.Item;
import org.vpns.internal.onnx.ParameterPlan.Use;

/**
 * What layers may learn, each value stored by itself: copies of equal ones and statistics are
 * untied, those on grids become floats, and those in {@code Constant} nodes of files that store
 * nothing are lifted out of them.
 */
final class StoredValues {
  /**
   * How often all that the file stores may be there, for exporters that store equal values once.
   */
  private static final long MAX_COPIES = 16;

  private final OnnxFile graph;
  private final Operands.Room room;
  private final Map<String, StoredTensor> tensors;
  private final long stored;
  private List<Item> items = new ArrayList<>();
  private long repeated;

  private StoredValues(OnnxFile graph, Operands.Room room) {
    this.graph = graph;
    this.room = room;
    tensors = new LinkedHashMap<>(graph.tensors());
    stored = tensors.values().stream().mapToLong(each -> each.shape().size()).sum();
  }

  /**
   * Those of a file.
   *
   * @param room for constants that are worked out
   * @throws IOException if tensor data cannot be read
   */
  static StoredValues of(OnnxFile graph, Operands.Room room) throws IOException {
    StoredValues values = new StoredValues(graph, room);
    values.untie();
    values.untieStatistics();
    values.takeOffGrids();
    values.storeConstants();
    return values;
  }

  /** The stored values by name. */
  Map<String, StoredTensor> tensors() {
    return tensors;
  }

  /** The nodes that are left. */
  List<Item> items() {
    return items;
  }

  /**
   * Exporters write one copy of equal tensors and let the others refer to it by Identity. Equal
   * values at the start are no reason to learn together, so each copy stands by itself again.
   */
  private void untie() {
    for (Item item : graph.nodes()) {
      OnnxNode node = item.node();
      StoredTensor same =
          node.operator().equals("Identity") ? tensors.get(node.inputs().get(0)) : null;
      if (same == null) {
        items.add(item);
      } else {
        repeat(node, same);
        tensors.put(node.outputs().get(0), same);
      }
    }
  }

  /**
   * Programs that write equal arrays once let a fresh network's variances be its scales. What
   * gradients change is not what batches change, so statistics stand by themselves.
   */
  private void untieStatistics() {
    Map<String, List<Use>> uses =
        ParameterPlan.uses(items.stream().map(Item::node).collect(Collectors.toList()));
    // once for each value: all nodes may read the same ones
    Map<String, Boolean> alwaysStatistics = new HashMap<>();
    uses.forEach(
        (name, all) ->
            alwaysStatistics.put(name, all.stream().allMatch(StoredValues::isStatistic)));
    Map<String, Item> makers = makers();
    int copies = 0;
    for (int i = 0; i < items.size(); i++) {
      Item item = items.get(i);
      OnnxNode node = item.node();
      for (int place = 0; place < node.inputs().size(); place++) {
        StoredTensor tensor = tensors.get(node.inputs().get(place));
        if (tensor != null
            && isStatistic(new Use(node, place))
            && !alwaysStatistics.getOrDefault(node.inputs().get(place), true)) {
          repeat(node, tensor);
          String name;
          do {
            name = "tensor_" + ++copies;
          } while (isUsed(name, makers));
          tensors.put(name, tensor);
          node = node.withInput(place, name);
        }
      }
      items.set(i, new Item(node, item.step(), item.onHost()));
    }
  }

  private static boolean isStatistic(Use use) {
    Type type = ParameterPlan.ofLayer(use);
    return type == Type.RUNNING_MEAN || type == Type.RUNNING_VAR;
  }

  /**
   * What is stored as integers and enters as floats is floats to whoever learns or prunes it, and
   * bears the name that it had before it was quantised.
   */
  private void takeOffGrids() throws IOException {
    Map<String, String> names = new LinkedHashMap<>();
    List<Item> others = new ArrayList<>();
    Map<String, Item> makers = makers();
    for (Item item : items) {
      OnnxNode node = item.node();
      String stored = node.inputs().isEmpty() ? "" : node.inputs().get(0);
      StoredTensor grid = tensors.get(stored);
      List<OnnxValue> values =
          grid != null && QuantisedOperators.isDequantised(node, grid)
              ? known(node, grid, makers)
              : List.of();
      if (values.isEmpty()) {
        others.add(item);
        continue;
      }
      OnnxValue result =
          new Operands(node, values, (each, elements, inJava) -> {}, null, false)
              .run(item.step()::run)
              .get(0);
      String output = node.outputs().get(0);
      String plain = stored.replaceFirst("_quantized$", "");
      boolean renamed = !isUsed(plain, makers) && !graph.outputs().contains(output);
      names.put(output, renamed ? plain : output);
      tensors.put(
          names.get(output), StoredTensor.made(node.where(), ((OnnxValue.OnHost) result).tensor()));
    }
    items = new ArrayList<>();
    for (Item item : others) {
      items.add(new Item(item.node().withInputs(names), item.step(), item.onHost()));
    }
  }

  /**
   * Some exporters, as PaddlePaddle's, store nothing by itself: what layers read are {@code
   * Constant} nodes, which then are what others store.
   */
  private void storeConstants() {
    boolean stored =
        tensors.values().stream().anyMatch(t -> t.type().isFloat() && t.shape().size() > 1);
    if (stored || !layersReadConstants()) {
      return;
    }
    items.removeIf(
        item -> {
          OnnxNode node = item.node();
          if (!node.operator().equals("Constant") || !node.wants(0)) {
            return false;
          }
          HostTensor values = value(item);
          boolean lifted = values.isFloat() && values.shape().dimension() > 0;
          if (lifted) {
            tensors.put(node.outputs().get(0), StoredTensor.made(node.where(), values));
          }
          return lifted;
        });
  }

  private boolean layersReadConstants() {
    Map<String, Item> makers = makers();
    return items.stream()
        .map(Item::node)
        .anyMatch(
            node ->
                IntStream.range(1, node.inputs().size())
                    .filter(i -> ParameterPlan.ofLayer(new Use(node, i)) != null)
                    .mapToObj(i -> makers.get(node.inputs().get(i)))
                    .anyMatch(item -> item != null && item.node().operator().equals("Constant")));
  }

  /** The value of a {@code Constant} node. */
  private static HostTensor value(Item item) {
    List<OnnxValue> values =
        new Operands(item.node(), List.of(), (each, elements, inJava) -> {}, null, false)
            .run(item.step()::run);
    return ((OnnxValue.OnHost) values.get(0)).tensor();
  }

  /** What the file stores once may become arrays of their own again, but not any number. */
  private void repeat(OnnxNode node, StoredTensor tensor) {
    long most = Compiler.MAX_FOLDED + MAX_COPIES * stored;
    long size = tensor.shape().size();
    if (size > most - repeated) {
      throw new Exceeded(
          node.problem(
              "stored values used too often",
              "at most " + most + " elements of copies",
              size + " more than " + repeated,
              "store each weight by itself"));
    }
    repeated += size;
  }

  /** The node that makes each value. */
  private Map<String, Item> makers() {
    Map<String, Item> makers = new HashMap<>();
    items.forEach(item -> item.node().outputs().forEach(name -> makers.put(name, item)));
    return makers;
  }

  /** Whether a name is that of a value. */
  private boolean isUsed(String name, Map<String, Item> makers) {
    return tensors.containsKey(name)
        || makers.containsKey(name)
        || graph.inputs().stream().anyMatch(port -> port.name().equals(name));
  }

  /** What a node reads, if all of it stands in the file; else nothing. */
  private List<OnnxValue> known(OnnxNode node, StoredTensor grid, Map<String, Item> makers)
      throws IOException {
    repeat(node, grid);
    List<OnnxValue> values = new ArrayList<>();
    for (String input : node.inputs()) {
      StoredTensor tensor = tensors.get(input);
      if (input.isEmpty()) {
        values.add(new OnnxValue.Absent());
      } else if (tensor != null) {
        values.add(OnnxValue.of(tensor.read()));
      } else {
        Item constant = makers.get(input);
        if (constant == null || !constant.node().operator().equals("Constant")) {
          return List.of();
        }
        values.addAll(
            new Operands(constant.node(), List.of(), room, null, false).run(constant.step()::run));
      }
    }
    return values;
  }
}
