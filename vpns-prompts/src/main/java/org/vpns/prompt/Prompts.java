package org.vpns.prompt;

import com.google.common.base.Joiner;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.ImmutableSortedSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.vpns.ImageInput;
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
  private static final ImmutableSortedSet<String> KINDS =
      ImmutableSortedSet.of("expansive", "fix", "none", "pad", "random", "region");

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
        Form.of("pad", "pad(" + pixels + ")", Map.of("pixels", pixels)),
        i -> StillRegion.pad(pixels, i));
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
        Form.of("fix", "fix(" + side + ")", Map.of("side", side)), i -> StillRegion.fix(side, i));
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
    return new PromptSpec(Form.of("expansive", "expansive", Map.of()), StillRegion::expansive);
  }

  /** No prompt: no parameters, images only placed and normalised. */
  public static PromptSpec none() {
    return new PromptSpec(Form.of("none", "none", Map.of()), StillRegion::none);
  }

  /**
   * Pixels of your own choice, which stay where they are. Files hold the pixels themselves, so a
   * prompt is loaded without the rule: kind {@code region}, options {@code name} and {@code
   * pixels}, which is the canvas and then the lengths of runs of inactive and active pixels in
   * turn, row by row, the first inactive, such as {@code 2x3 1 2 3}.
   *
   * @param name name and options, such as {@code cross(3)}: equal names should mean equal pixels
   * @param rule which pixels of whatever canvas are active
   * @throws IllegalArgumentException if the name is blank
   */
  public static PromptSpec region(String name, Region.Rule rule) {
    Problem.given(name, "Prompts.region", "name");
    Problem.given(rule, "Prompts.region", "rule");
    return region(name, input -> StillRegion.own(rule, input));
  }

  /**
   * A region of pixels that are written down, as in a file.
   *
   * @param pixels of one canvas, in the form of {@link #region(String, Region.Rule)}; another
   *     canvas fails when it is known
   * @throws IllegalArgumentException if the name is blank
   */
  public static PromptSpec region(String name, String pixels) {
    Problem.given(name, "Prompts.region", "name");
    Problem.given(pixels, "Prompts.region", "pixels");
    return region(name, input -> StillRegion.stored(pixels, input));
  }

  private static PromptSpec region(String name, Function<ImageInput, Region> region) {
    if (name.isBlank()) {
      throw Problem.argument(
          "prompt without a name", "Prompts.region", "such as cross(3)", "''", "name the region");
    }
    return new PromptSpec(Form.of("region", name, Map.of("name", name)), region);
  }

  /**
   * A kind of your own, whose pixels may move or share values. To load it again, list a {@link
   * org.vpns.spi.PromptProvider} that knows the kind; of one in sigmoid form the options have
   * {@code form = sigmoid} too.
   *
   * @param kind its name, none of {@link #kinds()}
   * @param options what makes an equal one again, such as its size
   * @param region pixels on a canvas; asked once for each prompt
   * @throws IllegalArgumentException if the kind is taken
   */
  public static PromptSpec of(
      String kind, Map<String, ?> options, Function<ImageInput, Region> region) {
    Problem.given(kind, "Prompts.of", "kind");
    Problem.givenEach(options, "Prompts.of", "options");
    Problem.given(region, "Prompts.of", "region");
    if (KINDS.contains(kind)) {
      throw Problem.argument(
          "kind of prompt taken", "Prompts.of", "none of " + KINDS, kind, "name it otherwise");
    }
    Map<String, ?> sorted = ImmutableSortedMap.copyOf(options);
    String call = Joiner.on(", ").withKeyValueSeparator("=").join(sorted);
    return new PromptSpec(Form.of(kind, kind + "(" + call + ")", sorted), region);
  }

  /** The names of this library's kinds, in alphabetical order. */
  public static Set<String> kinds() {
    return KINDS;
  }

  private static void checkSide(int side, String where) {
    if (side < 1) {
      throw Problem.argument(
          "square out of range", where, "at least 1 pixel", side, "use Prompts.none() for none");
    }
  }
}
