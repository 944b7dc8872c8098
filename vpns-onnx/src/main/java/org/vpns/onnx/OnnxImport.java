package org.vpns.onnx;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vpns.Problem;
import org.vpns.Value;
import org.vpns.graph.GraphBlock;
import org.vpns.internal.network.Engines;
import org.vpns.internal.onnx.OnnxFile;
import org.vpns.internal.onnx.OnnxFile.OnnxPort;
import org.vpns.internal.onnx.OnnxNetwork;
import org.vpns.internal.onnx.OnnxOptions;
import org.vpns.internal.onnx.OnnxReader;
import org.vpns.io.FormatException;

/**
 * An ONNX file on its way into a network that trains. Made by {@link Onnx#open}; immutable and
 * reusable: every option gives a new one, and each can be set once.
 *
 * <p>The place where a stored float array enters tells what it is, never its name: weights, biases,
 * scales and statistics of layers are parameters, and so is what images are added to, multiplied or
 * joined with. Constants are {@code Constant} nodes, unless layers have all of their arrays from
 * them as in files of PaddlePaddle, numbers without axes, and what {@link #constant} names.
 * Parameters bear the names of the file where those could be a PyTorch state dict's ({@code
 * features.1.0.weight}), else those of the modules that the reading nodes name, so that {@link
 * org.vpns.weights.WeightFile} fills the network from a file of the same one.
 *
 * <p>The model's properties count both: {@value #PARAMETERS}, {@value #CONSTANTS}, and {@value
 * #CONSTANT_NAMES}, one a line; arrays of one element are not counted as constants. {@value
 * #INPUTS} and {@value #RESULTS} are what {@link OnnxExport#names} takes for a file to replace this
 * one.
 */
public final class OnnxImport extends Value<OnnxImport> {
  /** Property of a model that was read: how many parameters it has. */
  public static final String PARAMETERS = "onnx.parameters";

  /** Property of a model that was read: how many arrays of the file do not learn. */
  public static final String CONSTANTS = "onnx.constants";

  /** Property of a model that was read: their names in the file, one a line. */
  public static final String CONSTANT_NAMES = "onnx.constantNames";

  /** Property of a model that was read: what the file calls its inputs, one a line. */
  public static final String INPUTS = "onnx.inputs";

  /** Property of a model that was read: what the file calls its results, one a line. */
  public static final String RESULTS = "onnx.results";

  private static final Logger LOG = LoggerFactory.getLogger(OnnxImport.class);

  /** A file has a few notes. */
  private static final ToldNotes TOLD = new ToldNotes(1_000);

  private final Path file;
  private ImmutableList<Shape> images = ImmutableList.of();

  private @Nullable Pattern constant;
  private int batch;
  private boolean quantised;
  private boolean floatInputs;
  private boolean channelsLast;

  private OnnxImport(Path file) {
    this.file = file;
  }

  static OnnxImport of(Path file) {
    return new OnnxImport(file);
  }

  /**
   * The size of the images, for a file that leaves it open.
   *
   * @param perImage shape of each input for one image, such as (channels, height, width); -1 for a
   *     size that the file tells
   * @throws IllegalStateException if set already
   */
  public OnnxImport images(Shape... perImage) {
    Problem.givenEach(perImage, "OnnxImport.images", "perImage");
    requireUnset(!images.isEmpty(), "images");
    return with(value -> value.images = ImmutableList.copyOf(perImage));
  }

  /**
   * Keeps arrays constant that would be parameters: those whose name in the file, or as a
   * parameter, matches a regular expression as a whole. None by default. A mean and a standard
   * deviation that the network itself applies to its images are such arrays.
   *
   * @throws IllegalArgumentException if the expression is malformed
   * @throws IllegalStateException if set already
   */
  public OnnxImport constant(String regex) {
    Problem.given(regex, "OnnxImport.constant", "regex");
    requireUnset(constant != null, "constant");
    try {
      Pattern pattern = Pattern.compile(regex);
      return with(value -> value.constant = pattern);
    } catch (PatternSyntaxException e) {
      throw Problem.argument(
          "malformed expression",
          "OnnxImport.constant",
          "a regular expression",
          "'" + regex + "': " + e.getDescription(),
          "write for example mean|std");
    }
  }

  /**
   * The network takes exactly so many images at a time and is read as it is, whether or not the
   * images of a batch change each other. For networks that are meant for one batch size, and files
   * that cannot be opened to others.
   *
   * @param size the file's own batch, if it has a fixed one
   * @throws IllegalArgumentException if the size is below 1
   * @throws IllegalStateException if set already
   */
  public OnnxImport batch(int size) {
    requireUnset(batch > 0, "batch");
    if (size < 1) {
      throw Problem.argument(
          "batch out of range", "OnnxImport.batch", "at least 1 image", size, "pass 1");
    }
    return with(value -> value.batch = size);
  }

