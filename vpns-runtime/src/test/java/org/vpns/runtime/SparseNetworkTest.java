package org.vpns.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.training.ParameterStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.internal.runtime.Against;
import org.vpns.latency.Latency;
import org.vpns.model.NetworkPlan;
import org.vpns.model.ResNets;
import org.vpns.testing.AllocatedBytes;

/** A network of the sparse runtime as its users see it. */
class SparseNetworkTest {
  private static final NetworkPlan PLAN = ResNets.small();
  private static final SparseRuntime COLD = SparseRuntime.standard().warmUp(Duration.ZERO);

  private static Model model;
  private static SparseNetwork network;

  @BeforeAll
  static void prepare() {
    model = PLAN.newModel("test", 1);
    Against.mask(model.getBlock(), 0.9, 1);
    network =
        SparseRuntime.standard()
            .threads(2)
            .prepare(BlockTracer.network(model.getBlock(), new Shape(1, 32, 32)));
  }

  @AfterAll
  static void close() {
    network.close();
    model.close();
  }

  private static float[] engine(Block block, float[] images, int count) {
    try (NDManager manager = model.getNDManager().newSubManager()) {
      NDArray array = manager.create(images, new Shape(count, 1, 32, 32));
      return block
          .forward(new ParameterStore(manager, false), new NDList(array), false)
          .head()
          .toFloatArray();
    }
  }

  @Test
  void results_asNumbersAndThroughABlock_areTheEngines() {
    float[] images = Against.noise(3 * 1024, 1);
    float[] expected = engine(model.getBlock(), images, 3);

    Against.assertClose(network.run(images), expected);
    assertThat(engine(network.block(), images, 3)).isEqualTo(network.run(images));
    assertThat(network.block().getOutputShapes(new Shape[] {new Shape(3, 1, 32, 32)}))
        .containsExactly(new Shape(3, 10));
    assertThat(network.run(new float[0])).isEmpty();
  }

  @Test
  void results_forEightThreadsAtOnce_areThoseOfOne() throws Exception {
    List<float[]> images = new ArrayList<>();
    List<float[]> expected = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      images.add(Against.noise((1 + i % 3) * 1024, i));
      expected.add(network.run(images.get(i)));
    }
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Callable<Void>> calls = new ArrayList<>();
      for (int i = 0; i < 400; i++) {
        int image = i % images.size();
        calls.add(
            () -> {
              assertThat(network.run(images.get(image))).isEqualTo(expected.get(image));
              return null;
            });
      }
      for (Future<Void> done : threads.invokeAll(calls)) {
        done.get();
      }
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void run_onceWarm_allocatesNothing() {
    assertAllocatesNothing(network, 1500);
  }

  /**
   * Its kernels are others. Of smaller maps they are called so often for their length that the
   * compiler looks into all that they call.
   */
  @Test
  void run_ofALargeNetworkWithAllItsWeights_allocatesNothingOnceWarm() {
    NetworkPlan plan = ResNets.resnet18().withInput(3, 128, 128);
    try (Model large = plan.newModel("dense", 1);
        SparseNetwork dense =
            SparseRuntime.standard()
                .prepare(BlockTracer.network(large.getBlock(), new Shape(3, 128, 128)))) {
      assertAllocatesNothing(dense, 30);
    }
  }

  /** What the compiler has not reached yet makes objects; 100 kB would be one map. */
  private static void assertAllocatesNothing(SparseNetwork network, int runs) {
    float[] image = Against.noise((int) network.image().size(), 1);
    float[] result = new float[network.outputs()];
    long least = Long.MAX_VALUE;
    for (int i = 0; i < runs && least > 999; i++) {
      least = Math.min(least, AllocatedBytes.during(() -> network.run(image, 1, result)));
    }

    assertThat(least).isLessThan(1000);
  }

