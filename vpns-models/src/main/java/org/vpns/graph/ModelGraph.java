package org.vpns.graph;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import com.google.common.collect.ImmutableList;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.graph.op.Operator;

/**
 * A network as operators in execution order, the tensors between them, and its parameters by path;
 * without the parameters' values. Immutable. Every tensor is made once: by a graph input, a
 * parameter, a constant or one node. A parameter that is used twice is one tensor. Who makes and
 * who reads a tensor, and what bears a name, is found in constant time.
 *
 * <p>{@link org.vpns.graph.trace.BlockTracer} reads one off a block, {@link GraphBlock} runs one,
 * {@link #builder()} makes one by hand.
 */
public final class ModelGraph {
  /** In a node's inputs: an optional input that is not there. */
  public static final int ABSENT = -1;

  private final ImmutableList<GraphTensor> tensors;
  private final ImmutableList<Integer> inputs;
  private final ImmutableList<Integer> outputs;
  private final ImmutableList<GraphParameter> parameters;
  private final ImmutableList<GraphConstant> constants;
  private final ImmutableList<GraphNode> nodes;

  private final GraphIndex index;
  private @Nullable String fingerprint;

  /**
   * One place where a tensor is read.
   *
   * @param node the node that reads it
   * @param input at which of the node's inputs
   */
  public record Reader(GraphNode node, int input) {
    /** No part may be null. */
    public Reader {
      Problem.given(node, "new ModelGraph.Reader", "node");
    }
  }

  private ModelGraph(Builder builder, List<Integer> outputs) {
    tensors = ImmutableList.copyOf(builder.tensors);
    inputs = ImmutableList.copyOf(builder.inputs);
    parameters = ImmutableList.copyOf(builder.parameters);
    constants = ImmutableList.copyOf(builder.constants);
    nodes = ImmutableList.copyOf(builder.nodes);
    this.outputs = ImmutableList.copyOf(outputs);
    index = GraphIndex.of(this);
  }

  private ModelGraph(ModelGraph other, List<GraphParameter> parameters) {
    tensors = other.tensors;
    inputs = other.inputs;
    this.parameters = ImmutableList.copyOf(parameters);
    constants = other.constants;
    nodes = other.nodes;
    outputs = other.outputs;
    index = GraphIndex.of(this);
  }

  /** The same graph, other parameters of which learn; its statistics do not. */
  ModelGraph learning(Predicate<GraphParameter> trained) {
    Predicate<GraphParameter> isStatistic =
        p ->
            readers(p.tensor()).stream()
                .anyMatch(reader -> reader.node().operator().isStatistic(reader.input()));
    return new ModelGraph(
        this,
        parameters.stream()
            .map(
                p ->
                    new GraphParameter(
                        p.tensor(),
                        p.path(),
                        p.type(),
                        trained.test(p) && !isStatistic.test(p),
                        p.shape(),
                        p.dataType()))
            .toList());
  }

  /** A graph without anything. */
  public static Builder builder() {
    return new Builder();
  }

  /** All tensors; a tensor's number is its position. */
  public List<GraphTensor> tensors() {
    return tensors;
  }

  /** The tensor of a number. */
  public GraphTensor tensor(int number) {
    return tensors.get(number);
  }

  /** Shape of the tensor of a number, or null for {@link #ABSENT}. */
  public @Nullable Shape shape(int number) {
    return number == ABSENT ? null : tensors.get(number).shape();
  }

  /** Numbers of the tensors that come from outside. */
  public List<Integer> inputs() {
    return inputs;
  }

  /** Numbers of the tensors that are the result. */
  public List<Integer> outputs() {
    return outputs;
  }

  /** Parameters in definition order. */
  public List<GraphParameter> parameters() {
    return parameters;
  }

  /** Constants. */
  public List<GraphConstant> constants() {
    return constants;
  }

  /** Operators in execution order. */
  public List<GraphNode> nodes() {
    return nodes;
  }

  /** The node that makes a tensor; null for what comes from outside, parameters and constants. */
  public @Nullable GraphNode maker(int tensor) {
    return index.makers().get(tensor);
  }

  /**
   * Where nodes read a tensor, in execution order; a node that reads it twice is there twice. That
   * it is one of the {@link #outputs()} is no entry.
   */
  public List<Reader> readers(int tensor) {
    return index.readers().get(tensor);
  }

  /** The parameter that a tensor holds, or null. */
  public @Nullable GraphParameter parameterOf(int tensor) {
    return index.parameters().get(tensor);
  }

