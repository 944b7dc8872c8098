package org.vpns.internal.onnx;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.onnx.BatchLift.Lifted;
import org.vpns.internal.onnx.BatchLift.Refused;
import org.vpns.internal.onnx.OnnxOperator.Step;
import org.vpns.io.FormatException;

/** One node with images at one or more of its inputs. */
abstract class BatchNode {
  final OnnxNode node;
  final Step step;
  final Operands in;
  final @Nullable BatchAxis[] read;
  final long own;
  final long actual;

  /**
   * A node at its turn.
   *
   * @param read where the images lie in each input; null where there are none
   * @param own the batch of the file
   * @param actual the batch of the inputs
   */
  BatchNode(
      OnnxNode node, Step step, Operands in, @Nullable BatchAxis[] read, long own, long actual) {
    this.node = node;
    this.step = step;
    this.in = in;
    this.read = read;
    this.own = own;
    this.actual = actual;
  }

  BatchAxis first() {
    BatchAxis axis = read[0];
    if (axis == null) {
      throw new IllegalStateException(node.where());
    }
    return axis;
  }

  /** Shape of an input at the file's own batch. */
  Shape ownShape(int input) {
    BatchAxis axis = read[input];
    return axis == null ? in.shape(input) : axis.resized(in.shape(input), actual, own);
  }

  /** A value that has a shape and no elements, for operators that need no more. */
  OnnxValue form(Shape shape) {
    return OnnxValue.of(HostTensor.of(ElementType.INT64, shape, new long[0]));
  }

  Operands with(int input, OnnxValue value) {
    List<OnnxValue> values = new ArrayList<>(in.values());
    values.set(input, value);
    return in.with(values);
  }

  Refused refused(String expected, Object found) {
    return new Refused(node, expected, found, own);
  }

  boolean standsAlone(int input, BatchAxis axis) {
    return in.shape(input).get(axis.axis()) == actual;
  }

  /** Operators that keep the axes, whatever they do to the others. */
  Lifted same(List<OnnxValue> results) {
    BatchAxis axis = first();
    Shape shape = in.shape(0);
    for (OnnxValue result : results) {
      if (result.shape().dimension() != shape.dimension()
          || result.shape().get(axis.axis()) != shape.get(axis.axis())) {
        throw refused(
            "an operator that keeps the axis of the images, " + axis.axis() + " of " + shape,
            result.shape());
      }
    }
    return new Lifted(results, axis);
  }

  long integer(String attribute, long otherwise) {
    try {
      return node.integer(attribute, otherwise);
    } catch (FormatException e) {
      throw new IllegalStateException("attribute was read before", e);
    }
  }

  long @Nullable [] integers(String attribute) {
    try {
      return node.integers(attribute);
    } catch (FormatException e) {
      throw new IllegalStateException("attribute was read before", e);
    }
  }
}
