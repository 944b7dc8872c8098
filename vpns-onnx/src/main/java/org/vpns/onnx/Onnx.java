package org.vpns.onnx;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vpns.Problem;
import org.vpns.graph.GraphBlock;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.onnx.read.OnnxBlock;
import org.vpns.onnx.read.OnnxFile;
import org.vpns.onnx.read.OnnxFormatException;
import org.vpns.onnx.read.OnnxPort;
import org.vpns.predict.PrunedModel;

/**
 * Networks as ONNX files.
 *
 * <pre>{@code
 * Model model = Onnx.read(Path.of("network.onnx")); // prune it, train it, write it again
 * Onnx.write(pruned, Path.of("digits.onnx"));   // with prompt, normalisation and label mapping
 * Onnx.export(model.getBlock(), new Shape(3, 224, 224)).foldBatchNorm().write(file);
 * }</pre>
 */
public final class Onnx {
  private static final Logger LOG = LoggerFactory.getLogger(Onnx.class);

  private Onnx() {}

  /**
   * Reads a network that can be trained, pruned and written again, as a model of the file's name
   * whose block is a {@link GraphBlock}; the caller closes it. Weights are named and shaped as
   * {@link OnnxBlock} says. A log line warns of a network whose batch norm the exporter has folded
   * away: it can be pruned, but not by its scales, and trains less well.
   *
   * @throws OnnxFormatException if the file is damaged, or has operators that are not supported,
   *     which are listed with their numbers
   * @throws IOException if it cannot be read
   * @throws IllegalArgumentException if the file leaves the size of images open, or its network
   *     takes no batches of several images
   */
  public static Model read(Path file) throws IOException {
    return read(file, new Shape[0]);
  }

  /**
   * The same for a file that leaves the size of its images open.
   *
   * @param perImage shape of each input for one image, such as (channels, height, width)
   * @throws IOException as {@link #read(Path)}
   */
  public static Model read(Path file, Shape... perImage) throws IOException {
    OnnxFile content = OnnxFile.read(file);
    content.notes().forEach(note -> LOG.warn("{}: {}", file, note));
    Shape[] inputs = perImage.length > 0 ? perImage : perImage(content, file);
    Model model = Model.newInstance(String.valueOf(file.getFileName()));
    try (NDManager scope = model.getNDManager().newSubManager()) {
      OnnxBlock block = new OnnxBlock(content, scope);
      model.setBlock(BlockTracer.graphBlock(block, model.getNDManager(), inputs));
      return model;
    } catch (IOException | RuntimeException e) {
      model.close();
      throw e;
    }
  }

  /** Shapes of the inputs without their first axis, the batch. */
  private static Shape[] perImage(OnnxFile content, Path file) {
    List<Shape> shapes = new ArrayList<>();
    for (OnnxPort port : content.inputs()) {
      Shape shape = port.shape();
      if (shape == null || shape.dimension() == 0 || hasOpenAxis(shape.slice(1))) {
        throw Problem.argument(
            "size of images left open",
            file + ", input '" + port.name() + "'",
            "a fixed size for every axis but the first",
            shape == null ? "no shape" : shape,
            "pass it: Onnx.read(file, new Shape(3, 224, 224))");
      }
      shapes.add(shape.slice(1));
    }
    return shapes.toArray(Shape[]::new);
  }

  private static boolean hasOpenAxis(Shape shape) {
    return Arrays.stream(shape.getShape()).anyMatch(length -> length < 1);
  }

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
