package org.vpns.internal.onnx;

import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Small networks in the manner of public files of one image: those of ONNX's model zoo that Caffe2
 * wrote with operator sets 7 to 9, and a face detector. Weights stand among the inputs, too, as
 * files of that time have them.
 */
public enum ZooGraphs {
  /** ResNet-50: Sum, global pooling by its size, Reshape to [1, features]. */
  RESNET(7) {
    @Override
    void build() {
      String a = relu(norm(conv("x", 3, 8, 3, 2, 1), 8));
      String pooled =
          node(
              "MaxPool",
              List.of(a),
              ints("kernel_shape", 3, 3),
              ints("pads", 0, 0, 1, 1),
              ints("strides", 2, 2));
      String branch = norm(conv(relu(norm(conv(pooled, 8, 4, 1, 1, 1), 4)), 4, 16, 1, 1, 1), 16);
      String shortcut = norm(conv(pooled, 8, 16, 1, 1, 1), 16);
      String sum = relu(node("Sum", List.of(branch, shortcut)));
      String mean = node("AveragePool", List.of(sum), ints("kernel_shape", 4, 4));
      classify(reshape(mean, 1, 16), 16);
    }
  },
  /** VGG-19: Reshape to [1, features], two hidden layers with Dropout whose mask is not named. */
  VGG(7) {
    @Override
    void build() {
      String a = relu(biased("x", 3, 4, 3, 1));
      String pooled =
          node("MaxPool", List.of(a), ints("kernel_shape", 2, 2), ints("strides", 2, 2));
      String b = dropout(relu(dense(reshape(pooled, 1, 4 * 64), 256, 12)), false);
      classify(dropout(relu(dense(b, 12, 12)), false), 12);
    }
  },
  /** ZFNet: LRN, overlapping pooling that pads at the end, Dropout with a mask. */
  ZFNET(8) {
    @Override
    void build() {
      String a = relu(biased("x", 3, 6, 3, 1));
      String lrn =
          node(
              "LRN",
              List.of(a),
              real("alpha", 1e-3f),
              real("beta", 0.75f),
              real("bias", 1),
              Models.number("size", 3));
      String pooled =
          node(
              "MaxPool",
              List.of(lrn),
              ints("kernel_shape", 3, 3),
              ints("pads", 0, 0, 1, 1),
              ints("strides", 2, 2));
      classify(dropout(relu(dense(reshape(pooled, 1, 6 * 64), 384, 10)), true), 10);
    }
  },
  /** ShuffleNet: channels shuffled by Reshape, Transpose, Reshape, all with the batch in them. */
  SHUFFLENET(9) {
    @Override
    void build() {
      String a = relu(norm(grouped("x", 3, 12, 1, 1), 12));
      String b = relu(norm(grouped(a, 12, 12, 3, 1), 12));
      String split = reshape(b, 1, 3, 4, 16, 16);
      String turned = node("Transpose", List.of(split), ints("perm", 0, 2, 1, 3, 4));
      String joined = reshape(turned, 1, 12, 16, 16);
      String deep = norm(grouped(joined, 12, 12, 12, 2), 12);
      String wide = norm(grouped(deep, 12, 12, 3, 1), 12);
      String beside =
          node(
              "AveragePool",
              List.of(a),
              ints("kernel_shape", 3, 3),
              ints("pads", 1, 1, 1, 1),
              ints("strides", 2, 2));
      String both = relu(node("Concat", List.of(beside, wide), Models.number("axis", 1)));
      String mean = node("AveragePool", List.of(both), ints("kernel_shape", 8, 8));
      classify(reshape(mean, 1, 24), 24);
    }
  },
  /** Inception v2: scales and shifts of their own beside batch norm, branches joined. */
  INCEPTION(9) {
    @Override
    void build() {
      String a = relu(scaled(norm(conv("x", 3, 6, 3, 2, 1), 6), 6));
      String one = relu(scaled(norm(conv(a, 6, 4, 1, 1, 1), 4), 4));
      String three = relu(scaled(norm(conv(one, 4, 6, 3, 1, 1), 6), 6));
      String pool =
          node(
              "AveragePool",
              List.of(a),
              ints("kernel_shape", 3, 3),
              ints("pads", 1, 1, 1, 1),
              ints("strides", 1, 1));
      String all = node("Concat", List.of(one, three, pool), Models.number("axis", 1));
      String mean = node("AveragePool", List.of(all), ints("kernel_shape", 8, 8));
      classify(reshape(mean, 1, 16), 16);
    }
  },
  /** Ultra-Light face detector: maps turned into rows of boxes, prior boxes for one image. */
  DETECTOR(9) {
    @Override
    void build() {
      String a = relu(biased("x", 3, 8, 3, 1));
      String far = node("MaxPool", List.of(a), ints("kernel_shape", 2, 2), ints("strides", 2, 2));
      String boxes = node("Concat", List.of(rows(a, 4), rows(far, 4)), Models.number("axis", 1));
      int count = 2 * (16 * 16 + 8 * 8);
      String centres = product(slice(boxes, 0, 2), count);
      String sizes = node("Exp", List.of(node("Mul", List.of(slice(boxes, 2, 4), constant(0.2f)))));
      String prior = weight(new Shape(1, count, 2));
      String placed = node("Add", List.of(centres, weight(new Shape(1, count, 2))));
      String grown = node("Mul", List.of(sizes, prior));
      String half = node("Div", List.of(grown, constant(2)));
      String low = node("Sub", List.of(placed, half));
      String high = node("Add", List.of(placed, half));
      finish("Concat", List.of(low, high), Models.number("axis", 2));
    }

    private String product(String value, int count) {
      String scaled = node("Mul", List.of(value, constant(0.1f)));
      return node("Mul", List.of(scaled, weight(new Shape(1, count, 2))));
    }

    private String slice(String value, long from, long to) {
      return node("Slice", List.of(value), ints("axes", 2), ints("starts", from), ints("ends", to));
    }

    /** Two boxes of so many numbers at each position. */
    private String rows(String maps, int numbers) {
      String found = biased(maps, 8, 2 * numbers, 3, 1);
      String turned = node("Transpose", List.of(found), ints("perm", 0, 2, 3, 1));
      return reshape(turned, 1, -1, numbers);
    }
  };

