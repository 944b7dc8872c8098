package org.vpns.runtime;

import ai.djl.Model;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.vpns.graph.GraphComparison;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.internal.runtime.Against;
import org.vpns.model.DenseNets;
import org.vpns.model.MobileNets;
import org.vpns.model.MobileNets.Padding;
import org.vpns.model.NetworkPlan;
import org.vpns.model.ResNet;
import org.vpns.model.ResNets;
import org.vpns.model.Vggs;

/** Every network of the library against the engine, dense and with nine of ten weights removed. */
class NetworksTest {
  static Stream<NetworkPlan> small() {
    return Stream.of(
        ResNets.small(),
        ResNets.cifar20(),
        ResNets.cifar20().withShortcut(ResNet.Shortcut.PROJECTION),
        MobileNets.v1(0.25).withInput(3, 64, 64),
        MobileNets.v1(0.25, Padding.SYMMETRIC).withInput(3, 50, 70));
  }

  @ParameterizedTest
  @MethodSource("small")
  void network_denseAndSparse_isTheEngines(NetworkPlan plan) {
    check(plan, 1, 3, 16);
  }

  static Stream<NetworkPlan> large() {
    return Stream.of(
        ResNets.cifar32(),
        ResNets.cifar44(),
        ResNets.cifar56(),
        ResNets.cifar56().withShortcut(ResNet.Shortcut.PROJECTION),
        ResNets.resnet18(),
        ResNets.resnet34().withInput(3, 96, 64),
        ResNets.resnet50().withInput(3, 64, 64),
        ResNets.resnet101().withInput(3, 64, 64),
        MobileNets.v1(),
        MobileNets.v2().withInput(3, 96, 96),
        DenseNets.densenet121().withInput(3, 64, 64),
        Vggs.vgg11().withInput(3, 64, 64),
        Vggs.vgg16BatchNorm().withInput(3, 32, 32));
  }

  @Tag("slow")
  @ParameterizedTest
  @MethodSource("large")
  void largeNetwork_denseAndSparse_isTheEngines(NetworkPlan plan) {
    check(plan, 1, 3);
  }

  private static void check(NetworkPlan plan, int... batches) {
    for (double sparsity : new double[] {0, 0.9}) {
      try (Model model = plan.newModel("test", 1)) {
        GraphComparison.randomise(model.getBlock(), 3);
        Against.mask(model.getBlock(), sparsity, 4);
        Against.engine(
            BlockTracer.network(model.getBlock(), plan.inputShape().slice(1)), 2, batches);
      }
    }
  }
}