  @Test
  void arrays_ofAnotherSize_areRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> network.run(new float[1500]))
        .withMessageContaining("images of another size")
        .withMessageContaining("1024 for each of 1 images");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> network.run(new float[2048], 2, new float[19]))
        .withMessageContaining("results of another size");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> network.run(new float[0], -1, new float[0]));
    try (NDManager manager = model.getNDManager().newSubManager()) {
      NDList large = new NDList(manager.ones(new Shape(1, 1, 33, 32)));
      ParameterStore store = new ParameterStore(manager, false);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> network.block().forward(store, large, false))
          .withMessageContaining("prepare the network for this size");
    }
  }

  @Test
  void network_thatWasClosed_doesNotRun() {
    SparseNetwork other = COLD.prepare(BlockTracer.network(model.getBlock(), new Shape(1, 32, 32)));
    other.close();

    assertThatIllegalStateException()
        .isThrownBy(() -> other.run(new float[1024]))
        .withMessageContaining("use after close");
  }

  /** With two threads of its own, so that a close in between would leave a caller waiting. */
  @Test
  void close_whileOthersRun_letsTheirCallsEndAndRefusesLaterOnes() throws Exception {
    float[] image = Against.noise(1024, 1);
    float[] expected = network.run(image);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      for (int turn = 0; turn < 10; turn++) {
        SparseNetwork other =
            COLD.threads(2).prepare(BlockTracer.network(model.getBlock(), new Shape(1, 32, 32)));
        CountDownLatch running = new CountDownLatch(4);
        List<Future<Integer>> callers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
          callers.add(threads.submit(() -> callsUntilClosed(other, image, expected, running)));
        }
        running.await();
        other.close();
        for (Future<Integer> caller : callers) {
          assertThat(caller.get(60, TimeUnit.SECONDS)).isPositive();
        }
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static int callsUntilClosed(
      SparseNetwork other, float[] image, float[] expected, CountDownLatch running) {
    for (int calls = 0; ; calls++) {
      try {
        assertThat(other.run(image)).isEqualTo(expected);
      } catch (IllegalStateException e) {
        assertThat(e).hasMessageContaining("use after close");
        return calls;
      } finally {
        if (calls == 0) {
          running.countDown();
        }
      }
    }
  }

  @Test
  void weights_thatAreNotFinite_areRefusedByTheirName() {
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      try (Model other = PLAN.newModel("other", 1)) {
        // before it: kernels differ in what they make of a number that is none
        NetworkValues traced = BlockTracer.network(other.getBlock(), new Shape(1, 32, 32));
        NamedParameter first = ParameterPaths.of(other.getBlock()).list().get(0);
        NDArray weight = first.parameter().getArray();
        float[] values = weight.toFloatArray();
        values[3] = bad;
        weight.set(values);

        assertThatIllegalArgumentException()
            .isThrownBy(() -> COLD.prepare(traced))
            .withMessageContaining(
                first.path() + ", entry 3; expected a finite number, found " + bad);
      }
    }
  }

  @Test
  void batch_ofNoImages_hasNoResults() {
    assertThat(network.run(new float[0])).isEmpty();
    network.run(new float[0], 0, new float[0]);
    try (NDManager manager = model.getNDManager().newSubManager()) {
      NDList none = new NDList(manager.create(new Shape(0, 1, 32, 32)));
      ParameterStore store = new ParameterStore(manager, false);
      assertThat(network.block().forward(store, none, false).head().getShape())
          .isEqualTo(new Shape(0, 10));
    }
  }

  @Test
  void images_ofAnotherTypeOrRank_areRefused() {
    try (NDManager manager = model.getNDManager().newSubManager()) {
      ParameterStore store = new ParameterStore(manager, false);
      for (NDArray images :
          List.of(
              manager.create(1f),
              manager.ones(new Shape(1, 32, 32)),
              manager.ones(new Shape(1, 1, 32, 32), DataType.FLOAT64))) {
        assertThatIllegalArgumentException()
            .isThrownBy(() -> network.block().forward(store, new NDList(images), false))
            .withMessageContaining("images of another size: SparseNetwork.block; expected (-1, 1");
      }
    }
  }

  @Test
  void network_withAnOperatorThatIsMissing_isRefusedByItsName() {
    try (NDManager manager = NDManager.newBaseManager()) {
      Block block = LambdaBlock.singleton(x -> Activation.relu(x).softmax(1));
      block.initialize(manager, DataType.FLOAT32, new Shape(1, 4));

      assertThatIllegalArgumentException()
          .isThrownBy(() -> COLD.prepare(BlockTracer.network(block, new Shape(4))))
          .withMessageContaining("softmax")
          .withMessageContaining("run it in the engine or in ONNX Runtime");
    }
  }

  @Test
  void options_outOfRange_areRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> COLD.threads(0));
    assertThatIllegalArgumentException().isThrownBy(() -> COLD.warmUp(Duration.ofSeconds(-1)));
    assertThat(SparseRuntime.missing()).isEmpty();
  }

  @Test
  void latency_ofTheRuntime_isMeasured() {
    Latency latency = Latency.of(COLD.threads(1)).rounds(2);

    assertThat(latency.milliseconds(BlockTracer.network(model.getBlock(), new Shape(1, 32, 32))))
        .isPositive();
    assertThat(latency.describe()).startsWith("sparse runtime, 1 thread");
  }

  @Test
  void description_ofANetwork_tellsItsCost() {
    assertThat(network.describe())
        .contains("vectors of", "planned in", "warmed up in", "MB for each image at a time");
    assertThat(network).hasToString("SparseNetwork, images (1, 32, 32) to 10 numbers");
  }
}
