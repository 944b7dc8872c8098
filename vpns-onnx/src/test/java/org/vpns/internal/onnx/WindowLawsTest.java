package org.vpns.internal.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.vpns.internal.onnx.Models.node;
import static org.vpns.internal.onnx.Models.number;
import static org.vpns.internal.onnx.Models.numbers;
import static org.vpns.internal.onnx.Models.text;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Convolution and pooling of every geometry give what ONNX Runtime gives. */
final class WindowLawsTest {
  // sums of up to 200 products of numbers below 2 in single precision, in another order
  private static final double TOLERANCE = 2e-5;

  /**
   * A window on images of some size.
   *
   * @param begin padding before; with {@code end} ignored unless {@code auto} is NOTSET
   */
  record Geometry(
      int height,
      int width,
      int kernel,
      int stride,
      int dilation,
      List<Integer> pads,
      String auto) {

    Shape image(int channels) {
      return new Shape(2, channels, height, width);
    }

    boolean fits() {
      int span = (kernel - 1) * dilation + 1;
      boolean same = auto.startsWith("SAME");
      boolean explicit = auto.equals("NOTSET");
      int down = height + (explicit ? pads.get(0) + pads.get(2) : 0);
      int across = width + (explicit ? pads.get(1) + pads.get(3) : 0);
      // the runtime cannot do it
      if (same && dilation > 1) {
        return false;
      }
      return same || (span <= down && span <= across);
    }

    boolean padsLessThanKernel() {
      for (int pad : pads) {
        if (pad >= kernel) {
          return false;
        }
      }
      return true;
    }

    List<AttributeProto> attributes() {
      List<AttributeProto> attributes = new ArrayList<>();
      attributes.add(numbers("kernel_shape", kernel, kernel));
      attributes.add(numbers("strides", stride, stride));
      if (dilation > 1) {
        attributes.add(numbers("dilations", dilation, dilation));
      }
      attributes.add(
          auto.equals("NOTSET")
              ? numbers("pads", pads.get(0), pads.get(1), pads.get(2), pads.get(3))
              : text("auto_pad", auto));
      return attributes;
    }
  }

  @Provide
  Arbitrary<Geometry> geometries() {
    Arbitrary<Integer> size = Arbitraries.integers().between(1, 11);
    Arbitrary<List<Integer>> pads = Arbitraries.integers().between(0, 2).list().ofSize(4);
    return Combinators.combine(
            size,
            size,
            Arbitraries.integers().between(1, 4),
            Arbitraries.integers().between(1, 3),
            Arbitraries.of(1, 1, 2, 3),
            pads,
            Arbitraries.of("NOTSET", "NOTSET", "NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"))
        .as(Geometry::new);
  }

  @Property(tries = 60, edgeCases = EdgeCasesMode.NONE)
  void convolution_isThatOfOnnxRuntime(
      @ForAll("geometries") Geometry geometry, @ForAll boolean grouped) {
    Assume.that(geometry.fits());
    GraphProto.Builder graph =
        graph(geometry.image(4))
            .addNode(
                node("Conv", List.of("x", "w", "b"), List.of("y")).toBuilder()
                    .addAllAttribute(geometry.attributes())
                    .addAttribute(number("group", grouped ? 2 : 1)))
            .addInitializer(
                Models.ramp(
                    "w", new Shape(6, grouped ? 2 : 4, geometry.kernel(), geometry.kernel())))
            .addInitializer(Models.ramp("b", new Shape(6)));
    assertEqualRuntimes(13, graph, geometry.image(4));
  }

  @Property(tries = 60, edgeCases = EdgeCasesMode.NONE)
  void maxPool_isThatOfOnnxRuntime(@ForAll("geometries") Geometry geometry, @ForAll boolean ceil) {
    Assume.that(geometry.fits() && geometry.padsLessThanKernel());
    GraphProto.Builder graph =
        graph(geometry.image(3))
            .addNode(
                node("MaxPool", List.of("x"), List.of("y")).toBuilder()
                    .addAllAttribute(geometry.attributes())
                    .addAttribute(number("ceil_mode", ceil ? 1 : 0)));
    assertEqualRuntimes(13, graph, geometry.image(3));
  }

  @Property(tries = 60, edgeCases = EdgeCasesMode.NONE)
  void averagePool_isThatOfOnnxRuntime(
      @ForAll("geometries") Geometry geometry, @ForAll boolean ceil, @ForAll boolean countPadding) {
    Assume.that(geometry.fits() && geometry.padsLessThanKernel());
    // with gaps the runtime divides by less than the window, unlike the ONNX project's cases
    Assume.that(!countPadding || geometry.dilation() == 1);
    GraphProto.Builder graph =
        graph(geometry.image(3))
            .addNode(
                node("AveragePool", List.of("x"), List.of("y")).toBuilder()
                    .addAllAttribute(geometry.attributes())
                    .addAttribute(number("ceil_mode", ceil ? 1 : 0))
                    .addAttribute(number("count_include_pad", countPadding ? 1 : 0)));
    // gaps between the cells came with operator set 19
    assertEqualRuntimes(geometry.dilation() > 1 ? 19 : 13, graph, geometry.image(3));
  }

