package org.vpns.internal.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import org.vpns.ImageInput;
import org.vpns.Problem;
import org.vpns.VisualPrompt;

/** Whether a prompt, of whatever author, gives what {@link VisualPrompt} says. */
public final class PromptCheck {
  private static final String REMEDY = "give what VisualPrompt describes";

  private PromptCheck() {}

  /**
   * A prompt, as it was given.
   *
   * @param where for messages: a recipe or a file
   * @throws NullPointerException naming the first method that gives null
   * @throws IllegalArgumentException naming the first that gives what is too long or too short
   */
  public static VisualPrompt require(VisualPrompt prompt, String where) {
    Problem.given(prompt.kind(), where, gives("kind"));
    Problem.givenEach(prompt.options(), where, gives("options"));
    ImageInput input = Problem.given(prompt.input(), where, gives("input"));
    requireValues(prompt, where);
    int pixels = input.height() * input.width();
    requireLength(
        Problem.given(prompt.region(), where, gives("region")).length, pixels, where, "region");
    requireLength(
        Problem.given(prompt.picture(), where, gives("picture")).length,
        input.channels() * pixels,
        where,
        "picture");
    int active = prompt.activePixels();
    if (active < 0 || active > pixels) {
      throw Problem.argument(
          "number of pixels out of range",
          where + ", " + gives("activePixels"),
          "0 to " + pixels,
          active,
          REMEDY);
    }
    return prompt;
  }

  private static void requireValues(VisualPrompt prompt, String where) {
    Parameter delta = Problem.given(prompt.delta(), where, gives("delta"));
    if (prompt.parameterCount() == 0) {
      return;
    }
    if (!delta.isInitialized()) {
      throw Problem.argument(
          "prompt without values",
          where + ", " + gives("delta"),
          "an initialised parameter",
          "one without an array",
          "make its array in PromptFactory.create, of the manager that is given");
    }
    NDArray values = delta.getArray();
    if (values.getDataType() != DataType.FLOAT32) {
      throw Problem.argument(
          "parameter of another type",
          where + ", " + gives("delta"),
          DataType.FLOAT32,
          values.getDataType(),
          REMEDY);
    }
    requireLength(prompt.parameterCount(), values.size(), where, "parameterCount");
  }

  private static void requireLength(long found, long expected, String where, String method) {
    if (found != expected) {
      throw Problem.argument(
          "prompt of another size", where + ", " + gives(method), expected, found, REMEDY);
    }
  }

  /**
   * Prompted inputs.
   *
   * @param images (batch, channels, height, width), in [0, 1]
   * @throws NullPointerException if the prompt gives nothing
   * @throws IllegalArgumentException if it gives something else than an input for each image
   */
  public static NDArray forward(
      VisualPrompt prompt, ParameterStore store, NDArray images, boolean training) {
    String where = "prompt " + prompt.kind();
    NDList result =
        Problem.given(prompt.forward(store, new NDList(images), training), where, gives("forward"));
    ImageInput input = prompt.input();
    Shape expected =
        new Shape(images.getShape().get(0), input.channels(), input.height(), input.width());
    Object found = result.size() == 1 ? result.head().getShape() : result.size() + " arrays";
    if (!expected.equals(found)) {
      throw Problem.argument(
          "prompt gives other images",
          where + ", " + gives("forward"),
          expected,
          found,
          "give one array, an input for each image");
    }
    return result.head();
  }

  private static String gives(String method) {
    return "what VisualPrompt." + method + " gives";
  }
}
