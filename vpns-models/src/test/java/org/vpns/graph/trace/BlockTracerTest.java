package org.vpns.graph.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.vpns.graph.GraphBlock;
import org.vpns.graph.GraphComparison;
import org.vpns.graph.GraphNode;
import org.vpns.graph.ModelGraph;
import org.vpns.internal.graph.op.Layers;
import org.vpns.internal.graph.op.Shaping;

/** The rules of a trace, one by one. */
class BlockTracerTest {
  private NDManager manager;

  @BeforeEach
  void open() {
    manager = NDManager.newBaseManager();
  }

  @AfterEach
  void close() {
    manager.close();
  }

  private GraphBlock equal(BiFunction<NDArray, NDArray, NDArray> function) {
    return GraphComparison.assertEqual(Lambda.of(manager, function), manager, new Shape(3, 4));
  }

  private void refused(String message, BiFunction<NDArray, NDArray, NDArray> function) {
    Lambda block = Lambda.of(manager, function);
    assertThatThrownBy(() -> BlockTracer.trace(block, new Shape(3, 4)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
    // nothing of the trace stays behind
    try (NDManager scope = manager.newSubManager()) {
      assertThat(block.getParameters().get("w").getArray()).isInstanceOf(PtNDArray.class);
      block.forward(
          new ParameterStore(scope, false), new NDList(scope.ones(new Shape(2, 3, 4))), false);
    }
  }

  private static List<String> kinds(GraphBlock block) {
    return block.graph().nodes().stream().map(n -> n.operator().kind()).toList();
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
  void sizesThatFollowTheBatch_becomeSymbols() {
    GraphBlock block =
        equal(
            (x, w) -> {
              long n = x.getShape().get(0);
              NDArray token = w.get("0").reshape(1, 1, 4).broadcast(n, 1, 4);
              return x.concat(token, 1).reshape(n, 16).reshape(n * 4, 4).reshape(n, 4, 4);
            });
    List<Object> shapes =
        block.graph().nodes().stream()
            .map(GraphNode::operator)
            .filter(o -> o instanceof Shaping.Reshape || o instanceof Shaping.Broadcast)
            .map(
                o ->
                    (Object)
                        (o instanceof Shaping.Reshape r
                            ? r.shape()
                            : ((Shaping.Broadcast) o).shape()))
            .toList();
    assertThat(shapes)
        .containsExactly(
            List.of(1L, 1L, 4L),
            List.of(0L, 1L, 4L),
            List.of(0L, -1L),
            List.of(-1L, 4L),
            List.of(-1L, 4L, 4L));
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
  void inPlaceMethods_onViews_areRefused() {
    refused(
        "array changed through a view",
        (x, w) -> {
          NDArray y = x.matMul(w);
          y.get(":, 0").addi(6);
          return y;
        });
    refused(
        "array changed through a view",
        (x, w) -> {
          NDArray y = x.matMul(w);
          NDArray view = y.reshape(-1, 12);
          y.addi(6);
          return view;
        });
    refused("parameter changed in a forward pass", (x, w) -> x.matMul(w.muli(1)));
  }

  @Test
  void writes_areRefused() {
    refused(
        "NDArray.set(NDIndex,Number)",
        (x, w) -> {
          NDArray y = x.matMul(w);
          y.set(new NDIndex(0), 6);
          return y;
        });
    refused(
        "array written to",
        (x, w) -> {
          NDArray y = x.matMul(w);
          x.copyTo(y);
          return y;
        });
  }

  @Test
  void readsOfValues_areRefused() {
    refused(
        "values read in a forward pass: after w",
        (x, w) -> x.matMul(w).sum().getFloat() > 0 ? x : x.neg());
    refused("values read", (x, w) -> x.mul(x.toFloatArray()[0]));
    refused("values read", (x, w) -> x.mul(w.toArray()[0]));
    // the engine would copy the recording array's values and cut the gradient
    refused("left operand", (x, w) -> manager.ones(new Shape(4)).add(x));
  }

  @Test
  void readsOfValues_ifAllowed_freezeWhatTheyDecide() {
    Lambda block = Lambda.of(manager, (x, w) -> w.sum().getFloat() > 1e9 ? x : x.matMul(w));
    ModelGraph graph = BlockTracer.of(new Shape(3, 4)).allowDataDependence().trace(block);
    assertThat(graph.nodes()).hasSize(1);
  }

  @Test
  void randomNumbers_areRefused() {
    refused(
        "random numbers in a forward pass",
        (x, w) -> x.add(x.getManager().randomNormal(x.getShape())));
  }

  @Test
  void masksAndPicks_areRefused() {
    refused("operator unknown to graphs", (x, w) -> x.get(x.gt(0)));
    refused("operator unknown to graphs", (x, w) -> x.matMul(w).cumSum(1));
  }

  @Test
  void positionsOfExtremes_areOperators() {
    Lambda block = Lambda.of(manager, (x, w) -> x.matMul(w).argMax(1));
    ModelGraph graph = BlockTracer.of(new Shape(3, 4)).trace(block);
    assertThat(graph.nodes()).extracting(node -> node.operator().kind()).endsWith("argMax");
  }

  @Test
  void castsToTheEngine_areRefusedWithAdvice() {
    refused(
        "block reaches into the engine", (x, w) -> x.mul(((PtNDArray) x).getHandle() == 0 ? 1 : 2));
  }

  @Test
  void managerFrom_ofARecordingArray_isTheIdentity() {
    GraphBlock block = equal((x, w) -> x.getManager().from(x).matMul(w));
    assertThat(kinds(block)).containsExactly("matMul");
  }

  @Test
  void imagesThatChangeEachOther_areRefusedByNode() {
    String problem = "images of a batch change each other: node ";
    refused(problem + "mean1;", (x, w) -> x.matMul(w).sub(x.mean(new int[] {0}, true)));
    refused(problem + "softmax1;", (x, w) -> x.reshape(1, -1).softmax(1).reshape(x.getShape()));
    refused(problem + "matMul1;", (x, w) -> x.flatten(1, 2).matMul(x.flatten(1, 2).transpose()));
    // a gate by a reshape that was right for one image
    refused(
        problem + "reshape1;",
        (x, w) -> x.mul(x.reshape(1, 3, -1).mean(new int[] {2}, true).reshape(1, 3, 1)));
  }

  @Test
  void imagesBesideOthersInOneAxis_areTakenApart() {
    equal((x, w) -> x.reshape(-1, 4).matMul(w));
    equal((x, w) -> x.transpose(1, 0, 2).reshape(-1, 4).matMul(w));
    equal((x, w) -> x.transpose(1, 0, 2).matMul(w));
  }

  @Test
  void graphOfAFixedBatch_takesThatAlone() {
    Lambda block = Lambda.of(manager, (x, w) -> x.sub(x.mean(new int[] {0}, true)));
    ModelGraph graph = BlockTracer.of(new Shape(3, 4)).batch(2).trace(block);
    assertThat(graph.tensor(graph.inputs().get(0)).shape()).isEqualTo(new Shape(2, 3, 4));
    GraphBlock read = GraphBlock.of(graph, manager);
    ParameterStore store = new ParameterStore(manager, false);
    NDArray x = manager.arange(24f).reshape(2, 3, 4);
    NDArray found = read.forward(store, new NDList(x), false).singletonOrThrow();
    assertThat(found.get("0")).isEqualTo(manager.full(new Shape(3, 4), -6f));
    assertThatThrownBy(
            () -> read.forward(store, new NDList(manager.ones(new Shape(3, 3, 4))), false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected (2, 3, 4), found (3, 3, 4)");
    assertThatThrownBy(() -> BlockTracer.of(new Shape(3, 4)).batch(0))
        .hasMessageStartingWith("batch out of range");
  }

  @Test
  void batchDependence_thatIsNoShape_isRefused() {
    refused("operator depends on the batch size", (x, w) -> x.mul(x.getShape().get(0)));
    refused(
        "other operators for another batch size",
        (x, w) -> x.getShape().get(0) == 2 ? x.neg() : x.neg().neg());
    refused(
        "constant that depends on the batch size",
        (x, w) -> x.mul(x.getManager().arange((float) x.getShape().get(0)).sum()));
    // right at 2 and 3, wrong at 5
    refused("graph and block disagree", (x, w) -> x.getShape().get(0) > 4 ? x.mul(2) : x.mul(3));
  }

  private List<Long> batches(UnaryOperator<NDArray> function) {
    List<Long> batches = new ArrayList<>();
    Lambda block =
        Lambda.of(
            manager,
            (x, w) -> {
              batches.add(x.getShape().get(0));
              return function.apply(x.matMul(w));
            });
    assertThat(BlockTracer.trace(block, new Shape(3, 4)).nodes()).isNotEmpty();
    return batches;
  }

  /** Three sizes are enough where all agree; what is shared by all images does not matter. */
  @Test
  void trace_ofABlockThatIsRight_runsItWithEightImages() {
    assertThat(batches(x -> Activation.relu(x))).containsExactly(2L, 5L, 1L);
    assertThat(batches(x -> x.add(Activation.relu(x.sub(1e3))))).containsExactly(2L, 5L, 1L);
    assertThat(batches(x -> x.muli(2).reshape(-1, 12))).containsExactly(2L, 5L, 1L);
  }

  @Test
  void blockThatTreatsOneImageOtherwise_isLookedAtWithThree() {
    assertThat(batches(x -> x.mean(new int[] {2}, true).squeeze())).containsExactly(2L, 5L, 1L, 3L);
  }

  /** Three at a time: right for what a recording of three images sees. */
  @Test
  void blockThatTakesImagesInParts_isRefused() {
    refused(
        "graph and block disagree",
        (x, w) ->
            x.getShape().get(0) > 3
                ? x.get(":3").mul(2).concat(x.get("3:").mul(2))
                : x.get(":3").mul(2));
  }

  @Test
  void state_keptBetweenPasses_isRefused() {
    int[] calls = {0};
    Lambda block = Lambda.of(manager, (x, w) -> x.mul(calls[0]++ < 2 ? 1 : 2));
    assertThatThrownBy(() -> BlockTracer.trace(block, new Shape(3, 4)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("graph and block disagree");
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
  void uninitialisedBlock_orNoInput_isRefused() {
    Block block = Linear.builder().setUnits(2).build();
    assertThatThrownBy(() -> BlockTracer.trace(block, new Shape(4)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("parameter without values");
    assertThatThrownBy(() -> BlockTracer.of()).hasMessageContaining("network without input");
    assertThatThrownBy(() -> BlockTracer.of(new Shape(-1, 4)))
        .hasMessageContaining("input without a size");
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
