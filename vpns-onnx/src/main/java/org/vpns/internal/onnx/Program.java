package org.vpns.internal.onnx;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.vpns.internal.onnx.OnnxFile.Item;
import org.vpns.internal.onnx.OnnxOperator.Step;
import org.vpns.internal.onnx.ParameterPlan.Spec;
import org.vpns.internal.onnx.ParameterPlan.Use;
import org.vpns.io.FormatException;

/**
 * A graph made ready to run: parameters chosen, constants worked out, every value with a place.
 *
 * @param source the file, for messages
 * @param parameters parameters and their places
 * @param constants constants and their places
 * @param inputs places of the inputs
 * @param outputs places of the outputs
 * @param places how many places there are
 * @param constantNames names of the stored float arrays of more than one element that are constants
 */
record Program(
    String source,
    List<Instruction> instructions,
    Map<Integer, Spec> parameters,
    Map<Integer, HostTensor> constants,
    int[] inputs,
    int[] outputs,
    int places,
    List<String> constantNames) {

  // 32 MB of computed constants: shape arithmetic and masks need far less
  private static final long MAX_FOLDED = 1 << 22;

  /**
   * How often all that the file stores may be there, for exporters that store equal values once.
   */
  private static final long MAX_COPIES = 16;

  /** Elements that the computed ones come from: few nodes make as many as they read. */
  private static final long MAX_SEEN = 4 * MAX_FOLDED;

  /**
   * A node to run.
   *
   * @param inputs places it reads, -1 for absent ones
   * @param outputs places it writes, -1 for unwanted ones
   * @param last places that nobody reads after it
   */
  record Instruction(OnnxNode node, Step step, int[] inputs, int[] outputs, int[] last) {}

  /**
   * Compiles a graph.
   *
   * @throws IOException if tensor data cannot be read
   * @throws IllegalArgumentException if arithmetic on constants fails
   */
  static Program of(OnnxFile graph) throws IOException {
    return of(graph, name -> false);
  }

  /**
   * Compiles a graph.
   *
   * @param constant whether a tensor that could learn stays constant, by its name
   * @throws IOException if tensor data cannot be read
   * @throws IllegalArgumentException if arithmetic on constants fails
   */
  static Program of(OnnxFile graph, Predicate<String> constant) throws IOException {
    return new Compiler(graph, constant).compile();
  }

  private static final class Compiler implements Operands.Room {
    private final OnnxFile graph;
    private final Predicate<String> constant;
    private final Map<String, StoredTensor> tensors;
    private List<Item> items = new ArrayList<>();
    private final Set<String> transposed = new HashSet<>();
    private final Map<String, HostTensor> constants = new LinkedHashMap<>();
    private final Map<String, Integer> places = new LinkedHashMap<>();
    private final List<String> names = new ArrayList<>();
    private long folded;
    private long seen;
    private final long stored;
    private long repeated;

    Compiler(OnnxFile graph, Predicate<String> constant) {
      this.graph = graph;
      this.constant = constant.or(graph.constants()::contains);
      this.tensors = new LinkedHashMap<>(graph.tensors());
      this.stored = tensors.values().stream().mapToLong(each -> each.shape().size()).sum();
    }

    Program compile() throws IOException {
      untie();
      takeOffGrids();
      storeConstants();
      straightenProducts();
      List<OnnxNode> nodes = items.stream().map(Item::node).toList();
      Map<String, Spec> specs = ParameterPlan.of(nodes, tensors, transposed, constant);
      Set<String> read = new HashSet<>(graph.outputs());
      nodes.forEach(node -> read.addAll(node.inputs()));
      for (Map.Entry<String, StoredTensor> entry : tensors.entrySet()) {
        StoredTensor tensor = entry.getValue();
        if (read.contains(entry.getKey()) && !specs.containsKey(entry.getKey())) {
          HostTensor values = tensor.read();
          boolean turned = transposed.contains(entry.getKey());
          addConstant(entry.getKey(), turned ? values.transposed() : values);
        }
      }
      items.removeIf(this::fold);
      return assemble(specs);
    }

    /** A constant that the file stores. */
    private void addConstant(String name, HostTensor tensor) {
      constants.put(name, tensor);
      if (tensor.isFloat() && tensor.size() > 1) {
        names.add(name);
      }
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
            names.get(output),
            StoredTensor.made(node.where(), ((OnnxValue.OnHost) result).tensor()));
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
      long most = MAX_FOLDED + MAX_COPIES * stored;
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
              new Operands(constant.node(), List.of(), this, null, false)
                  .run(constant.step()::run));
        }
      }
      return values;
    }

    /**
     * Weights of products become (out, in), as the engine's linear operator wants them: stored as
     * (in, out) with one reader, or transposed by a node of their own.
     */
    private void straightenProducts() throws FormatException {
      Map<String, List<Use>> uses = ParameterPlan.uses(items.stream().map(Item::node).toList());
      Map<String, String> turned = new LinkedHashMap<>();
      for (Item item : items) {
        OnnxNode node = item.node();
        if (node.operator().equals("Transpose") && turns(node, uses)) {
          turned.put(node.outputs().get(0), node.inputs().get(0));
        }
      }
      List<Item> straight = new ArrayList<>();
      for (Item item : items) {
        if (!turned.containsKey(item.node().outputs().get(0))) {
          straight.add(straightened(item, uses, turned));
        }
      }
      items = straight;
    }

    /** Whether a node turns a weight for one product and for nothing else. */
    private boolean turns(OnnxNode node, Map<String, List<Use>> uses) throws FormatException {
      String output = node.outputs().get(0);
      List<Use> readers = uses.getOrDefault(output, List.of());
      return isMatrix(node.inputs().get(0))
          && readers.size() == 1
          && readers.get(0).input() == 1
          && readers.get(0).node().operator().equals("MatMul")
          && !graph.outputs().contains(output)
          && exchanges(node);
    }

    private static boolean exchanges(OnnxNode node) throws FormatException {
      long[] order = node.integers("perm");
      return order == null || Arrays.equals(order, new long[] {1, 0});
    }

    private boolean isMatrix(String name) {
      StoredTensor tensor = tensors.get(name);
      return tensor != null && tensor.type().isFloat() && tensor.shape().dimension() == 2;
    }

    private Item straightened(Item item, Map<String, List<Use>> uses, Map<String, String> turned)
        throws FormatException {
      OnnxNode node = item.node();
      String weight = node.inputs().size() > 1 ? node.inputs().get(1) : "";
      boolean alone =
          isMatrix(weight)
              && uses.getOrDefault(weight, List.of()).size() == 1
              && !graph.outputs().contains(weight);
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

    /** Runs a node whose inputs are all constants; false if it must wait for a forward pass. */
    private boolean fold(Item item) {
      OnnxNode node = item.node();
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

    private Program assemble(Map<String, Spec> specs) {
      int[] inputs = graph.inputs().stream().mapToInt(port -> place(port.name())).toArray();
      List<Instruction> instructions = new ArrayList<>();
      for (Item item : items) {
        OnnxNode node = item.node();
        int[] reads = node.inputs().stream().mapToInt(this::place).toArray();
        int[] writes = node.outputs().stream().mapToInt(this::place).toArray();
        instructions.add(new Instruction(node, item.step(), reads, writes, new int[0]));
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
        for (int[] group : List.of(each.outputs(), each.inputs())) {
          for (int place : group) {
            if (place >= 0 && !needed[place]) {
              needed[place] = true;
              last.add(place);
            }
          }
        }
        int[] dead = last.stream().mapToInt(Integer::intValue).toArray();
        result[i] = new Instruction(each.node(), each.step(), each.inputs(), each.outputs(), dead);
      }
      return List.of(result);
    }
  }

  /** Whether a shape leaves sizes open or agrees with an actual one, the first axis aside. */
  static boolean fits(Shape declared, Shape actual) {
    boolean fits = declared.dimension() == actual.dimension();
    for (int i = 1; fits && i < actual.dimension(); i++) {
      fits = declared.get(i) == -1 || declared.get(i) == actual.get(i);
    }
    return fits;
  }
}
