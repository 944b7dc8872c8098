package org.vpns.internal.onnx;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;

/** What flows along an edge of the graph during a forward pass. */
sealed interface OnnxValue {
  /** Where an array comes from. */
  enum Origin {
    /** Handed in by the caller. */
    INPUT,
    /** A parameter of the block; outlives the pass. */
    PARAMETER,
    /** Computed during this pass. */
    RESULT
  }

  /** An array of the engine. */
  record OnDevice(NDArray array, Origin origin) implements OnnxValue {}

  /** A value known to Java: a constant, or the result of shape arithmetic. */
  record OnHost(HostTensor tensor) implements OnnxValue {}

  /** An optional input that is not there. */
  record Absent() implements OnnxValue {}

  /** A result of the engine. */
  static OnnxValue of(NDArray array) {
    return new OnDevice(array, Origin.RESULT);
  }

  /** A result of shape arithmetic. */
  static OnnxValue of(HostTensor tensor) {
    return new OnHost(tensor);
  }

  /** Its shape. */
  default Shape shape() {
    if (this instanceof OnDevice device) {
      return device.array().getShape();
    }
    return this instanceof OnHost host ? host.tensor().shape() : new Shape();
  }
}