  private final int opset;
  private GraphProto.Builder graph = GraphProto.newBuilder();
  private final Random random = new Random(5);
  private final List<TensorProto> tensors = new ArrayList<>();
  private int values;

  ZooGraphs(int opset) {
    this.opset = opset;
  }

  /** Shape of the input. */
  public static Shape input() {
    return new Shape(1, 3, 16, 16);
  }

  /** The file. */
  public byte[] file() {
    graph = Models.graph(input().getShape());
    tensors.clear();
    values = 0;
    build();
    for (TensorProto tensor : tensors) {
      graph.addInitializer(tensor);
      if (tensor.getDataType() == Models.FLOAT) {
        graph.addInput(
            Models.port(
                tensor.getName(), tensor.getDimsList().stream().mapToLong(d -> d).toArray()));
      }
    }
    ModelProto.Builder model = Models.model(opset, graph).setIrVersion(3);
    return model.build().toByteArray();
  }

  abstract void build();

  String node(String operator, List<String> inputs, AttributeProto... attributes) {
    String output = "v" + values++;
    graph.addNode(Models.node(operator, inputs, List.of(output), attributes));
    return output;
  }

  void finish(String operator, List<String> inputs, AttributeProto... attributes) {
    graph.addNode(Models.node(operator, inputs, List.of("y"), attributes));
  }

  static AttributeProto ints(String name, long... values) {
    return Models.numbers(name, values);
  }

  static AttributeProto real(String name, float value) {
    return Models.real(name, value);
  }

  String weight(Shape shape) {
    return tensor(shape, 0, 0.5f);
  }

  private String tensor(Shape shape, float middle, float spread) {
    float[] numbers = new float[Math.toIntExact(shape.size())];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = middle + spread * (float) random.nextGaussian();
    }
    String name = "w" + tensors.size() + "_0";
    tensors.add(Models.floats(name, shape, numbers));
    return name;
  }

  String constant(float value) {
    String name = "c" + tensors.size() + "_0";
    tensors.add(Models.floats(name, new Shape(1), value));
    return name;
  }

  String relu(String value) {
    return node("Relu", List.of(value));
  }

  String conv(String value, int in, int out, int kernel, int stride, int groups) {
    return node(
        "Conv",
        List.of(value, weight(new Shape(out, in / groups, kernel, kernel))),
        ints("kernel_shape", kernel, kernel),
        ints("strides", stride, stride),
        pads(kernel),
        Models.number("group", groups));
  }

  String grouped(String value, int in, int out, int groups, int stride) {
    return conv(value, in, out, groups == in ? 3 : 1, stride, groups);
  }

  private static AttributeProto pads(int kernel) {
    int pad = kernel / 2;
    return ints("pads", pad, pad, pad, pad);
  }

  String biased(String value, int in, int out, int kernel, int stride) {
    return node(
        "Conv",
        List.of(value, weight(new Shape(out, in, kernel, kernel)), weight(new Shape(out))),
        ints("kernel_shape", kernel, kernel),
        ints("strides", stride, stride),
        pads(kernel));
  }

  String norm(String value, int channels) {
    Shape shape = new Shape(channels);
    return node(
        "BatchNormalization",
        List.of(
            value,
            tensor(shape, 1, 0.2f),
            weight(shape),
            tensor(shape, 0, 0.2f),
            tensor(shape, 1, 0.1f)),
        real("epsilon", 1e-5f));
  }

  /** A scale and a shift per channel, their axes added by nodes. */
  String scaled(String value, int channels) {
    String scale =
        node("Unsqueeze", List.of(tensor(new Shape(channels), 1, 0.2f)), ints("axes", 1, 2));
    String shift = node("Unsqueeze", List.of(weight(new Shape(channels))), ints("axes", 1, 2));
    return node("Add", List.of(node("Mul", List.of(value, scale)), shift));
  }

  String reshape(String value, long... sizes) {
    String name = "OC2_DUMMY_" + tensors.size();
    tensors.add(Models.longs(name, sizes));
    return node("Reshape", List.of(value, name));
  }

  String dense(String value, int in, int out) {
    return node(
        "Gemm",
        List.of(value, tensor(new Shape(out, in), 0, 0.1f), weight(new Shape(out))),
        Models.number("transB", 1));
  }

  String dropout(String value, boolean named) {
    String output = "v" + values++;
    List<String> outputs = named ? List.of(output, "_" + output + "_mask") : List.of(output);
    graph.addNode(Models.node("Dropout", List.of(value), outputs, real("ratio", 0.5f)));
    return output;
  }

  void classify(String features, int in) {
    finish("Softmax", List.of(dense(features, in, 5)), Models.number("axis", 1));
  }
}
