package org.vpns.graph.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.vpns.graph.GraphBlock;
import org.vpns.graph.GraphNode;
import org.vpns.graph.ModelGraph;
import org.vpns.internal.graph.op.Shaping;

/** A trace is right for a batch of any size, or refused. */
class TracedBatchesTest extends TracerTests {
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

  /** Coordinates that a block makes in Java for every image. */
  @Test
  void constantThatIsTheSameForEveryImage_isStretched() {
    GraphBlock block =
        equal(
            (x, w) -> {
              int n = (int) x.getShape().get(0);
              float[] values = new float[n * 4];
              for (int i = 0; i < values.length; i++) {
                values[i] = i % 4;
              }
              return x.matMul(w).concat(x.getManager().create(values, new Shape(n, 1, 4)), 1);
            });
    assertThat(block.graph().constants().get(0).shape()).isEqualTo(new Shape(1, 1, 4));
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
}
