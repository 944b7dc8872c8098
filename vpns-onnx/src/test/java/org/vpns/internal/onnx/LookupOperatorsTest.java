package org.vpns.internal.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.vpns.internal.onnx.Models.check;
import static org.vpns.internal.onnx.Models.floats;
import static org.vpns.internal.onnx.Models.longs;
import static org.vpns.internal.onnx.Models.node;
import static org.vpns.internal.onnx.Models.number;
import static org.vpns.internal.onnx.Models.single;

import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What indices pick, and where they put it. */
final class LookupOperatorsTest {
  private static final List<String> X = List.of("x");
  private static final List<String> Y = List.of("y");

  @Test
  void gather_scalarIndexDropsTheAxis_vectorKeepsIt() {
    Shape shape = new Shape(2, 2);
    TensorProto scalar = longs("i", 1).toBuilder().clearDims().build();
    NodeProto gather = node("Gather", List.of("x", "i"), Y, number("axis", 1));
    check(Models.run(single(13, shape, gather, scalar), shape, 1, 2, 3, 4), new Shape(2), 2, 4);
    check(
        Models.run(single(13, shape, gather, longs("i", -1)), shape, 1, 2, 3, 4),
        new Shape(2, 1),
        2,
        4);
    check(
        Models.run(single(13, shape, gather, longs("i", 1, 0, 1)), shape, 1, 2, 3, 4),
        new Shape(2, 3),
        2,
        1,
        2,
        4,
        3,
        4);
  }

  @Test
  void gather_manyScatteredRowsOfAParameter_givesThem() {
    long[] rows = new long[150];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = (i * 37L + i * i) % 50;
    }
    GraphProto.Builder graph =
        Models.graph(-1, 150, 2)
            .addNode(node("Gather", List.of("table.weight", "rows"), List.of("g")))
            .addNode(node("Add", List.of("x", "g"), Y))
            .addInitializer(Models.ramp("table.weight", new Shape(50, 2)))
            .addInitializer(longs("rows", rows));
    float[] table = Models.ramp(100);
    HostTensor out = Models.run(Models.file(13, graph), new Shape(1, 150, 2), new float[300]);
    for (int i = 0; i < 300; i++) {
      assertThat((float) out.doubleAt(i)).isEqualTo(table[(int) rows[i / 2] * 2 + i % 2]);
    }
    // not from a parameter: elements that are not chosen may be infinite
    Shape shape = new Shape(50, 2);
    float[] input = Models.ramp(100);
    input[1] = Float.POSITIVE_INFINITY;
    HostTensor taken =
        Models.run(
            single(13, shape, node("Gather", List.of("x", "i"), Y), longs("i", rows)),
            shape,
            input);
    for (int i = 0; i < 300; i++) {
      assertThat((float) taken.doubleAt(i)).isEqualTo(input[(int) rows[i / 2] * 2 + i % 2]);
    }
  }

  @Test
  void scatterND_theSamePlacesInEachImage_putsThere() {
    Shape shape = new Shape(2, 3);
    NodeProto node = node("ScatterND", List.of("x", "i", "u"), Y);
    TensorProto index =
        longs("i", 0, 2, 1, 2).toBuilder().clearDims().addDims(2).addDims(1).addDims(2).build();
    TensorProto updates = floats("u", new Shape(2, 1), 8, 9);
    check(
        Models.run(single(13, shape, node, index, updates), shape, 1, 2, 3, 4, 5, 6),
        shape,
        1,
        2,
        8,
        4,
        5,
        9);
  }

  @Test
  void oneHot_ofInfiniteOrLargeValues_givesThemAsTheyAre() {
    // on minus off would be infinite, or round 0.1 away
    for (float off : new float[] {Float.NEGATIVE_INFINITY, -1e9f}) {
      GraphProto.Builder graph =
          Models.graph(-1, 3)
              .addNode(node("ArgMax", X, List.of("i"), number("axis", 1), number("keepdims", 0)))
              .addNode(node("OneHot", List.of("i", "depth", "values"), Y))
              .addInitializer(longs("depth", 3))
              .addInitializer(floats("values", new Shape(2), off, 0.1f));
      check(
          Models.run(Models.file(13, graph), new Shape(2, 3), 1, 9, 2, 9, 1, 2),
          new Shape(2, 3),
          off,
          0.1f,
          off,
          0.1f,
          off,
          off);
    }
  }

  @Test
  void scatterND_ofAScalarIndex_isRefused() {
    TensorProto index = longs("i", 0).toBuilder().clearDims().build();
    NodeProto node = node("ScatterND", List.of("x", "i", "u"), Y);
    OnnxFile file = single(13, new Shape(3), node, index, floats("u", new Shape(), 8));
    assertThatThrownBy(() -> Models.run(file, new Shape(3), 1, 2, 3))
        .hasMessageContaining("indices do not fit the data")
        .hasMessageContaining("expected integers for 1 to 1 axes");
  }
}
