package org.vpns.train;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vpns.internal.run.CheckpointFile;
import org.vpns.io.FormatException;
import org.vpns.io.SafeTensors;

/** Checkpoints whose checksum is right and whose content is not: refused with the field's name. */
final class HostileCheckpointTest {
  private static CheckpointFile.Reader open(String name) throws IOException, URISyntaxException {
    Path file =
        Path.of(
            Objects.requireNonNull(HostileCheckpointTest.class.getResource("/hostile/" + name))
                .toURI());
    // who resumes brings the same identity along
    String text = Objects.requireNonNull(SafeTensors.read(file).metadata().get("identity"));
    JsonObject json = JsonParser.parseString(text).getAsJsonObject();
    Map<String, String> identity = new LinkedHashMap<>();
    json.entrySet().forEach(entry -> identity.put(entry.getKey(), entry.getValue().getAsString()));
    return new CheckpointFile.Reader(file, identity);
  }

  @ParameterizedTest
  @CsvSource({
    "checkpoint-2.safetensors, losses[0]",
    // text that breaks off
    "checkpoint-3.safetensors, ledger"
  })
  void ledger_ofOtherContent_isRefusedWithTheField(String name, String field) throws Exception {
    CheckpointFile.Reader reader = open(name);
    assertThatThrownBy(() -> reader.ledger(text -> Ledger.ofJson(text, 2)))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith("checkpoint damaged: ")
        .hasMessageContaining("ledger")
        .hasMessageContaining(field)
        .hasMessageEndingWith("delete the file and start again.");
  }

  @Test
  void ledger_ofMoreValuesThanTheHeapHolds_isRefused() {
    int count = Math.toIntExact(Runtime.getRuntime().maxMemory() / 400 + 1);
    String text = "{\"losses\":[" + "[],".repeat(count) + "[]]}";
    assertThatThrownBy(() -> Ledger.ofJson(text, 1)).hasMessageContaining("values");
  }
}
