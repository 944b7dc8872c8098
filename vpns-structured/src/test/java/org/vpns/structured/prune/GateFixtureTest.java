package org.vpns.structured.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.vpns.Layout;
import org.vpns.MaskSet;
import org.vpns.graph.GraphBlock;
import org.vpns.graph.GraphParameter;
import org.vpns.structured.ChannelUnit;
import org.vpns.structured.FixtureNetworks;
import org.vpns.structured.Masking;
import org.vpns.testing.Fixtures;

/**
 * The gates of {@code fixtures/structured.json}: gradients of scores, of open and of closed ones.
 */
class GateFixtureTest {
  static Stream<Arguments> gates() {
    return FixtureNetworks.objects(Fixtures.json("structured").get("gates"))
        .map(json -> Arguments.of(json.get("network").getAsString(), json));
  }

  private static JsonObject network(String name) {
    return FixtureNetworks.all()
        .filter(json -> json.get("name").getAsString().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("gates")
  void gradients_ofAFixturesGates_areItsOwn(String name, JsonObject expected) {
    try (NDManager manager = NDManager.newBaseManager()) {
      FixtureNetworks.Built built = FixtureNetworks.build(network(name), manager);
      GraphBlock block = GraphBlock.of(built.network(), manager);
      Layout layout = layout(block);
      GatedUnits gated = GatedUnits.of(block.graph(), built.rules(), layout);
      GateMasks gates = new GateMasks(gated, layout);
      List<ChannelUnit> units = gated.groups().free();
      BitSet open = new BitSet();
      double[] wanted = new double[units.size()];
      for (int i = 0; i < wanted.length; i++) {
        JsonObject group =
            expected.getAsJsonArray("groups").get(units.get(i).group()).getAsJsonObject();
        open.set(i, group.getAsJsonArray("gate").get(units.get(i).number()).getAsInt() == 1);
        wanted[i] = group.getAsJsonArray("scoreGradient").get(units.get(i).number()).getAsDouble();
      }
      assertThat(units).hasSize(free(expected));

      MaskSet masks = gates.masks(open);
      float[][] theta = apply(block, layout, masks);
      NDArray images = FixtureNetworks.input(network(name), manager);
      double loss = backward(block, images, manager);

      assertThat(loss).isCloseTo(expected.get("loss").getAsDouble(), within(1e-4 * loss));
      double[] sums = new double[wanted.length];
      for (int t = 0; t < layout.tensors(); t++) {
        try (NDArray gradient = block.array(parameter(block, layout.path(t))).getGradient()) {
          float[] products = gradient.toFloatArray();
          for (int i = 0; i < products.length; i++) {
            products[i] *= theta[t][i];
          }
          gates.add(t, 0, products, products.length, open, sums);
        }
      }
      // float32 here, float64 there
      for (int i = 0; i < sums.length; i++) {
        assertThat(sums[i]).isCloseTo(wanted[i], within(1e-4 * Math.max(1, Math.abs(wanted[i]))));
      }
      assertThat(gates.open(masks)).isEqualTo(open);

      // closed gates are as good as units that have left
      List<ChannelUnit> leaving =
          IntStream.range(0, wanted.length).filter(i -> !open.get(i)).mapToObj(units::get).toList();
      float[] shut = Masking.run(block.network(), images);
      float[] smaller =
          Masking.run(gated.groups().removal(built.network(), leaving).apply(manager), images);
      assertThat(smaller).containsExactly(shut, within(1e-4f)); // the README's for outputs
    }
  }

  private static int free(JsonObject expected) {
    int free = 0;
    for (JsonElement group : expected.getAsJsonArray("groups")) {
      JsonArray gradients = group.getAsJsonObject().getAsJsonArray("scoreGradient");
      for (JsonElement gradient : gradients) {
        free += gradient.isJsonNull() ? 0 : 1;
      }
    }
    return free;
  }

  /** All weights and biases: the queries and keys of the fixture have biases. */
  private static Layout layout(GraphBlock block) {
    Map<String, Shape> tensors = new LinkedHashMap<>();
    for (GraphParameter p : block.graph().parameters()) {
      if (p.type() == Parameter.Type.WEIGHT || p.type() == Parameter.Type.BIAS) {
        tensors.put(p.path(), p.shape());
      }
    }
    return Layout.of(tensors);
  }

  private static GraphParameter parameter(GraphBlock block, String path) {
    return block.graph().parameter(path);
  }

  /** Masks the weights; gives them as they were. */
  private static float[][] apply(GraphBlock block, Layout layout, MaskSet masks) {
    float[][] theta = new float[layout.tensors()][];
    for (int t = 0; t < theta.length; t++) {
      NDArray array = block.array(parameter(block, layout.path(t)));
      theta[t] = array.toFloatArray();
      float[] masked = theta[t].clone();
      masks.mask(t).apply(masked);
      array.set(masked);
    }
    return theta;
  }

  private static double backward(GraphBlock block, NDArray images, NDManager manager) {
    try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
      NDArray y =
          block
              .forward(new ParameterStore(manager, false), new NDList(images), false)
              .singletonOrThrow();
      NDArray loss = y.mul(y).sum().div(2);
      collector.backward(loss);
      return loss.getFloat();
    }
  }
}
