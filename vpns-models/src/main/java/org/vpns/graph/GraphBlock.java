package org.vpns.graph;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.Problem;
import org.vpns.graph.op.Operator;
import org.vpns.graph.op.Pass;

/**
 * A block that runs a {@link ModelGraph}: forward, training, saving and loading as any block. Its
 * parameters bear the graph's dotted paths, so that weight files, masks and filters made for the
 * network that the graph was read from fit this one.
 */
public final class GraphBlock extends AbstractBlock {
  private final ModelGraph graph;
  private final Step[] steps;
  private final Parameter[] parameterOf;
  private final Map<Device, NDArray[]> constantsOf = new HashMap<>();
  private @Nullable NDManager owner;

  /** One node, ready to run. */
  private record Step(
      Operator operator, int[] inputs, int[] outputs, int[] lastRead, boolean attach) {}

  private GraphBlock(ModelGraph graph) {
    super((byte) 1);
    this.graph = graph;
    parameterOf = new Parameter[graph.tensors().size()];
    for (GraphParameter p : graph.parameters()) {
      Parameter parameter =
          Parameter.builder()
              .setName(p.path())
              .setType(p.type())
              .optRequiresGrad(p.trained())
              .build();
      parameterOf[p.tensor()] = addParameter(parameter);
    }
    steps = steps(graph);
    beforeInitialize(shapesOf(graph.inputs()));
  }

  /**
   * A block with new values: zeros, but ones for scales and running variances.
   *
   * @param manager owner of the values
   */
  public static GraphBlock of(ModelGraph graph, NDManager manager) {
    GraphBlock block = new GraphBlock(graph);
    block.owner = manager;
    for (GraphParameter p : graph.parameters()) {
      boolean ones = p.type() == Parameter.Type.GAMMA || p.type() == Parameter.Type.RUNNING_VAR;
      NDArray values =
          ones ? manager.ones(p.shape(), p.dataType()) : manager.zeros(p.shape(), p.dataType());
      block.fill(p, values);
    }
    return block;
  }

  /**
   * A block with copies of another block's values.
   *
   * @param source a block whose parameters have the graph's paths and shapes
   * @param manager owner of the copies
   * @throws IllegalArgumentException if a parameter is missing or shaped otherwise
   */
  public static GraphBlock of(ModelGraph graph, Block source, NDManager manager) {
    Map<String, NDArray> arrays = new HashMap<>();
    for (NamedParameter p : ParameterPaths.of(source)) {
      arrays.put(p.path(), p.parameter().getArray());
    }
    GraphBlock block = new GraphBlock(graph);
    block.owner = manager;
    for (GraphParameter p : graph.parameters()) {
      NDArray array = arrays.get(p.path());
      if (array == null || !array.getShape().equals(p.shape())) {
        throw Problem.argument(
            "graph of another network",
            p.path(),
            p.shape(),
            array == null ? "no such parameter" : array.getShape(),
            "trace the block itself");
      }
      try (NDArray values = array.stopGradient()) {
        NDArray copy = values.duplicate();
        copy.attach(manager);
        block.fill(p, copy);
      }
    }
    return block;
  }

  private void fill(GraphParameter p, NDArray values) {
    parameterOf[p.tensor()].setArray(values);
    if (p.trained()) {
      values.setRequiresGradient(true);
    }
  }

  private Shape[] shapesOf(List<Integer> numbers) {
    return numbers.stream().map(t -> graph.tensor(t).shape()).toArray(Shape[]::new);
  }

  /** The graph. */
  public ModelGraph graph() {
    return graph;
  }

  /** The values of a parameter, by path. */
  public NDArray array(GraphParameter parameter) {
    return parameterOf[parameter.tensor()].getArray();
  }