  /**
   * Computes {@code QuantizeLinear} and {@code DequantizeLinear} as floats; without this option a
   * file that has them is refused.
   *
   * <p>A weight that is stored as integers becomes a parameter of floats, {@code (integer - zero
   * point) * scale}, where one that is stored as floats would be. Pruning sets it to 0.0, which is
   * the zero point and so stays on the grid; training moves the others off it, and they are not
   * rounded again. A weight that is stored as floats and rounded by the file itself stays what it
   * is stored as, and is rounded in every pass. Values between layers are rounded as the file says;
   * gradients pass the rounding as if it were not there, and end where values leave the grid.
   *
   * <p>The network that results is one of floats, and is written as such: quantise it again.
   *
   * @throws IllegalStateException if set already
   */
  public OnnxImport quantisedAsFloats() {
    requireUnset(quantised, "quantisedAsFloats");
    return with(value -> value.quantised = true);
  }

  /**
   * Inputs that the file declares as integers take floats of the same numbers; without this option
   * such a file is refused. Nothing is rounded, so that a prompt learns.
   *
   * <p>The numbers are the file's: 0 to 255 where it takes bytes. For images in [0, 1] {@code
   * ImageInput.normalisation} with a mean of 0 and a deviation of 1/255 makes them that.
   *
   * @throws IllegalStateException if set already
   */
  public OnnxImport floatInputs() {
    requireUnset(floatInputs, "floatInputs");
    return with(value -> value.floatInputs = true);
  }

  /**
   * The file takes images (height, width, channels), as those of Keras do; the network that is read
   * takes them (channels, height, width), as everything here does, and turns them itself. Shapes
   * given to {@link #images} are those of the network. Inputs that are no maps stay.
   *
   * @throws IllegalStateException if set already
   */
  public OnnxImport channelsLast() {
    requireUnset(channelsLast, "channelsLast");
    return with(value -> value.channelsLast = true);
  }

  private static void requireUnset(boolean set, String option) {
    if (set) {
      throw Problem.state(
          "option set twice", "OnnxImport." + option, "it once", "it again", "leave one out");
    }
  }

  /**
   * Reads the network, as a model of the file's name whose block is a {@link GraphBlock}; the
   * caller closes it.
   *
   * <p>A file that was exported for a fixed number of images, as PyTorch does unless told
   * otherwise, is opened to any number, and proven first: three different images in one batch must
   * give at every node what each gives alone, up to 1e-4 of the largest number there.
   *
   * @throws FormatException if the file is damaged, or has operators that are not supported, which
   *     are listed with their numbers, or not without {@link #quantisedAsFloats}, or an input of
   *     integers and not {@link #floatInputs}
   * @throws IOException if it cannot be read
   * @throws IllegalArgumentException if the file leaves the size of images open, or its network
   *     takes no batches of several images, or {@link #batch} is not the file's, or images of a
   *     batch change each other, which the message tells with the node, or images pass through an
   *     operator that is not listed
   */
  public Model read() throws IOException {
    OnnxFile content = OnnxReader.read(file);
    tell(content.notes());
    if (!channelsLast) {
      tell(content.layoutNotes());
    }
    Model model = Engines.newModel(String.valueOf(file.getFileName()));
    try {
      OnnxNetwork network =
          OnnxNetwork.of(
              content,
              model.getNDManager(),
              new OnnxOptions(
                  name -> constant != null && constant.matcher(name).matches(),
                  batch,
                  quantised,
                  floatInputs,
                  channelsLast),
              images.toArray(Shape[]::new));
      tell(network.notes());
      model.setBlock(network.block());
      report(model, network);
      model.setProperty(
          INPUTS, content.inputs().stream().map(OnnxPort::name).collect(Collectors.joining("\n")));
      model.setProperty(RESULTS, String.join("\n", content.outputs()));
      return model;
    } catch (Throwable e) {
      model.close();
      throw e;
    }
  }

  private void tell(List<String> notes) throws IOException {
    for (String note : notes) {
      if (TOLD.isNew(file, note)) {
        LOG.warn("{}: {}", file, note);
      }
    }
  }

  private void report(Model model, OnnxNetwork network) {
    int parameters = network.block().graph().parameters().size();
    List<String> constants = network.constants();
    model.setProperty(PARAMETERS, Integer.toString(parameters));
    model.setProperty(CONSTANTS, Integer.toString(constants.size()));
    model.setProperty(CONSTANT_NAMES, String.join("\n", constants));
    LOG.info(
        "{}: {} parameters, {} constants {}",
        file,
        parameters,
        constants.size(),
        constants.subList(0, Math.min(10, constants.size())));
  }
}
