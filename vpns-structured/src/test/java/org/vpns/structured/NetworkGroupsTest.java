package org.vpns.structured;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonObject;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.vpns.graph.LayerTable;
import org.vpns.graph.ModelGraph;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.model.DenseNets;
import org.vpns.model.MobileNets;
import org.vpns.model.NetworkPlan;
import org.vpns.model.ResNet;
import org.vpns.model.ResNets;
import org.vpns.model.Vggs;
import org.vpns.testing.Fixtures;

/** Groups of the library's networks. */
class NetworkGroupsTest {
  private static final Map<String, NetworkPlan> GOLDEN =
      Map.of(
          "resnet18", ResNets.resnet18(),
          "resnet34", ResNets.resnet34(),
          "resnet50", ResNets.resnet50(),
          "vgg11", Vggs.vgg11(),
          "vgg11_bn", Vggs.vgg11BatchNorm(),
          "vgg16_bn", Vggs.vgg16BatchNorm(),
          "mobilenet_v2", MobileNets.v2(),
          "densenet121", DenseNets.densenet121(),
          "resnet20-cifar-B", ResNets.cifar20().withShortcut(ResNet.Shortcut.PROJECTION),
          "resnet56-cifar-B", ResNets.cifar56().withShortcut(ResNet.Shortcut.PROJECTION));

  static Stream<NetworkPlan> small() {
    return Stream.of(
        ResNets.small(),
        ResNets.cifar20(),
        ResNets.cifar20().withShortcut(ResNet.Shortcut.PROJECTION),
        MobileNets.v1(0.25).withInput(3, 32, 32));
  }

  static Stream<NetworkPlan> large() {
    return Stream.of(
        ResNets.cifar32(),
        ResNets.cifar44(),
        ResNets.cifar56(),
        ResNets.cifar56().withShortcut(ResNet.Shortcut.PROJECTION),
        ResNets.resnet18().withInput(3, 64, 64),
        ResNets.resnet34().withInput(3, 64, 64),
        ResNets.resnet50().withInput(3, 64, 64),
        ResNets.resnet101().withInput(3, 64, 64),
        MobileNets.v1().withInput(3, 64, 64),
        MobileNets.v1(0.75).withInput(3, 64, 64),
        MobileNets.v2().withInput(3, 64, 64),
        DenseNets.densenet121().withInput(3, 64, 64),
        Vggs.vgg11().withInput(3, 32, 32),
        Vggs.vgg11BatchNorm().withInput(3, 32, 32),
        Vggs.vgg16().withInput(3, 32, 32),
        Vggs.vgg16BatchNorm().withInput(3, 32, 32),
        Vggs.vgg19().withInput(3, 32, 32),
        Vggs.vgg19BatchNorm().withInput(3, 32, 32));
  }

