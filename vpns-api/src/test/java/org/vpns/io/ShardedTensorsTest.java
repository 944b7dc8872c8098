package org.vpns.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.Seeds;
import org.vpns.testing.AllocatedBytes;
import org.vpns.testing.Mutations;

final class ShardedTensorsTest {
  private static final String GOOD =
      """
      {"metadata": {"total_size": 36, "note": "two parts", "tied": false},
       "weight_map": {"b.weight": "net-2.safetensors",
                      "a.weight": "net-1.safetensors",
                      "b.bias": "net-2.safetensors"}}
      """;

  @TempDir Path outer;
  private Path folder;
  private Path index;

  @BeforeEach
  void writeShards() throws IOException {
    folder = Files.createDirectory(outer.resolve("net"));
    index = folder.resolve("net.safetensors.index.json");
    SafeTensors.builder()
        .putFloats("a.weight", new Shape(2, 2), new float[] {1, 2, 3, 4})
        .write(folder.resolve("net-1.safetensors"));
    SafeTensors.builder()
        .putFloats("b.weight", new Shape(3), new float[] {5, 6, 7})
        .putDoubles("b.bias", new Shape(1), new double[] {0.1})
        .write(folder.resolve("net-2.safetensors"));
  }

  private ShardedTensors read(String text) throws IOException {
    Files.writeString(index, text);
    return ShardedTensors.read(index, SafeTensors::read);
  }

  @Test
  void read_ofTwoFiles_isOneSetInTheOrderOfTheIndex() throws IOException {
    ShardedTensors tensors = read(GOOD);
    assertThat(tensors.names()).containsExactly("b.weight", "a.weight", "b.bias");
    assertThat(tensors.floats("a.weight")).containsExactly(1, 2, 3, 4);
    assertThat(tensors.shape("a.weight")).isEqualTo(new Shape(2, 2));
    assertThat(tensors.doubles("b.bias")).containsExactly(0.1);
    assertThat(tensors.type("b.bias")).isEqualTo(TensorType.F64);
    assertThat(tensors.contains("c")).isFalse();
    assertThat(tensors.metadata())
        .isEqualTo(Map.of("total_size", "36", "note", "two parts", "tied", "false"));
    assertThatThrownBy(() -> tensors.floats("c"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("no such tensor: " + index + ", 'c'; expected one of 3 names");
  }

  @Test
  void read_ofPathRelativeToTheWorkingFolder_findsTheFiles() throws IOException {
    read(GOOD);
    Path relative = Path.of("").toAbsolutePath().relativize(index);
    assertThat(ShardedTensors.read(relative, SafeTensors::read).floats("b.weight"))
        .containsExactly(5, 6, 7);
  }

  @Test
  void read_ofIndexAndFilesThatDisagree_namesTheTensor() {
    assertBad(GOOD.replace("a.weight", "c.weight"), "c.weight", "tensor missing from its file");
    assertBad(
        GOOD.replace("\"a.weight\": \"net-1", "\"a.weight\": \"net-2"),
        "a.weight",
        "tensor missing from its file");
    assertBad(
        GOOD.replace(",\n                \"b.bias\": \"net-2.safetensors\"", ""),
        "b.bias",
        "tensor of a file that the index does not name");
  }

  private void assertBad(String text, String field, String what) {
    assertThat(text).isNotEqualTo(GOOD);
    FormatException failure = catchThrowableOfType(FormatException.class, () -> read(text));
    assertThat(failure).isNotNull().hasMessageStartingWith(what + ": " + index);
    assertThat(failure.field()).isEqualTo(field);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "{}",
        "{\"weight_map\":[]}",
        "{\"weight_map\":null}",
        "{\"weight_map\":{\"a\":1}}",
        "{\"weight_map\":{\"a\":null}}",
        "{\"weight_map\":{\"a\":{}}}",
        "{\"weight_map\":{}} x",
        "{\"weight_map\":{},\"weight_map\":{}}",
        "{\"weight_map\":{\"a.weight\":\"net-1.safetensors\",\"a.weight\":\"net-1.safetensors\"}}",
        "{\"weight_map\":{},\"metadata\":{\"a\":[]}}",
        "{'weight_map':{}}",
        "{\"weight_map\":{}"
      })
  void read_ofMalformedIndex_isRefused(String text) {
    assertThat(catchThrowableOfType(FormatException.class, () -> read(text)))
        .isNotNull()
        .hasMessageContaining(index.toString());
  }

  @Test
  void read_ofDeepIndex_isRefusedWithoutRecursion() {
    String deep = "{\"x\":" + "[".repeat(100_000) + "]".repeat(100_000) + ",\"weight_map\":{}}";
    assertThat(catchThrowableOfType(FormatException.class, () -> read(deep))).isNotNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/etc/passwd",
        "../outside.safetensors",
        "./net-1.safetensors",
        "a/../net-1.safetensors",
        "..",
        ".",
        "",
        "none.safetensors",
        "..\\\\outside.safetensors",
        "a\\u0000b",
        "link.safetensors",
        "linked/outside.safetensors"
      })
  void read_ofFileElsewhere_isRefused(String file) throws IOException {
    Files.copy(folder.resolve("net-1.safetensors"), outer.resolve("outside.safetensors"));
    try {
      Files.createSymbolicLink(
          folder.resolve("link.safetensors"), outer.resolve("outside.safetensors"));
      Files.createSymbolicLink(folder.resolve("linked"), outer);
    } catch (UnsupportedOperationException | IOException e) {
      // Without links the two names of links are missing files, which are refused too.
    }
    assertThatThrownBy(() -> read("{\"weight_map\":{\"a.weight\":\"" + file + "\"}}"))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("file outside its folder or missing: " + folder);
  }

  @Test
  void read_ofFilesBelowTheFolder_isAllowed() throws IOException {
    Path inner = Files.createDirectory(folder.resolve("parts"));
    Files.move(folder.resolve("net-1.safetensors"), inner.resolve("one.safetensors"));
    assertThat(read("{\"weight_map\":{\"a.weight\":\"parts/one.safetensors\"}}").floats("a.weight"))
        .containsExactly(1, 2, 3, 4);
  }

  private int refusedOf(int files, String stream) throws IOException {
    var random = new Seeds(20240603).stream(stream);
    int refused = 0;
    for (int i = 0; i < files; i++) {
      Files.write(index, Mutations.mutate(GOOD.getBytes(StandardCharsets.UTF_8), random));
      try {
        ShardedTensors read = ShardedTensors.read(index, SafeTensors::read);
        assertThat(List.of("b.weight", "a.weight", "b.bias")).containsAll(read.names());
      } catch (IOException e) {
        refused++;
      }
    }
    return refused;
  }

  @Test
  void read_ofDamagedIndex_refusesOrGivesTheTensors() throws IOException {
    // what passes: damage of the metadata and of blanks
    assertThat(refusedOf(1000, "damage")).isBetween(500, 995);
    // buffers for three small files and a message: 100 kB each on average
    assertThat(AllocatedBytes.during(() -> refusedOf(200, "memory"))).isLessThan(200 * 100_000L);
  }
}
