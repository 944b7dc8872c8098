package org.vpns.onnx.read;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.vpns.onnx.read.OnnxOperator.Step;
import org.vpns.onnx.read.Operators.Table;

/** Operators that join values or take parts of them. */
final class SelectionOperators {
  private SelectionOperators() {}

  static void addTo(Table table) {
    table.both("Concat", SelectionOperators::concat);
    table.both("Split", SelectionOperators::split);
    table.both("Slice", SelectionOperators::slice);
    table.both("Gather", SelectionOperators::gather);
    table.add("Pad", Padding::prepare);
  }

  private static Step concat(OnnxNode node) throws OnnxFormatException {
    node.requireEachInput();
    long axis = node.requiredInteger("axis");
    return in -> List.of(in.count() == 1 ? in.value(0) : joined(in, in.axis(axis, in.rank(0))));
  }

  private static Value joined(Operands in, int axis) {
    long[] sizes = in.shape(0).getShape().clone();
    for (int i = 1; i < in.count(); i++) {
      long[] other = in.shape(i).getShape().clone();
      boolean fits = other.length == sizes.length && in.engineType(i) == in.engineType(0);
      long added = fits ? other[axis] : 0;
      if (fits) {
        other[axis] = sizes[axis];
      }
      if (!Arrays.equals(other, sizes)) {
        throw in.problem(
            "inputs cannot be joined",
            in.engineType(0) + " " + in.shape(0) + " but for axis " + axis,
            in.engineType(i) + " " + in.shape(i),
            "check the shape of the network's input");
      }
      sizes[axis] += added;
    }
    Shape shape = in.requireRoom(new Shape(sizes));
    if (in.allOnHost()) {
      return Value.of(joinedOnHost(in, axis, shape));
    }
    NDList arrays = new NDList(in.receiver(0));
    for (int i = 1; i < in.count(); i++) {
      arrays.add(in.array(i));
    }
    return Value.of(NDArrays.concat(arrays, axis));
  }

  private static HostTensor joinedOnHost(Operands in, int axis, Shape shape) {
    boolean real = in.host(0).isFloat();
    double[] reals = new double[real ? (int) shape.size() : 0];
    long[] longs = new long[real ? 0 : (int) shape.size()];
    long[] strides = Shapes.strides(shape);
    long offset = 0;
    for (int i = 0; i < in.count(); i++) {
      HostTensor part = in.host(i);
      int[] places = Shapes.places(part.shape(), offset, strides);
      for (int k = 0; k < places.length; k++) {
        if (real) {
          reals[places[k]] = part.doubleAt(k);
        } else {
          longs[places[k]] = part.longAt(k);
        }
      }
      offset += part.shape().get(axis) * strides[axis];
    }
    ElementType type = in.host(0).type();
    return real ? HostTensor.of(type, shape, reals) : HostTensor.of(type, shape, longs);
  }

  /** Sizes are an attribute before operator set 13, an input from then on; or parts are equal. */
  private static Step split(OnnxNode node) throws OnnxFormatException {
    long[] attribute = node.opset() < 13 ? node.integers("split") : null;
    node.requireInputs(1, node.opset() < 13 ? 1 : 2);
    long axis = node.integer("axis", 0);
    int parts = node.outputs().size();
    if (node.hasAttribute("num_outputs") && node.integer("num_outputs", parts) != parts) {
      throw node.outOfRange("num_outputs", parts, node.integer("num_outputs", parts));
    }
    return in -> {
      int at = in.axis(axis, in.rank(0));
      long size = in.shape(0).get(at);
      long[] sizes =
          attribute != null ? attribute : in.has(1) ? in.longs(1) : equalParts(size, parts);
      long total = 0;
      for (long part : sizes) {
        total = part < 0 || part > size ? -1 : total + part;
        if (total < 0) {
          break;
        }
      }
      if (sizes.length != parts || total != size) {
        throw in.problem(
            "parts do not add up",
            parts + " parts of " + size + " in all",
            Arrays.toString(sizes),
            "check the shape of the network's input");
      }
      return parts(in, at, sizes);
    };
  }

