package org.vpns.prompt;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.vpns.ImageInput;
import org.vpns.Problem;

/**
 * A square of q x q pixels at drawn places, in the middle of the canvas in evaluation. Places last
 * until the next draw; a block that nobody draws for, in a training loop that knows nothing of
 * prompts, draws for itself before each forward pass.
 */
final class MovingRegion implements Region {
  private final Square square;
  private final int channels;
  private final int height;
  private final int width;

  /** How the square is stored and moved. */
  record Square(int side, boolean patch, boolean perImage, boolean excludeLast) {
    String call() {
      return "random("
          + side
          + ")"
          + (patch ? ".patch()" : "")
          + (perImage ? ".perImage()" : "")
          + (excludeLast ? ".excludeLast()" : "");
    }

    Map<String, ?> options() {
      return Map.of(
          "side", side,
          "values", patch ? "patch" : "window",
          "offsets", perImage ? "image" : "batch",
          "last", excludeLast ? "excluded" : "included");
    }
  }

  /** Places (row, column): one, or one for each image; null before the first draw. */
  private int @Nullable [][] places;

  MovingRegion(Square square, ImageInput input) {
    StillRegion.checkSquare(square.side(), input, "Prompts.random");
    this.square = square;
    this.channels = input.channels();
    this.height = input.height();
    this.width = input.width();
    if (rows() < 1 || columns() < 1) {
      throw Problem.argument(
          "no place left to draw",
          "Prompts.random with excludeLast on " + input,
          "at most " + (Math.min(height, width) - 1) + " pixels",
          square.side(),
          "choose a smaller square or leave excludeLast out");
    }
  }

  private int rows() {
    return height - square.side() + (square.excludeLast() ? 0 : 1);
  }

  private int columns() {
    return width - square.side() + (square.excludeLast() ? 0 : 1);
  }

  private int[] middle() {
    return new int[] {(height - square.side()) / 2, (width - square.side()) / 2};
  }

  @Override
  public int storedPixels() {
    return square.patch() ? square.side() * square.side() : height * width;
  }

  @Override
  public boolean[] mask() {
    boolean[] mask = new boolean[height * width];
    int[] place = middle();
    for (int row = 0; row < square.side(); row++) {
      for (int column = 0; column < square.side(); column++) {
        mask[(place[0] + row) * width + place[1] + column] = true;
      }
    }
    return mask;
  }

  @Override
  public void draw(RandomGenerator random, int batch) {
    Problem.given(random, "Region.draw", "random");
    int[][] drawn = new int[square.perImage() ? batch : 1][];
    for (int i = 0; i < drawn.length; i++) {
      drawn[i] = new int[] {random.nextInt(rows()), random.nextInt(columns())};
    }
    places = drawn;
  }

  @Override
  public NDArray picture(NDArray values, boolean training, long batch) {
    Problem.given(values, "Region.picture", "values");
    int[][] at = places;
    if (!training || at == null) {
      return at(values, middle());
    }
    if (!square.perImage()) {
      return at(values, at[0]);
    }
    if (at.length != batch) {
      throw Problem.state(
          "places drawn for another batch",
          "Prompts.random, per image",
          at.length + " images",
          batch,
          "call draw with the size of the batch that follows");
    }
    NDList pictures = new NDList(at.length);
    for (int[] place : at) {
      pictures.add(at(values, place));
    }
    return NDArrays.stack(pictures);
  }

  private NDArray at(NDArray values, int[] place) {
    int side = square.side();
    int row = place[0];
    int column = place[1];
    NDArray cut;
    if (square.patch()) {
      cut = values.reshape(channels, side, side);
    } else {
      NDIndex window =
          new NDIndex().addAllDim().addSliceDim(row, row + side).addSliceDim(column, column + side);
      cut = values.reshape(channels, height, width).get(window);
    }
    return cut.pad(new Shape(column, width - side - column, row, height - side - row), 0);
  }

  @Override
  public Optional<float[]> picture(float[] values) {
    Problem.given(values, "Region.picture", "values");
    int side = square.side();
    int row = middle()[0];
    int column = middle()[1];
    float[] picture = new float[channels * height * width];
    for (int i = 0; i < channels * side; i++) {
      int channel = i / side;
      int y = i % side;
      int to = (channel * height + row + y) * width + column;
      System.arraycopy(values, square.patch() ? i * side : to, picture, to, side);
    }
    return Optional.of(picture);
  }
}
