package org.vpns.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.internal.runtime.Against;
import org.vpns.model.ResNets;
import org.vpns.testing.AllocatedBytes;

/** A hundred thousand inferences; {@link SparseNetworkTest} does the same with a few hundred. */
@Tag("slow")
class LongServiceTest {
  private static final int INFERENCES = 100_000;

  /** Passes after which the compiler is done, also where other programs keep it waiting. */
  private static final int WARM = 5_000;

  /**
   * Objects that a warm network makes in all: the compiler may take a method back once, whose next
   * passes make vectors again. One object a pass would be 1.6 MB.
   */
  private static final long FEW_BYTES = 500_000;

  @Test
  void hundredThousandInferences_allocateNothingAndGiveTheSameBits() throws Exception {
    try (Model model = ResNets.small().newModel("test", 1)) {
      Against.mask(model.getBlock(), 0.9, 1);
      try (SparseNetwork network =
          SparseRuntime.standard()
              .prepare(BlockTracer.network(model.getBlock(), new Shape(1, 32, 32)))) {
        long bytes = oneThread(network);
        long heap = eightThreads(network);
        System.out.println(
            INFERENCES
                + " inferences allocated "
                + bytes
                + " bytes; by 8 threads, the heap grew by "
                + heap
                + " bytes");
      }
    }
  }

  private static long oneThread(SparseNetwork network) {
    float[] image = Against.noise(1024, 1);
    float[] result = new float[10];
    for (int i = 0; i < WARM; i++) {
      network.run(image, 1, result);
    }
    float[] expected = result.clone();
    long bytes =
        AllocatedBytes.during(
            () -> {
              for (int i = 0; i < INFERENCES; i++) {
                network.run(image, 1, result);
              }
            });
    assertThat(result).isEqualTo(expected);
    assertThat(bytes).isLessThan(FEW_BYTES);
    return bytes;
  }

  private static long eightThreads(SparseNetwork network) throws Exception {
    List<float[]> images = new ArrayList<>();
    List<float[]> expected = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      images.add(Against.noise(1024, i));
      expected.add(network.run(images.get(i)));
    }
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      calls(threads, network, images, expected, WARM);
      long before = usedHeap();
      calls(threads, network, images, expected, INFERENCES / 8);
      long grown = usedHeap() - before;
      assertThat(grown).isLessThan(FEW_BYTES);
      return grown;
    } finally {
      threads.shutdown();
    }
  }

  private static void calls(
      ExecutorService threads,
      SparseNetwork network,
      List<float[]> images,
      List<float[]> expected,
      int each)
      throws Exception {
    List<Callable<Integer>> callers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      float[] image = images.get(i);
      float[] right = expected.get(i);
      callers.add(
          () -> {
            float[] result = new float[10];
            int wrong = 0;
            for (int call = 0; call < each; call++) {
              network.run(image, 1, result);
              wrong += Arrays.equals(result, right) ? 0 : 1;
            }
            return wrong;
          });
    }
    for (Future<Integer> wrong : threads.invokeAll(callers)) {
      assertThat(wrong.get()).isZero();
    }
  }

  private static long usedHeap() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