  /** Tokens, class token, one head of attention with all its shape arithmetic, at two batches. */
  @Example
  void attention_isThatOfOnnxRuntime() {
    GraphProto.Builder graph = graph(new Shape(-1, 3, 4, 4));
    line(graph, "Conv", "x patch.weight", "p", numbers("strides", 2, 2));
    line(graph, "Shape", "p", "ps");
    line(graph, "Gather", "ps zero", "n");
    line(graph, "Unsqueeze", "n axis0", "n1");
    line(graph, "Concat", "n1 eight minus", "flat", number("axis", 0));
    line(graph, "Reshape", "p flat", "r");
    line(graph, "Transpose", "r", "t", numbers("perm", 0, 2, 1));
    line(graph, "Concat", "n1 minus minus", "want", number("axis", 0));
    line(graph, "Equal", "want minus3", "open");
    line(graph, "ConstantOfShape", "three", "ones", oneAsLong());
    line(graph, "Where", "open ones want", "shape");
    line(graph, "Expand", "class_token shape", "cls");
    line(graph, "Concat", "cls t", "tokens", number("axis", 1));
    line(graph, "Add", "tokens pos_embed", "e");
    line(graph, "ReduceMean", "e", "m", numbers("axes", -1));
    line(graph, "Sub", "e m", "c");
    line(graph, "Pow", "c two", "sq");
    line(graph, "ReduceMean", "sq", "v", numbers("axes", -1));
    line(graph, "Add", "v eps", "ve");
    line(graph, "Sqrt", "ve", "sd");
    line(graph, "Div", "c sd", "ln");
    line(graph, "Mul", "ln norm.weight", "ln1");
    line(graph, "MatMul", "ln1 qkv", "q3");
    line(graph, "Split", "q3 parts", "q k w", number("axis", 2));
    line(graph, "Transpose", "k", "kt", numbers("perm", 0, 2, 1));
    line(graph, "MatMul", "q kt", "s");
    line(graph, "Div", "s scale", "ss");
    line(graph, "Softmax", "ss", "a", number("axis", -1));
    line(graph, "MatMul", "a w", "o");
    line(graph, "Add", "o e", "res");
    line(graph, "Div", "res root2", "g1");
    line(graph, "Erf", "g1", "g2");
    line(graph, "Add", "g2 one", "g3");
    line(graph, "Mul", "res g3", "g4");
    line(graph, "Mul", "g4 half", "g5");
    line(graph, "Gather", "g5 zero", "y", number("axis", 1));
    graph
        .addInitializer(Models.ramp("patch.weight", new Shape(8, 3, 2, 2)))
        .addInitializer(Models.ramp("class_token", new Shape(1, 1, 8)))
        .addInitializer(Models.ramp("pos_embed", new Shape(1, 5, 8)))
        .addInitializer(Models.ramp("norm.weight", new Shape(8)))
        .addInitializer(Models.ramp("qkv", new Shape(8, 24)))
        .addInitializer(Models.longs("zero", 0).toBuilder().clearDims())
        .addInitializer(Models.longs("axis0", 0))
        .addInitializer(Models.longs("eight", 8))
        .addInitializer(Models.longs("minus", -1))
        .addInitializer(Models.longs("minus3", -1, -1, -1))
        .addInitializer(Models.longs("three", 3))
        .addInitializer(Models.longs("parts", 8, 8, 8))
        .addInitializer(Models.floats("two", new Shape(), 2))
        .addInitializer(Models.floats("eps", new Shape(), 1e-5f))
        .addInitializer(Models.floats("scale", new Shape(), 2.8284271f))
        .addInitializer(Models.floats("root2", new Shape(), 1.4142135f))
        .addInitializer(Models.floats("one", new Shape(), 1))
        .addInitializer(Models.floats("half", new Shape(), 0.5f));
    assertEqualRuntimes(14, graph, new Shape(1, 3, 4, 4));
    assertEqualRuntimes(14, graph, new Shape(3, 3, 4, 4));
  }

  private static void line(
      GraphProto.Builder graph,
      String operator,
      String inputs,
      String outputs,
      AttributeProto... attributes) {
    graph.addNode(
        node(operator, List.of(inputs.split(" ")), List.of(outputs.split(" ")), attributes));
  }

  private static AttributeProto oneAsLong() {
    return AttributeProto.newBuilder()
        .setName("value")
        .setType(AttributeProto.AttributeType.TENSOR)
        .setT(Models.longs("", 1))
        .build();
  }

  private static GraphProto.Builder graph(Shape shape) {
    GraphProto.Builder graph = Models.graph(shape.getShape());
    graph.getOutputBuilder(0).getTypeBuilder().getTensorTypeBuilder().setElemType(Models.FLOAT);
    return graph;
  }

  private static void assertEqualRuntimes(int opset, GraphProto.Builder graph, Shape shape) {
    float[] input = Models.ramp((int) shape.size());
    HostTensor actual = Models.run(Models.file(opset, graph), shape, input);
    HostTensor expected =
        inOnnxRuntime(Models.model(opset, graph).build().toByteArray(), input, shape);
    assertThat(NodeCase.difference(actual, expected, TOLERANCE)).isEmpty();
  }

  private static HostTensor inOnnxRuntime(byte[] content, float[] input, Shape shape) {
    Path file = null;
    try (Model model = Model.newInstance("runtime", Device.cpu(), "OnnxRuntime");
        NDManager manager = NDManager.newBaseManager(Device.cpu(), "OnnxRuntime")) {
      file = Files.write(Files.createTempFile("window", ".onnx"), content);
      model.load(file);
      NDList inputs = new NDList(manager.create(input, shape));
      NDArray output =
          model
              .getBlock()
              .forward(new ParameterStore(manager, false), inputs, false)
              .singletonOrThrow();
      float[] values = output.toFloatArray();
      for (int i = 0; i < values.length; i++) {
        // the largest of no cells at all, which windows with gaps may hold
        values[i] = values[i] == -Float.MAX_VALUE ? Float.NEGATIVE_INFINITY : values[i];
      }
      return HostTensor.of(ElementType.FLOAT, output.getShape(), values);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (MalformedModelException e) {
      throw new IllegalStateException(e);
    } finally {
      if (file != null) {
        file.toFile().delete();
      }
    }
  }
}
