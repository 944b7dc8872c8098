package org.vpns.onnx.read;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.jspecify.annotations.Nullable;

/**
 * An input of a network in an ONNX file.
 *
 * @param name its name in the file
 * @param type element type of the array to hand in; half precision is read as float32
 * @param shape its shape, -1 for sizes that the file leaves open; null if it tells no shape
 */
public record OnnxPort(String name, DataType type, @Nullable Shape shape) {}
