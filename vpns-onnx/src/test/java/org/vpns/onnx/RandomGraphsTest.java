package org.vpns.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The laws speak of all operators only if the random networks have them. */
final class RandomGraphsTest {
  @Test
  void networks_ofManySeeds_haveEveryCommonOperator() {
    Set<String> kinds =
        IntStream.range(0, 300)
            .mapToObj(seed -> RandomGraphs.of(seed, 12))
            .flatMap(graph -> graph.nodes().stream())
            .map(node -> node.operator().kind())
            .collect(Collectors.toSet());
    assertThat(kinds)
        .contains(
            "conv",
            "linear",
            "batchNorm",
            "layerNorm",
            "matMul",
            "dropout",
            "maxPool",
            "avgPool",
            "globalMax",
            "globalAverage",
            "relu",
            "gelu",
            "clip",
            "elu",
            "leakyRelu",
            "add",
            "sub",
            "mul",
            "div",
            "max",
            "min",
            "gt",
            "where",
            "mean",
            "sum",
            "softmax",
            "logSoftmax",
            "concat",
            "stack",
            "split",
            "slice",
            "reshape",
            "transpose",
            "expandDims",
            "broadcast",
            "pad",
            "flip",
            "fill");
  }
}
