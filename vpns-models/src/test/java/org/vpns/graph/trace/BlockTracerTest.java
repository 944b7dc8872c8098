package org.vpns.graph.trace;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.graph.GraphBlock;
import org.vpns.graph.GraphComparison;
import org.vpns.graph.GraphNode;
import org.vpns.graph.ModelGraph;
import org.vpns.graph.NetworkValues;
import org.vpns.internal.graph.op.Elementwise;
import org.vpns.internal.graph.op.Layers;

/** What becomes of a block's operators, parameters and constants. */
class BlockTracerTest extends TracerTests {
  /** A graph keeps its numbers for a backward pass, which is no business of a recording's. */
  @Test
  void numbersOfAGraph_insideABlock_stayNumbers() {
    ModelGraph.Builder builder = ModelGraph.builder();
    int x = builder.input(new Shape(-1, 3), DataType.FLOAT32);
    List<Integer> y =
        builder.node("half", Elementwise.WithNumber.of(Elementwise.Pair.MUL, 0.5f), List.of(x));
    try (NDManager manager = NDManager.newBaseManager()) {
      GraphBlock half = GraphBlock.of(NetworkValues.of(builder.build(y), Map.of()), manager);
      SequentialBlock both = new SequentialBlock().add(half).add(Activation.reluBlock());
      both.initialize(manager, DataType.FLOAT32, new Shape(1, 3));
      ModelGraph traced = BlockTracer.trace(both, new Shape(3));
      assertThat(traced.constants()).isEmpty();
      assertThat(traced.nodes().stream().map(node -> node.operator().kind()))
          .containsExactly("mul", "relu");
    }
  }

  @Test
  void graphBlock_ofABlockWithFrozenParameters_hasThemFrozen_ofAGraphToo() {
    try (NDManager manager = NDManager.newBaseManager()) {
      Block linear = Linear.builder().setUnits(2).build();
      linear.initialize(manager, DataType.FLOAT32, new Shape(1, 3));
      GraphBlock first = BlockTracer.graphBlock(linear, manager, new Shape(3));
      ParameterPaths.of(first).find("bias").parameter().freeze(true);
      GraphBlock second = BlockTracer.graphBlock(first, manager, new Shape(3));
      assertThat(ParameterPaths.of(second).frozen())
          .extracting(NamedParameter::path)
          .containsExactly("bias");
    }
  }

  @Test
  void defaultMethods_areTakenApart() {
    GraphBlock block =
        equal(
            (x, w) ->
                NDArrays.concat(
                    new NDList(
                        x.matMul(w).getNDArrayInternal().swish(1.5f),
                        x.getNDArrayInternal().mish(),
                        x.get(":, 1:2, ::2")
                            .broadcast(x.getShape().get(0), 1, 2)
                            .concat(x.get("...,1:3").get(":, 0:1"), -1)),
                    1));
    assertThat(kinds(block)).contains("sigmoid", "log2", "tanh", "slice", "concat");
  }

  @Test
  void operators_ofEveryKind_replayBitForBit() {
    equal((x, w) -> x.matMul(w).softmax(-1).add(x.max(new int[] {2}, true)));
    equal((x, w) -> x.mul(2).sub(w.sum(new int[] {0})).div(3.5).pow(2).neg());
    equal((x, w) -> NDArrays.where(x.gt(0), x.matMul(w), x.mul(0.1f)).clip(-1, 6));
    equal((x, w) -> x.mul(w.mean(new int[] {0})).split(new long[] {1, 3}, 2).get(1));
    equal((x, w) -> x.matMul(w).split(2, 2).get(0).exp().log().sqrt().abs().square());
    equal((x, w) -> NDArrays.stack(new NDList(x, x.matMul(w).erf()), 1).squeeze(new int[] {}));
    equal((x, w) -> x.transpose(0, 2, 1).matMul(x).swapAxes(1, 2).mul(w.get("0:3, 0:3").sum()));
    equal((x, w) -> x.matMul(w).expandDims(1).squeeze(1).flip(2).pad(new Shape(1, 2, 0, 1), 0.5));
    equal((x, w) -> x.matMul(w).get(new NDIndex(":, 2")).minimum(0.3f).maximum(-0.2f));
    equal((x, w) -> x.matMul(w).getNDArrayInternal().leakyRelu(0.2f).getNDArrayInternal().elu(1));
    equal(
        (x, w) ->
            Activation.selu(x.matMul(w)).add(Activation.softPlus(x)).sign().add(x.mul(w.get(0))));
    equal((x, w) -> x.matMul(w).add(x.stopGradient().mul(3)).mul(x.zerosLike().add(x.onesLike())));
    equal((x, w) -> x.toType(DataType.FLOAT64, false).toType(DataType.FLOAT32, false).matMul(w));
    equal((x, w) -> x.matMul(w).flatten(1, 2).logSoftmax(1));
    equal((x, w) -> x.reshape(-1, 4).matMul(w).reshape(x.getShape()));
    equal((x, w) -> x.batchMatMul(x.transpose(0, 2, 1)).matMul(x.matMul(w)));
  }

