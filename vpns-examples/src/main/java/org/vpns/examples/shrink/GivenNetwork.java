package org.vpns.examples.shrink;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import com.google.common.collect.Maps;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.graph.GraphBlock;
import org.vpns.graph.ModelGraph;
import org.vpns.internal.text.Texts;
import org.vpns.model.DenseNets;
import org.vpns.model.MobileNets;
import org.vpns.model.NetworkPlan;
import org.vpns.model.ResNets;
import org.vpns.model.Vggs;
import org.vpns.onnx.Onnx;
import org.vpns.weights.WeightFile;

/**
 * The network that a main was given.
 *
 * @param model the caller closes it
 * @param file where it is from
 * @param inputs shapes of its inputs for one image
 */
public record GivenNetwork(Model model, Path file, List<Shape> inputs) implements AutoCloseable {
  /** By name the networks that weights can go into. */
  static final Map<String, NetworkPlan> ARCHITECTURES =
      new TreeMap<>(
          Maps.uniqueIndex(
              List.of(
                  ResNets.cifar20(),
                  ResNets.cifar32(),
                  ResNets.cifar44(),
                  ResNets.cifar56(),
                  ResNets.resnet18(),
                  ResNets.resnet34(),
                  ResNets.resnet50(),
                  MobileNets.v1(1),
                  MobileNets.v2(),
                  DenseNets.densenet121(),
                  Vggs.vgg11(),
                  Vggs.vgg11BatchNorm(),
                  Vggs.vgg16(),
                  Vggs.vgg16BatchNorm()),
              NetworkPlan::name));

  /**
   * Of a file.
   *
   * @param architecture what a file of weights goes into; null for ONNX
   * @param size height and width of an image; null for the file's, or the architecture's usual one
   * @param classes outputs of the architecture; null for the usual number
   * @param prefix what names of weights begin with in the file alone; null for nothing
   * @throws IllegalArgumentException if file and options do not go together
   */
  static GivenNetwork read(
      Path file,
      @Nullable String architecture,
      @Nullable Integer size,
      @Nullable Integer classes,
      @Nullable String prefix)
      throws IOException {
    if (size != null && size < 1) {
      throw Problem.argument(
          "size out of range", "--size", "at least 1", size, "pass height and width in pixels");
    }
    if (file.toString().toLowerCase(Locale.ROOT).endsWith(".onnx")) {
      if (architecture != null || classes != null || prefix != null) {
        throw Problem.argument(
            "ONNX file with another architecture",
            file.toString(),
            "a file of weights for --architecture, --classes and --prefix",
            "an ONNX file, which has its own",
            "leave them out");
      }
      return ofOnnx(
          Hint.adding(
              "Here --size gives height and width; without it they are the file's own.",
              () -> size == null ? Onnx.read(file) : Onnx.read(file, new Shape(-1, size, size))),
          file);
    }
    NetworkPlan plan = architecture == null ? null : ARCHITECTURES.get(architecture);
    if (plan == null) {
      throw Problem.argument(
          "no architecture for a file of weights",
          file.toString(),
          "--architecture and one of " + ARCHITECTURES.keySet(),
          architecture == null ? "none" : "'" + architecture + "'",
          "name it, or export the network to ONNX");
    }
    plan = classes == null ? plan : plan.withClasses(classes);
    plan = size == null ? plan : plan.withInput(3, size, size);
    Model model = plan.newModel(plan.name(), 1);
    try {
      Hint.adding(
          "Here --architecture names the network, and --classes its number of outputs; --prefix is"
              + " what names in the file begin with.",
          () -> opened(file, prefix).into(model));
      return new GivenNetwork(model, file, List.of(plan.inputShape().slice(1)));
    } catch (Throwable e) {
      model.close();
      throw e;
    }
  }

  private static WeightFile opened(Path file, @Nullable String prefix) throws IOException {
    WeightFile weights = WeightFile.open(file);
    return prefix == null ? weights : weights.stripPrefix(prefix);
  }

  private static GivenNetwork ofOnnx(Model model, Path file) {
    ModelGraph graph = ((GraphBlock) model.getBlock()).graph();
    List<Shape> inputs =
        graph.inputs().stream().map(t -> graph.tensor(t).shape().slice(1)).toList();
    return new GivenNetwork(model, file, inputs);
  }

  /**
   * Shape of one image, (channels, height, width).
   *
   * @throws IllegalArgumentException if the network takes anything else
   */
  public Shape image() {
    if (inputs.size() != 1 || inputs.get(0).dimension() != 3) {
      throw Problem.argument(
          "network that takes no images",
          file.toString(),
          "one input (batch, channels, height, width)",
          Texts.plural(inputs.size(), "input") + ", for one image " + inputs,
          "Shrink takes it without --images; else write a program of your own");
    }
    return inputs.get(0);
  }

  @Override
  public void close() {
    model.close();
  }
}
