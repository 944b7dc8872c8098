package org.vpns.internal.network;

import ai.djl.ndarray.types.DataType;
import java.util.Collection;
import java.util.Locale;
import java.util.Set;

/**
 * Operators whose results jump where what they read moves by a rounding: comparisons of what is
 * equal but for that, signs, roundings, remainders, the largest of several. The engine may add up
 * in another order for another number of images, so that one image alone may fall on the other
 * side.
 */
public final class Jumps {
  /** Those that make floats of floats, by their names in graphs and in ONNX. */
  private static final Set<String> STEPS =
      Set.of("ceil", "floor", "mod", "quantizelinear", "round", "sign", "thresholdedrelu");

  private Jumps() {}

  /**
   * Whether a result may jump, which is each image's own if all that the operator reads holds
   * images in one way.
   *
   * @param operator its name
   * @param read element types of what it reads
   * @param made that of the result
   */
  public static boolean may(String operator, Collection<DataType> read, DataType made) {
    return read.stream().anyMatch(DataType::isFloating)
        && (!made.isFloating() || STEPS.contains(operator.toLowerCase(Locale.ROOT)));
  }
}
