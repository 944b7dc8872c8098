package org.vpns.graph;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.graph.op.ForwardPass;
import org.vpns.graph.op.Operator;
import org.vpns.internal.graph.op.Indexing;
import org.vpns.internal.graph.width.Axes;
import org.vpns.internal.graph.width.KeptPositions;
import org.vpns.internal.graph.width.Norms;
import org.vpns.internal.graph.width.WidthRules;

/**
 * Changes a network: collects what shall change and, asked to {@link #apply}, makes a new network;
 * the given one stays as it is. Names, order, types and flags of what stays are kept.
 *
 * <ul>
 *   <li>{@link #replace}: another operator, or other inputs, at a node;
 *   <li>{@link #drop}: whoever reads the node reads what it reads; parameters and constants that
 *       nothing else reads go with it;
 *   <li>{@link #set}, {@link #add}: other values of a parameter, a new parameter;
 *   <li>{@link #narrow}: positions of a parameter's axis leave.
 * </ul>
 *
 * <p>Narrowing follows the positions that stay through the graph, and rewrites what names widths:
 * groups of depthwise convolutions, shapes of reshapes, broadcasts and layer norms, pieces of
 * splits, ranges of slices. It removes no position by itself: where the outputs of one layer get
 * fewer, the biases, norms and weights that read them must be narrowed to the same positions, or
 * the editor tells at which node the two sides differ. Recurrent layers, softmax and means across
 * what was removed, and constants as wide as it are refused by name; means of a norm that is
 * written out as arithmetic go by what stays.
 *
 * <p>For one thread.
 */
public final class GraphEditor {
  private final @Nullable NetworkValues network;
  private final ModelGraph graph;
  private final Map<GraphNode, GraphNode> replaced = new HashMap<>();
  private final Set<GraphNode> dropped = new HashSet<>();
  private final Map<GraphParameter, NDArray> values = new HashMap<>();
  private final Map<GraphParameter, Axes> narrowed = new HashMap<>();
  private final List<GraphParameter> added = new ArrayList<>();

  private GraphEditor(ModelGraph graph, @Nullable NetworkValues network) {
    this.graph = graph;
    this.network = network;
  }

  /** For a network. */
  public static GraphEditor of(NetworkValues network) {
    Problem.given(network, "GraphEditor.of", "network");
    return new GraphEditor(network.graph(), network);
  }

  /** For a graph alone, to count what a network would cost: there is nothing to {@link #apply}. */
  public static GraphEditor of(ModelGraph graph) {
    Problem.given(graph, "GraphEditor.of", "graph");
    return new GraphEditor(graph, null);
  }

  /** As {@link #replace(GraphNode, Operator, List)}, with the inputs that it has. */
  public GraphEditor replace(GraphNode node, Operator operator) {
    Problem.given(node, "GraphEditor.replace", "node");
    Problem.given(operator, "GraphEditor.replace", "operator");
    return replace(node, operator, node.inputs());
  }

  /**
   * Another operator, or other inputs, at a node; its outputs keep their shapes.
   *
   * @param inputs numbers of tensors of the network's graph that are made before the node, or of
   *     added parameters
   */
  public GraphEditor replace(GraphNode node, Operator operator, List<Integer> inputs) {
    Problem.given(node, "GraphEditor.replace", "node");
    Problem.given(operator, "GraphEditor.replace", "operator");
    Problem.givenEach(inputs, "GraphEditor.replace", "inputs");
    claim(node);
    replaced.put(node, new GraphNode(node.name(), operator, inputs, node.outputs()));
    return this;
  }

  /**
   * Takes a node away; its readers read its first input.
   *
   * @throws IllegalArgumentException if its only output has not the shape and type of that input
   */
  public GraphEditor drop(GraphNode node) {
    Problem.given(node, "GraphEditor.drop", "node");
    claim(node);
    boolean passes =
        node.outputs().size() == 1
            && !node.inputs().isEmpty()
            && node.inputs().get(0) != ModelGraph.ABSENT
            && graph.tensor(node.inputs().get(0)).equals(graph.tensor(node.outputs().get(0)));
    if (!passes) {
      throw Problem.argument(
          "node that cannot be dropped",
          "'" + node.name() + "'",
          "one output of its first input's shape and type",
          graph.inputShapes(node) + " to " + graph.outputShapes(node),
          "replace it");
    }
    dropped.add(node);
    return this;
  }

  private void claim(GraphNode node) {
    boolean edited = replaced.containsKey(node) || dropped.contains(node);
    if (edited || !graph.node(node.name()).equals(node)) {
      Object found = edited ? "it edited already" : node;
      throw misuse("'" + node.name() + "'", "a node of this graph, edited once", found);
    }
  }

  private static IllegalArgumentException misuse(String where, String expected, Object found) {
    return Problem.argument(
        "edit of what is not there", where, expected, found, "take it from the editor's network");
  }

