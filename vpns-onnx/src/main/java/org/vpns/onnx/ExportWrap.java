package org.vpns.onnx;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.vpns.ImageInput;
import org.vpns.LabelAssignment;
import org.vpns.Problem;
import org.vpns.VisualPrompt;
import org.vpns.graph.GraphConstant;
import org.vpns.graph.GraphNode;
import org.vpns.graph.ModelGraph;
import org.vpns.graph.op.Operator;
import org.vpns.internal.graph.op.Elementwise.Binary;
import org.vpns.internal.graph.op.Elementwise.Clip;
import org.vpns.internal.graph.op.Elementwise.Function;
import org.vpns.internal.graph.op.Elementwise.Pair;
import org.vpns.internal.graph.op.Elementwise.Unary;
import org.vpns.internal.graph.op.Indexing.Take;
import org.vpns.internal.graph.op.Reductions;
import org.vpns.internal.graph.op.Reductions.Reduce;
import org.vpns.internal.graph.op.Reductions.Softmax;
import org.vpns.internal.graph.op.Shaping.Pad;
import org.vpns.internal.graph.op.Shaping.Reshape;
import org.vpns.internal.graph.op.Shaping.Squeeze;
import org.vpns.predict.PrunedModel;

/**
 * A network's graph with what surrounds it: before it, the placement of images, prompt and
 * normalisation; behind it, label mapping and probabilities.
 */
final class ExportWrap {
  private final ModelGraph network;
  private final ModelGraph.Builder builder = ModelGraph.builder();
  private final String prefix;

  private ExportWrap(ModelGraph network) {
    this.network = network;
    List<String> names =
        Stream.concat(
                network.nodes().stream().map(GraphNode::name),
                network.constants().stream().map(GraphConstant::name))
            .toList();
    String free = "vpns.";
    for (int i = 1; startsAny(names, free); i++) {
      free = "vpns" + i + "."; // the network came from such a file itself
    }
    prefix = free;
  }

  private static boolean startsAny(List<String> names, String start) {
    return names.stream().anyMatch(name -> name.startsWith(start));
  }

  /**
   * A network for images in [0, 1] of the image size, (batch, channels, image height, image width),
   * that gives the logits of the user's classes.
   *
   * @throws IllegalArgumentException if the network's result does not fit the label mapping
   */
  static ModelGraph images(ModelGraph network, PrunedModel pruned) {
    ExportWrap wrap = new ExportWrap(network);
    ImageInput input = pruned.input();
    Shape image = new Shape(-1, input.channels(), input.imageHeight(), input.imageWidth());
    int x = wrap.builder.input(image, DataType.FLOAT32);
    x = wrap.placed(x, input);
    x = wrap.prompted(x, pruned.prompt());
    x = wrap.normalised(x, input);
    int logits = wrap.builder.graph(network, List.of(x)).get(0);
    return wrap.builder.build(List.of(wrap.mapped(logits, pruned.mapping())));
  }

  /**
   * A network that gives the softmax of its only result.
   *
   * @throws IllegalArgumentException if its result is not (batch, classes)
   */
  static ModelGraph probabilities(ModelGraph network) {
    if (network.outputs().size() != 1
        || network.tensor(network.outputs().get(0)).shape().dimension() != 2) {
      throw Problem.argument(
          "result that has no probabilities",
          "OnnxExport.probabilities",
          "one result (batch, classes)",
          network.outputs().stream().map(t -> network.tensor(t).shape()).toList(),
          "leave probabilities() out");
    }
    ExportWrap wrap = new ExportWrap(network);
    List<Integer> inputs =
        network.inputs().stream()
            .map(t -> wrap.builder.input(network.tensor(t).shape(), network.tensor(t).type()))
            .toList();
    int logits = wrap.builder.graph(network, inputs).get(0);
    return wrap.builder.build(List.of(wrap.node("softmax", new Softmax(1, false), logits)));
  }

  private int node(String name, Operator operator, Integer... inputs) {
    return builder.node(prefix + name, operator, List.of(inputs)).get(0);
  }

