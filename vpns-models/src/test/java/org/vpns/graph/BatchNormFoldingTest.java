package org.vpns.graph;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter.Type;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.internal.graph.op.Elementwise.Binary;
import org.vpns.internal.graph.op.Elementwise.Pair;
import org.vpns.internal.graph.op.Layers.BatchNorm;
import org.vpns.internal.graph.op.Layers.Convolution;
import org.vpns.internal.graph.op.Layers.Linear;
import org.vpns.model.MobileNets;
import org.vpns.model.ResNets;

class BatchNormFoldingTest {
  private final NDManager manager = NDManager.newBaseManager();
  private final ModelGraph.Builder builder = ModelGraph.builder();
  private final Map<String, float[]> values = new LinkedHashMap<>();

  @AfterEach
  void close() {
    manager.close();
  }

  private int parameter(String path, Type type, Shape shape, float... numbers) {
    values.put(path, numbers);
    boolean trained = type != Type.RUNNING_MEAN && type != Type.RUNNING_VAR;
    return builder.parameter(path, type, trained, shape, DataType.FLOAT32);
  }

  private int norm(String name, int x, int axis, float eps, float[]... statistics) {
    Type[] types = {Type.RUNNING_MEAN, Type.RUNNING_VAR, Type.GAMMA, Type.BETA};
    String[] leaves = {"running_mean", "running_var", "weight", "bias"};
    List<Integer> read = new ArrayList<>(List.of(x));
    for (int i = 0; i < 4; i++) {
      Shape shape = new Shape(statistics[i].length);
      read.add(parameter(name + "." + leaves[i], types[i], shape, statistics[i]));
    }
    return builder.node(name, new BatchNorm(axis, 0.9f, eps), read).get(0);
  }

  private int conv(String name, int x, Integer... weights) {
    List<Integer> read = new ArrayList<>(List.of(x));
    read.addAll(List.of(weights));
    Shape one = new Shape(1, 1);
    return builder.node(name, new Convolution(one, new Shape(0, 0), one, 1), read).get(0);
  }

  private GraphBlock block(Integer... outputs) {
    ModelGraph graph = builder.build(List.of(outputs));
    GraphBlock block = GraphBlock.of(graph, manager);
    graph.parameters().forEach(p -> block.array(p).set(values.get(p.path())));
    return block;
  }

  private static Map<String, float[]> values(NetworkValues network) {
    Map<String, float[]> found = new LinkedHashMap<>();
    network.graph().parameters().forEach(p -> found.put(p.path(), network.array(p).toFloatArray()));
    return found;
  }

  private int pixels(long channels) {
    return builder.input(new Shape(-1, channels, 1, 1), DataType.FLOAT32);
  }

  @Test
  void fold_ofAConvolution_givesTheWorkedNumbers() {
    int w = parameter("conv.weight", Type.WEIGHT, new Shape(2, 2, 1, 1), 1, -2, 0, 5);
    int y = conv("conv", pixels(2), w);
    // eps 1: sqrt(3 + 1) = 2 and sqrt(8 + 1) = 3, scales 4 / 2 = 2 and -6 / 3 = -2
    y =
        norm(
            "bn",
            y,
            1,
            1f,
            new float[] {0.5f, -1},
            new float[] {3, 8},
            new float[] {4, -6},
            new float[] {10, 20});
    BatchNormFolding folding = BatchNormFolding.fold(block(y).network(), manager);
    assertThat(folding.folded()).containsExactly("bn");
    assertThat(folding.left()).isEmpty();
    Map<String, float[]> found = values(folding.network());
    assertThat(found).containsOnlyKeys("conv.weight", "conv.bias");
    assertThat(found.get("conv.weight")).containsExactly(2, -4, 0, -10);
    // the removed weight under the scale -2 is +0, bit by bit
    assertThat(Float.floatToRawIntBits(found.get("conv.weight")[2])).isZero();
    // (0 - 0.5) 2 + 10 and (0 + 1) (-2) + 20
    assertThat(found.get("conv.bias")).containsExactly(9, 18);
    assertThat(folding.network().graph().nodes())
        .extracting(GraphNode::name)
        .containsExactly("conv");
    GraphParameter bias = folding.network().graph().parameters().get(1);
    assertThat(bias.type()).isEqualTo(Type.BIAS);
    assertThat(bias.trained()).isTrue();
  }