  @Test
  void everySubclassOfBlocks_parallelLambdaGrouped_replaysBitForBit() {
    Block block =
        new SequentialBlock()
            .add(
                Conv2d.builder()
                    .setFilters(8)
                    .setKernelShape(new Shape(3, 3))
                    .optPadding(new Shape(1, 1))
                    .build())
            .add(
                new ParallelBlock(
                    lists ->
                        new NDList(
                            NDArrays.concat(
                                new NDList(
                                    lists.get(0).singletonOrThrow(),
                                    lists.get(1).singletonOrThrow()),
                                1)),
                    Arrays.asList(
                        Conv2d.builder()
                            .setFilters(8)
                            .setKernelShape(new Shape(3, 3))
                            .optPadding(new Shape(1, 1))
                            .optGroups(4)
                            .build(),
                        Activation.reluBlock())))
            .add(list -> new NDList(list.singletonOrThrow().get(":, :, 1:, ::2")))
            .addSingleton(x -> x.transpose(0, 2, 3, 1).mean(new int[] {1}).transpose(0, 2, 1))
            .add(Linear.builder().setUnits(3).build());
    block.initialize(manager, DataType.FLOAT32, new Shape(1, 3, 8, 8));
    GraphBlock graph = GraphComparison.assertEqual(block, manager, new Shape(3, 8, 8));
    assertThat(graph.graph().nodes())
        .extracting(GraphNode::name)
        .containsExactly(
            "0", "1.0", "relu1", "concat1", "slice1", "transpose1", "mean1", "transpose2", "4");
  }

  @Test
  void constants_ofTheManager_stayOrAreFilledAnew() {
    GraphBlock block =
        equal(
            (x, w) -> {
              NDManager m = x.getManager();
              NDArray ones = m.ones(new Shape(x.getShape().get(0), 3, 1));
              return x.add(m.create(new float[] {1, 2, 3, 4}))
                  .mul(ones.add(m.arange(4f)))
                  .add(w.get(0));
            });
    assertThat(block.graph().constants()).hasSize(2);
    assertThat(kinds(block)).contains("fill");
  }

  /** As masks of attention are, whose heads stand beside the images. */
  @Test
  void constants_ofOneValueForImagesMergedWithOtherAxes_areFilledAnew() {
    GraphBlock block =
        equal(
            (x, w) -> {
              NDArray rows = x.reshape(-1, 4);
              NDArray less = x.getManager().full(rows.getShape(), -1e3f, DataType.FLOAT32);
              NDArray last = less.reshape(-1, 1, 4).transpose(2, 1, 0);
              return NDArrays.where(rows.gt(0), less, rows)
                  .add(last.add(1e3f).transpose(2, 1, 0).reshape(-1, 4).mul(w.max()));
            });
    assertThat(block.graph().constants()).isEmpty();
    assertThat(kinds(block)).contains("fill");
  }

  @Test
  void constants_outsideTheBlock_areCopied() {
    NDArray outside = manager.create(new float[] {1, -2, 3, -4}).duplicate();
    GraphBlock block = equal((x, w) -> x.matMul(w).mul(outside));
    outside.muli(5);
    assertThat(block.graph().constants().get(0).values().getFloat(4)).isEqualTo(-2f);
  }

  @Test
  void parameter_readBesideTheStore_isStillTheParameter() {
    Block block = Lambda.besideTheStore(manager, (x, w) -> x.matMul(w));
    ModelGraph graph = BlockTracer.trace(block, new Shape(3, 4));
    assertThat(graph.constants()).isEmpty();
    assertThat(graph.parameters().get(0).path()).isEqualTo("w");
    assertThat(graph.nodes().get(0).inputs()).contains(graph.parameters().get(0).tensor());
  }

  @Test
  void inPlaceMethods_onOwnMemory_becomePure() {
    GraphBlock block = equal((x, w) -> x.matMul(w).addi(1).muli(x).subi(0.5f));
    assertThat(kinds(block)).containsExactly("matMul", "add", "mul", "sub");
    equal(
        (x, w) -> {
          NDArray y = x.matMul(w);
          NDArray z = y.duplicate();
          z.addi(1);
          return y.mul(z);
        });
  }

  @Test
  void positionsOfExtremes_areOperators() {
    Lambda block = Lambda.of(manager, (x, w) -> x.matMul(w).argMax(1));
    ModelGraph graph = BlockTracer.of(new Shape(3, 4)).trace(block);
    assertThat(graph.nodes()).extracting(node -> node.operator().kind()).endsWith("argMax");
  }

