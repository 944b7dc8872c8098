package org.vpns.graph;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.vpns.internal.graph.GraphNetworkProvider;
import org.vpns.internal.io.MemoryBound;
import org.vpns.internal.network.StoredShapes;
import org.vpns.io.FormatException;

/** Graphs as text that ask for more than any network does. */
final class HostileGraphsTest {
  private static final String INPUT = "{\"shape\":[-1,1,4,4],\"type\":\"FLOAT32\",\"tensor\":0}";

  private static String graph(String inputs, String parameters, String nodes, String outputs) {
    return "{\"format\":\"vpns graph 1\",\"inputs\":["
        + inputs
        + "],\"parameters\":["
        + parameters
        + "],\"constants\":[],\"nodes\":["
        + nodes
        + "],\"outputs\":["
        + outputs
        + "]}";
  }

  private static String relu(int number) {
    return "{\"name\":\"r%d\",\"kind\":\"unary\",\"attributes\":{\"function\":\"RELU\"},"
            .formatted(number)
        + "\"inputs\":[%d],\"outputs\":[%d],\"shapes\":[[-1,1,4,4]]}".formatted(number, number + 1);
  }

  private static void assertRefused(String text, String message) {
    assertThatThrownBy(() -> GraphFile.graph(text, "hostile"))
        .isInstanceOf(FormatException.class)
        .hasMessageMatching(
            "(?s)(no graph|too many|tensor larger).*: hostile; expected .+, found .+")
        .hasMessageMatching("(?s).{1,3000}")
        .hasMessageContaining(message);
  }

  @Test
  void nodes_moreThanAnyNetworkHas_areRefused() {
    String nodes =
        IntStream.rangeClosed(0, MemoryBound.NODES)
            .mapToObj(HostileGraphsTest::relu)
            .collect(Collectors.joining(","));
    assertRefused(graph(INPUT, "", nodes, "1"), "at most " + MemoryBound.NODES);
  }

  @Test
  void values_thatGrowAsObjects_areRefused() {
    int count = Math.toIntExact(Runtime.getRuntime().maxMemory() / 400 + 1);
    assertRefused(graph("{},".repeat(count) + "{}", "", "", "0"), "values; give Java");
  }

  @Test
  void nesting_withoutEnd_isRefused() {
    assertRefused("{\"format\":\"vpns graph 1\",\"inputs\":" + "[".repeat(1_000_000), "esting");
    assertRefused("{\"a\":".repeat(1_000_000), "esting");
  }

  @Test
  void shapes_ofMoreAxesThanAnyTensorHas_areRefused() {
    String long1 = "1,".repeat(100_000) + "1";
    assertRefused(graph(INPUT.replace("-1,1,4,4", long1), "", relu(0), "1"), "32 axes");
  }

  @Test
  void tensors_largerThanTheMemory_areRefused() {
    String large = "-1,1,1048576,1048576";
    assertRefused(
        graph(INPUT, "", relu(0), "1").replace("-1,1,4,4", large), "tensor larger than the memory");
    String endless = "-1,4294967296,4294967296,4294967296";
    assertRefused(
        graph(INPUT, "", relu(0), "1").replace("-1,1,4,4", endless),
        "tensor larger than the memory");
  }

  @Test
  void parameters_largerThanAnyNetworkHas_areRefused() {
    String parameter =
        "{\"tensor\":1,\"path\":\"a\",\"type\":\"WEIGHT\",\"trained\":true,"
            + "\"shape\":[4294967296,4294967296],\"dataType\":\"FLOAT32\"}";
    assertRefused(graph(INPUT, parameter, "", "0"), "parameters");
  }

  @Test
  void names_longerThanAnyNetworkHas_areRefusedInShort() {
    String name = "n".repeat(10 * MemoryBound.NAME);
    assertRefused(graph(INPUT, "", relu(0).replace("r0", name), "1"), "a name of 655360");
    String parameter =
        "{\"tensor\":1,\"path\":\"%s\",\"type\":\"WEIGHT\",\"trained\":true,"
            + "\"shape\":[1],\"dataType\":\"FLOAT32\"}";
    assertRefused(graph(INPUT, parameter.formatted(name), "", "0"), "a name of 655360");
  }

  @Test
  void make_ofOtherParametersThanAreStored_takesNoMemoryForThem() {
    String parameter =
        "{\"tensor\":1,\"path\":\"a\",\"type\":\"WEIGHT\",\"trained\":true,"
            + "\"shape\":[16384,16384],\"dataType\":\"FLOAT32\"}";
    NDManager untouched =
        (NDManager)
            Proxy.newProxyInstance(
                NDManager.class.getClassLoader(),
                new Class<?>[] {NDManager.class},
                (proxy, method, arguments) -> {
                  throw new AssertionError(method + " was called");
                });
    for (Map<String, Shape> stored :
        List.of(Map.<String, Shape>of(), Map.of("a", new Shape(4, 4)))) {
      assertThatThrownBy(
              () ->
                  new GraphNetworkProvider()
                      .make(untouched, graph(INPUT, parameter, "", "0"), new StoredShapes(stored)))
          .isInstanceOf(FormatException.class)
          .hasMessageMatching(
              "description and weights disagree: network description, a;"
                  + " expected \\(16384, 16384\\), found .+; .+\\.");
    }
  }

  @Test
  void outputs_thatAreNotThere_areToldInShort() {
    assertRefused(graph(INPUT, "", relu(0), "7,".repeat(100_000) + "7"), "graph without result");
  }
}
