package org.vpns.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.internal.runtime.Against;
import org.vpns.internal.runtime.kernel.Clamp;
import org.vpns.internal.runtime.kernel.DenseLinear;
import org.vpns.internal.runtime.kernel.Wide;
import org.vpns.model.MobileNets;
import org.vpns.model.NetworkPlan;
import org.vpns.model.ResNets;
import org.vpns.testing.AllocatedBytes;
import org.vpns.testing.JavaProcess;

/** The runtime with shorter vectors than this machine's, and in a later Java. */
class OtherMachinesTest {
  /** Their maps are what makes the compiler go other ways. */
  private static final Map<String, NetworkPlan> NETWORKS =
      Map.of(
          "residual",
          ResNets.resnet18(),
          "dense",
          ResNets.cifar20(),
          "depthwise",
          MobileNets.v1(0.25));

  private static final String VECTORS = "--add-modules=jdk.incubator.vector";

  /** A pass without an object; counting may make some. */
  private static final long FEW_BYTES = 1_000;

  /** Of so many at least one must be such: others' compiled code may be taken back meanwhile. */
  private static final int PASSES = 500;

  @Test
  void vectorsOf8_giveTheEnginesNumbersWithoutAllocating() throws Exception {
    assertWorks(
        JavaProcess.answers(OtherMachinesTest.class, List.of(VECTORS, "-XX:UseAVX=2")), "8");
  }

  @Test
  void laterJava_givesTheEnginesNumbersWithoutAllocating() throws Exception {
    Path later = later();

    assertWorks(
        JavaProcess.answers(later, OtherMachinesTest.class, List.of(VECTORS)),
        Integer.toString(Wide.LANES));
  }

  private static void assertWorks(Map<String, String> answers, String lanes) {
    System.out.println("the sparse runtime elsewhere: " + answers);
    assertThat(answers).hasSize(6).containsEntry("lanes", lanes).containsEntry("changed", "0");
    NETWORKS
        .keySet()
        .forEach(n -> assertThat(Long.parseLong(answers.get(n))).isLessThan(FEW_BYTES));
  }

  /** The latest Java beside this one, which is where systems keep them. */
  private static Path later() throws IOException {
    try (Stream<Path> beside = Files.list(JavaProcess.HOME.toRealPath().getParent())) {
      return beside
          .filter(home -> version(home) > Runtime.version().feature())
          .max(Comparator.comparingInt(OtherMachinesTest::version))
          .orElseGet(() -> abort("no later Java beside " + JavaProcess.HOME));
    }
  }

  private static int version(Path home) {
    Path release = home.resolve("release");
    if (!Files.isRegularFile(release)) {
      return 0;
    }
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(release)) {
      properties.load(reader);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String version = properties.getProperty("JAVA_VERSION", "\"0\"").replace("\"", "");
    return Runtime.Version.parse(version).feature();
  }

  /** The process. */
  public static void main(String[] args) {
    tell("java", Runtime.version().feature());
    tell("lanes", Wide.LANES);
    tell("changed", changedBits());
    NETWORKS.keySet().forEach(name -> tell(name, leastBytes(name)));
  }

  private static long leastBytes(String name) {
    NetworkPlan plan = NETWORKS.get(name);
    Shape image = plan.inputShape().slice(1);
    try (Model model = plan.newModel("test", 1)) {
      Against.mask(model.getBlock(), name.equals("dense") ? 0 : 0.9, 1);
      NetworkValues network = BlockTracer.network(model.getBlock(), image);
      Against.engine(network, 2, 1);
      try (SparseNetwork prepared = SparseRuntime.standard().threads(1).prepare(network)) {
        return leastBytes(prepared);
      }
    }
  }

  /** How many outputs of a linear layer change once the compiler has looked into it. */
  private static long changedBits() {
    int width = 8 * Wide.LANES;
    float[] a = Against.noise(width + 10, 1);
    DenseLinear layer =
        new DenseLinear(Against.noise(10 * width, 2), new float[10], 0, width, Clamp.NONE);
    layer.run(a, 0, 1);
    float[] first = a.clone();
    for (int i = 0; i < 30_000; i++) {
      layer.run(a, 0, 1);
    }
    return IntStream.range(0, a.length).filter(i -> a[i] != first[i]).count();
  }

  private static long leastBytes(SparseNetwork network) {
    float[] image = Against.noise((int) network.image().size(), 1);
    float[] result = new float[network.outputs()];
    long least = Long.MAX_VALUE;
    for (int i = 0; i < PASSES && least >= FEW_BYTES; i++) {
      least = Math.min(least, AllocatedBytes.during(() -> network.run(image, 1, result)));
    }
    return least;
  }

  private static void tell(String what, long number) {
    System.out.println(what + "\t" + number);
  }
}