  private int constant(String name, Shape shape, float... values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return builder.constant(
        new GraphConstant(0, prefix + name, shape, DataType.FLOAT32, bytes.array()));
  }

  private int placed(int x, ImageInput input) {
    int bottom = input.height() - input.imageHeight() - input.top();
    int right = input.width() - input.imageWidth() - input.left();
    // the last axis first, as the operator has it
    Shape frame = new Shape(input.left(), right, input.top(), bottom);
    return Arrays.stream(frame.getShape()).sum() == 0 ? x : node("place", new Pad(frame, 0), x);
  }

  private int prompted(int x, @Nullable VisualPrompt prompt) {
    if (prompt == null || prompt.activePixels() == 0) {
      return x;
    }
    ImageInput canvas = prompt.input();
    Shape shape = new Shape(canvas.channels(), canvas.height(), canvas.width());
    int picture = constant("picture", shape, prompt.picture());
    return node("clamp", new Clip(0, 1), node("prompt", new Binary(Pair.ADD), x, picture));
  }

  private int normalised(int x, ImageInput input) {
    Shape perChannel = new Shape(input.channels(), 1, 1);
    int centred = x;
    if (differs(input.mean(), 0)) {
      int mean = constant("mean", perChannel, input.mean());
      centred = node("centre", new Binary(Pair.SUB), x, mean);
    }
    if (!differs(input.std(), 1)) {
      return centred;
    }
    int std = constant("std", perChannel, input.std());
    return node("scale", new Binary(Pair.DIV), centred, std);
  }

  private static boolean differs(float[] values, float from) {
    return IntStream.range(0, values.length).anyMatch(i -> values[i] != from);
  }

  private int mapped(int result, LabelAssignment mapping) {
    Shape shape = network.tensor(network.outputs().get(0)).shape();
    int logits = shape.dimension() == 2 ? result : node("flat", Reshape.to(0, -1), result);
    long[] perImage = shape.slice(1).getShape();
    long sources = Arrays.stream(perImage).reduce(1, Math::multiplyExact);
    if (sources != mapping.sources()) {
      throw Problem.argument(
          "network does not fit its label mapping",
          "Onnx.export",
          mapping.sources() + " outputs",
          shape,
          "use the mapping made for this network");
    }
    int[][] table = mapping.toArray();
    int each = table[0].length;
    List<Long> flat = new ArrayList<>();
    for (int[] row : table) {
      Arrays.stream(row).asLongStream().forEach(flat::add);
    }
    if (flat.equals(IntStream.range(0, mapping.sources()).asLongStream().boxed().toList())
        && each == 1) {
      return logits;
    }
    Shape indices = each == 1 ? new Shape(table.length) : new Shape(table.length, each);
    ByteBuffer bytes = ByteBuffer.allocate(flat.size() * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    flat.forEach(bytes::putLong);
    int chosen =
        builder.constant(
            new GraphConstant(0, prefix + "sources", indices, DataType.INT64, bytes.array()));
    int slots = node("map", new Take(1), logits, chosen);
    return each == 1 ? slots : reduced(slots, mapping.reduction());
  }

  /** One logit from those of each class, (batch, classes, sources) to (batch, classes). */
  private int reduced(int slots, LabelAssignment.Reduction reduction) {
    List<Integer> last = List.of(2);
    return switch (reduction) {
      case MEAN -> node("mean-logit", new Reduce(Reductions.Kind.MEAN, last, false), slots);
      case MAX -> node("largest-logit", new Reduce(Reductions.Kind.MAX, last, false), slots);
      case LOGSUMEXP -> {
        int top = node("largest", new Reduce(Reductions.Kind.MAX, last, true), slots);
        int shifted = node("shifted", new Binary(Pair.SUB), slots, top);
        int powers = node("powers", new Unary(Function.EXP), shifted);
        int sum = node("sum", new Reduce(Reductions.Kind.SUM, last, false), powers);
        int log = node("log", new Unary(Function.LOG), sum);
        yield node(
            "logit", new Binary(Pair.ADD), log, node("flat-largest", new Squeeze(last), top));
      }
    };
  }
}