  private void requireOwn(GraphParameter parameter) {
    if (!added.contains(parameter) && !graph.parameter(parameter.path()).equals(parameter)) {
      throw misuse(parameter.path(), graph.parameter(parameter.path()).toString(), parameter);
    }
  }

  /**
   * Other values of a parameter.
   *
   * @param array of its shape and type; it stays the caller's and becomes part of the result,
   *     unless the parameter is narrowed too
   */
  public GraphEditor set(GraphParameter parameter, NDArray array) {
    Problem.given(parameter, "GraphEditor.set", "parameter");
    Problem.given(array, "GraphEditor.set", "array");
    requireOwn(parameter);
    if (!array.getShape().equals(parameter.shape())
        || array.getDataType() != parameter.dataType()) {
      throw Problem.argument(
          "values of another shape or type",
          parameter.path(),
          parameter.shape() + " " + parameter.dataType(),
          array.getShape() + " " + array.getDataType(),
          "narrow the parameter, or add one");
    }
    values.put(parameter, array);
    return this;
  }

  /**
   * A new parameter, for {@link #replace} to read.
   *
   * @param path a path that no parameter has
   * @param array its values; it stays the caller's and becomes part of the result
   * @return number of its tensor, for this editor
   */
  public int add(String path, Parameter.Type type, boolean trained, NDArray array) {
    Problem.given(path, "GraphEditor.add", "path");
    Problem.given(type, "GraphEditor.add", "type");
    Problem.given(array, "GraphEditor.add", "array");
    int number = graph.tensors().size() + added.size();
    Shape shape = array.getShape();
    DataType dataType = array.getDataType();
    GraphParameter parameter = new GraphParameter(number, path, type, trained, shape, dataType);
    added.add(parameter);
    values.put(parameter, array);
    return number;
  }

  /**
   * Keeps some positions of a parameter's axis.
   *
   * @param axis counted from the front
   * @param positions those that stay, in their new order; all of them in order change nothing
   * @throws IllegalArgumentException if there is none, one twice or one outside of the axis, or the
   *     axis is narrowed already
   */
  public GraphEditor narrow(GraphParameter parameter, int axis, int... positions) {
    Problem.given(parameter, "GraphEditor.narrow", "parameter");
    Problem.given(positions, "GraphEditor.narrow", "positions");
    requireOwn(parameter);
    Shape shape = parameter.shape();
    Axes kept = narrowed.getOrDefault(parameter, Axes.whole(shape.dimension()));
    boolean fits = axis >= 0 && axis < shape.dimension() && kept.axis(axis) == null;
    fits &= positions.length > 0 && Arrays.stream(positions).distinct().count() == positions.length;
    if (!fits || Arrays.stream(positions).anyMatch(p -> p < 0 || p >= shape.get(axis))) {
      throw Problem.argument(
          "positions that are not there",
          parameter.path() + ", axis " + axis,
          "some of the axis' positions, each once, in a parameter " + shape,
          Arrays.toString(positions),
          "count positions and axes from 0, and narrow an axis once");
    }
    int[] some = KeptPositions.simplified(positions, shape.get(axis));
    if (some != null) {
      narrowed.put(parameter, kept.with(axis, some));
    }
    return this;
  }

  /**
   * The new network's graph alone, to count what it would cost.
   *
   * @throws IllegalArgumentException as {@link #apply}
   */
  public ModelGraph graph() {
    return hasEdits() ? new Making().graph() : graph;
  }

  private boolean hasEdits() {
    return !replaced.isEmpty()
        || !dropped.isEmpty()
        || !values.isEmpty() // of added parameters too
        || !narrowed.isEmpty();
  }

  /**
   * The new network. Parameters that did not change are the given network's arrays; narrowed ones
   * are new arrays on the device of the old ones.
   *
   * @param manager owner of the new arrays
   * @throws IllegalArgumentException if what stays does not fit together; it names the node
   * @throws IllegalStateException if the editor is for a graph alone
   */
  public NetworkValues apply(NDManager manager) {
    Problem.given(manager, "GraphEditor.apply", "manager");
    NetworkValues given = network;
    if (given == null) {
      throw Problem.state(
          "graph without values",
          "GraphEditor.apply",
          "an editor for a network",
          "one for a graph alone",
          "make the editor of NetworkValues");
    }
    if (!hasEdits()) {
      return given;
    }
    ModelGraph result = graph();
    Map<String, NDArray> arrays = new HashMap<>();
    graph.parameters().forEach(p -> arrays.put(p.path(), given.array(p)));
    values.forEach((p, array) -> arrays.put(p.path(), array));
    narrowed.forEach(
        (p, kept) -> arrays.computeIfPresent(p.path(), (path, a) -> taken(a, kept, manager)));
    return NetworkValues.of(result, arrays);
  }

