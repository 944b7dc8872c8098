package org.vpns.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.io.FormatException;
import org.vpns.testing.TinyResNet;

/** Texts of graphs with attributes that are missing or unknown. */
final class GraphTextTest {
  private static String text() {
    try (Model model = TinyResNet.newModel()) {
      return GraphFile.text(BlockTracer.trace(model.getBlock(), new Shape(3, 32, 32)));
    }
  }

  /** A word that names no function would be met only when the network runs. */
  @Test
  void graph_ofUnknownOrMissingAttributes_namesThem() throws FormatException {
    String text = text();
    GraphFile.graph(text, "here");
    for (String wrong :
        new String[] {
          text.replaceFirst("\"RELU\"", "\"NOSUCH\""),
          text.replaceFirst("\"function\":\"RELU\"", "\"fun\":\"RELU\""),
          text.replaceFirst("\"function\":\"RELU\"", "\"function\":null")
        }) {
      assertThat(wrong).isNotEqualTo(text);
      assertThatThrownBy(() -> GraphFile.graph(wrong, "here"))
          .isInstanceOf(FormatException.class)
          .hasMessageStartingWith("no graph: here; ")
          .hasMessageContaining("attributes.function is missing or unknown");
    }
  }

  /** The engine would refuse its first pass, in words of its own. */
  @Test
  void batchNorm_whoseStatisticGetsGradients_isRefused() {
    String wrong =
        text().replaceFirst("(\"type\":\"RUNNING_VAR\",\\s*\"trained\":\\s*)false", "$1true");
    assertThat(wrong).isNotEqualTo(text());
    assertThatThrownBy(() -> GraphFile.graph(wrong, "here"))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("trained parameter as a running statistic")
        .hasMessageContaining("input 2");
  }
}
