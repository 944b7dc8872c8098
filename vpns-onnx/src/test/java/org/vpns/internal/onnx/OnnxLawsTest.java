package org.vpns.internal.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import org.junit.jupiter.api.Assertions;
import org.vpns.Seeds;
import org.vpns.io.FormatException;

/**
 * Damaged models are refused with a proper message or run; they neither end the process nor take
 * its memory. The models are the test cases of the ONNX project, so every operator takes part.
 */
final class OnnxLawsTest {
  // 16 MB of single precision, in place of the default's 256
  private static final long MAX_ELEMENTS = 1 << 22;
  static final List<NodeCase> CASES = cases();

  private static List<NodeCase> cases() {
    try {
      List<NodeCase> cases = new ArrayList<>();
      for (NodeCase each : NodeCasesTest.cases().toList()) {
        cases.add(each);
        cases.add(each.frozen());
      }
      return cases;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Property(tries = 1000)
  void damagedModel_isRefusedOrRuns(@ForAll long seed) {
    refusedOrRuns(seed);
  }

  @Tag("slow")
  @Property(tries = 20_000)
  void damagedModels_manyOfThem_areRefusedOrRun(@ForAll long seed) {
    refusedOrRuns(seed);
  }

  private static void refusedOrRuns(long seed) {
    RandomGenerator random = new Seeds(seed).stream("damage");
    NodeCase original = CASES.get(random.nextInt(CASES.size()));
    byte[] model = original.content("model.onnx");
    byte[] damaged =
        random.nextInt(4) == 0
            ? ModelDamage.ofBytes(model, random)
            : ModelDamage.ofFields(model, random);
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long begin = threads.getCurrentThreadCpuTime();
    Assertions.assertDoesNotThrow(() -> run(original, damaged));
    // the limit of elements keeps single nodes well under this; the processor's time, as the
    // machine may be busy
    assertThat(threads.getCurrentThreadCpuTime() - begin).isLessThan(20_000_000_000L);
  }

  private static void run(NodeCase original, byte[] damaged) throws IOException {
    try (NDManager manager = NDManager.newBaseManager()) {
      OnnxBlock block =
          Models.block(
              OnnxReader.parse(NodeCase.raised(damaged), "damaged"), manager, MAX_ELEMENTS);
      NDList inputs = original.inputs(manager);
      for (NDArray output : block.forward(new ParameterStore(manager, false), inputs, false)) {
        assertThat(NodeCase.host(output).shape()).isEqualTo(output.getShape());
      }
    } catch (FormatException | IllegalArgumentException e) {
      // the one form of every message
      assertThat(e.getMessage()).matches("(?s).+: .+; expected .+, found .*; .+\\.");
    }
  }
}
