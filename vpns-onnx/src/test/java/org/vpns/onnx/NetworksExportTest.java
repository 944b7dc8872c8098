package org.vpns.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.basicmodelzoo.cv.classification.GoogLeNet;
import ai.djl.basicmodelzoo.cv.classification.LeNet;
import ai.djl.basicmodelzoo.cv.classification.MobileNetV2;
import ai.djl.basicmodelzoo.cv.classification.SqueezeNet;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.transformer.TransformerEncoderBlock;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.vpns.graph.BatchNormFolding;
import org.vpns.graph.GraphBlock;
import org.vpns.graph.GraphComparison;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.model.DenseNets;
import org.vpns.model.MobileNets;
import org.vpns.model.NetworkPlan;
import org.vpns.model.ResNets;
import org.vpns.model.Vggs;
import org.vpns.onnx.SmallGraphs.Draw;

/** Whole networks, ours and other people's: traced, written, run in ONNX Runtime. */
final class NetworksExportTest {
  /**
   * Of the largest value. MobileNetV2 with these random weights: the engine is 3.5e-6 from a run in
   * float64, ONNX Runtime 3.9e-6, and 2.8e-6 with batch norm folded.
   */
  private static final double DEEP = 2e-5;

  @TempDir Path folder;

  private static Arguments of(NetworkPlan plan, int folded, int left) {
    Block block = plan.withClasses(7).withInput(3, 32, 32).block();
    return Arguments.of(plan.name(), block, new Shape(3, 32, 32), folded, left);
  }

  /** Networks, how many batch norms fold, and how many follow something else than a layer. */
  static Stream<Arguments> networks() {
    Shape small = new Shape(3, 32, 32);
    return Stream.of(
        of(ResNets.resnet18(), 20, 0),
        of(ResNets.resnet50(), 53, 0),
        of(MobileNets.v1(0.25), 27, 0),
        of(MobileNets.v2(), 52, 0),
        // first convolution and first convolution of each of 58 layers; the others follow concats
        of(DenseNets.densenet121(), 59, 62),
        Arguments.of("djl squeezenet", SqueezeNet.squeezenet(10), small, 0, 0),
        Arguments.of("djl mobilenet", MobileNetV2.builder().setOutSize(10).build(), small, 53, 0),
        Arguments.of("djl lenet", LeNet.builder().build(), new Shape(1, 28, 28), 0, 0),
        Arguments.of("djl googlenet", GoogLeNet.builder().build(), new Shape(1, 64, 64), 0, 0),
        Arguments.of(
            "djl transformer encoder",
            new TransformerEncoderBlock(16, 4, 32, 0.1f, Activation::gelu),
            new Shape(6, 16),
            0,
            2));
  }

  /** Half a gigabyte of weights. */
  static Stream<Arguments> largeNetworks() {
    return Stream.of(of(Vggs.vgg11(), 0, 0), of(Vggs.vgg16BatchNorm(), 13, 0));
  }

  @Tag("slow")
  @ParameterizedTest(name = "{0}")
  @MethodSource("largeNetworks")
  void largeNetwork_asAFile_givesTheSameWithAndWithoutFolding(
      String name, Block block, Shape image, int folded, int left) {
    network_asAFile_givesTheSameWithAndWithoutFolding(name, block, image, folded, left);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("networks")
  void network_asAFile_givesTheSameWithAndWithoutFolding(
      String name, Block block, Shape image, int folded, int left) {
    try (NDManager manager = NDManager.newBaseManager()) {
      block.initialize(manager, DataType.FLOAT32, new Shape(1).addAll(image));
      GraphComparison.randomise(block, 3);
      GraphBlock graph = BlockTracer.graphBlock(block, manager, image);
      OnnxExport export = Onnx.export(graph);
      Path file = folder.resolve("network.onnx");
      SmallGraphs.assertFileGivesTheSame(graph, Draw.NORMAL, export, file, DEEP);
      SmallGraphs.assertFileGivesTheSame(graph, Draw.NORMAL, export.foldBatchNorm(), file, DEEP);
      BatchNormFolding folding = BatchNormFolding.fold(graph.network(), manager);
      assertThat(folding.folded()).hasSize(folded);
      assertThat(folding.left()).hasSize(left);
    }
  }
}
