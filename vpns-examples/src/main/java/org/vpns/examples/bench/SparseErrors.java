package org.vpns.examples.bench;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;
import org.vpns.Seeds;
import org.vpns.examples.EngineSettings;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.model.DenseNets;
import org.vpns.model.MobileNets;
import org.vpns.model.NetworkPlan;
import org.vpns.model.ResNet;
import org.vpns.model.ResNets;
import org.vpns.model.Vggs;
import org.vpns.onnx.OnnxRuntime;
import org.vpns.runtime.SparseNetwork;
import org.vpns.runtime.SparseRuntime;

/**
 * How far the sparse runtime's outputs are from those of the engine and of ONNX Runtime: the
 * largest difference of three images of noise, as a share of the largest output.
 */
public final class SparseErrors {
  private static final int IMAGES = 3;
  private static final NetworkPlan PROJECTIONS =
      ResNets.cifar56().withShortcut(ResNet.Shortcut.PROJECTION);

  private SparseErrors() {}

  private static List<NetworkPlan> networks() {
    return List.of(
        ResNets.cifar20(),
        ResNets.cifar32(),
        ResNets.cifar44(),
        ResNets.cifar56(),
        PROJECTIONS,
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

  /** No arguments. */
  public static void main(String[] args) throws Exception {
    EngineSettings.apply();
    System.out.println("| network | image | sparsity % | from the engine | from ONNX Runtime |");
    System.out.println("|---|---|---:|---:|---:|");
    for (NetworkPlan plan : networks()) {
      for (double sparsity : new double[] {0, 0.9}) {
        System.out.println(row(plan, sparsity));
      }
    }
  }

  private static String row(NetworkPlan plan, double sparsity) throws Exception {
    Shape image = plan.inputShape().slice(1);
    float[] images = new float[Math.toIntExact(IMAGES * image.size())];
    RandomGenerator random = new Seeds(3).stream("images");
    for (int i = 0; i < images.length; i++) {
      images[i] = (float) random.nextGaussian();
    }
    try (Model model = plan.newModel(plan.name(), 1)) {
      SparseSpeed.mask(model, sparsity);
      NetworkValues network = BlockTracer.network(model.getBlock(), image);
      float[] found;
      try (SparseNetwork sparse = SparseRuntime.standard().warmUp(Duration.ZERO).prepare(network)) {
        found = sparse.run(images);
      }
      Shape shape = new Shape(IMAGES).addAll(image);
      double engine = difference(found, run(model, images, shape));
      try (Model other = OnnxRuntime.standard().newModel(network)) {
        double onnx = difference(found, run(other, images, shape));
        return String.format(
            Locale.ROOT,
            "| %s | %s | %.0f | %.1e | %.1e |",
            plan == PROJECTIONS ? plan.name() + ", projections" : plan.name(),
            image,
            100 * sparsity,
            engine,
            onnx);
      }
    }
  }

  private static float[] run(Model model, float[] images, Shape shape) {
    try (NDManager scope = model.getNDManager().newSubManager()) {
      NDArray batch = scope.create(images, shape);
      ParameterStore store = new ParameterStore(scope, false);
      return model.getBlock().forward(store, new NDList(batch), false).head().toFloatArray();
    }
  }

  private static double difference(float[] found, float[] expected) {
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < found.length; i++) {
      largest = Math.max(largest, Math.abs(expected[i]));
      difference = Math.max(difference, Math.abs(found[i] - expected[i]));
    }
    return difference / largest;
  }
}
