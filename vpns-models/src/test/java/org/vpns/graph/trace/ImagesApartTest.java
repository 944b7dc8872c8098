package org.vpns.graph.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv1d;
import ai.djl.nn.core.Linear;
import java.util.List;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.vpns.ParameterPaths;
import org.vpns.testing.TinyResNet;

/** Images that change each other where the results of a trial do not show it. */
final class ImagesApartTest {
  private static final Shape IMAGE = new Shape(3, 4);

  private NDManager manager;

  @BeforeEach
  void open() {
    manager = NDManager.newBaseManager();
  }

  @AfterEach
  void close() {
    manager.close();
  }

  private void refusedAt(String node, BiFunction<NDArray, NDArray, NDArray> function) {
    refusedAt(node, Lambda.of(manager, function), IMAGE);
  }

  private static void refusedAt(String node, Block block, Shape image) {
    assertThatThrownBy(() -> BlockTracer.trace(block, image))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "images of a batch change each other: node " + node + "; expected for image ");
  }

  private void accepted(BiFunction<NDArray, NDArray, NDArray> function) {
    assertThat(BlockTracer.trace(Lambda.of(manager, function), IMAGE).nodes()).isNotEmpty();
  }

  private static NDArray largeBias(NDArray x) {
    return x.add(x.getManager().create(new float[] {0, 1e5f, 0, 0}));
  }

  private static NDArray meanOfBatch(NDArray x) {
    return x.mean(new int[] {0}, true);
  }

  @Test
  void mixing_belowTheRoundingOfALaterBias_isRefused() {
    refusedAt("mean1", (x, w) -> largeBias(x.sub(meanOfBatch(x)).matMul(w)));
    refusedAt("softmax1", (x, w) -> largeBias(x.reshape(1, -1).softmax(1).reshape(x.getShape())));
  }

  /** Whichever of the images run alone. */
  @Test
  void mixing_fromOneImageOrANeighbour_isRefused() {
    String problem = "images of a batch change each other";
    for (String image : List.of(":1", "1:2", "-1:")) {
      assertThatThrownBy(
              () ->
                  BlockTracer.trace(
                      Lambda.of(manager, (x, w) -> x.matMul(w).add(x.get(image))), IMAGE))
          .as(image)
          .hasMessageStartingWith(problem);
    }
    refusedAt("flip1", (x, w) -> x.add(x.flip(0)));
    assertThatThrownBy(
            () ->
                BlockTracer.trace(
                    Lambda.of(manager, (x, w) -> x.add(x.get("1:").concat(x.get(":1"), 0))), IMAGE))
        .hasMessageStartingWith(problem);
  }

  @Test
  void mixing_behindAShutGate_isRefused() {
    refusedAt("mean1", (x, w) -> x.add(Activation.relu(x.sub(meanOfBatch(x)).sub(1e3))));
  }

  @Test
  void mixing_ofWhatAShutGateLetsThrough_isRefused() {
    refusedAt("sum1", (x, w) -> x.add(Activation.relu(x.sub(1e3)).sum(new int[] {0}, true)));
    refusedAt(
        "sum1",
        (x, w) -> x.add(Activation.relu(x.matMul(w).sub(1e3)).mul(2).sum(new int[] {0}, true)));
    // not a number for any image
    refusedAt("sum1", (x, w) -> x.maximum(x.sub(1e3).sqrt().exp().sum(new int[] {0}, true)));
  }

  /** No number of a trace is above 100. */
  @Test
  void mixing_ofConditionsThatNoImageMeets_isRefused() {
    refusedAt("reshape1", (x, w) -> x.mul(x.gt(100).transpose(1, 0, 2).reshape(-1, 3, 4)));
    refusedAt(
        "sum1", (x, w) -> x.add(x.gt(100).toType(DataType.INT32, false).sum(new int[] {0}, true)));
    refusedAt("argMax1", (x, w) -> x.mul(x.argMax(0).gt(100)));
    refusedAt("flip1", (x, w) -> x.mul(x.div(100).toType(DataType.INT64, false).flip(0).eq(1)));
  }

  @Test
  void conditionsThatNoImageMeets_areNoMixing() {
    accepted((x, w) -> x.mul(x.gt(100)));
    accepted((x, w) -> x.add(x.gt(100).toType(DataType.INT32, false).sum(new int[] {1}, true)));
    accepted((x, w) -> x.mul(x.argMax(1).gt(100).expandDims(1)));
    accepted((x, w) -> images(columns(x).gt(100).toType(DataType.INT64, false).add(1)).mul(x));
    // a place that a condition keeps within the table
    accepted(
        (x, w) -> {
          NDArray i = x.argMax(2);
          return x.mul(w.get(NDArrays.where(i.gt(100), i.sub(100), i)).sum(new int[] {2}, true));
        });
  }

  @Test
  void mixing_behindAShutGateOverMergedAxes_isRefused() {
    refusedAt("sum1", (x, w) -> x.add(sum(Activation.relu(rows(x).sub(1e3)))));
    refusedAt("sum1", (x, w) -> x.add(sum(Activation.relu(rows(x).matMul(w).sub(1e3)).mul(2))));
    // images behind the other axis
    refusedAt("sum1", (x, w) -> x.add(sum(Activation.relu(columns(x).sub(1e3)))));
    refusedAt(
        "sum1",
        (x, w) -> {
          NDArray shut = Activation.relu(columns(x).sub(1e3)).reshape(3, -1, 4);
          return x.add(shut.sum(new int[] {1}, true).reshape(1, 3, 4));
        });
  }

  /** Merged axes come apart as they were put together, which zeros alone do not tell. */
  @Test
  void gatesThatAreShutOverMergedAxes_areNoMixing() {
    accepted((x, w) -> Activation.relu(rows(x).sub(1e3)).reshape(-1, 3, 4).add(x));
    accepted((x, w) -> x.add(Activation.relu(rows(x).sub(1e3)).reshape(-1, 3, 4).matMul(w)));
    accepted((x, w) -> images(Activation.relu(columns(x).sub(1e3))).add(x));
    accepted((x, w) -> images(Activation.relu(columns(x).matMul(w).sub(1e3)).mul(2)).add(x));
    accepted((x, w) -> images(NDArrays.where(columns(x).gt(1e3), columns(x), w.max())).add(x));
  }

  @Test
  void imagesBetweenOtherAxesThatTheyAreMergedWith_areNoMixing() {
    accepted((x, w) -> between(x).matMul(w.get(":2, :2")).sum(new int[] {1}));
    accepted((x, w) -> Activation.relu(between(x).sub(1e3)).reshape(3, -1, 2, 2).add(w.max()));
    refusedAt("mean1", (x, w) -> between(x).sub(meanOfBatch(between(x))));
  }

  /** What all images nearly share hides their differences, as what they share does. */
  @Test
  void mixing_belowTheRoundingOfAnEarlierBias_isRefused() {
    refusedAt(
        "mean1",
        (x, w) -> {
          NDArray large = largeBias(x);
          return x.add(Activation.relu(large.sub(meanOfBatch(large)).sub(1e3)));
        });
  }

  /** Training wakes a weight that is zero. */
  @Test
  void mixing_byAWeightOfZeros_isRefused() {
    Lambda block =
        Lambda.of(
            manager,
            (x, w) -> {
              NDArray line = x.transpose(2, 0, 1).reshape(1, 4, -1);
              NDArray tap = w.reshape(4, 4, 1);
              NDArray near =
                  Conv1d.conv1d(
                          line,
                          NDArrays.concat(new NDList(tap, tap, tap), 2),
                          null,
                          new Shape(1),
                          new Shape(1),
                          new Shape(1))
                      .singletonOrThrow();
              return x.add(near.reshape(4, -1, 3).transpose(1, 2, 0));
            });
    refusedAt("conv1", block, IMAGE);
    block.getParameters().get("w").getArray().set(new float[16]);
    refusedAt("conv1", block, IMAGE);
  }

  /** Floats count no further than to 2^24. */
  @Test
  void weightOfMoreThanSixteenMillionNumbers_oneOfThemZero_isTraced() {
    Block wide = Linear.builder().setUnits(4097).build();
    wide.initialize(manager, DataType.FLOAT32, new Shape(1, 4096));
    wide.getParameters().valueAt(0).getArray().set(new NDIndex(0, 0), 0);
    assertThat(BlockTracer.trace(wide, new Shape(4096)).nodes()).hasSize(1);
    refusedAt(
        "mean1",
        new SequentialBlock().add(wide).addSingleton(x -> x.add(meanOfBatch(x))),
        new Shape(4096));
  }

  private static NDArray sum(NDArray x) {
    return x.sum(new int[] {0}, true);
  }

  /** Images and rows in one axis. */
  private static NDArray rows(NDArray x) {
    return x.reshape(-1, 4);
  }

  /** Rows and images in one axis. */
  private static NDArray columns(NDArray x) {
    return x.transpose(1, 0, 2).reshape(-1, 4);
  }

  /** What {@link #columns} was made of. */
  private static NDArray images(NDArray columns) {
    return columns.reshape(3, -1, 4).transpose(1, 0, 2);
  }

  /** Rows, images and half rows in one axis. */
  private static NDArray between(NDArray x) {
    return x.reshape(-1, 3, 2, 2).transpose(1, 0, 2, 3).reshape(-1, 2);
  }

  @Test
  void blockOfDjl_thatMixesImagesBeforeALargeBias_isRefused() {
    Block head = Linear.builder().setUnits(2).build();
    Block block =
        new SequentialBlock()
            .add(Linear.builder().setUnits(4).build())
            .add(list -> new NDList(list.head().sub(meanOfBatch(list.head()))))
            .add(head);
    block.initialize(manager, DataType.FLOAT32, new Shape(1, 4));
    head.getParameters().get("bias").getArray().set(new float[] {1e5f, 0});
    refusedAt("mean1", block, new Shape(4));
  }

  @Test
  void gatesThatAreShut_andImagesThatAreAlike_areNoMixing() {
    accepted((x, w) -> x.matMul(w).add(Activation.relu(x.sub(1e3)).matMul(w)));
    accepted((x, w) -> x.matMul(w).mul(x.zerosLike().add(x.onesLike()).log().exp()));
    accepted((x, w) -> Activation.relu(x.sub(1e3)).sum(new int[] {1}).expandDims(1).add(x));
    accepted((x, w) -> x.transpose(1, 0, 2).zerosLike().reshape(-1, 4).matMul(w));
  }

  /** What remains of 1e5 has lost five digits, which no later node is to blame for. */
  @Test
  void roundingThatRemainsWhenLargeNumbersCancel_isNoMixing() {
    accepted(
        (x, w) -> {
          NDArray large = x.matMul(w).add(1e5).matMul(w);
          NDArray small = large.sub(large.mean(new int[] {2}, true));
          return Activation.relu(large.sub(small).sub(large)).add(x);
        });
  }

  /**
   * One product, made in two orders of addition; the engine takes another order for another number
   * of images, so on which side a number falls is a matter of rounding.
   */
  @Test
  void decisionsBetweenWhatIsEqualButForRounding_areNoMixing() {
    List<BiFunction<NDArray, NDArray, NDArray>> decisions =
        List.of(
            (a, b) -> NDArrays.where(a.gt(b), a.mul(9), a),
            (a, b) -> NDArrays.where(a.lte(b).logicalOr(a.eq(b)), b, b.neg()),
            (a, b) -> a.sub(b).sign(),
            (a, b) -> a.div(b).floor(),
            (a, b) -> a.mod(b),
            (a, b) -> a.div(b).mul(2.5).round(),
            (a, b) -> a.div(b).toType(DataType.INT32, false).toType(DataType.FLOAT32, false),
            (a, b) -> a.stack(b, 1).argMax(1).toType(DataType.FLOAT32, false),
            (a, b) -> a.stack(b, 1).topK(1, 1, true, true).get(1).toType(DataType.FLOAT32, false));
    float[] weights = new float[40 * 30];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) Math.sin(i);
    }
    for (int i = 0; i < decisions.size(); i++) {
      BiFunction<NDArray, NDArray, NDArray> decision = decisions.get(i);
      Block block =
          Lambda.of(
              manager,
              (x, w) -> {
                NDArray weight = x.getManager().create(weights, new Shape(40, 30));
                NDArray a = x.matMul(weight);
                NDArray b = x.expandDims(2).mul(weight).sum(new int[] {1});
                return decision.apply(a, b).mul(2).add(0.5);
              });
      assertThat(BlockTracer.trace(block, new Shape(40)).nodes()).as("%d", i).isNotEmpty();
    }
  }

  /** Comparisons of images with each other are no matter of rounding. */
  @Test
  void decisionsBetweenImages_areRefused() {
    assertThatThrownBy(
            () ->
                BlockTracer.trace(
                    Lambda.of(
                        manager, (x, w) -> NDArrays.where(x.gt(x.flip(0)), x.mul(9), x).add(x)),
                    IMAGE))
        .hasMessageStartingWith("images of a batch change each other");
    assertThatThrownBy(
            () ->
                BlockTracer.trace(
                    Lambda.of(
                        manager,
                        (x, w) -> {
                          // images before rows and behind them, along one axis
                          NDArray before = x.reshape(-1, 4);
                          NDArray behind = x.transpose(1, 0, 2).reshape(-1, 4);
                          return NDArrays.where(before.gt(behind), before.mul(9), before);
                        }),
                    IMAGE))
        .hasMessageStartingWith("images of a batch change each other");
  }

  @Test
  void infiniteNumbers_ofEachImageAlike_areNoMixing() {
    accepted((x, w) -> x.matMul(w).div(x.zerosLike()).sign());
  }

  /** Nothing that is no number is equal to anything, so no comparison says what is wrong. */
  @Test
  void network_withAParameterThatIsNoNumber_isToldByItsName() {
    try (Model model = TinyResNet.newModel()) {
      ParameterPaths.of(model.getBlock())
          .find("layer1.0.conv1.weight")
          .parameter()
          .getArray()
          .set(new NDIndex(0, 0, 1, 0), Float.NaN);
      assertThatThrownBy(() -> BlockTracer.trace(model.getBlock(), new Shape(3, 16, 16)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith(
              "value is not finite: layer1.0.conv1.weight[3]; expected a finite number, found NaN");
    }
  }

  /**
   * Zeros beside weights become an eighth of their size: at 1/sqrt(terms), MobileNetV2 with half of
   * its weights removed enlarged rounding from layer to layer until images seemed to change each
   * other.
   */
  @Test
  void zeros_besideWeights_becomeAPartOfTheirSize() {
    float[] values = new float[64];
    for (int i = 0; i < values.length; i += 2) {
      values[i] = i % 4 == 0 ? 0.01f : -0.01f;
    }
    float[] awake = awake(values);
    // the size of half of them is 0.01 / sqrt(2)
    double most = 0.01 / Math.sqrt(2) / 8;
    for (int i = 0; i < values.length; i++) {
      if (values[i] != 0) {
        assertThat(awake[i]).isEqualTo(values[i]);
      } else {
        assertThat((double) Math.abs(awake[i])).isGreaterThan(0).isLessThanOrEqualTo(most);
      }
    }
    // alone, they are as large as weights of 16 terms are at first
    float[] alone = awake(new float[64]);
    double largest = 0;
    for (float each : alone) {
      assertThat(each).isNotZero();
      largest = Math.max(largest, Math.abs(each));
    }
    assertThat(largest).isBetween(0.2, 0.25);
  }

  private float[] awake(float[] values) {
    NDArray array = manager.create(values, new Shape(4, 16));
    return AwakeWeights.of(array, Parameter.Type.WEIGHT, manager).toFloatArray();
  }
}
