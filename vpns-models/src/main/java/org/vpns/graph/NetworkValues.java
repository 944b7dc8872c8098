package org.vpns.graph;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import com.google.common.collect.ImmutableMap;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.Problem;

/**
 * A network as a value: its graph, and the values of the graph's parameters by path. What changes a
 * network ({@link GraphEditor}, {@link BatchNormFolding}, {@link MappedHead}) takes one and gives a
 * new one; {@link GraphBlock#of(NetworkValues, NDManager)} makes a block of it.
 *
 * <p>The arrays are borrowed, never copied and never closed here: they belong to whoever made them,
 * and several networks may share those that are the same in each. Immutable, as long as nobody
 * writes into the arrays.
 */
public final class NetworkValues {
  private final ModelGraph graph;
  private final ImmutableMap<String, NDArray> arrays;

  private NetworkValues(ModelGraph graph, ImmutableMap<String, NDArray> arrays) {
    this.graph = graph;
    this.arrays = arrays;
  }

  /**
   * A graph with arrays by path; those of other paths are left out.
   *
   * @throws IllegalArgumentException if a parameter's array is missing or shaped otherwise
   */
  public static NetworkValues of(ModelGraph graph, Map<String, NDArray> arrays) {
    Problem.given(graph, "NetworkValues.of", "graph");
    Problem.givenEach(arrays, "NetworkValues.of", "arrays");
    ImmutableMap.Builder<String, NDArray> own = ImmutableMap.builder();
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
      own.put(p.path(), array);
    }
    return new NetworkValues(graph, own.buildOrThrow());
  }

  /**
   * A graph with the arrays of a block as it is now.
   *
   * @param block a block whose parameters have the graph's paths and shapes
   * @throws IllegalArgumentException if a parameter is missing or shaped otherwise
   * @throws IllegalStateException if the block was closed, or another thread's run is changing it
   */
  public static NetworkValues of(ModelGraph graph, Block block) {
    Problem.given(graph, "NetworkValues.of", "graph");
    Problem.given(block, "NetworkValues.of", "block");
    Problem.open(block, "NetworkValues.of");
    Map<String, NDArray> arrays = new HashMap<>();
    for (NamedParameter p : ParameterPaths.of(block)) {
      arrays.put(p.path(), p.parameter().getArray());
    }
    return of(graph, arrays);
  }

  /**
   * The same arrays under another graph of these parameters, or of some of them.
   *
   * @throws IllegalArgumentException if it has others, or other shapes
   */
  public NetworkValues with(ModelGraph other) {
    Problem.given(other, "NetworkValues.with", "other");
    return of(other, arrays);
  }

  /** The graph. */
  public ModelGraph graph() {
    return graph;
  }

  /** The values of one of the graph's parameters. */
  public NDArray array(GraphParameter parameter) {
    Problem.given(parameter, "NetworkValues.array", "parameter");
    return array(parameter.path());
  }

  /**
   * The values of the parameter of a path.
   *
   * @throws IllegalArgumentException if there is none
   * @throws IllegalStateException if what holds it was closed
   */
  public NDArray array(String path) {
    Problem.given(path, "NetworkValues.array", "path");
    NDArray array = arrays.get(graph.parameter(path).path());
    if (array == null) {
      throw new IllegalStateException(path);
    }
    return Problem.open(array, "NetworkValues.array, " + path);
  }

  /**
   * Arrays by number of tensor, as {@link GraphRun} wants them: null for all tensors but parameters
   * and constants.
   *
   * @param parameter what a parameter's array becomes
   * @param constant what a constant becomes
   */
  public @Nullable NDArray[] byTensor(
      BiFunction<GraphParameter, NDArray, NDArray> parameter,
      Function<GraphConstant, NDArray> constant) {
    Problem.given(parameter, "NetworkValues.byTensor", "parameter");
    Problem.given(constant, "NetworkValues.byTensor", "constant");
    @Nullable NDArray[] known = new NDArray[graph.tensors().size()];
    graph.parameters().forEach(p -> known[p.tensor()] = parameter.apply(p, array(p)));
    graph.constants().forEach(c -> known[c.tensor()] = constant.apply(c));
    return known;
  }

  /** The graph's counts. */
  @Override
  public String toString() {
    return "NetworkValues (" + graph + ")";
  }
}