  /** The constant that a tensor holds, or null. */
  public @Nullable GraphConstant constantOf(int tensor) {
    return index.constants().get(tensor);
  }

  /**
   * The parameter of a path.
   *
   * @throws IllegalArgumentException if there is none
   */
  public GraphParameter parameter(String path) {
    Problem.given(path, "ModelGraph.parameter", "path");
    return GraphIndex.named("parameter", path, index.parameterByPath());
  }

  /**
   * The node of a name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public GraphNode node(String name) {
    Problem.given(name, "ModelGraph.node", "name");
    return GraphIndex.named("node", name, index.nodeByName());
  }

  /** Shapes of a node's inputs, null for absent ones. */
  public List<@Nullable Shape> inputShapes(GraphNode node) {
    Problem.given(node, "ModelGraph.inputShapes", "node");
    return node.inputShapes(this::shape);
  }

  /** Shapes of a node's outputs. */
  public List<Shape> outputShapes(GraphNode node) {
    Problem.given(node, "ModelGraph.outputShapes", "node");
    return node.outputShapes(t -> tensors.get(t).shape());
  }

  /**
   * Shapes of all tensors for one image, by number. Where rows, windows or heads are folded into
   * the axis of the images, it has the length that one image needs.
   */
  public List<Shape> imageShapes() {
    return ImageShapes.of(this).all();
  }

  /**
   * Shapes of the result for inputs of these shapes; -1 where even they do not decide.
   *
   * @throws IllegalArgumentException if the inputs do not fit
   */
  public List<Shape> resultShapes(List<Shape> inputShapes) {
    Problem.givenEach(inputShapes, "ModelGraph.resultShapes", "inputShapes");
    Shape[] known = new Shape[tensors.size()];
    parameters.forEach(p -> known[p.tensor()] = p.shape());
    constants.forEach(c -> known[c.tensor()] = c.shape());
    for (int i = 0; i < inputShapes.size(); i++) {
      known[inputs.get(i)] = inputShapes.get(i);
    }
    Shape first = inputShapes.get(0);
    long batch = first.dimension() == 0 ? -1 : first.get(0);
    for (GraphNode node : nodes) {
      List<@Nullable Shape> in = node.inputShapes(t -> known[t]);
      List<Shape> out = shapes(node.name(), node.operator(), in, batch);
      if (out.size() != node.outputs().size()) {
        throw Problem.argument(
            "wrong number of outputs",
            "node '" + node.name() + "', what Operator.outputShapes gives",
            node.outputs().size(),
            out.size(),
            "infer as many shapes at every batch");
      }
      for (int i = 0; i < node.outputs().size(); i++) {
        known[node.outputs().get(i)] = out.get(i);
      }
    }
    return outputs.stream().map(t -> known[t]).toList();
  }

  /** What an operator, by whatever author, infers. */
  private static List<Shape> shapes(
      String name, Operator operator, List<@Nullable Shape> inputs, long batch) {
    return Problem.givenEach(
        operator.outputShapes(inputs, batch),
        "node '" + name + "'",
        "what Operator.outputShapes gives");
  }

  /**
   * SHA-256 over operators, wiring and shapes, not over values of parameters, nor which of them are
   * frozen: equal for networks that are built alike.
   */
  public String fingerprint() {
    String known = fingerprint;
    if (known == null) {
      known = hash();
      fingerprint = known; // whoever comes at once finds the same
    }
    return known;
  }

  private String hash() {
    Hasher hasher = Hashing.sha256().newHasher();
    Map<String, Object> parts = new LinkedHashMap<>();
    parts.put("inputs", inputs);
    parts.put("outputs", outputs);
    parts.put("tensors", tensors);
    parts.put(
        "parameters",
        parameters.stream()
            .map(p -> List.of(p.tensor(), p.path(), p.type(), p.shape(), p.dataType()))
            .toList());
    parts.put("nodes", nodes);
    hasher.putString(parts.toString(), StandardCharsets.UTF_8);
    for (GraphConstant constant : constants) {
      hasher.putString(constant.toString(), StandardCharsets.UTF_8).putBytes(constant.values());
    }
    return hasher.hash().toString();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ModelGraph that
        && tensors.equals(that.tensors)
        && inputs.equals(that.inputs)
        && outputs.equals(that.outputs)
        && parameters.equals(that.parameters)
        && constants.equals(that.constants)
        && nodes.equals(that.nodes);
  }

  @Override
  public int hashCode() {
    return nodes.hashCode();
  }

