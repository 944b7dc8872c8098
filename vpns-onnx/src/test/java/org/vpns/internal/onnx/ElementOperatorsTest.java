package org.vpns.internal.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.vpns.internal.onnx.Models.floats;
import static org.vpns.internal.onnx.Models.longs;
import static org.vpns.internal.onnx.Models.node;
import static org.vpns.internal.onnx.Models.number;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.graph.GraphBlock;
import org.vpns.onnx.Onnx;
import org.vpns.testing.Engines;

/**
 * Single elements of rows (2, 3), of each image alike. With x = (a b c; d e f), the element at (r,
 * c) of what is taken along the last axis is x[r, i[r, c]].
 */
final class ElementOperatorsTest {
  private static final List<String> Y = List.of("y");

  /** Of each row the last element, then the first; of the second row the middle one twice. */
  private static final long[] PLACES = {-1, 0, 1, 1};

  @TempDir Path folder;

  private static TensorProto indices(long images, int rows, int columns, long... places) {
    TensorProto.Builder tensor = longs("i").toBuilder().clearDims().addDims(images);
    tensor.addDims(rows).addDims(columns);
    for (int i = 0; i < images; i++) {
      Arrays.stream(places).forEach(tensor::addInt64Data);
    }
    return tensor.build();
  }

  private static GraphProto.Builder gather(long batch) {
    return Models.graph(batch, 2, 3)
        .addNode(node("Mul", List.of("x", "w"), List.of("m")))
        .addNode(node("GatherElements", List.of("m", "i"), Y, number("axis", -1)))
        .addInitializer(floats("w", new Shape(1, 2, 3), 1, 2, 3, 4, 5, 6))
        .addInitializer(indices(Math.abs(batch), 2, 2, PLACES));
  }

  /** Puts 10 times the first column, then its square, into a row of images, as places say. */
  private static GraphProto.Builder scatter(long batch) {
    return Models.graph(batch, 2, 3)
        .addNode(node("Mul", List.of("x", "w"), List.of("m")))
        .addNode(node("GatherElements", List.of("m", "j"), List.of("u"), number("axis", 2)))
        .addNode(node("ScatterElements", List.of("m", "i", "u"), Y, number("axis", 2)))
        .addInitializer(floats("w", new Shape(1, 2, 3), 1, 2, 3, 4, 5, 6))
        .addInitializer(indices(Math.abs(batch), 2, 2, 0, 1, 0, 1).toBuilder().setName("j"))
        .addInitializer(indices(Math.abs(batch), 2, 2, 2, 0, 1, 2));
  }

  private Model read(GraphProto.Builder graph) throws IOException {
    Path file = folder.resolve("elements.onnx");
    Files.write(file, Models.model(17, graph).build().toByteArray());
    return Onnx.read(file);
  }

  private static float[] images(int count) {
    float[] x = new float[count * 6];
    for (int i = 0; i < x.length; i++) {
      x[i] = i % 7 - 2.5f;
    }
    return x;
  }

  /** With m = x w: what is taken, or m with elements of its rows at other places. */
  private static float[] expected(boolean scatters, float[] x) {
    int images = x.length / 6;
    float[] y = new float[images * (scatters ? 6 : 4)];
    for (int n = 0; n < images; n++) {
      float[] m = new float[6];
      for (int i = 0; i < 6; i++) {
        m[i] = x[6 * n + i] * (i + 1);
      }
      float[] one =
          scatters
              ? new float[] {m[1], m[1], m[0], m[3], m[3], m[4]}
              : new float[] {m[2], m[0], m[4], m[4]};
      System.arraycopy(one, 0, y, n * one.length, one.length);
    }
    return y;
  }