  @Test
  void fold_ofALinearLayerWithBias_givesTheWorkedNumbers() {
    int x = builder.input(new Shape(-1, 2), DataType.FLOAT32);
    int w = parameter("fc.weight", Type.WEIGHT, new Shape(1, 2), 3, 4);
    int b = parameter("fc.bias", Type.BIAS, new Shape(1), 7);
    int y = builder.node("fc", new Linear(), List.of(x, w, b)).get(0);
    // scale 6 / sqrt(8 + 1) = 2, bias (7 - 2) 2 + 1
    y = norm("bn", y, 1, 1f, new float[] {2}, new float[] {8}, new float[] {6}, new float[] {1});
    Map<String, float[]> found =
        values(BatchNormFolding.fold(block(y).network(), manager).network());
    assertThat(found).containsOnlyKeys("fc.weight", "fc.bias");
    assertThat(found.get("fc.weight")).containsExactly(6, 8);
    assertThat(found.get("fc.bias")).containsExactly(11);
  }

  private static float[][] plain(int channels) {
    float[] ones = new float[channels];
    java.util.Arrays.fill(ones, 1);
    return new float[][] {new float[channels], ones, ones, new float[channels]};
  }

  @Test
  void batchNorm_whoseInputIsReadElsewhere_stays() {
    int w = parameter("conv.weight", Type.WEIGHT, new Shape(1, 1, 1, 1), 3);
    int y = conv("conv", pixels(1), w);
    int z = norm("bn", y, 1, 0f, plain(1));
    int sum = builder.node("sum", new Binary(Pair.ADD), List.of(y, z)).get(0);
    assertStays(block(sum));
  }

  @Test
  void batchNorm_whoseInputIsAResult_stays() {
    int w = parameter("conv.weight", Type.WEIGHT, new Shape(1, 1, 1, 1), 3);
    int y = conv("conv", pixels(1), w);
    assertStays(block(norm("bn", y, 1, 0f, plain(1)), y));
  }

  @Test
  void batchNorm_ofAWeightUsedTwice_stays() {
    int w = parameter("conv.weight", Type.WEIGHT, new Shape(1, 1, 1, 1), 3);
    int y = norm("bn", conv("conv", pixels(1), w), 1, 0f, plain(1));
    assertStays(block(conv("again", y, w)));
  }

  @Test
  void batchNorm_alongAnotherAxis_stays() {
    int w = parameter("conv.weight", Type.WEIGHT, new Shape(1, 1, 1, 1), 3);
    assertStays(block(norm("bn", conv("conv", pixels(1), w), 3, 0f, plain(1))));
  }

  @Test
  void batchNorm_afterSomethingElse_stays() {
    int x = pixels(1);
    int y = builder.node("sum", new Binary(Pair.ADD), List.of(x, x)).get(0);
    assertStays(block(norm("bn", y, 1, 0f, plain(1)), norm("bn2", x, 1, 0f, plain(1))));
  }

  @Test
  void batchNorm_ofAVarianceThatDividesByZero_stays() {
    int w = parameter("conv.weight", Type.WEIGHT, new Shape(1, 1, 1, 1), 3);
    float[][] zeroVariance = plain(1);
    zeroVariance[1] = new float[1];
    assertStays(block(norm("bn", conv("conv", pixels(1), w), 1, 0f, zeroVariance)));
  }

  private void assertStays(GraphBlock block) {
    BatchNormFolding folding = BatchNormFolding.fold(block.network(), manager);
    assertThat(folding.folded()).isEmpty();
    assertThat(folding.left()).contains("bn");
    assertThat(folding.network().graph()).isEqualTo(block.graph());
    values(block.network())
        .forEach((path, v) -> assertThat(values(folding.network()).get(path)).containsExactly(v));
  }

