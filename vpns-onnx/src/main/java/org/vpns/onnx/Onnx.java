package org.vpns.onnx;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.vpns.Problem;
import org.vpns.graph.GraphBlock;
import org.vpns.internal.onnx.OnnxReader;
import org.vpns.io.FormatException;
import org.vpns.predict.PrunedModel;

/**
 * Networks as ONNX files.
 *
 * <pre>{@code
 * Model model = Onnx.read(Path.of("network.onnx")); // prune it, train it, write it again
 * Onnx.open(file).constant("mean|std").read();      // what would learn otherwise
 * Onnx.write(pruned, Path.of("digits.onnx"));   // with prompt, normalisation and label mapping
 * Onnx.export(model.getBlock(), new Shape(3, 224, 224)).foldBatchNorm().write(file);
 * }</pre>
 */
public final class Onnx {
  private Onnx() {}

  /**
   * Reads a network that can be trained, pruned and written again, as a model of the file's name
   * whose block is a {@link GraphBlock}; the caller closes it.
   *
   * <p>Read are operator sets 7 to 28 of the standard domain, without control flow, sequences, text
   * or sparse tensors, with the operators that {@link #supportedOperators} lists, and functions of
   * these that the file brings along. Weights may lie in files beside the model. Half precision and
   * bfloat16 become float32.
   *
   * <p>{@code QuantizeLinear} and {@code DequantizeLinear} are read on request: {@link
   * OnnxImport#quantisedAsFloats}.
   *
   * <p>A file that was exported for a fixed number of images is opened to any number, and proven to
   * give each image of a batch what it gives it alone.
   *
   * <p>Weights of convolutions are (out, in, ...), those of matrix products (out, in), whatever the
   * file stores. What is a parameter, and what its name, tells {@link OnnxImport}. A log line warns
   * of a network whose batch norm the exporter has folded away: it can be pruned, but not by its
   * scales, and trains less well. Export in training mode without constant folding to keep it.
   *
   * @throws FormatException if the file is damaged, or has operators that are not supported, which
   *     are listed with their numbers
   * @throws IOException if it cannot be read
   * @throws IllegalArgumentException if the file leaves the size of images open, or its network
   *     takes no batches of several images, or images of a batch change each other ({@link
   *     OnnxImport#batch} keeps such a file at its own batch), or images pass through an operator
   *     that is not listed
   */
  public static Model read(Path file) throws IOException {
    Problem.given(file, "Onnx.read", "file");
    return read(file, new Shape[0]);
  }

  /**
   * The same for a file that leaves the size of its images open.
   *
   * @param perImage shape of each input for one image, such as (channels, height, width); -1 for a
   *     size that the file tells
   * @throws IOException as {@link #read(Path)}
   */
  public static Model read(Path file, Shape... perImage) throws IOException {
    Problem.given(file, "Onnx.read", "file");
    Problem.givenEach(perImage, "Onnx.read", "perImage");
    return (perImage.length == 0 ? open(file) : open(file).images(perImage)).read();
  }

  /** A file to be read with options, such as the number of images that its network takes. */
  public static OnnxImport open(Path file) {
    Problem.given(file, "Onnx.open", "file");
    return OnnxImport.of(file);
  }

  /** Names of the operators that images may pass through in a file that is read, sorted. */
  public static List<String> supportedOperators() {
    return OnnxReader.operators();
  }

  /**
   * Writes a pruned network with all that it needs into one file; see {@link #export(PrunedModel)}.
   *
   * @throws IllegalArgumentException if the format cannot express some of its operators
   * @throws IllegalStateException if a removed weight is not 0
   * @throws IOException if writing fails
   */
  public static void write(PrunedModel pruned, Path file) throws IOException {
    Problem.given(pruned, "Onnx.write", "pruned");
    Problem.given(file, "Onnx.write", "file");
    export(pruned).write(file);
  }

  /**
   * Writes a network into a file, as it is; see {@link OnnxExport#write(Path)}.
   *
   * @throws IllegalArgumentException if the format cannot express some of its operators
   * @throws IOException if writing fails
   */
  public static void write(GraphBlock block, Path file) throws IOException {
    Problem.given(block, "Onnx.write", "block");
    Problem.given(file, "Onnx.write", "file");
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
    Problem.given(pruned, "Onnx.export", "pruned");
    return OnnxExport.of(pruned);
  }

  /**
   * A network to be written, as it is: its inputs are called {@code input}, its results {@code
   * output}, numbered if there are several.
   */
  public static OnnxExport export(GraphBlock block) {
    Problem.given(block, "Onnx.export", "block");
    return OnnxExport.of(block);
  }

  /**
   * A network to be written; its graph is read off by {@link org.vpns.graph.trace.BlockTracer}.
   *
   * @param perImage shape of each input for one image, such as (channels, height, width)
   */
  public static OnnxExport export(Block block, Shape... perImage) {
    Problem.given(block, "Onnx.export", "block");
    Problem.givenEach(perImage, "Onnx.export", "perImage");
    return OnnxExport.of(block, perImage);
  }
}
