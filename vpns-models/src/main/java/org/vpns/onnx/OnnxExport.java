package org.vpns.onnx;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.vpns.Problem;
import org.vpns.graph.BatchNormFolding;
import org.vpns.graph.GraphBlock;

/**
 * A network on its way into an ONNX file (opset 17, format version 8), with a free number of
 * images. Made by {@link Onnx#export(GraphBlock)}. Immutable and reusable: every option gives a new
 * one, and each can be set once.
 *
 * <p>Default: batch norm stays, all arrays are inside the file unless they exceed 1 GiB, and the
 * result is what the network gives.
 */
public final class OnnxExport {
  private final GraphBlock block;
  private final boolean folded;
  private final boolean external;

  private OnnxExport(GraphBlock block, boolean folded, boolean external) {
    this.block = block;
    this.folded = folded;
    this.external = external;
  }

  static OnnxExport of(GraphBlock block) {
    return new OnnxExport(block, false, false);
  }

  /**
   * Batch norm becomes part of the convolution or linear layer before it, where that is possible;
   * see {@link BatchNormFolding}. The file is smaller and runs faster, but offers no scales to
   * whoever wants to prune or train it further.
   *
   * @throws IllegalStateException if set already
   */
  public OnnxExport foldBatchNorm() {
    once(folded, "foldBatchNorm");
    return new OnnxExport(block, true, external);
  }

  /**
   * Arrays of 1 kB and more go into a second file, {@code NAME.onnx.data}, which must stay beside
   * the first; it happens without being asked for when all arrays together exceed 1 GiB.
   *
   * @throws IllegalStateException if set already
   */
  public OnnxExport externalData() {
    once(external, "externalData");
    return new OnnxExport(block, folded, true);
  }

  private static void once(boolean set, String option) {
    if (set) {
      throw Problem.state(
          "option set twice", "OnnxExport." + option, "it once", "it again", "leave one out");
    }
  }

  /**
   * Writes the file. It is seen whole or not at all, an existing one is replaced, and the same
   * network gives the same bytes. Stored arrays bear the paths of their parameters; those that
   * nothing reads are left out. The property {@code vpns.graph} holds the network's {@link
   * org.vpns.graph.ModelGraph#fingerprint()}.
   *
   * @throws IllegalArgumentException if the format cannot express some operators; the message lists
   *     all of them, and nothing is written
   * @throws IOException if writing fails
   */
  public void write(Path file) throws IOException {
    try (NDManager scope = NDManager.newBaseManager()) {
      GraphBlock written = folded ? BatchNormFolding.fold(block, scope).block() : block;
      ExportGraph graph = ExportGraph.of(written, "input", "output");
      Map<String, String> properties = new LinkedHashMap<>();
      properties.put("vpns.graph", block.graph().fingerprint());
      OnnxWriter.write(graph, properties, external, file);
    }
  }
}
