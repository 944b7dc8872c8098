package org.vpns.internal.onnx;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.vpns.internal.onnx.OnnxFile.Item;
import org.vpns.internal.onnx.OnnxFile.OnnxPort;
import org.vpns.internal.onnx.ParameterPlan.Spec;
import org.vpns.internal.onnx.Program.Instruction;

/** Makes a {@link Program} of a graph. */
final class Compiler implements Operands.Room {
  /** 32 MB of computed constants: shape arithmetic and masks need far less. */
  static final long MAX_FOLDED = 1 << 22;

  /** Elements that the computed ones come from: few nodes make as many as they read. */
  private static final long MAX_SEEN = 4 * MAX_FOLDED;

  private final OnnxFile graph;
  private final Predicate<String> constant;
  private final Map<String, HostTensor> constants = new LinkedHashMap<>();
  private final Map<String, Integer> places = new LinkedHashMap<>();
  private final List<String> names = new ArrayList<>();
  private long folded;
  private long seen;

  /**
   * @param constant whether a tensor that could learn stays constant, by its name
   */
  Compiler(OnnxFile graph, Predicate<String> constant) {
    this.graph = graph;
    this.constant = constant.or(graph.constants()::contains);
  }

  Program compile() throws IOException {
    StoredValues stored = StoredValues.of(graph, this);
    Map<String, StoredTensor> tensors = stored.tensors();
    StraightProducts products = StraightProducts.of(stored.items(), tensors, graph.outputs());
    List<OnnxNode> nodes = products.items().stream().map(Item::node).toList();
    Map<String, Spec> specs = ParameterPlan.of(nodes, tensors, products.transposed(), constant);
    Set<String> read = new HashSet<>(graph.outputs());
    nodes.forEach(node -> read.addAll(node.inputs()));
    for (Map.Entry<String, StoredTensor> entry : tensors.entrySet()) {
      StoredTensor tensor = entry.getValue();
      if (read.contains(entry.getKey()) && !specs.containsKey(entry.getKey())) {
        HostTensor values = tensor.read();
        boolean turned = products.transposed().contains(entry.getKey());
        addConstant(entry.getKey(), turned ? values.transposed() : values);
      }
    }
    List<Item> items = new ArrayList<>(products.items());
    items.removeIf(this::fold);
    return assemble(items, specs);
  }

  /** A constant that the file stores. */
  private void addConstant(String name, HostTensor tensor) {
    constants.put(name, tensor);
    if (tensor.isFloat() && tensor.size() > 1) {
      names.add(name);
    }
  }

  /** Runs a node whose inputs are all constants; false if it must wait for a forward pass. */
  private boolean fold(Item item) {
    OnnxNode node = item.node();
    for (Guard guard : node.guards()) {
      HostTensor condition = constants.get(guard.condition());
      if (condition == null) {
        return false;
      }
      if (condition.size() == 1 && condition.longAt(0) != 0 != guard.value()) {
        return true;
      }
    }
    List<OnnxValue> values = new ArrayList<>();
    for (String input : node.inputs()) {
      HostTensor constant = constants.get(input);
      if (constant == null && !input.isEmpty()) {
        return false;
      }
      values.add(constant == null ? new OnnxValue.Absent() : OnnxValue.of(constant));
    }
    long reads = values.stream().mapToLong(value -> value.shape().size()).sum();
    if (!item.onHost() || folded > MAX_FOLDED || reads > MAX_SEEN - seen) {
      return false;
    }
    seen += reads;
    List<OnnxValue> results = new Operands(node, values, this, null, false).run(item.step()::run);
    for (int i = 0; i < results.size(); i++) {
      if (node.wants(i) && results.get(i) instanceof OnnxValue.OnHost host) {
        if (node.operator().equals("Constant")) {
          addConstant(node.outputs().get(i), host.tensor());
        } else {
          constants.put(node.outputs().get(i), host.tensor());
        }
        folded += host.tensor().size();
      }
    }
    return true;
  }

  @Override
  public void require(OnnxNode node, long elements, boolean inJava) {
    if (elements > MAX_FOLDED) {
      throw node.problem(
          "constant too large",
          "at most " + MAX_FOLDED + " computed elements",
          elements,
          "store the constant in the file instead");
    }
  }

  @Override
  public void spend(OnnxNode node, long elements) {
    if (elements > MAX_SEEN - seen) {
      throw new Exceeded(
          node.problem(
              "constants take too much arithmetic",
              "at most " + MAX_SEEN + " elements that all nodes go through",
              elements + " more than " + seen,
              "store the constant in the file instead"));
    }
    seen += elements;
  }

  private Program assemble(List<Item> items, Map<String, Spec> specs) {
    int[] inputs = graph.inputs().stream().mapToInt(port -> place(port.name())).toArray();
    List<Instruction> instructions = new ArrayList<>();
    for (Item item : items) {
      OnnxNode node = item.node();
      int[] reads = node.inputs().stream().mapToInt(this::place).toArray();
      int[] writes = node.outputs().stream().mapToInt(this::place).toArray();
      int[] conditions =
          node.guards().stream().mapToInt(guard -> place(guard.condition())).toArray();
      instructions.add(new Instruction(node, item.step(), reads, writes, conditions, new int[0]));
    }
    int[] outputs = graph.outputs().stream().mapToInt(this::place).toArray();
    Map<Integer, Spec> parameters = new LinkedHashMap<>();
    specs.forEach((name, spec) -> parameters.put(place(name), spec));
    Map<Integer, HostTensor> used = new LinkedHashMap<>();
    constants.forEach(
        (name, tensor) -> {
          Integer place = places.get(name);
          if (place != null) {
            used.put(place, tensor);
          }
        });
    return new Program(
        graph.source(),
        withLastReaders(instructions, outputs),
        parameters,
        used,
        inputs,
        graph.inputs().stream().map(OnnxPort::name).toList(),
        outputs,
        places.size(),
        List.copyOf(names));
  }

  private int place(String name) {
    if (name.isEmpty()) {
      return -1;
    }
    Integer place = places.get(name);
    if (place == null) {
      place = places.size();
      places.put(name, place);
    }
    return place;
  }

  private List<Instruction> withLastReaders(List<Instruction> instructions, int[] outputs) {
    boolean[] needed = new boolean[places.size()];
    Arrays.stream(outputs).forEach(place -> needed[place] = true);
    Instruction[] result = new Instruction[instructions.size()];
    for (int i = result.length - 1; i >= 0; i--) {
      Instruction each = instructions.get(i);
      List<Integer> last = new ArrayList<>();
      for (int[] group : List.of(each.outputs(), each.inputs(), each.conditions())) {
        for (int place : group) {
          if (place >= 0 && !needed[place]) {
            needed[place] = true;
            last.add(place);
          }
        }
      }
      int[] dead = last.stream().mapToInt(Integer::intValue).toArray();
      result[i] =
          new Instruction(
              each.node(), each.step(), each.inputs(), each.outputs(), each.conditions(), dead);
    }
    return List.of(result);
  }
}
