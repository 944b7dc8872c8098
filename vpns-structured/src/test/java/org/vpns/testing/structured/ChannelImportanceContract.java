package org.vpns.testing.structured;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.pooling.Pool;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vpns.graph.GraphBlock;
import org.vpns.graph.GraphParameter;
import org.vpns.graph.ModelGraph;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.ChannelScores;
import org.vpns.structured.ChannelUnit;
import org.vpns.structured.score.ChannelContext;
import org.vpns.structured.score.ChannelImportance;
import org.vpns.testing.OpenResources;

/**
 * What every importance promises, on a network traced from a block and on one whose parameters were
 * read from a file, frozen ones among them. Every group of both has a norm and is read by a weight.
 */
public abstract class ChannelImportanceContract {
  private static final Shape IMAGE = new Shape(2, 6, 6);
  private static final int CLASSES = 3;

  private final NDManager manager = NDManager.newBaseManager();

  /** Tracing takes longer than scoring. */
  private static final class Traced {
    static final ModelGraph GRAPH;

    static {
      try (NDManager manager = NDManager.newBaseManager()) {
        GRAPH = BlockTracer.network(block(manager), IMAGE).graph();
      }
    }
  }

  /** The importance. */
  protected abstract ChannelImportance importance();

  @AfterEach
  void close() {
    manager.close();
  }

  private static Block conv(int filters, int groups) {
    return Conv2d.builder()
        .setFilters(filters)
        .setKernelShape(new Shape(3, 3))
        .optPadding(new Shape(1, 1))
        .optGroups(groups)
        .build();
  }

  /** Convolutions, one of them depthwise, batch norms and a linear layer. */
  private static Block block(NDManager manager) {
    SequentialBlock block =
        new SequentialBlock()
            .add(conv(4, 1))
            .add(BatchNorm.builder().build())
            .add(Activation.reluBlock())
            .add(conv(4, 4))
            .add(conv(6, 1))
            .add(BatchNorm.builder().build())
            .add(Activation.reluBlock())
            .add(Pool.globalAvgPool2dBlock())
            .add(Linear.builder().setUnits(CLASSES).build());
    block.initialize(manager, DataType.FLOAT32, new Shape(1).addAll(IMAGE));
    return block;
  }

  private NetworkValues traced() {
    return BlockTracer.network(block(manager), IMAGE);
  }

  /** The same layers with arrays that are nobody's, without gradient, some frozen. */
  private NetworkValues read() {
    ModelGraph graph = Traced.GRAPH;
    ModelGraph.Builder builder = ModelGraph.builder();
    int[] numbers = new int[graph.tensors().size()];
    int input = graph.inputs().get(0);
    numbers[input] = builder.input(graph.tensor(input).shape(), graph.tensor(input).type());
    Map<String, NDArray> arrays = new HashMap<>();
    Random random = new Random(4);
    for (GraphParameter p : graph.parameters()) {
      boolean trained = p.trained() && p.shape().dimension() > 1;
      numbers[p.tensor()] = builder.parameter(p.path(), p.type(), trained, p.shape(), p.dataType());
      float[] values = new float[Math.toIntExact(p.shape().size())];
      for (int i = 0; i < values.length; i++) {
        values[i] =
            p.type() == Parameter.Type.RUNNING_VAR
                ? 0.5f + random.nextFloat()
                : (float) random.nextGaussian();
      }
      arrays.put(p.path(), manager.create(values, p.shape()));
    }
    graph
        .nodes()
        .forEach(
            node -> {
              List<Integer> read =
                  node.inputs().stream()
                      .map(t -> t == ModelGraph.ABSENT ? t : Integer.valueOf(numbers[t]))
                      .toList();
              List<Integer> made =
                  builder.node(node.name(), node.operator(), read, graph.outputShapes(node));
              for (int i = 0; i < made.size(); i++) {
                numbers[node.outputs().get(i)] = made.get(i);
              }
            });
    List<Integer> result = graph.outputs().stream().map(t -> numbers[t]).toList();
    return NetworkValues.of(builder.build(result), arrays);
  }

