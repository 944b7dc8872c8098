package org.vpns.internal.run;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Sampler;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.Seeds;
import org.vpns.image.LazyImages;

/**
 * Reads batches of a data set, or of a part of it, in a given order from a given batch on. The last
 * batch may be smaller, or, where one image cannot be a batch, larger by one.
 */
public final class Batches {
  /** How DJL says that arrays cannot be stacked. */
  private static final String UNEVEN = "You cannot batch data with different input shapes";

  private final RandomAccessDataset dataset;
  private final long[] members;
  private final int batchSize;
  private final String name;
  private final boolean joinsLastImage;

  /**
   * The images at the given positions of the data set.
   *
   * @param name for messages, such as {@code training images}
   */
  public Batches(RandomAccessDataset dataset, long[] members, int batchSize, String name) {
    this(dataset, members, batchSize, name, false);
  }

  private Batches(
      RandomAccessDataset dataset,
      long[] members,
      int batchSize,
      String name,
      boolean joinsLastImage) {
    this.dataset = dataset;
    this.members = members;
    this.batchSize = batchSize;
    this.name = name;
    this.joinsLastImage = joinsLastImage;
  }

  /** All images of the data set, with a name for messages. */
  public static Batches all(RandomAccessDataset dataset, int batchSize, String name) {
    long[] members = new long[Math.toIntExact(dataset.size())];
    for (int i = 0; i < members.length; i++) {
      members[i] = i;
    }
    return new Batches(dataset, members, batchSize, name);
  }

  /** Some of these images, by their positions here, in that order. */
  public Batches only(long[] positions, int size) {
    long[] chosen = new long[positions.length];
    for (int i = 0; i < chosen.length; i++) {
      chosen[i] = members[Math.toIntExact(positions[i])];
    }
    return new Batches(dataset, chosen, size, name, joinsLastImage);
  }

  /** The same, but a last batch of one image is joined to the one before, if there is one. */
  public Batches joiningLastImage() {
    return new Batches(dataset, members, batchSize, name, true);
  }

  /**
   * The same as an epoch of training shows them, where the data set has a say in that.
   *
   * @param stream name that distinguishes stage and pass
   * @param epoch from 0
   */
  public Batches inEpoch(Seeds seeds, String stream, int epoch) {
    if (!(dataset instanceof LazyImages lazy)) {
      return this;
    }
    RandomAccessDataset shown =
        Problem.given(
            lazy.epoch(seeds, stream, epoch), lazy.describe(), "what LazyImages.epoch gives");
    if (shown.size() != dataset.size()) {
      throw Problem.state(
          "images of an epoch are others",
          lazy.describe() + ", what LazyImages.epoch gives",
          dataset.size() + " images",
          shown.size(),
          "let it change images and leave their number and order");
    }
    return new Batches(shown, members, batchSize, name, joinsLastImage);
  }

  /** Labels of images by their positions here, if the data set tells them without the images. */
  public long @Nullable [] labels(long[] positions) {
    if (!(dataset instanceof LazyImages lazy)) {
      return null;
    }
    long[] labels = new long[positions.length];
    try {
      for (int i = 0; i < labels.length; i++) {
        labels[i] = lazy.label(members[Math.toIntExact(positions[i])]);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
    return labels;
  }

  /** Whether a last image is joined. */
  public boolean joinsLastImage() {
    return joinsLastImage && perEpoch() < ceil(members.length, batchSize);
  }

  /** Whether some batch is of one image. */
  public boolean hasBatchOfOne() {
    return batchSize == 1
        || members.length == 1
        || members.length % batchSize == 1 && !joinsLastImage;
  }

  /** Such as {@code training images}. */
  public String name() {
    return name;
  }

  /** Number of images. */
  public int size() {
    return members.length;
  }

  /** Images of a batch. */
  public int batchSize() {
    return batchSize;
  }

  /** Batches of one epoch. */
  public long perEpoch() {
    return count(members.length);
  }

  private int count(int images) {
    boolean joined = joinsLastImage && images > batchSize && (images - 1) % batchSize == 0;
    return ceil(images, batchSize) - (joined ? 1 : 0);
  }

  private static int ceil(int whole, int part) {
    return (int) ((whole + (long) part - 1) / part);
  }

  /** Shape of the first image as it is read. */
  public Shape firstImage(NDManager manager) {
    try (Batch batch = only(new long[] {0}, 1).sequential(manager).next()) {
      return batch.getData().head().getShape().slice(1);
    }
  }

  /** Batches in stored order. */
  public Iterator<Batch> sequential(NDManager manager) {
    long[] order = new long[members.length];
    for (int i = 0; i < order.length; i++) {
      order[i] = i;
    }
    return ordered(manager, order, 0);
  }

  /** Batches in the given order of members, without the first {@code skip} batches. */
  public Iterator<Batch> ordered(NDManager manager, long[] order, long skip) {
    List<List<Long>> indices = new ArrayList<>();
    int count = count(order.length);
    for (int number = Math.toIntExact(skip); number < count; number++) {
      int from = number * batchSize;
      int to = number == count - 1 ? order.length : from + batchSize;
      List<Long> batch = new ArrayList<>(to - from);
      for (int i = from; i < to; i++) {
        batch.add(members[Math.toIntExact(order[i])]);
      }
      indices.add(batch);
    }
    Sampler sampler =
        new Sampler() {
          @Override
          public Iterator<List<Long>> sample(RandomAccessDataset ignored) {
            return indices.iterator();
          }

          @Override
          public int getBatchSize() {
            return batchSize;
          }
        };
    try {
      return new Named(dataset.getData(manager, sampler).iterator());
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    } catch (IllegalStateException e) {
      throw closed(dataset, name, e);
    } catch (TranslateException e) {
      throw new IllegalArgumentException(
          Problem.message(
              "images cannot be read",
              name + ", a " + dataset.getClass().getSimpleName(),
              "records of image and label",
              e.getMessage(),
              "check the data set"),
          e);
    }
  }

  /** Batches with a name for messages. */
  private final class Named implements Iterator<Batch> {
    private final Iterator<Batch> batches;

    Named(Iterator<Batch> batches) {
      this.batches = batches;
    }

    @Override
    public boolean hasNext() {
      return batches.hasNext();
    }

    @Override
    public Batch next() {
      try {
        return new NamedBatch(batches.next(), name);
      } catch (IllegalStateException e) {
        throw closed(dataset, name, e);
      } catch (IllegalArgumentException e) {
        throw String.valueOf(e.getMessage()).startsWith(UNEVEN) ? uneven(e) : e;
      }
    }
  }

  /** DJL's words name neither the images nor what helps. */
  private IllegalArgumentException uneven(IllegalArgumentException e) {
    return new IllegalArgumentException(
        Problem.message(
            "images of different sizes in a batch",
            name + ", a " + dataset.getClass().getSimpleName(),
            "images of one size, and labels of one shape",
            e.getMessage(),
            "resize them in the data set, with a transform such as DJL's Resize"),
        e);
  }

  /** The engine's words for arrays that were closed name nothing. */
  static IllegalStateException closed(
      RandomAccessDataset dataset, String name, IllegalStateException e) {
    return new IllegalStateException(
        Problem.message(
            "images cannot be read",
            name + ", a " + dataset.getClass().getSimpleName(),
            "a data set that is open",
            e.getMessage(),
            "keep what holds its arrays, such as an NDManager, open until the run has ended"),
        e);
  }
}
