package org.vpns.io;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.vpns.Problem;

/**
 * Tensors by name, as a weight file holds them, whatever its format. Implementations are immutable
 * and read a tensor's values when they are asked for.
 */
public interface NamedTensors {
  /** Reads a file of weights. */
  interface Opener {
    /**
     * Opens a file.
     *
     * @throws FormatException if the file breaks its format
     * @throws IOException if it cannot be read
     */
    NamedTensors open(Path file) throws IOException;
  }

  /**
   * Opens the index of a set of files, {@code pytorch_model.bin.index.json}, and all of them.
   *
   * @param opener reads each of the files
   * @throws FormatException if the index or a file breaks its format, or they disagree
   * @throws IOException if one cannot be read, or lies outside the index's folder
   */
  static NamedTensors ofShards(Path index, Opener opener) throws IOException {
    Problem.given(index, "NamedTensors.ofShards", "index");
    Problem.given(opener, "NamedTensors.ofShards", "opener");
    return ShardedTensors.read(
        index, file -> Problem.given(opener.open(file), file.toString(), "what Opener.open gives"));
  }

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
