package org.vpns.internal.onnx;

import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.function.Predicate;
import org.vpns.internal.onnx.OnnxFile.OnnxPort;
import org.vpns.io.FormatException;

/**
 * What a user has said of how a file is to be read.
 *
 * @param constant whether a tensor that could learn stays constant, by its name in the file or as a
 *     parameter
 * @param batch number of images that the network is to take and nothing else, or 0 for any
 * @param quantised whether values on a grid of integers are computed as floats
 * @param floatInputs whether inputs that are declared as integers take floats
 * @param channelsLast whether the file's images are (height, width, channels), and to be turned
 */
public record OnnxOptions(
    Predicate<String> constant,
    int batch,
    boolean quantised,
    boolean floatInputs,
    boolean channelsLast) {

  /** Of what stays constant; all else is as the file has it. */
  static OnnxOptions keeping(Predicate<String> constant) {
    return new OnnxOptions(constant, 0, true, false, false);
  }

  /**
   * Checks that a file has nothing that is read on request only, and what was said of its images.
   *
   * @throws FormatException if it has, or lacks such images
   */
  void requireEnoughFor(OnnxFile file) throws FormatException {
    List<String> grids =
        file.operators().entrySet().stream()
            .filter(each -> QuantisedOperators.NAMES.contains(each.getKey()))
            .map(each -> each.getValue() + " x " + each.getKey())
            .toList();
    if (!quantised && !grids.isEmpty()) {
      throw new FormatException(
          "quantised network",
          file.source(),
          "values that are floats throughout",
          String.join(", ", grids),
          "export the model before it is quantised, or have these computed as floats:"
              + " Onnx.open(file).quantisedAsFloats().read()");
    }
    for (OnnxPort port : file.inputs()) {
      if (!floatInputs && !port.type().isFloating()) {
        throw new FormatException(
            "input of a type that images do not have",
            file.source() + ", input '" + port.name() + "'",
            "floats",
            port.type() + (port.shape() == null ? "" : " " + port.shape()),
            "have it take floats of the same numbers, 0 to 255 for bytes:"
                + " Onnx.open(file).floatInputs().read()");
      }
    }
    boolean maps =
        file.inputs().stream()
            .map(OnnxPort::shape)
            .anyMatch(shape -> shape == null || shape.dimension() == 4);
    if (channelsLast && !maps) {
      throw new FormatException(
          "no input of images with channels",
          file.source(),
          "an input (images, height, width, channels)",
          file.inputs(),
          "leave channelsLast() out");
    }
  }

  /** Of an image as the file has it, its shape for the user. */
  Shape outside(Shape image) {
    return turns(image) ? new Shape(image.get(2), image.get(0), image.get(1)) : image;
  }

  /** Of an image as the user has it, its shape for the file. */
  Shape inside(Shape image) {
    return turns(image) ? new Shape(image.get(1), image.get(2), image.get(0)) : image;
  }

  /** Whether images of a shape are turned. */
  boolean turns(Shape image) {
    return channelsLast && image.dimension() == 3;
  }
}
