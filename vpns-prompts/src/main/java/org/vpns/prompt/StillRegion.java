package org.vpns.prompt;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.vpns.ImageInput;
import org.vpns.Problem;

/** A region that stays where it is: its values are scattered to constant positions. */
final class StillRegion extends Region {
  private final Shape canvas;
  private final boolean[] mask;
  private final int active;

  /** Canvas position, channel included, of each stored value. */
  private final long[] positions;

  private StillRegion(ImageInput input, Rule rule) {
    int height = input.height();
    int width = input.width();
    canvas = new Shape(input.channels(), height, width);
    mask = new boolean[height * width];
    int count = 0;
    for (int row = 0; row < height; row++) {
      for (int column = 0; column < width; column++) {
        boolean here = rule.active(row, column);
        mask[row * width + column] = here;
        count += here ? 1 : 0;
      }
    }
    active = count;
    positions = new long[input.channels() * active];
    int next = 0;
    for (int position = 0; position < input.channels() * mask.length; position++) {
      if (mask[position % mask.length]) {
        positions[next++] = position;
      }
    }
  }

  /** Which pixels are active. */
  private interface Rule {
    boolean active(int row, int column);
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
    return new StillRegion(
        input, (row, column) -> row < p || row >= height - p || column < p || column >= width - p);
  }

  static StillRegion fix(int q, ImageInput input) {
    checkSquare(q, input, "Prompts.fix");
    return new StillRegion(input, (row, column) -> row < q && column < q);
  }

  static StillRegion expansive(ImageInput input) {
    int top = input.top();
    int left = input.left();
    int bottom = top + input.imageHeight();
    int right = left + input.imageWidth();
    return new StillRegion(
        input, (row, column) -> row < top || row >= bottom || column < left || column >= right);
  }

  static StillRegion none(ImageInput input) {
    return new StillRegion(input, (row, column) -> false);
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
  int activePixels() {
    return active;
  }

  @Override
  int storedPixels() {
    return active;
  }

  @Override
  boolean[] mask() {
    return mask.clone();
  }

  @Override
  NDArray picture(NDArray values, boolean training, long batch) {
    NDManager manager = values.getManager();
    NDArray zeros = manager.zeros(new Shape(canvas.size())).toDevice(values.getDevice(), false);
    // A copy, because an array made from Java values borrows their memory: the backward pass needs
    // the positions after all handles are closed and the garbage collector may have run.
    NDArray index = manager.create(positions).toDevice(values.getDevice(), false).duplicate();
    return zeros.scatter(index, values, 0).reshape(canvas);
  }
}