  /** A network that is new has its groups checked as well. */
  @Test
  void lists_haveEachNetworkThatHasAName() throws ReflectiveOperationException {
    List<String> listed = Stream.concat(small(), large()).map(NetworkPlan::name).toList();
    List<String> missing = new ArrayList<>();
    for (Class<?> family : List.of(DenseNets.class, MobileNets.class, ResNets.class, Vggs.class)) {
      for (Method factory : family.getMethods()) {
        if (NetworkPlan.class.isAssignableFrom(factory.getReturnType())
            && factory.getParameterCount() == 0) {
          String name = ((NetworkPlan) factory.invoke(null)).name();
          if (!listed.contains(name)) {
            missing.add(name);
          }
        }
      }
    }
    assertThat(missing).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("small")
  void eachGroup_ofANetwork_leavesItAsMasksDo(NetworkPlan plan) {
    checkGroups(plan);
  }

  @Tag("slow")
  @ParameterizedTest
  @MethodSource("large")
  void eachGroup_ofALargerNetwork_leavesItAsMasksDo(NetworkPlan plan) {
    checkGroups(plan);
  }

  private static void checkGroups(NetworkPlan plan) {
    try (Model model = plan.newModel("groups", 1);
        NDManager manager = NDManager.newBaseManager()) {
      Shape image = plan.inputShape().slice(1);
      NetworkValues network = Removal.network(model.getBlock(), image, manager);
      GroupsCheck check = GroupsCheck.of(network, image, manager);
      // all but the result's
      assertThat(check.compared()).isEqualTo(check.groups().groups().size() - 1);
    }
  }

  /** Those that take some seconds to initialise and to trace. */
  private static final Set<String> LARGE =
      Set.of("resnet34", "resnet50", "densenet121", "vgg11", "vgg11_bn", "vgg16_bn");

  static Stream<JsonObject> goldenSmall() {
    return golden().filter(row -> !LARGE.contains(row.get("name").getAsString()));
  }

  static Stream<JsonObject> goldenLarge() {
    return golden().filter(row -> LARGE.contains(row.get("name").getAsString()));
  }

  private static Stream<JsonObject> golden() {
    return FixtureNetworks.objects(Fixtures.json("structured").get("golden"));
  }

  @ParameterizedTest
  @MethodSource("goldenSmall")
  void groups_ofANetwork_areThoseOfTheTable(JsonObject row) {
    checkGolden(row);
  }

  @Tag("slow")
  @ParameterizedTest
  @MethodSource("goldenLarge")
  void groups_ofALargerNetwork_areThoseOfTheTable(JsonObject row) {
    checkGolden(row);
  }

  /** Counts before and after half of every group has left. */
  private static void checkGolden(JsonObject row) {
    NetworkPlan plan = GOLDEN.get(row.get("name").getAsString());
    Shape image = new Shape(FixtureNetworks.longs(row.get("input")));
    try (Model model =
        plan.withInput(3, (int) image.get(1), (int) image.get(2)).newModel("golden", 1)) {
      // the table counts one image
      ModelGraph graph = BlockTracer.of(image).batch(1).trace(model.getBlock());
      NetworkValues network = NetworkValues.of(graph, model.getBlock());
      requireCounts(graph, row);
      ChannelGroups groups = ChannelGroups.of(graph);
      List<ChannelGroup> free = groups.groups().stream().filter(g -> !g.free().isEmpty()).toList();
      assertThat(free).hasSize(row.get("groups").getAsInt());
      assertThat(groups.free()).hasSize(row.get("channels").getAsInt());
      List<ChannelUnit> half =
          free.stream().flatMap(g -> g.free().stream().skip((g.free().size() + 1) / 2)).toList();
      ModelGraph smaller = groups.removal(network, half).graph();
      JsonObject counted = row.getAsJsonObject("half");
      requireCounts(smaller, counted);
      counted
          .getAsJsonObject("firstWidths")
          .entrySet()
          .forEach(
              e ->
                  assertThat(smaller.parameter(path(e.getKey(), plan)).shape().get(0))
                      .as(e.getKey())
                      .isEqualTo(e.getValue().getAsLong()));
    }
  }

  /** The table counts the blocks of CIFAR networks through, the library's networks by stage. */
  private static String path(String path, NetworkPlan plan) {
    if (!path.startsWith("blocks.")) {
      return path;
    }
    int stage = plan.name().contains("56") ? 9 : 3;
    String[] parts = path.split("\\.", 3);
    int block = Integer.parseInt(parts[1]);
    return "layer" + (block / stage + 1) + "." + block % stage + "." + parts[2];
  }

  private static void requireCounts(ModelGraph graph, JsonObject counted) {
    assertThat(
            graph.parameters().stream()
                .filter(p -> p.trained())
                .mapToLong(p -> p.shape().size())
                .sum())
        .isEqualTo(counted.get("params").getAsLong());
    assertThat(LayerTable.of(graph).macs()).isEqualTo(counted.get("macs").getAsLong());
  }
}
