package org.vpns.onnx;

import java.io.IOException;
import java.nio.file.Path;
import org.vpns.graph.GraphBlock;

/** Networks as ONNX files. */
public final class Onnx {
  private Onnx() {}

  /**
   * Writes a network into a file, as it is; see {@link OnnxExport#write(Path)}.
   *
   * @throws IllegalArgumentException if the format cannot express some operators
   * @throws IOException if writing fails
   */
  public static void write(GraphBlock block, Path file) throws IOException {
    export(block).write(file);
  }

  /** A network to be written, with options to choose. */
  public static OnnxExport export(GraphBlock block) {
    return OnnxExport.of(block);
  }
}
