package org.vpns.prompt;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.common.primitives.Booleans;
import java.util.Map;
import java.util.Optional;
import org.vpns.ImageInput;
import org.vpns.Problem;

/** A region that stays where it is: its values are scattered to constant positions. */
final class StillRegion implements Region {
  private final Shape canvas;
  private final boolean[] mask;
  private final int active;
  private final Map<String, String> options;

  /** Canvas position, channel included, of each stored value. */
  private final long[] positions;

  private StillRegion(ImageInput input, boolean[] mask, Map<String, String> options) {
    canvas = new Shape(input.channels(), input.height(), input.width());
    this.mask = mask;
    this.options = options;
    active = Booleans.countTrue(mask);
    positions = new long[input.channels() * active];
    int next = 0;
    for (int position = 0; position < input.channels() * mask.length; position++) {
      if (mask[position % mask.length]) {
        positions[next++] = position;
      }
    }
  }

  private static StillRegion of(ImageInput input, Rule rule) {
    return new StillRegion(input, mask(input, rule), Map.of());
  }

  private static boolean[] mask(ImageInput input, Rule rule) {
    boolean[] mask = new boolean[input.height() * input.width()];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = rule.isActive(input, i / input.width(), i % input.width());
    }
    return mask;
  }

  static StillRegion pad(int p, ImageInput input) {
    int height = input.height();
    int width = input.width();
    if (p > Math.min(height, width) / 2) {
      throw Problem.argument(
          "frame does not fit the canvas",
          "Prompts.pad on " + input,
          "at most " + Math.min(height, width) / 2 + " pixels, half of the shorter side",
          p,
          "choose a narrower frame or a larger canvas");
    }
    return of(
        input,
        (i, row, column) -> row < p || row >= height - p || column < p || column >= width - p);
  }

  static StillRegion fix(int q, ImageInput input) {
    checkSquare(q, input, "Prompts.fix");
    return of(input, (i, row, column) -> row < q && column < q);
  }

  static StillRegion expansive(ImageInput input) {
    int top = input.top();
    int left = input.left();
    int bottom = top + input.imageHeight();
    int right = left + input.imageWidth();
    return of(
        input, (i, row, column) -> row < top || row >= bottom || column < left || column >= right);
  }

  static StillRegion none(ImageInput input) {
    return of(input, (i, row, column) -> false);
  }

  /** A region of somebody's own, whose options hold its pixels. */
  static StillRegion own(Rule rule, ImageInput input) {
    boolean[] mask = mask(input, rule);
    return new StillRegion(input, mask, Map.of("pixels", PixelRuns.write(mask, input)));
  }

  /** That region again. */
  static StillRegion stored(String pixels, ImageInput input) {
    return new StillRegion(input, PixelRuns.read(pixels, input), Map.of("pixels", pixels));
  }

  static void checkSquare(int side, ImageInput input, String where) {
    int most = Math.min(input.height(), input.width());
    if (side > most) {
      throw Problem.argument(
          "square does not fit the canvas",
          where + " on " + input,
          "at most " + most + " pixels, the shorter side",
          side,
          "choose a smaller square or a larger canvas");
    }
  }

  @Override
  public int activePixels() {
    return active;
  }

  @Override
  public int storedPixels() {
    return active;
  }

  @Override
  public boolean[] mask() {
    return mask.clone();
  }

  @Override
  public Map<String, String> options() {
    return options;
  }

  @Override
  public NDArray picture(NDArray values, boolean training, long batch) {
    Problem.given(values, "Region.picture", "values");
    NDManager manager = values.getManager();
    NDArray zeros = manager.zeros(new Shape(canvas.size())).toDevice(values.getDevice(), false);
    // A copy in the engine's own memory: the backward pass needs the positions after the handles
    // are closed, and what Java lends to the engine may be freed by then.
    NDArray index = manager.create(positions).toDevice(values.getDevice(), false).duplicate();
    return zeros.scatter(index, values, 0).reshape(canvas);
  }

  @Override
  public Optional<float[]> picture(float[] values) {
    Problem.given(values, "Region.picture", "values");
    float[] picture = new float[Math.toIntExact(canvas.size())];
    for (int i = 0; i < positions.length; i++) {
      picture[(int) positions[i]] = values[i];
    }
    return Optional.of(picture);
  }
}
