package org.vpns.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.io.FormatException;
import org.vpns.testing.TinyResNet;

/** Networks whose weights cannot be read: the caller's manager owns no array afterwards. */
final class GraphFileFailureTest {
  @TempDir private Path folder;

  private Path file() throws Exception {
    Path file = folder.resolve("network.safetensors");
    try (Model model = TinyResNet.newModel()) {
      GraphBlock block =
          BlockTracer.graphBlock(model.getBlock(), model.getNDManager(), new Shape(3, 32, 32));
      GraphFile.save(block, file);
    }
    return file;
  }

  @ParameterizedTest
  @ValueSource(strings = {"I32", "F33"})
  void load_ofWeightsThatAreNoFloats_isRefusedAndLeavesNothingWithTheManager(String type)
      throws Exception {
    Path file = file();
    // one letter in the header: the tensor has its size, and another type
    String bytes = Files.readString(file, StandardCharsets.ISO_8859_1);
    int last = bytes.lastIndexOf("\"dtype\":\"F32\"");
    String other =
        bytes.substring(0, last) + "\"dtype\":\"" + type + "\"" + bytes.substring(last + 13);
    try (NDManager manager = NDManager.newBaseManager()) {
      GraphFile.load(file, manager);
      int loaded = manager.getManagedArrays().size();
      assertThat(loaded).isPositive();
      Files.writeString(file, other, StandardCharsets.ISO_8859_1);
      assertThatThrownBy(() -> GraphFile.load(file, manager))
          .isInstanceOf(FormatException.class)
          .hasMessageContaining("'; expected F32, F64, F16 or BF16, found ");
      assertThat(manager.getManagedArrays()).hasSize(loaded);
    }
  }
}
