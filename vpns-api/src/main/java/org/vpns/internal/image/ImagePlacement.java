package org.vpns.internal.image;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.vpns.ImageInput;
import org.vpns.Problem;

/**
 * Carries out an {@link ImageInput}: resize, zero padding, normalisation. Every step is
 * differentiable, and every result lives on the manager of the images it was made from.
 * Thread-safe.
 *
 * <p>A step that has nothing to do gives its argument back, not a copy.
 */
public final class ImagePlacement {
  private final ImageInput input;
  private final boolean normalises;

  private ImagePlacement(ImageInput input) {
    this.input = input;
    boolean trivial = true;
    for (int c = 0; c < input.channels(); c++) {
      trivial &= input.mean()[c] == 0 && input.std()[c] == 1;
    }
    this.normalises = !trivial;
  }

  /** The placement that the input describes. */
  public static ImagePlacement of(ImageInput input) {
    return new ImagePlacement(input);
  }

  /** The description that is carried out. */
  public ImageInput input() {
    return input;
  }

  /**
   * Images on the canvas, still in [0, 1]: resized to the image size, with zeros around it.
   *
   * @param images float32 (batch, channels, any height, any width)
   * @return (batch, channels, canvas height, canvas width)
   * @throws IllegalArgumentException if rank, type or channels are others
   */
  public NDArray place(NDArray images) {
    require(images, "ImagePlacement.place");
    int bottom = input.height() - input.imageHeight() - input.top();
    int right = input.width() - input.imageWidth() - input.left();
    NDArray resized = resize(images, input.imageHeight(), input.imageWidth());
    if (input.top() + input.left() == 0) {
      return resized; // the odd pixel goes to top and left: no padding there, none at all
    }
    NDArray canvas = resized.pad(new Shape(input.left(), right, input.top(), bottom), 0);
    if (resized != images) {
      resized.close();
    }
    return canvas;
  }

  /**
   * The network's input, (canvas - mean) / std per channel.
   *
   * @param canvas float32 (batch, channels, height, width)
   * @throws IllegalArgumentException if rank, type or channels are others
   */
  public NDArray normalise(NDArray canvas) {
    require(canvas, "ImagePlacement.normalise");
    if (!normalises) {
      return canvas;
    }
    try (NDArray mean = constant(canvas, input.mean(), new Shape(input.channels(), 1, 1));
        NDArray std = constant(canvas, input.std(), new Shape(input.channels(), 1, 1));
        NDArray centred = canvas.sub(mean)) {
      return centred.div(std);
    }
  }

  /** {@link #place} and {@link #normalise}: what a network without prompt sees. */
  public NDArray apply(NDArray images) {
    NDArray canvas = place(images);
    NDArray result = normalise(canvas);
    if (result != canvas && canvas != images) {
      canvas.close();
    }
    return result;
  }

  /**
   * Bilinear resize with half-pixel centres; when shrinking, the triangle is widened by the scale,
   * which suppresses aliasing. In float, without rounding; the aspect ratio is free. Each axis is
   * one product with a small constant matrix.
   *
   * @param images float32 (batch, channels, any height, any width)
   * @param height new height in pixels, at least 1
   * @param width new width in pixels, at least 1
   * @throws IllegalArgumentException if rank or type are others, or a size is below 1
   */
  public static NDArray resize(NDArray images, int height, int width) {
    checkImages(images, "ImagePlacement.resize");
    if (height < 1 || width < 1) {
      throw Problem.argument(
          "size without pixels",
          "ImagePlacement.resize",
          "at least 1 x 1",
          height + " x " + width,
          "pass a positive height and width");
    }
    int fromHeight = Math.toIntExact(images.getShape().get(2));
    int fromWidth = Math.toIntExact(images.getShape().get(3));
    NDArray wide = images;
    if (fromWidth != width) {
      float[] weights = transpose(new ResizeTaps(fromWidth, width).matrix(), width, fromWidth);
      try (NDArray matrix = constant(images, weights, new Shape(fromWidth, width))) {
        wide = images.matMul(matrix);
      }
    }
    if (fromHeight == height) {
      return wide;
    }
    try (NDArray matrix =
        constant(
            images, new ResizeTaps(fromHeight, height).matrix(), new Shape(height, fromHeight))) {
      return matrix.matMul(wide);
    } finally {
      if (wide != images) {
        wide.close();
      }
    }
  }

  private static float[] transpose(float[] matrix, int rows, int columns) {
    float[] result = new float[matrix.length];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        result[c * rows + r] = matrix[r * columns + c];
      }
    }
    return result;
  }

  /** A constant beside {@code array}, on its manager and device; the caller closes it. */
  private static NDArray constant(NDArray array, float[] values, Shape shape) {
    try (NDArray made = array.getManager().create(values, shape)) {
      return owned(made, array.getDevice());
    }
  }

  /**
   * A copy whose memory belongs to the engine. An array made from Java values borrows theirs, and a
   * backward pass that still needs it would read what the garbage collector has given to others.
   */
  public static NDArray owned(NDArray made, Device device) {
    NDArray there = made.toDevice(device, false);
    // Another device has made a copy already.
    return there == made ? made.duplicate() : there;
  }

  /** Refuses what is no batch of images of the input's channels. */
  public void require(NDArray images, String where) {
    checkImages(images, where);
    if (images.getShape().get(1) != input.channels()) {
      throw Problem.argument(
          "images of other channels",
          where,
          input.channels() + " channels on axis 1",
          images.getShape(),
          "pass images as (batch, channels, height, width), or describe the input with"
              + " ImageInput.of("
              + images.getShape().get(1)
              + ", height, width)");
    }
  }

  /** Refuses what is not float32 (batch, channels, height, width) with at least one pixel. */
  public static void checkImages(NDArray images, String where) {
    Shape shape = images.getShape();
    if (shape.dimension() != 4 || shape.get(2) < 1 || shape.get(3) < 1) {
      throw Problem.argument(
          "not a batch of images",
          where,
          "(batch, channels, height, width)",
          shape,
          "a single image becomes a batch with expandDims(0)");
    }
    if (images.getDataType() != DataType.FLOAT32) {
      throw Problem.argument(
          "images of another type",
          where,
          DataType.FLOAT32,
          images.getDataType(),
          images.getDataType().isInteger()
              ? "convert bytes with toType(DataType.FLOAT32, false).div(255)"
              : "convert them with toType(DataType.FLOAT32, false)");
    }
  }
}
