package org.vpns.graph;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;

/**
 * A block that runs a {@link ModelGraph}: forward, training, saving and loading as any block. Its
 * parameters bear the graph's dotted paths, so that weight files, masks and filters made for the
 * network that the graph was read from fit this one.
 */
public final class GraphBlock extends AbstractBlock {
  private final ModelGraph graph;
  private final GraphRun run;
  private final Parameter[] parameterOf;
  private final Map<Device, NDArray[]> constantsOf = new HashMap<>();
  private @Nullable NDManager owner;

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
    run = GraphRun.of(graph);
    beforeInitialize(shapesOf(graph.inputs()));
  }

  /**
   * A block with new values: zeros, but ones for scales and running variances.
   *
   * @param manager owner of the values
   */
  public static GraphBlock of(ModelGraph graph, NDManager manager) {
    Problem.given(graph, "GraphBlock.of", "graph");
    Problem.given(manager, "GraphBlock.of", "manager");
    GraphBlock block = new GraphBlock(graph);
    block.owner = manager;
    return block.filled(
        p -> {
          boolean ones = p.type() == Parameter.Type.GAMMA || p.type() == Parameter.Type.RUNNING_VAR;
          return ones
              ? manager.ones(p.shape(), p.dataType())
              : manager.zeros(p.shape(), p.dataType());
        });
  }

  /**
   * A block of a network, with copies of its values.
   *
   * @param manager owner of the copies
   */
  public static GraphBlock of(NetworkValues network, NDManager manager) {
    Problem.given(network, "GraphBlock.of", "network");
    Problem.given(manager, "GraphBlock.of", "manager");
    GraphBlock block = new GraphBlock(network.graph());
    block.owner = manager;
    return block.filled(
        p -> {
          try (NDArray values = network.array(p).stopGradient()) {
            NDArray copy = values.duplicate();
            try {
              copy.attach(manager);
              return copy;
            } catch (Throwable e) {
              copy.close();
              throw e;
            }
          }
        });
  }

  /** Sets all parameters, or closes what was made: their owner is a manager of the caller. */
  private GraphBlock filled(Function<GraphParameter, NDArray> values) {
    try {
      graph.parameters().forEach(p -> fill(p, values.apply(p)));
      return this;
    } catch (Throwable e) {
      clear();
      throw e;
    }
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

  /** The network as it is now; its arrays are the block's own. */
  public NetworkValues network() {
    Map<String, NDArray> arrays = new HashMap<>();
    graph.parameters().forEach(p -> arrays.put(p.path(), array(p)));
    return NetworkValues.of(graph, arrays);
  }

  /** The values of a parameter. */
  public NDArray array(GraphParameter parameter) {
    Problem.given(parameter, "GraphBlock.array", "parameter");
    return parameterOf[parameter.tensor()].getArray();
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store,
      NDList data,
      boolean training,
      @Nullable PairList<String, Object> params) {
    run.requireInputs(data);
    Device device = data.head().getDevice();
    @Nullable NDArray[] known = new NDArray[parameterOf.length];
    for (GraphParameter p : graph.parameters()) {
      known[p.tensor()] = store.getValue(parameterOf[p.tensor()], device, training);
    }
    NDArray[] constants = constants(device);
    for (int i = 0; i < constants.length; i++) {
      known[graph.constants().get(i).tensor()] = constants[i];
    }
    return run.run(known, data, training, GraphRun.Rule.OPERATORS, !training);
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
          try {
            return graph.constants().stream()
                .map(constant -> constant.toArray(manager))
                .toArray(NDArray[]::new);
          } catch (Throwable e) {
            manager.close();
            throw e;
          }
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
