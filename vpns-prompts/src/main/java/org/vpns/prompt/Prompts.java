package org.vpns.prompt;

import java.util.Map;
import org.vpns.Problem;

/**
 * The visual prompts. All add learned values to an image on its canvas (see {@link
 * org.vpns.VisualPrompt}); the kinds differ in the pixels that they may change. H x W is the
 * canvas.
 *
 * <p>A prompt on zero padding can only brighten: where a value becomes negative, the clamp gives 0
 * and the value gets no gradient from data any more. Prompts that lie over the image, the default
 * image size, do not have this limit.
 */
public final class Prompts {
  private Prompts() {}

  /**
   * A frame along the border of the canvas: {@code 2p(H + W) - 4p²} active pixels.
   *
   * @param pixels breadth p of the frame on each side; 0 = no prompt, 2p = min(H, W) = the whole
   *     canvas; more fails when the canvas is known
   * @throws IllegalArgumentException if it is negative
   */
  public static PromptSpec pad(int pixels) {
    if (pixels < 0) {
      throw Problem.argument(
          "frame out of range", "Prompts.pad", "0 pixels or more", pixels, "pass a breadth");
    }
    return new PromptSpec(
        "pad", "pad(" + pixels + ")", Map.of("pixels", pixels), i -> StillRegion.pad(pixels, i));
  }

  /**
   * A square in the top left corner: q² active pixels.
   *
   * @param side q in pixels, from 1; more than min(H, W) fails when the canvas is known
   * @throws IllegalArgumentException if it is below 1
   */
  public static PromptSpec fix(int side) {
    checkSide(side, "Prompts.fix");
    return new PromptSpec(
        "fix", "fix(" + side + ")", Map.of("side", side), i -> StillRegion.fix(side, i));
  }

  /**
   * A square that jumps: q² active pixels, drawn anew for each training batch, in the middle of the
   * canvas in evaluation. By default the learned values cover the canvas and the square selects
   * among them; options in {@link RandomPromptSpec}.
   *
   * @param side q in pixels, from 1; more than min(H, W) fails when the canvas is known
   * @throws IllegalArgumentException if it is below 1
   */
  public static RandomPromptSpec random(int side) {
    checkSide(side, "Prompts.random");
    return new RandomPromptSpec(side);
  }

  /** Everything outside the image: needs an image size below the canvas to have active pixels. */
  public static PromptSpec expansive() {
    return new PromptSpec("expansive", "expansive", Map.of(), StillRegion::expansive);
  }

  /** No prompt: no parameters, images only placed and normalised. */
  public static PromptSpec none() {
    return new PromptSpec("none", "none", Map.of(), StillRegion::none);
  }

  private static void checkSide(int side, String where) {
    if (side < 1) {
      throw Problem.argument(
          "square out of range", where, "at least 1 pixel", side, "use Prompts.none() for none");
    }
  }
}
