package org.vpns.io;

import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Map;

/**
 * Tensors by name, as a weight file holds them, whatever its format. Implementations are immutable
 * and read a tensor's values when they are asked for.
 */
public interface NamedTensors {
  /** Names in the order of the file. */
  List<String> names();

  /** Whether a tensor of this name exists. */
  boolean contains(String name);

  /**
   * Shape of a tensor.
   *
   * @throws IllegalArgumentException if there is no such tensor
   */
  Shape shape(String name);

  /**
   * Element type of a tensor.
   *
   * @throws IllegalArgumentException if there is no such tensor
   */
  TensorType type(String name);

  /**
   * Values of a tensor of type F32, or of F64, F16 or BF16 converted; row-major.
   *
   * @throws IllegalArgumentException if there is no such tensor or its type is another
   */
  float[] floats(String name);

  /**
   * Values of a tensor of type F64, or of F32, F16 or BF16 converted; row-major.
   *
   * @throws IllegalArgumentException if there is no such tensor or its type is another
   */
  double[] doubles(String name);

  /** The file's free text, by key; empty if it has none. */
  Map<String, String> metadata();
}
