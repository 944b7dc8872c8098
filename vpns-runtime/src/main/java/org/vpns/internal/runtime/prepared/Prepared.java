package org.vpns.internal.runtime.prepared;

import ai.djl.ndarray.types.Shape;
import org.jspecify.annotations.Nullable;
import org.vpns.ImageInput;
import org.vpns.internal.predict.ResultDescription;
import org.vpns.internal.runtime.plan.Program;

/**
 * A result that is ready to run.
 *
 * @param description image input, label mapping and class names
 * @param picture what the prompt adds to every canvas, or null
 * @param program runs the network
 */
public record Prepared(ResultDescription description, float @Nullable [] picture, Program program) {
  /** Shape of one image. */
  public Shape image() {
    ImageInput input = description.toInput();
    return new Shape(input.channels(), input.height(), input.width());
  }
}
