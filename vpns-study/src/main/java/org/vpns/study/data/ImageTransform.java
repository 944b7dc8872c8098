package org.vpns.study.data;

import com.google.common.collect.ImmutableList;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.vpns.Problem;
import org.vpns.Value;
import org.vpns.internal.data.Pixels;
import org.vpns.internal.data.Resampling;

/**
 * What is made of a stored picture before it becomes an image of a batch: steps in their order, on
 * pixels of 8 bits. Sizes and numbers are those of torchvision's transforms on pictures of Pillow.
 * Normalisation is left to the network's {@code ImageInput}. Immutable.
 *
 * <pre>{@code
 * ImageTransform test = ImageTransform.colour().resize(256).centreCrop(224);
 * ImageTransform training = ImageTransform.colour().randomResizedCrop(224).horizontalFlip();
 * }</pre>
 */
public final class ImageTransform extends Value<ImageTransform> {
  private static final double SMALLEST_PIECE = 0.08;
  private static final int MOST_PIXELS = 1 << 16;

  private static final RandomGenerator NONE =
      () -> {
        throw new IllegalStateException("no stream to draw from");
      };

  private final int channels;
  private ImmutableList<PixelStep> steps = ImmutableList.of();
  private Resampling resampling = Resampling.BILINEAR;

  private ImageTransform(int channels) {
    this.channels = channels;
  }

  /** Pictures in colour, three channels, as stored; grey ones have equal channels. */
  public static ImageTransform colour() {
    return new ImageTransform(3);
  }

  /** Pictures in grey, one channel: the luma of coloured ones. */
  public static ImageTransform grey() {
    return new ImageTransform(1);
  }

  /**
   * Resized with antialiasing so that the shorter side has a length; the aspect is kept.
   *
   * @param shorter side in pixels, 1 to 65,536
   */
  public ImageTransform resize(int shorter) {
    return then(new PixelStep.Shorter(pixels(shorter, "resize")));
  }

  /**
   * Resized with antialiasing to a size; the aspect is not kept.
   *
   * @param height in pixels, 1 to 65,536
   * @param width in pixels, 1 to 65,536
   */
  public ImageTransform resize(int height, int width) {
    return then(new PixelStep.Exact(pixels(height, "resize"), pixels(width, "resize")));
  }

  /**
   * The square in the middle.
   *
   * @param side in pixels; a picture that is smaller is refused when it is read
   */
  public ImageTransform centreCrop(int side) {
    return centreCrop(side, side);
  }

  /** The piece in the middle; see {@link #centreCrop(int)}. */
  public ImageTransform centreCrop(int height, int width) {
    return then(
        new PixelStep.CentreCrop(pixels(height, "centreCrop"), pixels(width, "centreCrop")));
  }

  /**
   * A square at a random place.
   *
   * @param side in pixels; a picture that is smaller, frame included, is refused when it is read
   * @param frame black pixels that are first added on each side, at least 0; 4 is usual for 32 x 32
   */
  public ImageTransform randomCrop(int side, int frame) {
    if (frame < 0 || frame > MOST_PIXELS) {
      throw Problem.argument(
          "frame out of range",
          "ImageTransform.randomCrop",
          "0 to " + MOST_PIXELS + " pixels",
          frame,
          "pass 0 for none");
    }
    int length = pixels(side, "randomCrop");
    return then(new PixelStep.RandomCrop(length, length, frame));
  }

  /**
   * A random piece of {@value #SMALLEST_PIECE} to 1 of the area with sides of 3:4 to 4:3, resized
   * with antialiasing to a square; after ten vain tries the middle.
   *
   * @param side in pixels
   */
  public ImageTransform randomResizedCrop(int side) {
    return randomResizedCrop(side, SMALLEST_PIECE);
  }

  /**
   * The same with another smallest piece.
   *
   * @param smallest share of the area, above 0, at most 1
   */
  public ImageTransform randomResizedCrop(int side, double smallest) {
    if (!(smallest > 0 && smallest <= 1)) {
      throw Problem.argument(
          "smallest piece out of range",
          "ImageTransform.randomResizedCrop",
          "0 < share <= 1",
          smallest,
          "0.08 is usual");
    }
    return then(new PixelStep.RandomResizedCrop(pixels(side, "randomResizedCrop"), smallest));
  }

  /** Mirrored in one of two cases. */
  public ImageTransform horizontalFlip() {
    return then(new PixelStep.Flip());
  }

  /** Resizes with the cubic filter in place of the triangle, in all steps. */
  public ImageTransform bicubic() {
    return with(t -> t.resampling = Resampling.BICUBIC);
  }

  private ImageTransform then(PixelStep step) {
    return with(t -> t.steps = ImmutableList.<PixelStep>builder().addAll(steps).add(step).build());
  }

  private static int pixels(int length, String where) {
    if (length < 1 || length > MOST_PIXELS) {
      throw Problem.argument(
          "size out of range",
          "ImageTransform." + where,
          "1 to " + MOST_PIXELS + " pixels",
          length,
          "224 is usual for networks of ImageNet");
    }
    return length;
  }

  /** 3 for colour, 1 for grey. */
  public int channels() {
    return channels;
  }

  /** Whether some step draws at random. */
  public boolean isRandom() {
    return steps.stream().anyMatch(PixelStep::isRandom);
  }

  /** Of transforms without random steps. */
  Pixels apply(Pixels stored) {
    return apply(stored, NONE);
  }

  /** Random steps draw from the stream. */
  Pixels apply(Pixels stored, RandomGenerator random) {
    Pixels picture = channels == 3 ? stored.colour() : stored.grey();
    for (PixelStep step : steps) {
      picture = step.apply(picture, resampling, random);
    }
    return picture;
  }

  /** Such as {@code colour().resize(256).centreCrop(224, 224)}. */
  @Override
  public String toString() {
    return (channels == 3 ? "colour()" : "grey()")
        + steps.stream().map(step -> "." + step).collect(Collectors.joining())
        + (resampling == Resampling.BICUBIC ? ".bicubic()" : "");
  }
}
