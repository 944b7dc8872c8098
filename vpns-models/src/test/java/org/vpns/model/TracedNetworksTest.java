package org.vpns.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.graph.GraphBlock;
import org.vpns.graph.GraphComparison;
import org.vpns.graph.GraphParameter;
import org.vpns.graph.LayerTable;
import org.vpns.graph.ModelGraph;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.model.MobileNets.Padding;
import org.vpns.model.NetworkCountsTest.Counts;

/** Every network of the library against its graph, and the graph's counts. */
class TracedNetworksTest {
  static Stream<NetworkPlan> smallInputs() {
    return Stream.of(
        ResNets.small(),
        ResNets.cifar20(),
        ResNets.cifar32(),
        ResNets.cifar44(),
        ResNets.cifar56(),
        ResNets.cifar20().withShortcut(ResNet.Shortcut.PROJECTION),
        ResNets.cifar56().withShortcut(ResNet.Shortcut.PROJECTION),
        ResNets.resnet18().withInput(3, 64, 64),
        ResNets.resnet34().withInput(3, 64, 64),
        ResNets.resnet50().withInput(3, 64, 64),
        ResNets.resnet101().withInput(3, 64, 64),
        MobileNets.v1(0.75).withInput(3, 64, 64),
        MobileNets.v1(0.25, Padding.SYMMETRIC).withInput(3, 64, 64),
        MobileNets.v2().withInput(3, 64, 64),
        DenseNets.densenet121().withInput(3, 64, 64));
  }

  @ParameterizedTest
  @MethodSource("smallInputs")
  void graph_ofNetwork_equalsItBitForBit(NetworkPlan plan) {
    // another image size than that of the trace
    check(plan, new Shape(1, plan.inputShape().get(1), 96, 96));
  }

  /** 130 to 144 million parameters, several times in memory. */
  static Stream<NetworkPlan> large() {
    return Stream.of(
        Vggs.vgg11().withInput(3, 64, 64),
        Vggs.vgg11BatchNorm().withInput(3, 32, 32),
        Vggs.vgg16().withInput(3, 32, 32),
        Vggs.vgg16BatchNorm().withInput(3, 64, 64),
        Vggs.vgg19().withInput(3, 32, 32),
        Vggs.vgg19BatchNorm().withInput(3, 32, 32));
  }

  @Tag("slow")
  @ParameterizedTest
  @MethodSource("large")
  void graph_ofLargeNetwork_equalsItBitForBit(NetworkPlan plan) {
    // VGG's pooling cuts maps of other sizes otherwise: such a graph is for one image size
    check(plan, new Shape(7).addAll(plan.inputShape().slice(1)));
  }

  private static void check(NetworkPlan plan, Shape other) {
    try (NDManager manager = NDManager.newBaseManager()) {
      Block block = plan.block();
      block.setInitializer(Initializer.ZEROS, Parameter.Type.WEIGHT);
      block.initialize(manager, DataType.FLOAT32, plan.inputShape());
      GraphBlock graph = GraphComparison.assertEqual(block, manager, plan.inputShape().slice(1));
      assertThat(graph.graph().constants()).isEmpty();
      assertThat(ParameterPaths.of(graph).list().stream().map(NamedParameter::path))
          .containsExactlyElementsOf(
              ParameterPaths.of(block).list().stream().map(NamedParameter::path).toList());
      assertThat(graph.getOutputShapes(new Shape[] {other})[0])
          .isEqualTo(new Shape(other.get(0), plan.classes()));
    }
  }

  static Stream<Counts> counts() {
    return NetworkCountsTest.networks().filter(c -> c.macs() < 3_000_000_000L);
  }

  @ParameterizedTest
  @MethodSource("counts")
  void table_ofNetwork_countsParametersAndMultiplyAdds(Counts expected) {
    count(expected);
  }

  static Stream<Counts> largeCounts() {
    return NetworkCountsTest.networks().filter(c -> c.macs() >= 3_000_000_000L);
  }

  @Tag("slow")
  @ParameterizedTest
  @MethodSource("largeCounts")
  void table_ofLargeNetwork_countsParametersAndMultiplyAdds(Counts expected) {
    count(expected);
  }

  private static void count(Counts expected) {
    try (NDManager manager = NDManager.newBaseManager()) {
      Block block = Networks.hollow(expected.plan(), manager);
      ModelGraph graph = BlockTracer.trace(block, expected.plan().inputShape().slice(1));
      LayerTable table = LayerTable.of(graph);
      assertThat(table.parameters()).isEqualTo(expected.parameters());
      assertThat(table.kept()).isEqualTo(expected.parameters());
      assertThat(table.macs()).isEqualTo(expected.macs());
      assertThat(table.keptMacs()).isEqualTo(expected.macs());
      assertThat(
              graph.parameters().stream()
                  .filter(p -> p.type() == Parameter.Type.WEIGHT)
                  .mapToLong(p -> p.shape().size())
                  .sum())
          .isEqualTo(expected.weights());
      assertThat(graph.parameters().stream().map(GraphParameter::path)).doesNotHaveDuplicates();
    }
  }
}