  private static long[] equalParts(long size, int parts) {
    long each = (size + parts - 1) / parts;
    return LongStream.range(0, parts)
        .map(i -> Math.max(0, Math.min(each, size - i * each)))
        .toArray();
  }

  private static List<Value> parts(Operands in, int axis, long[] sizes) {
    if (sizes.length == 1) {
      return List.of(in.value(0));
    }
    List<Value> result = new ArrayList<>();
    if (!in.onHost(0)) {
      long[] borders = new long[sizes.length - 1];
      for (int i = 0; i < borders.length; i++) {
        borders[i] = sizes[i] + (i == 0 ? 0 : borders[i - 1]);
      }
      for (NDArray part : in.receiver(0).split(borders, axis)) {
        result.add(Value.of(part));
      }
      return result;
    }
    long[] strides = Shapes.strides(in.shape(0));
    long offset = 0;
    for (long size : sizes) {
      long[] shape = in.shape(0).getShape().clone();
      shape[axis] = size;
      int[] places = Shapes.places(new Shape(shape), offset, strides);
      result.add(Value.of(in.host(0).picked(places, new Shape(shape))));
      offset += size * strides[axis];
    }
    return result;
  }

  /** Bounds are attributes before operator set 10, inputs from then on. */
  private static Step slice(OnnxNode node) throws OnnxFormatException {
    if (node.opset() < 10) {
      node.requireInputs(1, 1);
      long[] starts = node.integers("starts");
      long[] ends = node.integers("ends");
      long[] axes = node.integers("axes");
      if (starts == null || ends == null) {
        throw node.bad("attribute missing", "'starts' and 'ends'", "none", "export it again");
      }
      return in -> List.of(Slicing.of(in, starts, ends, axes, null).apply(in));
    }
    node.requireInputs(3, 5);
    return in ->
        List.of(
            Slicing.of(
                    in,
                    in.longs(1),
                    in.longs(2),
                    in.has(3) ? in.longs(3) : null,
                    in.has(4) ? in.longs(4) : null)
                .apply(in));
  }

  private static Step gather(OnnxNode node) throws OnnxFormatException {
    node.requireInputs(2, 2);
    long axis = node.integer("axis", 0);
    return in -> List.of(gathered(in, in.axis(axis, in.rank(0)), in.host(1)));
  }

  private static Value gathered(Operands in, int axis, HostTensor given) {
    Shape shape = in.shape(0);
    long size = shape.get(axis);
    long[] indices = given.toLongs();
    for (int i = 0; i < indices.length; i++) {
      indices[i] += indices[i] < 0 ? size : 0;
      if (given.isFloat() || indices[i] < 0 || indices[i] >= size) {
        throw in.problem(
            "index out of range",
            "integers from " + -size + " to " + (size - 1),
            given.doubleAt(i),
            "check the shape of the network's input");
      }
    }
    Shape result =
        in.requireRoom(
            Shapes.join(
                Shapes.part(shape, 0, axis),
                given.shape().getShape(),
                Shapes.part(shape, axis + 1, shape.dimension())));
    if (in.onHost(0)) {
      return Value.of(in.host(0).picked(places(shape, axis, indices), result));
    }
    if (given.shape().isScalar()) {
      return Value.of(in.receiver(0).get(new NDIndex().addAllDim(axis).addIndices(indices[0])));
    }
    NDArray taken = Lookup.along(in, in.value(0), axis, indices);
    return Value.of(given.shape().dimension() == 1 ? taken : in.temporary(taken).reshape(result));
  }

  private static int[] places(Shape shape, int axis, long[] indices) {
    long inner = Shapes.product(shape, axis + 1, shape.dimension());
    long outer = Shapes.product(shape, 0, axis);
    int[] places = new int[(int) (outer * indices.length * inner)];
    int at = 0;
    for (long o = 0; o < outer; o++) {
      for (long index : indices) {
        for (long i = 0; i < inner; i++) {
          places[at++] = (int) ((o * shape.get(axis) + index) * inner + i);
        }
      }
    }
    return places;
  }
}
