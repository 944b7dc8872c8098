package org.vpns.prompt;

import ai.djl.ndarray.NDManager;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.vpns.ImageInput;
import org.vpns.Problem;
import org.vpns.PromptFactory;
import org.vpns.VisualPrompt;

/**
 * A kind of prompt with its options. Immutable; each option gives a new specification. Defaults:
 * additive, starting at zero.
 */
public class PromptSpec implements PromptFactory {
  private final Form form;
  private final Function<ImageInput, Region> region;

  PromptSpec(Form form, Function<ImageInput, Region> region) {
    this.form = form;
    this.region = region;
  }

  /**
   * Adds logistic(delta) instead of delta: the picture lies in (0, 1), and the start at zero is a
   * grey of 0.5, not "no prompt".
   *
   * @throws IllegalStateException if set twice
   */
  public PromptSpec sigmoid() {
    return new PromptSpec(form.withSigmoid(), region);
  }

  /**
   * Starts at random values of mean 0 and deviation 1 instead of zero.
   *
   * @throws IllegalStateException if set twice
   */
  public PromptSpec randomStart() {
    return new PromptSpec(form.withRandomStart(), region);
  }

  final Form form() {
    return form;
  }

  final String kind() {
    return form.kind();
  }

  final Map<String, String> options() {
    return form.stored();
  }

  @Override
  public final VisualPrompt create(NDManager manager, ImageInput input, RandomGenerator random) {
    Problem.given(manager, "PromptSpec.create", "manager");
    Problem.given(input, "PromptSpec.create", "input");
    Problem.given(random, "PromptSpec.create", "random");
    return new RegionPrompt(form, on(input), input, manager, random);
  }

  @Override
  public final Optional<float[]> picture(ImageInput input, float[] values) {
    Problem.given(input, "PromptSpec.picture", "input");
    Problem.given(values, "PromptSpec.picture", "values");
    Region pixels = on(input);
    int stored = input.channels() * pixels.storedPixels();
    if (values.length != stored) {
      throw Problem.argument(
          "values do not fit the prompt",
          describe() + " on " + input,
          stored,
          values.length,
          "pass those of a prompt of this kind on this canvas");
    }
    return stored == 0
        ? Optional.of(new float[input.channels() * input.height() * input.width()])
        : pixels.picture(form.activated(values));
  }

  private Region on(ImageInput input) {
    Region pixels = Problem.given(region.apply(input), describe(), "what its region gives");
    Problem.givenEach(pixels.options(), describe(), "what Region.options gives");
    boolean[] mask = Problem.given(pixels.mask(), describe(), "what Region.mask gives");
    if (mask.length != input.height() * input.width()) {
      throw Problem.argument(
          "pixels of another canvas",
          describe() + ", what Region.mask gives",
          input.height() * input.width() + " of " + input,
          mask.length,
          "give one for each pixel of the canvas");
    }
    return pixels;
  }

  @Override
  public final String describe() {
    return form.describe();
  }

  @Override
  public final String toString() {
    return describe();
  }
}
