package org.vpns.image;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.util.random.RandomGenerator;
import org.vpns.Problem;
import org.vpns.internal.image.ImagePlacement;

/** The changes behind {@link Augmentation}'s factories. */
final class Augmentations {
  static final Augmentation NONE = new None();
  static final Augmentation FLIP = new Flip();

  private Augmentations() {}

  /** One piece of the given size per image, each from a place of its own. */
  private static NDArray cut(NDArray images, int height, int width, RandomGenerator random) {
    Shape shape = images.getShape();
    int rows = Math.toIntExact(shape.get(2)) - height + 1;
    int columns = Math.toIntExact(shape.get(3)) - width + 1;
    try (NDList pieces = new NDList()) {
      for (long n = 0; n < shape.get(0); n++) {
        long top = random.nextInt(rows);
        long left = random.nextInt(columns);
        pieces.add(
            images.get(
                new NDIndex()
                    .addIndices(n)
                    .addAllDim()
                    .addSliceDim(top, top + height)
                    .addSliceDim(left, left + width)));
      }
      return NDArrays.stack(pieces);
    }
  }

  /** No change. */
  private static final class None implements Augmentation {
    @Override
    public NDArray apply(NDArray images, RandomGenerator random) {
      Problem.given(images, "Augmentation.apply", "images");
      Problem.given(random, "Augmentation.apply", "random");
      return images;
    }

    @Override
    public String describe() {
      return "none";
    }

    @Override
    public String toString() {
      return describe();
    }
  }

  /** Left and right exchanged in about half of the images. */
  private static final class Flip implements Augmentation {
    @Override
    public NDArray apply(NDArray images, RandomGenerator random) {
      Problem.given(images, "Augmentation.apply", "images");
      Problem.given(random, "Augmentation.apply", "random");
      ImagePlacement.checkImages(images, "Augmentation.flip");
      int count = Math.toIntExact(images.getShape().get(0));
      long[] choice = new long[count];
      for (int n = 0; n < count; n++) {
        choice[n] = random.nextBoolean() ? count + n : n;
      }
      try (NDArray mirrored = images.flip(3);
          NDArray both = images.concat(mirrored, 0);
          NDArray made = images.getManager().create(choice);
          NDArray index = ImagePlacement.owned(made, images.getDevice())) {
        return both.get(index);
      }
    }

    @Override
    public String describe() {
      return "flip";
    }

    @Override
    public String toString() {
      return describe();
    }
  }

  /** Resize to 9/8 and a piece of that. */
  private record Crop(int height, int width) implements Augmentation {
    Crop {
      if (height < 1 || width < 1) {
        throw Problem.argument(
            "crop without pixels",
            "Augmentation.crop",
            "at least 1 x 1",
            height + " x " + width,
            "pass the image size of the network's input");
      }
    }

    @Override
    public NDArray apply(NDArray images, RandomGenerator random) {
      Problem.given(images, "Augmentation.apply", "images");
      Problem.given(random, "Augmentation.apply", "random");
      NDArray large = ImagePlacement.resize(images, 9 * height / 8, 9 * width / 8);
      try {
        return cut(large, height, width, random);
      } finally {
        if (large != images) {
          large.close();
        }
      }
    }

    @Override
    public String describe() {
      return "crop(" + height + ", " + width + ")";
    }

    @Override
    public String toString() {
      return describe();
    }
  }

  /** A frame of zeros and a piece of that. */
  private record Shift(int pixels) implements Augmentation {
    Shift {
      if (pixels < 1) {
        throw Problem.argument(
            "shift out of range",
            "Augmentation.shift",
            "at least 1 pixel",
            pixels,
            "leave the shift out for none");
      }
    }

    @Override
    public NDArray apply(NDArray images, RandomGenerator random) {
      Problem.given(images, "Augmentation.apply", "images");
      Problem.given(random, "Augmentation.apply", "random");
      ImagePlacement.checkImages(images, "Augmentation.shift");
      Shape shape = images.getShape();
      try (NDArray framed = images.pad(new Shape(pixels, pixels, pixels, pixels), 0)) {
        return cut(framed, (int) shape.get(2), (int) shape.get(3), random);
      }
    }

    @Override
    public String describe() {
      return "shift(" + pixels + ")";
    }

    @Override
    public String toString() {
      return describe();
    }
  }

  /** One change after the other, under a name. */
  private record Chain(Augmentation first, Augmentation second, String describe)
      implements Augmentation {
    @Override
    public NDArray apply(NDArray images, RandomGenerator random) {
      Problem.given(images, "Augmentation.apply", "images");
      Problem.given(random, "Augmentation.apply", "random");
      NDArray between = first.apply(images, random);
      NDArray result = second.apply(between, random);
      if (between != images && between != result) {
        between.close();
      }
      return result;
    }
  }

  static Augmentation crop(int height, int width) {
    return new Crop(height, width);
  }

  static Augmentation shift(int pixels) {
    return new Shift(pixels);
  }

  static Augmentation chain(Augmentation first, Augmentation second, String name) {
    return new Chain(first, second, name);
  }
}
