package org.vpns.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.core.Linear;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.vpns.NamedParameter;
import org.vpns.ParameterFilter;
import org.vpns.ParameterPaths;
import org.vpns.graph.GraphBlock;
import org.vpns.graph.GraphFile;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.internal.network.Network;
import org.vpns.io.SafeTensors;
import org.vpns.testing.Fixtures;
import org.vpns.testing.OpenResources;
import org.vpns.testing.TinyResNet;
import org.vpns.torch.TorchFile;

/** Memory that runs out at any place of a load: nothing stays open, and the model is as it was. */
final class FailedLoadTest {
  private static final Field ARRAY = arrayOfParameter();

  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

  @TempDir private Path folder;

  /** A parameter takes an array once. */
  private static Field arrayOfParameter() {
    try {
      Field field = Parameter.class.getDeclaredField("array");
      field.setAccessible(true);
      return field;
    } catch (NoSuchFieldException e) {
      throw new AssertionError(e);
    }
  }

  private static Map<String, float[]> values(Model model) {
    Map<String, float[]> values = new LinkedHashMap<>();
    for (NamedParameter p : ParameterPaths.of(model.getBlock())) {
      values.put(p.path(), p.parameter().getArray().toFloatArray());
    }
    return values;
  }

  private static void assertSame(Map<String, float[]> found, Map<String, float[]> expected) {
    assertThat(found.keySet()).isEqualTo(expected.keySet());
    found.forEach((path, each) -> assertThat(each).as(path).isEqualTo(expected.get(path)));
  }

  @Test
  void graphFile_thatFailsAtAnyAllocation_leavesNothingOpen() throws Exception {
    Path file = folder.resolve("network.safetensors");
    try (Model model = TinyResNet.newModel()) {
      GraphBlock block =
          BlockTracer.graphBlock(model.getBlock(), model.getNDManager(), new Shape(3, 32, 32));
      GraphFile.save(block, file);
      int failures =
          OpenResources.requireNoneLeft(
              model.getNDManager(),
              fault -> GraphFile.load(file, fault.in(model.getNDManager())).clear());
      assertThat(failures).isEqualTo(block.graph().parameters().size());
    }
  }

  @Test
  void weightFile_thatFailsAtAnyParameter_leavesThemAllAsTheyWere() throws Exception {
    Path file = folder.resolve("weights.safetensors");
    try (Model model = TinyResNet.newModel();
        Model other = TinyResNet.newModel()) {
      for (NamedParameter p : ParameterPaths.of(other.getBlock())) {
        try (NDArray more = p.parameter().getArray().stopGradient().add(1)) {
          p.parameter().getArray().set(more.toFloatArray());
        }
      }
      WeightFile.save(other, file);
      Map<String, float[]> before = values(model);
      int failures =
          OpenResources.requireNoneLeft(
              model.getNDManager(),
              fault -> {
                Map<NamedParameter, NDArray> own = new LinkedHashMap<>();
                for (NamedParameter p : ParameterPaths.of(model.getBlock())) {
                  own.put(p, p.parameter().getArray());
                  NDArray failing =
                      fault.in(NDArray.class, p.parameter().getArray(), Set.of("set"));
                  ARRAY.set(p.parameter(), failing);
                }
                try {
                  WeightFile.load(model, file);
                } catch (OutOfMemoryError e) {
                  assertSame(values(model), before);
                  throw e;
                } finally {
                  for (Map.Entry<NamedParameter, NDArray> each : own.entrySet()) {
                    ARRAY.set(each.getKey().parameter(), each.getValue());
                  }
                }
              });
      assertThat(failures).isEqualTo(before.size());
      assertSame(values(model), values(other));
    }
  }

  /** Reads a file, and uses what is read. */
  private interface Reader {
    void read(Path file) throws IOException;
  }

  private static Stream<Arguments> readers() {
    return Stream.of(
        reader("TorchFile.read", "plain.pt", file -> TorchFile.read(file).names()),
        reader("TorchFile.ignoring", "plain.pt", file -> TorchFile.ignoring("a.*").read(file)),
        reader("WeightFile of PyTorch", "plain.pt", file -> WeightFile.open(file).metadata()),
        reader("SafeTensors.read", "tinyresnet.safetensors", SafeTensors::read),
        reader(
            "WeightFile of safetensors",
            "tinyresnet.safetensors",
            file -> WeightFile.open(file).metadata()));
  }

  private static Arguments reader(String name, String fixture, Reader reader) {
    return Arguments.of(name, fixture, reader);
  }

  /** Files of this folder that the process holds open; where the system does not tell, none. */
  private List<String> openFiles() throws IOException {
    List<String> open = new ArrayList<>();
    if (Files.isDirectory(DESCRIPTORS)) {
      try (Stream<Path> all = Files.list(DESCRIPTORS)) {
        for (Path each : all.toList()) {
          try {
            open.add(Files.readSymbolicLink(each).toString());
          } catch (NoSuchFileException e) {
            continue; // the one that lists them
          }
        }
      }
    }
    open.removeIf(each -> !each.startsWith(folder.toString()));
    return open;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("readers")
  void reader_ofAFileCutAnywhere_leavesItClosed(String name, String fixture, Reader reader)
      throws IOException {
    byte[] whole = Fixtures.bytes(fixture);
    Path file = folder.resolve("cut");
    int refused = 0;
    for (int part = 0; part <= 32; part++) {
      Files.write(file, Arrays.copyOf(whole, (int) ((long) whole.length * part / 32)));
      try {
        reader.read(file);
      } catch (IOException e) {
        refused++;
      }
      assertThat(openFiles()).as("open after %s of 32 parts", part).isEmpty();
    }
    assertThat(refused).isEqualTo(32);
  }

  @Test
  void network_thatIsRefused_leavesNothingOpen() {
    try (Model model = Model.newInstance("wide")) {
      Block block = Linear.builder().setUnits(2).build();
      block.initialize(model.getNDManager(), DataType.FLOAT64, new Shape(1, 3));
      model.setBlock(block);
      long before = OpenResources.under(model.getNDManager());
      assertThatThrownBy(() -> Network.open(model, ParameterFilter.weights()))
          .hasMessageStartingWith("parameter of another type");
      assertThat(OpenResources.under(model.getNDManager())).isEqualTo(before);
    }
  }
}