  private static Step[] steps(ModelGraph graph) {
    int[] last = new int[graph.tensors().size()];
    Arrays.fill(last, -1);
    List<GraphNode> nodes = graph.nodes();
    for (int i = 0; i < nodes.size(); i++) {
      for (int t : nodes.get(i).inputs()) {
        if (t != ModelGraph.ABSENT) {
          last[t] = i;
        }
      }
    }

    // what the caller owns is not freed: inputs, outputs, parameters, constants
    boolean[] kept = new boolean[last.length];
    boolean[] still = new boolean[last.length];
    graph.inputs().forEach(t -> kept[t] = true);
    graph.outputs().forEach(t -> kept[t] = true);
    graph.parameters().forEach(p -> kept[p.tensor()] = still[p.tensor()] = true);
    graph.constants().forEach(c -> kept[c.tensor()] = still[c.tensor()] = true);

    Step[] steps = new Step[nodes.size()];
    for (int i = 0; i < steps.length; i++) {
      GraphNode node = nodes.get(i);
      int at = i;
      List<Integer> freed = new ArrayList<>();
      node.inputs().stream()
          .filter(t -> t != ModelGraph.ABSENT && !kept[t] && last[t] == at)
          .distinct()
          .forEach(freed::add);
      node.outputs().stream().filter(t -> !kept[t] && last[t] == -1).forEach(freed::add);
      // the engine gives a result to the owner of the first operand: for a weight, that is the
      // model, where it would stay for ever
      boolean attach =
          !node.inputs().isEmpty()
              && node.inputs().get(0) != ModelGraph.ABSENT
              && still[node.inputs().get(0)];
      steps[i] =
          new Step(node.operator(), ints(node.inputs()), ints(node.outputs()), ints(freed), attach);
    }
    return steps;
  }

  private static int[] ints(List<Integer> list) {
    return list.stream().mapToInt(Integer::intValue).toArray();
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store,
      NDList data,
      boolean training,
      @Nullable PairList<String, Object> params) {
    if (data.size() != graph.inputs().size()) {
      throw Problem.argument(
          "wrong number of inputs",
          "GraphBlock.forward",
          graph.inputs().size(),
          data.size(),
          "pass one array for each input");
    }
    NDManager manager = data.head().getManager();
    Device device = data.head().getDevice();
    NDArray[] values = new NDArray[parameterOf.length];
    for (int t = 0; t < values.length; t++) {
      if (parameterOf[t] != null) {
        values[t] = store.getValue(parameterOf[t], device, training);
      }
    }
    NDArray[] constants = constants(device);
    for (int i = 0; i < constants.length; i++) {
      values[graph.constants().get(i).tensor()] = constants[i];
    }
    for (int i = 0; i < data.size(); i++) {
      values[graph.inputs().get(i)] = data.get(i);
    }
    Pass pass = new Pass(training, data.head().getShape().get(0), manager);
    for (Step step : steps) {
      run(step, values, pass);
    }
    NDList result = new NDList();
    graph.outputs().forEach(t -> result.add(values[t]));
    return result;
  }

  private static void run(Step step, NDArray[] values, Pass pass) {
    @Nullable NDArray[] in = new NDArray[step.inputs.length];
    for (int i = 0; i < in.length; i++) {
      in[i] = step.inputs[i] == ModelGraph.ABSENT ? null : values[step.inputs[i]];
    }
    NDArray[] out = step.operator.apply(in, pass);
    for (int i = 0; i < out.length; i++) {
      if (step.attach) {
        out[i].attach(pass.manager());
      }
      values[step.outputs[i]] = out[i];
    }
    if (!pass.training()) {
      for (int t : step.lastRead) {
        values[t].close();
      }
    }
  }

  /** The constants on a device, made once. */
  private synchronized NDArray[] constants(Device device) {
    return constantsOf.computeIfAbsent(
        device,
        d -> {
          if (owner == null) {
            throw new IllegalStateException("no owner for constants");
          }
          NDManager manager = owner.newSubManager(d);
          return graph.constants().stream()
              .map(constant -> constant.toArray(manager))
              .toArray(NDArray[]::new);
        });
  }

  @Override
  public Shape[] getOutputShapes(Shape[] shapes) {
    return graph.resultShapes(List.of(shapes)).toArray(Shape[]::new);
  }

  @Override
  public void initialize(NDManager manager, DataType dataType, Shape... shapes) {
    // it has its values from the start
    beforeInitialize(shapes);
  }

  /** Counts of the graph's parts. */
  @Override
  public String toString() {
    return "GraphBlock (" + graph + ")";
  }
}
