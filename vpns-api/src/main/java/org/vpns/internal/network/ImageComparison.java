package org.vpns.internal.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Compares, node by node, what a network makes of a batch with what it makes of each image alone.
 *
 * <p>Numbers are equal up to {@value #TOLERANCE} of the largest one that the node reads or makes:
 * the engine may add up in another order for another number of images, which changes some units of
 * 6e-8 per node. A later node of larger numbers hides nothing that way, as it would if results
 * alone were compared. Integers and truth values are equal or not.
 */
public final class ImageComparison {
  /** Of the largest number. */
  public static final double TOLERANCE = 1e-4;

  /** By what factor one node may enlarge, relative to its numbers, the rounding it is given. */
  private static final double ENLARGEMENT = 100;

  /** Numbers that are looked at before all are. */
  private static final int SOME = 1 << 10;

  private final Map<Integer, Seen> seen = new HashMap<>();

  /** The largest number of a value, and how far images alone are from it, or may be. */
  private record Seen(double largest, double difference) {
    double relative() {
      return largest == 0 ? 0 : difference / largest;
    }
  }

  /**
   * How a value for a batch holds its images, row-major.
   *
   * @param blocks how often all images follow one another
   * @param images how many follow one another; 1 if the value has nothing of images
   * @param repeats how often the value for an image alone holds it, in the same manner
   */
  public record Layout(long blocks, long images, long repeats) {}

  /**
   * What an image gave beside others.
   *
   * @param image its position
   * @param difference the largest one; infinite if the shapes do not fit
   * @param scale the largest number; 0 where nothing is rounded
   */
  public record Difference(int image, double difference, double scale) {
    /** For the message: what images ought to give. */
    public String expected() {
      return "for image "
          + image
          + " of a batch what it gives alone"
          + (scale == 0 ? "" : ", up to " + TOLERANCE + " of " + scale);
    }

    /** For the message: what they gave. */
    public String found() {
      return Double.isInfinite(difference)
          ? "another shape, or no numbers"
          : "a difference of " + difference;
    }
  }

  /**
   * Compares a value with what it is for each image, and remembers it for the nodes that read it.
   *
   * @param reads numbers of the values that the node reads; those that were not compared have no
   *     say
   * @param value number of the value
   * @param batch what it is for all images
   * @param alone what it is for each image alone; null where there is none
   * @param layout how it holds the images
   * @return the first image that others change, or null if there is none
   */
  public @Nullable Difference compare(
      Iterable<Integer> reads,
      int value,
      NDArray batch,
      List<? extends @Nullable NDArray> alone,
      Layout layout) {
    List<Integer> images = IntStream.range(0, alone.size()).boxed().toList();
    return compare(reads, value, batch, images, alone, layout);
  }

  /**
   * The same for some of the images.
   *
   * @param images their positions in the batch
   * @param alone what the value is for each of them alone
   */
  public @Nullable Difference compare(
      Iterable<Integer> reads,
      int value,
      NDArray batch,
      List<Integer> images,
      List<? extends @Nullable NDArray> alone,
      Layout layout) {
    FewNumbers few = FewNumbers.are(batch) ? FewNumbers.of(batch) : null;
    double largest = few == null ? largest(batch, alone, layout) : few.largest();
    // integers and truth values have no rounding
    boolean rounds = batch.getDataType().isFloating();
    Seen allowed = rounds ? allowed(reads, largest) : new Seen(0, 0);
    double worst = 0;
    for (int i = 0; i < alone.size(); i++) {
      int image = images.get(i);
      double difference = difference(batch, few, image, alone.get(i), layout);
      if (!(difference <= allowed.difference)) {
        return new Difference(image, difference, allowed.largest);
      }
      worst = Math.max(worst, difference);
    }
    seen.put(value, new Seen(largest, worst));
    return null;
  }

  /**
   * What an image has in a batch, in the form that it has alone.
   *
   * @param image its position
   * @param alone shape of the value for the image alone
   */
  public static NDArray part(NDArray batch, int image, Shape alone, Layout layout) {
    long block = batch.size() / (layout.blocks * layout.images);
    try (NDArray all = batch.reshape(layout.blocks, layout.images, block);
        NDArray part = all.get(new NDIndex().addAllDim().addSliceDim(image, image + 1));
        NDArray each = part.broadcast(layout.blocks, layout.repeats, block);
        NDArray same = each.reshape(alone)) {
      return same.duplicate();
    }
  }

  /** The same; null if that is what it has alone, or cannot be. */
  public static @Nullable NDArray partOtherThan(
      NDArray alone, NDArray batch, int image, Layout layout) {
    long row = layout.blocks * layout.images;
    if (batch.size() == 0
        || batch.size() % row != 0
        || alone.size() != layout.blocks * layout.repeats * (batch.size() / row)) {
      return null;
    }
    NDArray part = part(batch, image, alone.getShape(), layout);
    if (part.contentEquals(alone)) {
      part.close();
      return null;
    }
    part.attach(alone.getManager());
    return part;
  }

  /** Of a batch that is large, the images that are compared alone. */
  private static double largest(
      NDArray batch, List<? extends @Nullable NDArray> alone, Layout layout) {
    if (alone.isEmpty() || alone.size() >= layout.images) {
      return largest(batch);
    }
    double largest = 0;
    for (NDArray image : alone) {
      largest = image == null ? largest : Math.max(largest, largest(image));
    }
    return largest;
  }

  /** The largest number of a value that was compared; it is not looked for again. */
  public double largestOf(int value) {
    Seen known = seen.get(value);
    if (known == null) {
      throw new IllegalStateException("value " + value + " was not compared");
    }
    return known.largest;
  }

  /** Remembers other numbers for a value, which image by image are those of the batch. */
  public void replace(int value, NDArray batch) {
    seen.put(value, new Seen(largest(batch), 0));
  }

  /**
   * Whether two values of a node are the same.
   *
   * @param reads numbers of the values that the node reads
   */
  public boolean isSame(Iterable<Integer> reads, NDArray a, NDArray b) {
    if (!a.getShape().equals(b.getShape())) {
      return false;
    }
    if (!a.getDataType().isFloating()) {
      return a.contentEquals(b);
    }
    return difference(a, b) <= allowed(reads, largest(a)).difference();
  }

  /** The largest number at a node that makes one of the given size, and the difference allowed. */
  private Seen allowed(Iterable<Integer> reads, double made) {
    double scale = made;
    double given = 0;
    for (int read : reads) {
      Seen known = seen.get(read);
      if (known != null) {
        scale = Math.max(scale, known.largest);
        given = Math.max(given, known.relative());
      }
    }
    return new Seen(scale, scale * Math.max(TOLERANCE, ENLARGEMENT * given));
  }

  /**
   * Largest difference between one image's part of a batch and a value for the image alone.
   *
   * @param few the batch's numbers, if they are few
   */
  private static double difference(
      NDArray batch, @Nullable FewNumbers few, int image, @Nullable NDArray alone, Layout layout) {
    long row = layout.blocks * layout.images;
    if (alone == null
        || row == 0
        || batch.size() % row != 0
        || alone.size() * layout.images != batch.size() * layout.repeats) {
      return Double.POSITIVE_INFINITY;
    }
    int at = layout.images == 1 ? 0 : image;
    return few != null && FewNumbers.are(alone)
        ? difference(few, at, FewNumbers.of(alone), layout)
        : difference(batch, at, alone, layout);
  }

  private static double difference(FewNumbers batch, int at, FewNumbers alone, Layout layout) {
    int length = (int) (batch.values().length / (layout.blocks * layout.images));
    return length == 0
        ? 0
        : batch.difference((int) layout.images, at, alone, (int) layout.repeats, length);
  }

  private static double difference(NDArray batch, int at, NDArray alone, Layout layout) {
    long block = batch.size() / (layout.blocks * layout.images);
    try (NDManager scope = batch.getManager().newSubManager()) {
      NDArray all = batch.reshape(new Shape(layout.blocks, layout.images, block));
      all.attach(scope);
      NDArray one = alone.reshape(new Shape(layout.blocks, layout.repeats, block));
      one.attach(scope);
      return difference(all.get(new NDIndex().addAllDim().addSliceDim(at, at + 1)), one);
    }
  }

  /**
   * The largest difference; infinite where only one is a number, unless both are infinite alike.
   *
   * @param a of a shape that is {@code b}'s, or stretches to it
   */
  public static double difference(NDArray a, NDArray b) {
    if (a.size() == 0 || b.size() == 0) {
      return 0;
    }
    if (a.getShape().equals(b.getShape()) && FewNumbers.are(a)) {
      return FewNumbers.of(a).difference(1, 0, FewNumbers.of(b), 1, Math.toIntExact(a.size()));
    }
    try (NDManager scope = a.getManager().newSubManager()) {
      NDArray x = wide(a, scope);
      NDArray y = wide(b, scope);
      NDArray apart = x.sub(y);
      double largest = largestWithoutSign(apart);
      if (Double.isFinite(largest)) {
        return largest;
      }
      NDArray same = x.eq(y).logicalOr(x.isNaN().logicalAnd(y.isNaN()));
      largest = number(NDArrays.where(same, apart.zerosLike(), apart.abs()).max());
      return Double.isNaN(largest) ? Double.POSITIVE_INFINITY : largest;
    }
  }

  /** The largest of all finite numbers without their signs. */
  public static double largest(NDArray array) {
    if (array.size() == 0) {
      return 0;
    }
    if (FewNumbers.are(array)) {
      return FewNumbers.of(array).largest();
    }
    try (NDManager scope = array.getManager().newSubManager()) {
      NDArray numbers = wide(array, scope);
      double largest = largestWithoutSign(numbers);
      if (Double.isFinite(largest)) {
        return largest;
      }
      NDArray size = numbers.abs();
      NDArray none = size.isNaN().logicalOr(size.isInfinite());
      return number(NDArrays.where(none, size.zerosLike(), size).max());
    }
  }

  /** Not finite if one of them is not; two looks cost less than an array of the sizes. */
  private static double largestWithoutSign(NDArray array) {
    double most = number(array.max());
    double least = number(array.min());
    return Math.max(Math.abs(most), Math.abs(least));
  }

  /**
   * Whether two values of one shape differ by more than that somewhere; the first numbers mostly
   * tell.
   */
  public static boolean differ(NDArray a, NDArray b, double tolerance) {
    if (!FewNumbers.are(a)) {
      NDIndex some = new NDIndex().addSliceDim(0, SOME);
      try (NDManager scope = a.getManager().newSubManager()) {
        NDArray x = a.reshape(-1);
        x.attach(scope);
        NDArray y = b.reshape(-1);
        y.attach(scope);
        NDArray fewOfX = x.get(some);
        fewOfX.attach(scope);
        NDArray fewOfY = y.get(some);
        fewOfY.attach(scope);
        if (difference(fewOfX, fewOfY) > tolerance) {
          return true;
        }
      }
    }
    return difference(a, b) > tolerance;
  }

  /** An array of a type the engine computes with on every device, owned by a scope. */
  private static NDArray wide(NDArray array, NDManager scope) {
    DataType type = array.getDataType();
    boolean isWide = type == DataType.FLOAT32 || type == DataType.FLOAT64;
    NDArray result = isWide ? array.toType(type, false) : array.toType(DataType.FLOAT64, true);
    if (result == array) {
      result = array.reshape(array.getShape());
    }
    result.attach(scope);
    return result;
  }

  private static double number(NDArray one) {
    try (NDArray wide = one.toType(DataType.FLOAT64, true)) {
      return wide.toDoubleArray()[0];
    }
  }
}