  @Test
  void statistics_thatTwoLayersShare_areReadByBoth() {
    int first = parameter("a.weight", Type.WEIGHT, new Shape(1, 1, 1, 1), 3);
    int second = parameter("b.weight", Type.WEIGHT, new Shape(1, 1, 1, 1), 5);
    int y = conv("a", pixels(1), first);
    int z = norm("bn", y, 1, 0f, new float[] {0}, new float[] {4}, new float[] {1}, new float[1]);
    // tensors: input, two weights, one map, then the four that the batch norm reads
    List<Integer> shared = List.of(conv("b", z, second), 4, 5, 6, 7);
    int out = builder.node("bn2", new BatchNorm(1, 0.9f, 0f), shared).get(0);
    BatchNormFolding folding = BatchNormFolding.fold(block(out).network(), manager);
    assertThat(folding.folded()).containsExactly("bn", "bn2");
    assertThat(values(folding.network()).get("a.weight")).containsExactly(1.5f);
    assertThat(values(folding.network()).get("b.weight")).containsExactly(2.5f);
  }

  @ParameterizedTest
  @CsvSource({"3, 19", "9, 55"})
  void fold_ofResidualNetworks_keepsOutputsAndZeros(int blocks, int norms) {
    try (Model model = ResNets.cifar(blocks).newModel("net", 7)) {
      assertFoldsAll(model, new Shape(3, 32, 32), norms);
    }
  }

  @Test
  void fold_ofDepthwiseConvolutions_keepsOutputsAndZeros() {
    try (Model model = MobileNets.v1(0.25).withInput(3, 32, 32).newModel("net", 7)) {
      assertFoldsAll(model, new Shape(3, 32, 32), 27);
    }
  }

  private void assertFoldsAll(Model model, Shape image, int norms) {
    GraphComparison.randomise(model.getBlock(), 5);
    GraphBlock block = BlockTracer.graphBlock(model.getBlock(), manager, image);
    for (GraphParameter p : block.graph().parameters()) {
      if (p.type() == Type.WEIGHT) {
        float[] floats = block.array(p).toFloatArray();
        for (int i = 0; i < floats.length; i += 3) {
          floats[i] = 0;
        }
        block.array(p).set(floats);
      }
    }
    BatchNormFolding folding = BatchNormFolding.fold(block.network(), manager);
    assertThat(folding.folded()).hasSize(norms);
    assertThat(folding.left()).isEmpty();
    assertThat(folding.network().graph().nodes())
        .noneMatch(n -> n.operator() instanceof BatchNorm)
        .hasSize(block.graph().nodes().size() - norms);
    Map<String, float[]> before = values(block.network());
    values(folding.network())
        .forEach(
            (path, floats) -> {
              for (int i = 0; before.containsKey(path) && i < floats.length; i++) {
                if (before.get(path)[i] == 0 && path.endsWith("weight")) {
                  assertThat(Float.floatToRawIntBits(floats[i])).isZero();
                }
              }
            });
    try (NDManager scope = manager.newSubManager()) {
      NDArray x = GraphComparison.images(scope, new Shape(4).addAll(image));
      float[] expected = run(block, x);
      double scale = 1;
      for (float v : expected) {
        scale = Math.max(scale, Math.abs(v));
      }
      // each weight is rounded once more, 6e-8, in up to 57 layers one after the other
      Offset<Float> rounding = Offset.offset((float) (2e-5 * scale));
      assertThat(run(GraphBlock.of(folding.network(), manager), x))
          .containsExactly(expected, rounding);
    }
  }

  private static float[] run(GraphBlock block, NDArray x) {
    NDList y = block.forward(new ParameterStore(x.getManager(), false), new NDList(x), false);
    return y.singletonOrThrow().toFloatArray();
  }
}