  private static NDArray taken(NDArray array, Axes kept, NDManager manager) {
    try (NDManager scope = array.getManager().newSubManager()) {
      NDArray taken = array.stopGradient();
      taken.attach(scope);
      for (int axis = 0; axis < kept.rank(); axis++) {
        int[] positions = kept.axis(axis);
        if (positions != null) {
          long[] indices = Arrays.stream(positions).asLongStream().toArray();
          NDArray[] in = {taken, scope.create(indices)};
          taken = new Indexing.Take(axis).apply(in, new ForwardPass(false, 0, scope))[0];
        }
      }
      taken.attach(manager);
      return taken;
    }
  }

  /** One new graph. */
  private final class Making {
    private final ModelGraph.Builder builder = ModelGraph.builder();
    private final List<Shape> shapes = new ArrayList<>();
    private final List<Axes> kept = new ArrayList<>();
    private final Norms norms =
        Norms.of(
            graph.nodes().stream()
                .map(n -> new Norms.Step(n.name(), n.operator(), n.inputs(), n.outputs()))
                .toList(),
            t -> graph.tensor(t).shape(),
            t -> t == ModelGraph.ABSENT || graph.constantOf(t) != null);

    /** Numbers of the tensors in the new graph; {@link ModelGraph#ABSENT} until they are made. */
    private final int[] numbers = new int[graph.tensors().size() + added.size()];

    ModelGraph graph() {
      Arrays.fill(numbers, ModelGraph.ABSENT);
      graph.tensors().forEach(tensor -> shapes.add(tensor.shape()));
      added.forEach(p -> shapes.add(p.shape()));
      shapes.forEach(shape -> kept.add(Axes.whole(shape.dimension())));
      narrowed.forEach((p, some) -> kept.set(p.tensor(), some));
      graph
          .inputs()
          .forEach(t -> numbers[t] = builder.input(shapes.get(t), graph.tensor(t).type()));
      Set<Integer> gone = gone();
      graph.parameters().stream().filter(p -> !gone.contains(p.tensor())).forEach(this::parameter);
      graph.constants().stream()
          .filter(c -> !gone.contains(c.tensor()))
          .forEach(c -> numbers[c.tensor()] = builder.constant(c));
      added.forEach(this::parameter);
      graph.nodes().forEach(this::node);
      return builder.build(graph.outputs().stream().map(t -> numbers[t]).toList());
    }

    /** What nodes read before and no node reads now. */
    private Set<Integer> gone() {
      Set<Integer> gone = new HashSet<>();
      graph.nodes().forEach(node -> gone.addAll(node.inputs()));
      for (GraphNode node : graph.nodes()) {
        List<Integer> read = replaced.getOrDefault(node, node).inputs();
        gone.removeAll(dropped.contains(node) ? read.subList(0, 1) : read);
      }
      gone.removeAll(graph.outputs());
      return gone;
    }

    private void parameter(GraphParameter p) {
      numbers[p.tensor()] = builder.parameter(p, kept.get(p.tensor()).of(p.shape()));
    }

    private void node(GraphNode old) {
      if (dropped.contains(old)) {
        int output = old.outputs().get(0);
        numbers[output] = numbers[old.inputs().get(0)];
        kept.set(output, kept.get(old.inputs().get(0)));
        return;
      }
      GraphNode node = replaced.getOrDefault(old, old);
      List<Integer> read = new ArrayList<>();
      List<@Nullable Shape> in = new ArrayList<>();
      List<Axes> keptIn = new ArrayList<>();
      for (int t : node.inputs()) {
        boolean absent = t == ModelGraph.ABSENT;
        if (!absent && (t < 0 || t >= numbers.length || numbers[t] == ModelGraph.ABSENT)) {
          throw misuse("input of '" + node.name() + "'", "a tensor made before it", t);
        }
        read.add(absent ? t : numbers[t]);
        in.add(absent ? null : shapes.get(t));
        keptIn.add(absent ? Axes.whole(0) : kept.get(t));
      }
      Operator operator = node.operator();
      WidthRules.Result result =
          WidthRules.of(
              operator,
              new KeptPositions(node.name(), operator.kind(), norms.measures(node.name())),
              in,
              keptIn,
              graph.outputShapes(old));
      List<Shape> made = new ArrayList<>();
      for (int i = 0; i < node.outputs().size(); i++) {
        int t = node.outputs().get(i);
        kept.set(t, result.outputs().get(i));
        made.add(kept.get(t).of(shapes.get(t)));
      }
      List<Integer> now = builder.node(node.name(), result.operator(), read, made);
      for (int i = 0; i < now.size(); i++) {
        numbers[node.outputs().get(i)] = now.get(i);
      }
    }
  }
}
