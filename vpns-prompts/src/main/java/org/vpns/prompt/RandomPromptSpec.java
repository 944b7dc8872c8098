package org.vpns.prompt;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A square that jumps. Defaults: learned values on the whole canvas, one place per batch, every
 * place equally likely, additive, starting at zero.
 */
public final class RandomPromptSpec extends PromptSpec {
  private final Square square;

  /** How the square is stored and moved. */
  record Square(int side, boolean patch, boolean perImage, boolean excludeLast) {
    private String call() {
      return "random("
          + side
          + ")"
          + (patch ? ".patch()" : "")
          + (perImage ? ".perImage()" : "")
          + (excludeLast ? ".excludeLast()" : "");
    }

    private Map<String, Object> options() {
      Map<String, Object> options = new LinkedHashMap<>();
      options.put("side", side);
      options.put("values", patch ? "patch" : "window");
      options.put("offsets", perImage ? "image" : "batch");
      options.put("last", excludeLast ? "excluded" : "included");
      return options;
    }
  }

  RandomPromptSpec(int side) {
    this(new Square(side, false, false, false), false, false);
  }

  private RandomPromptSpec(Square square, boolean sigmoid, boolean randomStart) {
    super(
        "random",
        square.call(),
        square.options(),
        input -> new MovingRegion(square, input),
        sigmoid,
        randomStart);
    this.square = square;
  }

  /**
   * Learns one square, q² values per channel, that moves over the canvas; by default values belong
   * to the canvas and the square selects among them.
   *
   * @throws IllegalStateException if set twice
   */
  public RandomPromptSpec patch() {
    checkOnce(square.patch, "patch");
    return with(new Square(square.side, true, square.perImage, square.excludeLast));
  }

  /**
   * Draws a place for each image instead of one for each batch.
   *
   * @throws IllegalStateException if set twice
   */
  public RandomPromptSpec perImage() {
    checkOnce(square.perImage, "perImage");
    return with(new Square(square.side, square.patch, true, square.excludeLast));
  }

  /**
   * Never draws the last row and the last column of places, as the published experiments did; the
   * square must then be smaller than the canvas.
   *
   * @throws IllegalStateException if set twice
   */
  public RandomPromptSpec excludeLast() {
    checkOnce(square.excludeLast, "excludeLast");
    return with(new Square(square.side, square.patch, square.perImage, true));
  }

  @Override
  public RandomPromptSpec sigmoid() {
    checkOnce(isSigmoid(), "sigmoid");
    return new RandomPromptSpec(square, true, isRandomStart());
  }

  @Override
  public RandomPromptSpec randomStart() {
    checkOnce(isRandomStart(), "randomStart");
    return new RandomPromptSpec(square, isSigmoid(), true);
  }

  private RandomPromptSpec with(Square changed) {
    return new RandomPromptSpec(changed, isSigmoid(), isRandomStart());
  }
}
