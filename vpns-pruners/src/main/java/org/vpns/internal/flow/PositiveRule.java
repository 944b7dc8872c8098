package org.vpns.internal.flow;

import static java.util.Objects.requireNonNull;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableSet;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.vpns.KeptNumber;
import org.vpns.Problem;
import org.vpns.graph.GraphConstant;
import org.vpns.graph.GraphNode;
import org.vpns.graph.GraphRun;
import org.vpns.graph.ModelGraph;
import org.vpns.graph.op.ForwardPass;
import org.vpns.graph.op.Operator;
import org.vpns.internal.graph.op.Elementwise;
import org.vpns.internal.graph.op.Indexing;
import org.vpns.internal.graph.op.Joining;
import org.vpns.internal.graph.op.Layers;
import org.vpns.internal.graph.op.Pooling;
import org.vpns.internal.graph.op.Reductions;
import org.vpns.internal.graph.op.Shaping;

/**
 * How each operator works in the positive network, in which every weight counts by its absolute
 * value and nothing is added that does not come from the input. Then every value is positive and
 * the output is proportional to the values of any layer: what flows in flows out.
 *
 * <pre>
 * convolution, linear       with |w|, without bias
 * batch norm                x |gamma| / sqrt(variance + eps)
 * number or parameter       times |c|; added or subtracted: left out
 * ReLU, leaky ReLU, ELU     the identity, as values are positive
 * dropout, casts            the identity
 * pooling, sums, joins, reshaping: as they are
 * </pre>
 *
 * <p>Released form, as in the published code: biases stay, as |b|; batch norm is (x - |mean|)
 * |gamma| / sqrt(|variance| + eps) + |beta|; so what flows in is not what flows out.
 */
final class PositiveRule implements GraphRun.Rule {
  private static final ImmutableSet<Class<? extends Operator>> AS_THEY_ARE =
      ImmutableSet.of(
          Pooling.Pool.class,
          Pooling.GlobalPool.class,
          Joining.Concat.class,
          Joining.Stack.class,
          Joining.Split.class,
          Indexing.Slice.class,
          Indexing.Take.class,
          Indexing.Gather.class,
          Shaping.Reshape.class,
          Shaping.Transpose.class,
          Shaping.Squeeze.class,
          Shaping.ExpandDims.class,
          Shaping.Broadcast.class,
          Shaping.Flip.class);

  private final boolean released;
  private final boolean lenient;
  private final ImmutableSet<String> identities;
  private final boolean[] fixed;

  /**
   * The rule of a graph.
   *
   * @param released the form of the published code
   * @param lenient whether what is not understood becomes the identity, or stays as it is
   * @param identities kinds of operators that become the identity
   */
  PositiveRule(ModelGraph graph, boolean released, boolean lenient, Set<String> identities) {
    this.released = released;
    this.lenient = lenient;
    this.identities = ImmutableSet.copyOf(identities);
    fixed = new boolean[graph.tensors().size()];
    graph.parameters().forEach(p -> fixed[p.tensor()] = true);
    graph.constants().forEach(c -> fixed[c.tensor()] = true);
    // what is made of parameters and constants alone
    for (GraphNode node : graph.nodes()) {
      boolean still = node.inputs().stream().allMatch(this::isFixed);
      node.outputs().forEach(t -> fixed[t] = still);
    }
  }

  /** A parameter's array in the positive network; a new array of the manager. */
  static NDArray parameter(NDArray array, NDManager manager) {
    try (NDArray plain = array.stopGradient();
        NDArray wide = plain.toType(DataType.FLOAT64, true)) {
      NDArray result = wide.abs();
      result.attach(manager);
      return result;
    }
  }

  /** A constant's array in the positive network. */
  static NDArray constant(GraphConstant constant, NDManager manager) {
    NDArray array = constant.toArray(manager);
    if (!array.getDataType().isFloating()) {
      return array;
    }
    try (array;
        NDArray wide = array.toType(DataType.FLOAT64, true)) {
      NDArray result = wide.abs();
      result.attach(manager);
      return result;
    }
  }

  @Override
  public NDArray[] apply(GraphNode node, @Nullable NDArray[] in, ForwardPass pass) {
    Operator operator = node.operator();
    if (node.outputs().stream().allMatch(t -> fixed[t])) {
      NDArray[] made = operator.apply(in, pass);
      return Arrays.stream(made)
          .map(a -> a.getDataType().isFloating() ? a.abs() : a)
          .toArray(NDArray[]::new);
    }
    NDArray x = requireNonNull(in[0]);
    if (identities.contains(operator.kind()) || isIdentity(operator)) {
      return one(x);
    }
    NDArray[] result = lenient ? leniently(node, in, pass) : known(node, in, pass);
    if (result != null) {
      return result;
    }
    throw Problem.argument(
        "operator that does not conserve flow",
        "'" + operator.kind() + "' at node '" + node.name() + "'",
        "convolutions, linear layers, batch norm, ReLU, pooling, sums and reshaping",
        operator,
        "name it in SynFlowScorer.asIdentity, or use another scorer");
  }