  private ChannelContext context(NetworkValues network, long seed) {
    Shape shape = new Shape(4).addAll(IMAGE);
    float[] pixels = new float[Math.toIntExact(shape.size())];
    Random random = new Random(9);
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = random.nextFloat();
    }
    NDArray images = manager.create(pixels, shape);
    NDArray labels = manager.create(new long[] {0, 1, 2, 1});
    return ChannelContext.of(network, ChannelGroups.of(network.graph()))
        .seed(seed)
        .images(images, labels);
  }

  private static Map<ChannelUnit, Double> values(ChannelScores scores) {
    Map<ChannelUnit, Double> values = new LinkedHashMap<>();
    scores.groups().free().forEach(unit -> values.put(unit, scores.score(unit)));
    return values;
  }

  private static Map<String, String> state(NetworkValues network) {
    Map<String, String> state = new LinkedHashMap<>();
    for (GraphParameter p : network.graph().parameters()) {
      NDArray array = network.array(p);
      StringBuilder bits = new StringBuilder(Arrays.toString(array.toFloatArray()));
      if (array.hasGradient()) {
        try (NDArray gradient = array.getGradient()) {
          bits.append(Arrays.toString(gradient.toFloatArray()));
        }
      }
      state.put(p.path(), bits.toString());
    }
    return state;
  }

  @Test
  void scores_areFinite_forEachUnitThatCanLeave() {
    for (NetworkValues network : List.of(traced(), read())) {
      ChannelScores scores = importance().score(context(network, 1));
      assertThat(values(scores)).hasSize(10).allSatisfy((unit, s) -> assertThat(s).isFinite());
      assertThat(scores.groups().groups()).isEqualTo(ChannelGroups.of(network.graph()).groups());
    }
  }

  @Test
  void scores_ofTheSameSeed_areTheSameBits() {
    NetworkValues network = read();
    Map<ChannelUnit, Double> first = values(importance().score(context(network, 3)));
    assertThat(values(importance().score(context(network, 3)))).isEqualTo(first);
  }

  @Test
  void scores_ofANetworkThatMoved_areThoseOfTheNewValues() {
    NetworkValues network = read();
    ChannelContext context = context(network, 1);
    importance().score(context);
    for (GraphParameter p : network.graph().parameters()) {
      if (p.shape().dimension() > 1) {
        network.array(p).muli(-2).addi(0.5f);
      }
    }
    assertThat(values(importance().score(context)))
        .isEqualTo(values(importance().score(context(network, 1))));
  }

  @Test
  void network_isUntouched_andItsGradientsToo() {
    NetworkValues network = read();
    Map<String, String> values = state(network);
    importance().score(context(network, 1));
    assertThat(state(network)).isEqualTo(values);
    GraphBlock block = GraphBlock.of(read(), manager);
    Map<String, String> before = state(block.network());
    importance().score(context(block.network(), 1));
    assertThat(state(block.network())).isEqualTo(before);
  }

  @Test
  void arrays_allOfThem_areClosed() {
    NetworkValues network = traced();
    ChannelContext context = context(network, 1);
    importance().score(context);
    long open = OpenResources.under(manager);
    for (int i = 0; i < 3; i++) {
      importance().score(context);
    }
    assertThat(OpenResources.under(manager)).isEqualTo(open);
  }

  @Test
  void importance_describesItself() {
    assertThat(importance().describe()).isNotBlank().isEqualTo(importance().describe());
  }

  @SuppressWarnings("NullAway") // as a caller without checks does
  @Test
  void context_thatIsMissing_isRefused() {
    assertThatThrownBy(() -> importance().score(null)).isInstanceOf(NullPointerException.class);
  }
}
