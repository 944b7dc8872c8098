package org.vpns.internal.onnx;

import ai.djl.ndarray.types.Shape;
import java.util.function.Predicate;

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
