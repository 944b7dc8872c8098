package org.vpns.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.vpns.graph.op.Operator;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.internal.graph.op.Elementwise;
import org.vpns.internal.graph.op.Shaping;
import org.vpns.io.FormatException;
import org.vpns.testing.TinyResNet;

/** Texts of graphs with attributes that are missing or unknown. */
final class GraphTextTest {
  private static String text() {
    try (Model model = TinyResNet.newModel()) {
      return GraphFile.text(BlockTracer.trace(model.getBlock(), new Shape(3, 32, 32)));
    }
  }

  /** Maxima are padded with the least number; masks of attention hold it. */
  @Test
  void numbersThatJsonLacks_comeBack() throws FormatException {
    ModelGraph.Builder builder = ModelGraph.builder();
    int x = builder.input(new Shape(-1, 2, 3), DataType.FLOAT32);
    double least = Double.NEGATIVE_INFINITY;
    List<Operator> operators =
        List.of(
            new Shaping.Pad(new Shape(1, 1), least),
            new Elementwise.Clip(least, 6),
            new Elementwise.WithNumber(Elementwise.Pair.MAX, Double.POSITIVE_INFINITY, false),
            new Elementwise.WithNumber(Elementwise.Pair.MUL, Double.NaN, false),
            new Elementwise.Sloped(false, Float.POSITIVE_INFINITY));
    for (Operator each : operators) {
      x = builder.node(each.kind(), each, List.of(x)).get(0);
    }
    ModelGraph graph = builder.build(List.of(x));
    String text = GraphFile.text(graph);
    assertThat(text).contains("\"value\":\"-Infinity\"", "\"number\":\"NaN\"");
    assertThat(GraphFile.graph(text, "here").nodes().stream().map(GraphNode::operator))
        .containsExactlyElementsOf(operators);
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

  /** Two writers of one file, say. */
  @Test
  void graph_behindAnother_isRefused() {
    String text = text();
    assertThatThrownBy(() -> GraphFile.graph(text + text, "here"))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith("no graph: here; ")
        .hasMessageContaining("more behind its end");
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
