package org.vpns.graph.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.vpns.graph.ModelGraph;

/**
 * Layers with weights run for two images of a batch; the others have mixtures of what they give.
 */
final class FewImagesTest {
  private static final Shape IMAGE = new Shape(3, 6, 6);

  private NDManager manager;

  @BeforeEach
  void open() {
    manager = NDManager.newBaseManager();
  }

  @AfterEach
  void close() {
    manager.close();
  }

  @Test
  void layer_runsForTheImagesThatAreLookedAt_allOthersDiffer() {
    for (DataType type : List.of(DataType.FLOAT32, DataType.FLOAT64)) {
      NDArray x = manager.arange(30f).reshape(5, 3, 2).toType(type, false);
      List<Shape> ran = new ArrayList<>();
      NDArray made =
          new FewImages(List.of(1, 4), 5)
              .run(
                  x,
                  few -> {
                    ran.add(few.getShape());
                    return few.square().sub(7.3);
                  });
      assertThat(ran).containsExactly(new Shape(2, 3, 2));
      assertThat(made.getShape()).isEqualTo(x.getShape());
      assertThat(made.getDataType()).isEqualTo(type);
      NDArray all = x.square().sub(7.3);
      for (int image : new int[] {1, 4}) {
        assertThat(made.get(image)).isEqualTo(all.get(image));
      }
      for (int i = 0; i < 5; i++) {
        for (int j = 0; j < i; j++) {
          assertThat(made.get(i).sub(made.get(j)).abs().min().toType(DataType.FLOAT64, true))
              .satisfies(apart -> assertThat(apart.getDouble()).isGreaterThan(1));
        }
      }
    }
  }

  /** What is noted of the runs, besides: that no more of them are needed. */
  private ModelGraph trace(UnaryOperator<NDArray> function) {
    List<Long> batches = new ArrayList<>();
    Block block =
        new SequentialBlock()
            .add(
                list -> {
                  batches.add(list.head().getShape().get(0));
                  return list;
                })
            .add(Conv2d.builder().setFilters(4).setKernelShape(new Shape(3, 3)).build())
            .add(list -> new NDList(function.apply(list.head())))
            .add(Linear.builder().setUnits(2).build());
    block.initialize(manager, DataType.FLOAT32, new Shape(1).addAll(IMAGE));
    batches.clear();
    ModelGraph graph = BlockTracer.trace(block, IMAGE);
    assertThat(batches).containsExactly(2L, 5L, 1L);
    return graph;
  }

  @Test
  void layersOfABlockThatIsRight_areTracedAtOnce() {
    assertThat(trace(x -> x.mean(new int[] {3})).nodes()).hasSize(3);
    assertThat(trace(x -> x).nodes()).hasSize(2);
  }

  /** The block may write over what a layer gave. */
  @Test
  void resultOfALayer_changedInPlace_isTracedAtOnce() {
    assertThat(trace(x -> x.addi(1).muli(3).subi(2).mean(new int[] {3})).nodes()).hasSize(6);
    assertThat(trace(x -> x.add(x.mul(2).addi(1))).nodes()).hasSize(5);
  }

  @Test
  void resultOfALayer_thatNothingReads_isNoNode() {
    Block unread = Conv2d.builder().setFilters(2).setKernelShape(new Shape(1, 1)).build();
    Block block =
        new SequentialBlock()
            .add(Conv2d.builder().setFilters(4).setKernelShape(new Shape(3, 3)).build())
            .add(
                new ai.djl.nn.ParallelBlock(lists -> new NDList(lists.get(1).head().addi(1)))
                    .add(unread)
                    .add(list -> new NDList(list.head().mul(2))));
    block.initialize(manager, DataType.FLOAT32, new Shape(1).addAll(IMAGE));
    assertThat(BlockTracer.trace(block, IMAGE).nodes()).hasSize(3);
  }

  @Test
  void mixing_ofWhatALayerMade_isRefused() {
    refused(x -> x.sub(x.mean(new int[] {0}, true)));
    refused(x -> x.add(x.flip(0)));
    refused(x -> x.add(x.get("1:").concat(x.get(":1"), 0)));
    refused(x -> x.get("-1:").concat(x.get(":-1"), 0));
    refused(x -> x.get("-2:").concat(x.get(":-2"), 0));
    for (String image : List.of(":1", "1:2", "-1:")) {
      refused(x -> x.add(x.get(image)));
    }
    refused(x -> x.mul(x.reshape(1, 4, -1).mean(new int[] {2}, true).reshape(1, 4, 1, 1)));
  }

  private void refused(UnaryOperator<NDArray> function) {
    for (boolean isShut : new boolean[] {false, true}) {
      Block block =
          new SequentialBlock()
              .add(Conv2d.builder().setFilters(4).setKernelShape(new Shape(3, 3)).build())
              .add(
                  list -> {
                    // mixes below what an earlier gate lets through
                    NDArray x = list.head();
                    NDArray y = function.apply(x);
                    return new NDList(isShut ? x.add(y.sub(1e3).getNDArrayInternal().relu()) : y);
                  })
              .add(Linear.builder().setUnits(2).build());
      block.initialize(manager, DataType.FLOAT32, new Shape(1).addAll(IMAGE));
      assertThatThrownBy(() -> BlockTracer.trace(block, IMAGE))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("images of a batch change each other");
    }
  }
}
