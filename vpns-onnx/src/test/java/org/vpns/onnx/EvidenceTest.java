package org.vpns.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.basicmodelzoo.basic.Mlp;
import ai.djl.basicmodelzoo.cv.classification.AlexNet;
import ai.djl.basicmodelzoo.cv.classification.GoogLeNet;
import ai.djl.basicmodelzoo.cv.classification.LeNet;
import ai.djl.basicmodelzoo.cv.classification.MobileNetV1;
import ai.djl.basicmodelzoo.cv.classification.MobileNetV2;
import ai.djl.basicmodelzoo.cv.classification.NiN;
import ai.djl.basicmodelzoo.cv.classification.ResNetV1;
import ai.djl.basicmodelzoo.cv.classification.SqueezeNet;
import ai.djl.basicmodelzoo.cv.classification.VGG;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.transformer.TransformerEncoderBlock;
import ai.djl.training.ParameterStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.graph.GraphBlock;
import org.vpns.graph.GraphComparison;
import org.vpns.model.DenseNets;
import org.vpns.model.MobileNets;
import org.vpns.model.NetworkPlan;
import org.vpns.model.ResNet;
import org.vpns.model.ResNets;
import org.vpns.model.Vggs;
import org.vpns.onnx.OrtFile.Values;

/** Prints the tables of docs/graphs.md; each row is checked as well. */
@Tag("slow")
class EvidenceTest {
  @TempDir Path folder;

  private record Case(Block block, Shape image) {}

  private static Case of(NetworkPlan plan) {
    return new Case(plan.block(), plan.inputShape().slice(1));
  }

  private static Case zoo(Block block, long... image) {
    return new Case(block, new Shape(image));
  }

  private static Block resNetV1(int layers, Shape image) {
    return ResNetV1.builder().setImageShape(image).setNumLayers(layers).setOutSize(10).build();
  }

  private static Map<String, Case> networks() {
    Shape colour = new Shape(3, 64, 64);
    Shape grey = new Shape(1, 28, 28);
    Map<String, Case> cases = new LinkedHashMap<>();
    cases.put("DJL Mlp", zoo(new Mlp(28, 10, new int[] {32, 16}), 28));
    cases.put("DJL LeNet", zoo(LeNet.builder().build(), 1, 28, 28));
    for (int layers : new int[] {18, 34, 50, 101}) {
      cases.put("DJL ResNetV1-" + layers, new Case(resNetV1(layers, colour), colour));
    }
    cases.put("DJL ResNetV1-20", new Case(resNetV1(20, grey), grey));
    cases.put("DJL MobileNetV1", zoo(MobileNetV1.builder().setOutSize(10).build(), 3, 64, 64));
    cases.put("DJL MobileNetV2", zoo(MobileNetV2.builder().setOutSize(10).build(), 3, 64, 64));
    cases.put("DJL VGG", zoo(VGG.builder().build(), 1, 64, 64));
    cases.put("DJL AlexNet", zoo(AlexNet.builder().build(), 1, 96, 96));
    cases.put("DJL NiN", zoo(NiN.builder().build(), 1, 96, 96));
    cases.put("DJL SqueezeNet", zoo(SqueezeNet.squeezenet(10), 3, 64, 64));
    cases.put("DJL GoogLeNet", zoo(GoogLeNet.builder().build(), 1, 64, 64));
    cases.put(
        "DJL transformer encoder",
        zoo(new TransformerEncoderBlock(16, 4, 32, 0.1f, Activation::gelu), 6, 16));
    for (NetworkPlan plan :
        List.of(
            ResNets.cifar20(),
            ResNets.cifar20().withShortcut(ResNet.Shortcut.PROJECTION),
            ResNets.cifar32(),
            ResNets.cifar44(),
            ResNets.cifar56(),
            ResNets.resnet18().withInput(3, 64, 64),
            ResNets.resnet34().withInput(3, 64, 64),
            ResNets.resnet50().withInput(3, 64, 64),
            ResNets.resnet101().withInput(3, 64, 64),
            MobileNets.v1(0.75).withInput(3, 64, 64),
            MobileNets.v2().withInput(3, 64, 64),
            DenseNets.densenet121().withInput(3, 64, 64),
            Vggs.vgg11().withInput(3, 64, 64),
            Vggs.vgg16BatchNorm().withInput(3, 64, 64),
            Vggs.vgg19().withInput(3, 64, 64))) {
      String shortcut = cases.containsKey(plan.name()) ? ", projections" : "";
      cases.put(plan.name() + shortcut, of(plan));
    }
    return cases;
  }

  @Test
  void table_ofTracesAndExports() throws IOException {
    StringBuilder table =
        new StringBuilder(
            "| network, input | operators | parameters | ONNX Runtime, largest difference (largest"
                + " output) | read again by `Onnx.read` |\n|---|---:|---:|---:|---:|\n");
    for (Map.Entry<String, Case> entry : networks().entrySet()) {
      table.append(row(entry.getKey(), entry.getValue()));
    }
    System.out.println(table);
    Files.createDirectories(Path.of("target"));
    Files.writeString(Path.of("target/graph-evidence.md"), table);
  }

  private String row(String name, Case network) throws IOException {
    try (NDManager manager = NDManager.newBaseManager()) {
      Block block = network.block();
      block.initialize(manager, DataType.FLOAT32, new Shape(1).addAll(network.image()));
      GraphBlock graph = GraphComparison.assertEqual(block, manager, network.image());
      Path file = folder.resolve("network.onnx");
      Onnx.write(graph, file);
      double scale = 0;
      double difference = 0;
      double again = 0;
      try (OrtFile ort = OrtFile.open(file);
          ai.djl.Model read = Onnx.read(file)) {
        for (int batch : new int[] {2, 3, 5}) {
          try (NDManager scope = manager.newSubManager()) {
            NDArray x = GraphComparison.images(scope, new Shape(batch).addAll(network.image()));
            double[] expected = run(graph, x, scope);
            double[] found = ort.run(List.of(Values.of(x))).get(0).numbers();
            double[] imported = run(read.getBlock(), x, scope);
            for (int i = 0; i < expected.length; i++) {
              scale = Math.max(scale, Math.abs(expected[i]));
              difference = Math.max(difference, Math.abs(expected[i] - found[i]));
              again = Math.max(again, Math.abs(expected[i] - imported[i]));
            }
          }
        }
      }
      // 1e-5 of the largest output: rounding of up to two hundred layers
      assertThat(difference / scale).as(name).isLessThan(2e-5);
      assertThat(again / scale).as(name).isLessThan(1e-5);
      return String.format(
          Locale.ROOT,
          "| %s, %s | %d | %d | %.0e (%.2g) | %s |%n",
          name,
          network.image(),
          graph.graph().nodes().size(),
          graph.graph().parameters().size(),
          difference,
          scale,
          again == 0 ? "equal" : String.format(Locale.ROOT, "%.0e", again));
    }
  }

  private static double[] run(Block block, NDArray x, NDManager scope) {
    NDArray y = block.forward(new ParameterStore(scope, false), new NDList(x), false).head();
    float[] values = y.toFloatArray();
    double[] result = new double[values.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = values[i];
    }
    return result;
  }
}