  @Test
  void managerFrom_ofARecordingArray_isTheIdentity() {
    GraphBlock block = equal((x, w) -> x.getManager().from(x).matMul(w));
    assertThat(kinds(block)).containsExactly("matMul");
  }

  @Test
  void parameterUsedTwice_isOneTensor() {
    GraphBlock block = equal((x, w) -> x.matMul(w).matMul(w));
    assertThat(block.graph().parameters()).hasSize(1);
    assertThat(block.graph().nodes().get(0).inputs().get(1))
        .isEqualTo(block.graph().nodes().get(1).inputs().get(1));
  }

  @Test
  void trace_changesNeitherStatisticsNorGradientFlags() {
    Block block =
        new SequentialBlock()
            .add(Conv2d.builder().setFilters(4).setKernelShape(new Shape(1, 1)).build())
            .add(ai.djl.nn.norm.BatchNorm.builder().build());
    block.initialize(manager, DataType.FLOAT32, new Shape(1, 3, 4, 4));
    float[] before = block.getParameters().get("02BatchNorm_runningMean").getArray().toFloatArray();
    ModelGraph graph = BlockTracer.trace(block, new Shape(3, 4, 4));
    assertThat(block.getParameters().get("02BatchNorm_runningMean").getArray().toFloatArray())
        .isEqualTo(before);
    assertThat(block.getParameters().get("01Conv2d_weight").getArray().hasGradient()).isTrue();
    assertThat(graph.nodes().get(1).operator()).isInstanceOf(Layers.BatchNorm.class);
  }

  @Test
  void outputs_ofDoublePrecision_areCheckedToo() {
    Lambda block = Lambda.of(manager, (x, w) -> x.matMul(w).toType(DataType.FLOAT64, false));
    assertThat(BlockTracer.trace(block, new Shape(3, 4)).nodes()).hasSize(2);
  }

  @Test
  void graph_ofAGraphBlock_isItsOwn() {
    GraphBlock block = equal((x, w) -> x.matMul(w));
    assertThat(BlockTracer.trace(block, new Shape(3, 4))).isSameAs(block.graph());
  }

  /** Arrays go when their last reader has run; what is known of them does not. */
  @Test
  void shapeOfAnArray_thatNothingReadsAnyMore_isStillKnown() {
    List<Long> batches = new ArrayList<>();
    Lambda block =
        Lambda.of(
            manager,
            (x, w) -> {
              batches.add(x.getShape().get(0));
              NDArray y = x.matMul(w);
              NDArray z = y.exp().neg();
              return z.reshape(y.getShape()).toType(y.getDataType(), false);
            });
    assertThat(BlockTracer.trace(block, new Shape(3, 4)).nodes()).hasSize(4);
    assertThat(batches).containsExactly(2L, 5L, 1L);
  }

  /** An array under two names is there as long as one of them is read. */
  @Test
  void arrayThatIsChangedInPlace_orGivenOn_staysUntilItsLastReader() {
    List<Long> batches = new ArrayList<>();
    Lambda block =
        Lambda.of(
            manager,
            (x, w) -> {
              batches.add(x.getShape().get(0));
              NDArray y = x.matMul(w);
              NDArray view = y.reshape(-1, 12);
              NDArray z = x.mul(2).addi(1);
              NDArray same = z.squeeze(new int[0]);
              return view.reshape(-1, 3, 4).add(z.exp()).add(same);
            });
    assertThat(BlockTracer.trace(block, new Shape(3, 4)).nodes()).isNotEmpty();
    assertThat(batches).containsExactly(2L, 5L, 1L);
  }

  /** In the first run layers with weights make zeros, which must be of the right shape. */
  @Test
  void blockThatReadsValues_ifAllowed_seesThoseOfItsWeights() {
    List<Float> seen = new ArrayList<>();
    Block linear = Linear.builder().setUnits(2).optBias(false).build();
    Block block =
        new SequentialBlock()
            .add(linear)
            .addSingleton(
                x -> {
                  seen.add(x.abs().max().getFloat());
                  return x.neg();
                });
    block.initialize(manager, DataType.FLOAT32, new Shape(1, 4));
    seen.clear();
    BlockTracer.of(new Shape(4)).allowDataDependence().trace(block);
    assertThat(seen).hasSizeGreaterThan(2).doesNotContain(0f);
  }

  @Test
  void repeatedTraces_leaveNoArrays() {
    Lambda block = Lambda.of(manager, (x, w) -> x.matMul(w).add(x.getManager().ones(new Shape(4))));
    BlockTracer.trace(block, new Shape(3, 4));
    int before = manager.getManagedArrays().size();
    for (int i = 0; i < 20; i++) {
      BlockTracer.trace(block, new Shape(3, 4));
    }
    assertThat(manager.getManagedArrays()).hasSize(before);
  }
}