  /** Counts of its parts. */
  @Override
  public String toString() {
    return nodes.size()
        + " operators, "
        + parameters.size()
        + " parameters, "
        + constants.size()
        + " constants";
  }

  /** Collects the parts of a graph, in execution order; checks each as it comes. */
  public static final class Builder {
    private final List<GraphTensor> tensors = new ArrayList<>();
    private final List<Integer> inputs = new ArrayList<>();
    private final List<GraphParameter> parameters = new ArrayList<>();
    private final Set<Integer> learning = new HashSet<>();
    private final List<GraphConstant> constants = new ArrayList<>();
    private final List<GraphNode> nodes = new ArrayList<>();
    private final Set<String> names = new HashSet<>();

    private Builder() {}

    private int tensor(Shape shape, DataType type) {
      boolean known =
          switch (type) {
            case FLOAT16, FLOAT32, FLOAT64, INT8, UINT8, INT32, INT64, BOOLEAN -> true;
            default -> false; // some of them end the process inside the engine
          };
      for (long length : shape.getShape()) {
        known &= length >= -1;
      }
      if (!known) {
        throw Problem.argument(
            "tensor that no engine has",
            "tensor " + tensors.size(),
            "a plain type, and lengths of at least 0",
            type + " " + shape,
            "check the graph");
      }
      tensors.add(new GraphTensor(shape, type));
      return tensors.size() - 1;
    }

    private void claim(String kind, String name) {
      if (name.isEmpty() || !names.add(kind + " " + name)) {
        throw Problem.argument(
            "two " + kind + "s of one name", "'" + name + "'", "unique names", name, "rename one");
      }
    }

    /**
     * An input from outside.
     *
     * @param shape its shape; -1 for the batch
     * @return number of its tensor
     */
    public int input(Shape shape, DataType type) {
      Problem.given(shape, "ModelGraph.Builder.input", "shape");
      Problem.given(type, "ModelGraph.Builder.input", "type");
      int number = tensor(shape, type);
      inputs.add(number);
      return number;
    }

    /**
     * A parameter.
     *
     * @return number of its tensor
     * @throws IllegalArgumentException if its path is used already
     */
    public int parameter(
        String path, Parameter.Type type, boolean trained, Shape shape, DataType dataType) {
      Problem.given(path, "ModelGraph.Builder.parameter", "path");
      Problem.given(type, "ModelGraph.Builder.parameter", "type");
      Problem.given(shape, "ModelGraph.Builder.parameter", "shape");
      Problem.given(dataType, "ModelGraph.Builder.parameter", "dataType");
      claim("parameter", path);
      int number = tensor(shape, dataType);
      parameters.add(new GraphParameter(number, path, type, trained, shape, dataType));
      if (trained) {
        learning.add(number);
      }
      return number;
    }

    /**
     * A constant; its own number does not matter.
     *
     * @return number of its tensor
     * @throws IllegalArgumentException if its name is used already
     */
    public int constant(GraphConstant constant) {
      Problem.given(constant, "ModelGraph.Builder.constant", "constant");
      claim("constant", constant.name());
      int number = tensor(constant.shape(), constant.type());
      constants.add(constant.withTensor(number));
      return number;
    }

    /** As {@link #node(String, Operator, List, List)}, shapes as the operator infers them. */
    public List<Integer> node(String name, Operator operator, List<Integer> read) {
      return node(name, operator, read, null);
    }

    /**
     * An operator.
     *
     * @param name unique name
     * @param operator what it does
     * @param read numbers of the tensors that it reads, or {@link #ABSENT}
     * @param known shapes of its outputs, as far as they are known from elsewhere; null if not
     * @return numbers of the tensors that it makes
     * @throws IllegalArgumentException if the name is used already, an input is not there yet, the
     *     inputs do not fit the operator, one of them is trained and a running statistic to it, or
     *     the shapes are other than it infers
     */
    public List<Integer> node(
        String name, Operator operator, List<Integer> read, @Nullable List<Shape> known) {
      Problem.given(name, "ModelGraph.Builder.node", "name");
      Problem.given(operator, "ModelGraph.Builder.node", "operator");
      Problem.givenEach(read, "ModelGraph.Builder.node", "read");
      String where = "node '" + name + "'";
      Problem.given(operator.kind(), where, "what Operator.kind gives");
      claim("node", name);
      List<@Nullable Shape> shapes = new ArrayList<>();
      List<@Nullable DataType> types = new ArrayList<>();
      for (int number : read) {
        if (number != ABSENT && (number < 0 || number >= tensors.size())) {
          throw Problem.argument(
              "input used before it is made",
              where,
              "tensors below " + tensors.size(),
              number,
              "add nodes in execution order");
        }
        shapes.add(number == ABSENT ? null : tensors.get(number).shape());
        types.add(number == ABSENT ? null : tensors.get(number).type());
      }
      requireStatistics(where, operator, read);
      List<Shape> made = agreed(name, inferred(name, operator, shapes), known);
      List<Integer> written = new ArrayList<>();
      for (int i = 0; i < made.size(); i++) {
        DataType type =
            Problem.given(operator.outputType(i, types), where, "what Operator.outputType gives");
        written.add(tensor(made.get(i), type));
      }
      nodes.add(new GraphNode(name, operator, read, written));
      return written;
    }

