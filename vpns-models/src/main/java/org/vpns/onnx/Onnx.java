package org.vpns.onnx;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import java.io.IOException;
import java.nio.file.Path;
import org.vpns.graph.GraphBlock;
import org.vpns.predict.PrunedModel;

/**
 * Networks as ONNX files.
 *
 * <pre>{@code
 * Onnx.write(pruned, Path.of("digits.onnx"));   // with prompt, normalisation and label mapping
 * Onnx.export(model.getBlock(), new Shape(3, 224, 224)).foldBatchNorm().write(file);
 * }</pre>
 */
public final class Onnx {
  private Onnx() {}

  /**
   * Writes a pruned network with all that it needs into one file; see {@link #export(PrunedModel)}.
   *
   * @throws IllegalArgumentException if the format cannot express some of its operators
   * @throws IOException if writing fails
   */
  public static void write(PrunedModel pruned, Path file) throws IOException {
    export(pruned).write(file);
  }

  /**
   * Writes a network into a file, as it is; see {@link OnnxExport#write(Path)}.
   *
   * @throws IllegalArgumentException if the format cannot express some of its operators
   * @throws IOException if writing fails
   */
  public static void write(GraphBlock block, Path file) throws IOException {
    export(block).write(file);
  }

  /**
   * A pruned network to be written. The file takes {@code images}, float32 in [0, 1], (N, channels,
   * image height, image width) of {@link org.vpns.ImageInput}'s image size; it places them on the
   * canvas, adds the prompt, clamps, normalises, runs the network, maps its result to the user's
   * classes, and gives {@code logits} (N, classes), or {@code probabilities} on request. Class
   * names and image size are among its properties, where {@link OnnxTranslator} finds them.
   */
  public static OnnxExport export(PrunedModel pruned) {
    return OnnxExport.of(pruned);
  }

  /**
   * A network to be written, as it is: its inputs are called {@code input}, its results {@code
   * output}, numbered if there are several.
   */
  public static OnnxExport export(GraphBlock block) {
    return OnnxExport.of(block);
  }

  /**
   * A network to be written; its graph is read off by {@link org.vpns.graph.trace.BlockTracer}.
   *
   * @param perImage shape of each input for one image, such as (channels, height, width)
   */
  public static OnnxExport export(Block block, Shape... perImage) {
    return OnnxExport.of(block, perImage);
  }
}