  /** Ones, or what another layer gives, where each position of an image is largest. */
  private static GraphProto.Builder largest(long batch, boolean ones) {
    String update = ones ? "one" : "u";
    NodeProto put = node("ScatterElements", List.of("zeros", "i", update), Y, number("axis", 1));
    GraphProto.Builder graph =
        Models.graph(batch, 2, 3)
            .addNode(node("Mul", List.of("x", "w"), List.of("m")))
            .addNode(node("ArgMax", List.of("m"), List.of("i"), number("axis", 1)))
            .addNode(node("ReduceSum", List.of("m", "axes"), List.of("u")))
            .addNode(node("Sub", List.of("m", "m"), List.of("zeros")))
            .addNode(put)
            .addInitializer(floats("w", new Shape(1, 2, 3), 1, 2, 3, 4, 5, 6))
            .addInitializer(longs("axes", 1));
    return ones ? graph.addInitializer(floats("one", new Shape(1, 1, 3), 1, 1, 1)) : graph;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void places_thatImagesDecide_areMetInAnyNumberOfImages(boolean ones) throws IOException {
    long batch = ones ? 1 : -1;
    try (Model model = read(largest(batch, ones))) {
      for (int images = 1; images <= 5; images++) {
        float[] x = images(images);
        float[] y = new float[x.length];
        for (int i = 0; i < x.length; i++) {
          // the other row of the same column
          int other = i % 6 < 3 ? i + 3 : i - 3;
          float here = x[i] * (i % 6 + 1);
          float there = x[other] * (other % 6 + 1);
          boolean hit = here > there || here == there && i < other;
          y[i] = !hit ? 0 : ones ? 1 : here + there;
        }
        Shape shape = new Shape(images, 2, 3);
        assertThat(Engines.evaluate(model.getBlock(), x, shape)).containsExactly(y);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void elements_ofOneImageOfTheFile_areThoseOfAnyNumber_alsoWrittenAndReadAgain(boolean scatters)
      throws IOException {
    Path again = folder.resolve("again.onnx");
    try (Model model = read(scatters ? scatter(1) : gather(1))) {
      Onnx.write((GraphBlock) model.getBlock(), again);
      try (Model second = Onnx.read(again)) {
        for (int images = 1; images <= 5; images++) {
          float[] x = images(images);
          Shape shape = new Shape(images, 2, 3);
          for (Model each : List.of(model, second)) {
            assertThat(Engines.evaluate(each.getBlock(), x, shape))
                .containsExactly(expected(scatters, x));
          }
        }
      }
    }
  }

  /** The sum of y times v: each w learns x times the sum of those v where m = x w went. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void gradients_areSumsOverWhereAnElementWent(boolean scatters) throws IOException {
    float[] x = {1, 2, 3, 4, 5, 6};
    float[] gather = {1 * 20, 0, 3 * 10, 0, 5 * (30 + 40), 0};
    float[] scatter = {1 * 30, 2 * (10 + 20), 0, 4 * (40 + 50), 5 * 60, 0};
    float[] v = scatters ? new float[] {10, 20, 30, 40, 50, 60} : new float[] {10, 20, 30, 40};
    try (Model model = read(scatters ? scatter(1) : gather(1))) {
      assertThat(FixedFiles.gradient(model, x, new Shape(1, 2, 3), v, "w"))
          .containsExactly(scatters ? scatter : gather);
    }
  }

  @Test
  void elements_alongTheFirstAxisOrOfAnImageEach_areTaken() {
    Shape shape = new Shape(3, 2);
    NodeProto first = node("GatherElements", List.of("x", "i"), Y);
    TensorProto turned =
        longs("i", 2, 0, -2, 1).toBuilder().clearDims().addDims(2).addDims(2).build();
    Models.check(
        Models.run(Models.single(13, shape, first, turned), shape, 1, 2, 3, 4, 5, 6),
        new Shape(2, 2),
        5,
        2,
        3,
        4);
    NodeProto second = node("GatherElements", List.of("x", "i"), Y, number("axis", 1));
    TensorProto other = longs("i", 0, 1, -1).toBuilder().clearDims().addDims(3).addDims(1).build();
    Models.check(
        Models.run(Models.single(13, shape, second, other), shape, 1, 2, 3, 4, 5, 6),
        new Shape(3, 1),
        1,
        4,
        6);
  }

  @Test
  void indices_thatDoNotFit_areRefusedByNode() {
    Shape shape = new Shape(1, 3);
    NodeProto gather = node("GatherElements", List.of("x", "i"), Y, number("axis", 1));
    TensorProto.Builder index = longs("i", 3).toBuilder().clearDims();
    assertThatThrownBy(
            () ->
                Models.run(
                    Models.single(13, shape, gather, index.addDims(1).addDims(1).build()),
                    shape,
                    1,
                    2,
                    3))
        .hasMessageContaining("index out of range")
        .hasMessageContaining("node 0, GatherElements; expected integers from -3 to 2, found 3");
    assertThatThrownBy(
            () -> Models.run(Models.single(13, shape, gather, longs("i", 1, 0)), shape, 1, 2, 3))
        .hasMessageContaining("indices do not fit the data");
    NodeProto scatter = node("ScatterElements", List.of("x", "i", "u"), Y, number("axis", 1));
    TensorProto fits = longs("i", 1).toBuilder().clearDims().addDims(1).addDims(1).build();
    assertThatThrownBy(
            () ->
                Models.run(
                    Models.single(13, shape, scatter, fits, floats("u", new Shape(1), 9)),
                    shape,
                    1,
                    2,
                    3))
        .hasMessageContaining("updates do not fit the indices");
  }

  /** What stands beyond the indices would be left out without a word. */
  @Test
  void updates_longerThanIndicesOfImages_areRefusedByNode() {
    GraphProto.Builder graph = largest(-1, true);
    for (int i = 0; i < graph.getInitializerCount(); i++) {
      if (graph.getInitializer(i).getName().equals("one")) {
        graph.setInitializer(i, floats("one", new Shape(1, 2, 3), 1, 1, 1, 1, 1, 1));
      }
    }
    assertThatThrownBy(() -> read(graph))
        .hasMessageContaining("updates do not fit the indices")
        .hasMessageContaining("ScatterElements");
  }
}