    private void requireStatistics(String where, Operator operator, List<Integer> read) {
      for (int i = 0; i < read.size(); i++) {
        if (operator.isStatistic(i) && learning.contains(read.get(i))) {
          throw Problem.argument(
              "trained parameter as a running statistic",
              where + ", input " + i,
              "one that gets no gradient",
              "one that does",
              "check the graph");
        }
      }
    }

    private List<Shape> inferred(String name, Operator operator, List<@Nullable Shape> shapes) {
      try {
        return shapes(name, operator, shapes, -1);
      } catch (IllegalArgumentException | IndexOutOfBoundsException | ArithmeticException e) {
        throw new IllegalArgumentException(
            Problem.message(
                "operator does not fit its inputs",
                "node '" + name + "'",
                "inputs of " + operator.kind(),
                shapes + " (" + e.getMessage() + ")",
                "check the graph"),
            e);
      }
    }

    /** Inferred shapes, with what else is known where inference knows nothing. */
    private static List<Shape> agreed(
        String name, List<Shape> inferred, @Nullable List<Shape> known) {
      if (known == null) {
        return inferred;
      }
      boolean same = inferred.size() == known.size();
      for (int i = 0; same && i < inferred.size(); i++) {
        Shape a = inferred.get(i);
        Shape b = known.get(i);
        same = a.dimension() == b.dimension();
        for (int d = 0; same && d < a.dimension(); d++) {
          same = a.get(d) == b.get(d) || a.get(d) == -1;
        }
      }
      if (!same) {
        throw Problem.argument(
            "shapes disagree", "node '" + name + "'", inferred, known, "check the graph");
      }
      return known;
    }

    /**
     * A whole graph, its parameters, constants and nodes under their names.
     *
     * @param read numbers of the tensors that take the place of its inputs
     * @return numbers of the tensors that are its result
     * @throws IllegalArgumentException if a name is used already, or its nodes do not fit the
     *     inputs
     */
    public List<Integer> graph(ModelGraph graph, List<Integer> read) {
      Problem.given(graph, "ModelGraph.Builder.graph", "graph");
      Problem.givenEach(read, "ModelGraph.Builder.graph", "read");
      int[] numbers = new int[graph.tensors().size()];
      for (int i = 0; i < read.size(); i++) {
        numbers[graph.inputs().get(i)] = read.get(i);
      }
      graph.parameters().forEach(p -> numbers[p.tensor()] = parameter(p, p.shape()));
      graph.constants().forEach(c -> numbers[c.tensor()] = constant(c));
      for (GraphNode node : graph.nodes()) {
        List<Integer> in = node.inputs().stream().map(t -> t == ABSENT ? t : numbers[t]).toList();
        List<Integer> made = node(node.name(), node.operator(), in, graph.outputShapes(node));
        for (int i = 0; i < made.size(); i++) {
          numbers[node.outputs().get(i)] = made.get(i);
        }
      }
      return graph.outputs().stream().map(t -> numbers[t]).toList();
    }

    /** A parameter as one of another graph, in another shape. */
    int parameter(GraphParameter p, Shape shape) {
      return parameter(p.path(), p.type(), p.trained(), shape, p.dataType());
    }

    /**
     * The graph.
     *
     * @param outputs numbers of the tensors that are the result
     * @throws IllegalArgumentException if there is none, or one of them is not there
     */
    public ModelGraph build(List<Integer> outputs) {
      Problem.givenEach(outputs, "ModelGraph.Builder.build", "outputs");
      if (outputs.isEmpty() || outputs.stream().anyMatch(t -> t < 0 || t >= tensors.size())) {
        throw Problem.argument(
            "graph without result",
            "ModelGraph",
            "at least 1 of " + tensors.size() + " tensors",
            outputs,
            "pass the numbers of the last nodes' tensors");
      }
      return new ModelGraph(this, outputs);
    }
  }
}
