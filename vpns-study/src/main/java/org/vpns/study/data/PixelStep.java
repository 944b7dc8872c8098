package org.vpns.study.data;

import java.util.random.RandomGenerator;
import org.vpns.Problem;
import org.vpns.internal.data.Pixels;
import org.vpns.internal.data.Resampling;

/** One change of a picture; records, so that equal ones are equal. */
sealed interface PixelStep {
  /**
   * The changed picture.
   *
   * @param random the picture's own stream, if the step draws from it
   */
  Pixels apply(Pixels picture, Resampling resampling, RandomGenerator random);

  /** Whether it draws from the stream. */
  default boolean isRandom() {
    return false;
  }

  /** The shorter side to a length; the longer side in proportion, cut to whole pixels. */
  record Shorter(int side) implements PixelStep {
    @Override
    public Pixels apply(Pixels picture, Resampling resampling, RandomGenerator random) {
      int height = picture.height();
      int width = picture.width();
      return height <= width
          ? resampling.resize(picture, side, longer(width, height))
          : resampling.resize(picture, longer(height, width), side);
    }

    private int longer(int longer, int shorter) {
      return (int) Math.min(Integer.MAX_VALUE, (long) side * longer / shorter);
    }

    @Override
    public String toString() {
      return "resize(" + side + ")";
    }
  }

  /** To a size; the aspect is not kept. */
  record Exact(int height, int width) implements PixelStep {
    @Override
    public Pixels apply(Pixels picture, Resampling resampling, RandomGenerator random) {
      return resampling.resize(picture, height, width);
    }

    @Override
    public String toString() {
      return "resize(" + height + ", " + width + ")";
    }
  }

  /** The middle; of two middle places the even one, as Python rounds. */
  record CentreCrop(int height, int width) implements PixelStep {
    @Override
    public Pixels apply(Pixels picture, Resampling resampling, RandomGenerator random) {
      requireRoom(picture, height, width, "centreCrop");
      int top = (int) Math.rint((picture.height() - height) / 2.0);
      int left = (int) Math.rint((picture.width() - width) / 2.0);
      return picture.crop(top, left, height, width);
    }

    @Override
    public String toString() {
      return "centreCrop(" + height + ", " + width + ")";
    }
  }

  /** A random piece, of the picture in a black frame. */
  record RandomCrop(int height, int width, int frame) implements PixelStep {
    @Override
    public Pixels apply(Pixels picture, Resampling resampling, RandomGenerator random) {
      Pixels framed = frame == 0 ? picture : picture.framed(frame);
      requireRoom(framed, height, width, "randomCrop");
      int top = random.nextInt(framed.height() - height + 1);
      int left = random.nextInt(framed.width() - width + 1);
      return framed.crop(top, left, height, width);
    }

    @Override
    public boolean isRandom() {
      return true;
    }

    @Override
    public String toString() {
      return "randomCrop(" + height + ", " + width + ", " + frame + ")";
    }
  }

  /** A piece of random area and aspect, resized. */
  record RandomResizedCrop(int side, double smallest) implements PixelStep {
    private static final double WIDEST = 4 / 3.0;
    private static final int TRIES = 10;

    @Override
    public Pixels apply(Pixels picture, Resampling resampling, RandomGenerator random) {
      return resampling.resize(piece(picture, random), side, side);
    }

    private Pixels piece(Pixels picture, RandomGenerator random) {
      for (int i = 0; i < TRIES; i++) {
        double share = smallest + (1 - smallest) * random.nextDouble();
        double area = share * picture.height() * picture.width();
        double aspect = Math.exp((2 * random.nextDouble() - 1) * Math.log(WIDEST));
        int width = (int) Math.rint(Math.sqrt(area * aspect));
        int height = (int) Math.rint(Math.sqrt(area / aspect));
        if (width > 0 && height > 0 && width <= picture.width() && height <= picture.height()) {
          int top = random.nextInt(picture.height() - height + 1);
          int left = random.nextInt(picture.width() - width + 1);
          return picture.crop(top, left, height, width);
        }
      }
      return middle(picture);
    }

    /** As much of the picture as the aspects allow. */
    private static Pixels middle(Pixels picture) {
      int height = Math.min(picture.height(), (int) Math.rint(picture.width() * WIDEST));
      int width = Math.min(picture.width(), (int) Math.rint(picture.height() * WIDEST));
      return picture.crop(
          (picture.height() - height) / 2, (picture.width() - width) / 2, height, width);
    }

    @Override
    public boolean isRandom() {
      return true;
    }

    @Override
    public String toString() {
      return "randomResizedCrop(" + side + ", " + smallest + ")";
    }
  }

  /** Mirrored or not. */
  record Flip() implements PixelStep {
    @Override
    public Pixels apply(Pixels picture, Resampling resampling, RandomGenerator random) {
      return random.nextBoolean() ? picture.mirrored() : picture;
    }

    @Override
    public boolean isRandom() {
      return true;
    }

    @Override
    public String toString() {
      return "horizontalFlip()";
    }
  }

  private static void requireRoom(Pixels picture, int height, int width, String step) {
    if (picture.height() < height || picture.width() < width) {
      throw Problem.argument(
          "picture smaller than the piece",
          "ImageTransform." + step,
          "at least " + height + " x " + width + " pixels",
          picture.height() + " x " + picture.width(),
          "resize first");
    }
  }
}