  /** What is not understood is the identity where that keeps the shape. */
  private NDArray[] leniently(GraphNode node, @Nullable NDArray[] in, ForwardPass pass) {
    int[] flows =
        IntStream.range(0, in.length).filter(i -> in[i] != null && !isFixed(node, i)).toArray();
    Operator operator = node.operator();
    boolean meet = flows.length == 2 || !isBinary(operator);
    NDArray[] ways = meet ? Ways.on(operator, in, pass) : null;
    NDArray[] result = known(node, in, pass);
    if (ways != null && result != null) { // as much flows as ever, and there are all ways
      return one(result[0].add(ways[0].sub(ways[0].stopGradient())));
    }
    if (ways != null) {
      return ways;
    }
    if (result != null) {
      return result;
    }
    NDArray[] made = operator.apply(in, pass);
    NDArray flow = requireNonNull(in[flows[0]]);
    return flows.length == 1 && made[0].getShape().equals(flow.getShape()) ? one(flow) : made;
  }

  private static boolean isBinary(Operator operator) {
    return operator instanceof Elementwise.Binary || operator instanceof Layers.MatMul;
  }

  /** What the operator does, or null if it is not one of the table. */
  private NDArray @Nullable [] known(GraphNode node, @Nullable NDArray[] in, ForwardPass pass) {
    Operator operator = node.operator();
    if (operator instanceof Layers.Weighted) {
      @Nullable NDArray[] inputs = released ? in : Arrays.copyOf(in, 2);
      return isWeighted(node) ? operator.apply(inputs, pass) : null;
    }
    if (operator instanceof Layers.MatMul) {
      return isFixed(node, 0) != isFixed(node, 1) ? operator.apply(in, pass) : null;
    }
    if (operator instanceof Layers.BatchNorm norm) {
      return one(normalised(norm, in));
    }
    if (operator instanceof Elementwise.Binary binary) {
      return binary(binary, node, in, pass);
    }
    if (operator instanceof Elementwise.WithNumber number) {
      return withNumber(number, requireNonNull(in[0]), pass);
    }
    if (operator instanceof Reductions.Reduce reduce) {
      return reduce.reduction() == Reductions.Kind.PROD ? null : operator.apply(in, pass);
    }
    if (operator instanceof Shaping.Pad pad) {
      return pad.value() == 0 ? operator.apply(in, pass) : null;
    }
    return isRectifier(operator) || AS_THEY_ARE.contains(operator.getClass())
        ? operator.apply(in, pass)
        : null;
  }

  /** Whether a node is a convolution or linear layer through which flow goes by its weights. */
  boolean isWeighted(GraphNode node) {
    Operator operator = node.operator();
    return operator instanceof Layers.Weighted
        && !identities.contains(operator.kind())
        && !isFixed(node, 0)
        && isFixed(node, 1);
  }

  private boolean isFixed(GraphNode node, int input) {
    return isFixed(node.inputs().get(input));
  }

  private boolean isFixed(int tensor) {
    return tensor == ModelGraph.ABSENT || fixed[tensor];
  }

  private static boolean isIdentity(Operator operator) {
    return operator instanceof Layers.Dropout
        || operator instanceof Elementwise.Cast cast && cast.type().isFloating()
        || operator instanceof Elementwise.Unary unary
            && unary.function() == Elementwise.Function.STOP_GRADIENT;
  }

  /** f(0) = 0 and f(x) = x for x &gt; 0. */
  private static boolean isRectifier(Operator operator) {
    return operator instanceof Elementwise.Sloped
        || operator instanceof Elementwise.Unary unary
            && unary.function() == Elementwise.Function.RELU;
  }

  private NDArray normalised(Layers.BatchNorm norm, @Nullable NDArray[] in) {
    NDArray x = requireNonNull(in[0]);
    long[] lengths = new long[x.getShape().dimension()];
    Arrays.fill(lengths, 1);
    lengths[norm.channelAxis()] = x.getShape().get(norm.channelAxis());
    Shape perChannel = new Shape(lengths);
    NDArray scale =
        requireNonNull(in[3])
            .div(requireNonNull(in[2]).add((double) norm.eps()).sqrt())
            .reshape(perChannel);
    if (!released) {
      return x.mul(scale);
    }
    NDArray mean = requireNonNull(in[1]).reshape(perChannel);
    NDArray shift = requireNonNull(in[4]).reshape(perChannel);
    return x.sub(mean).mul(scale).add(shift);
  }

  private NDArray @Nullable [] binary(
      Elementwise.Binary binary, GraphNode node, @Nullable NDArray[] in, ForwardPass pass) {
    boolean first = isFixed(node, 0);
    boolean second = isFixed(node, 1);
    NDArray flow = requireNonNull(first ? in[1] : in[0]);
    return switch (binary.function()) {
      case ADD ->
          first || second ? released ? binary.apply(in, pass) : one(flow) : binary.apply(in, pass);
      case SUB -> second ? released ? binary.apply(in, pass) : one(flow) : null;
      case MUL -> first || second ? binary.apply(in, pass) : null;
      case DIV -> second ? binary.apply(in, pass) : null;
      default -> null;
    };
  }

  private NDArray @Nullable [] withNumber(
      Elementwise.WithNumber number, NDArray x, ForwardPass pass) {
    double size = Math.abs(number.number());
    return switch (number.function()) {
      case ADD, SUB -> one(released ? x.add(size) : x);
      case MUL -> one(KeptNumber.product(x, size));
      case DIV -> one(KeptNumber.quotient(x, size));
      case MAX -> number.number() <= 0 ? number.apply(new NDArray[] {x}, pass) : null;
      default -> null;
    };
  }

  private static NDArray[] one(NDArray array) {
    return new NDArray[] {array};
  }
}
