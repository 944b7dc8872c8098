package org.vpns.prune;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.vpns.io.FormatException;
import org.vpns.predict.PrunedModel;

/** Result folders with a field that nobody could have written: refused with the field's name. */
final class HostileResultsTest {
  private static Path folder(String name) throws URISyntaxException {
    return Path.of(
        Objects.requireNonNull(HostileResultsTest.class.getResource("/hostile/" + name)).toURI());
  }

  @Test
  void load_mappingWithNull_isRefusedWithTheField() throws URISyntaxException {
    Path folder = folder("result-mapping-null");
    assertThatThrownBy(() -> PrunedModel.load(folder))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith("result folder damaged: " + folder.resolve("model.json"))
        .hasMessageContaining("mapping[0][0]")
        .hasMessageContaining("null");
  }

  @Test
  void load_operatorOfAnUnknownFunction_isRefusedWithTheNodeAndTheField()
      throws URISyntaxException {
    Path folder = folder("result-no-function");
    assertThatThrownBy(() -> PrunedModel.load(folder))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("network.json")
        .hasMessageContaining("node 'relu1', attributes.function is missing or unknown");
  }
}
