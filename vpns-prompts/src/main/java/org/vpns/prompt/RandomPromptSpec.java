package org.vpns.prompt;

import org.vpns.prompt.MovingRegion.Square;

/**
 * A square that jumps. Defaults: learned values on the whole canvas, one place per batch, every
 * place equally likely, additive, starting at zero.
 *
 * <p>An image shows q² pixels of it. Learned are all H W pixels of the canvas by default, and q²
 * with {@link #patch()}, which is what a figure such as 13,225 tunable pixels for q = 115 counts:
 * each with one value per channel.
 */
public final class RandomPromptSpec extends PromptSpec {
  private final Square square;

  RandomPromptSpec(int side) {
    this(new Square(side, false, false, false), false, false);
  }

  private RandomPromptSpec(Square square, boolean sigmoid, boolean randomStart) {
    this(square, new Form("random", square.call(), square.options(), sigmoid, randomStart));
  }

  private RandomPromptSpec(Square square, Form form) {
    super(form, input -> new MovingRegion(square, input));
    this.square = square;
  }

  /**
   * Learns one square, q² values per channel, that moves over the canvas; by default values belong
   * to the canvas and the square selects among them.
   *
   * @throws IllegalStateException if set twice
   */
  public RandomPromptSpec patch() {
    form().checkOnce(square.patch(), "patch");
    return with(new Square(square.side(), true, square.perImage(), square.excludeLast()));
  }

  /**
   * Draws a place for each image instead of one for each batch.
   *
   * @throws IllegalStateException if set twice
   */
  public RandomPromptSpec perImage() {
    form().checkOnce(square.perImage(), "perImage");
    return with(new Square(square.side(), square.patch(), true, square.excludeLast()));
  }

  /**
   * Never draws the last row and the last column of places, as the published experiments did; the
   * square must then be smaller than the canvas.
   *
   * @throws IllegalStateException if set twice
   */
  public RandomPromptSpec excludeLast() {
    form().checkOnce(square.excludeLast(), "excludeLast");
    return with(new Square(square.side(), square.patch(), square.perImage(), true));
  }

  private RandomPromptSpec with(Square changed) {
    return new RandomPromptSpec(changed, form().sigmoid(), form().randomStart());
  }

  @Override
  public RandomPromptSpec sigmoid() {
    return new RandomPromptSpec(square, form().withSigmoid());
  }

  @Override
  public RandomPromptSpec randomStart() {
    return new RandomPromptSpec(square, form().withRandomStart());
  }
}
