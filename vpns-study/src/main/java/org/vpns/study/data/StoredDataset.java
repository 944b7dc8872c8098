package org.vpns.study.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.BatchSampler;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Record;
import ai.djl.training.dataset.Sampler;
import ai.djl.util.Progress;
import com.google.common.collect.Iterators;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ExecutorService;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.Seeds;
import org.vpns.image.LazyImages;
import org.vpns.internal.data.BackgroundThreads;
import org.vpns.internal.data.OrderedWork;
import org.vpns.internal.data.Pixels;

/**
 * Images on disk as DJL's dataset: batches of float32 (batch, channels, height, width) in [0, 1]
 * with int64 labels (batch). Pictures are decoded and changed by background threads, ahead of who
 * takes the batches; those come in the sampler's order with the same values, however many threads
 * there are. In memory are at most the batch that is taken and those {@linkplain #prefetch ahead},
 * a byte for each value, and in each thread a picture.
 *
 * <p>A picture that cannot be read ends the reading with an exception that names its file; see
 * {@link StoredImages#withoutBroken()}. So do images of one batch that differ in size. A dataset
 * holds no file open and needs no closing.
 */
public final class StoredDataset extends RandomAccessDataset implements LazyImages {
  private static final int BATCH = 32;
  private static final int PREFETCH = 2;

  private final StoredImages images;
  private final ImageTransform shown;
  private final ImageTransform training;
  private final int prefetch;
  private final ExecutorService threads;
  private final @Nullable Epoch epoch;

  /** Where random steps take their streams from. */
  private record Epoch(Seeds seeds, String stream, int number) {
    RandomGenerator of(long index) {
      return seeds.stream("image/" + stream + "/" + number + "/" + index);
    }
  }

  private static final class Settings extends BaseBuilder<Settings> {
    @Override
    protected Settings self() {
      return this;
    }
  }

  private StoredDataset(
      StoredImages images,
      ImageTransform shown,
      ImageTransform training,
      int prefetch,
      ExecutorService threads,
      @Nullable Epoch epoch) {
    super(new Settings().setSampling(BATCH, false));
    this.images = images;
    this.shown = shown;
    this.training = training;
    this.prefetch = prefetch;
    this.threads = threads;
    this.epoch = epoch;
    if (epoch != null) {
      sampler = new BatchSampler(new Shuffled(epoch), BATCH);
    }
  }

  static StoredDataset of(StoredImages images, ImageTransform shown) {
    if (shown.isRandom()) {
      throw Problem.argument(
          "random where images are always alike",
          "StoredImages.toDataset",
          "a transform without random steps",
          shown,
          "pass random steps to StoredDataset.training");
    }
    int processors = Runtime.getRuntime().availableProcessors();
    return new StoredDataset(images, shown, shown, PREFETCH, threadsOf(processors), null);
  }

  private static ExecutorService threadsOf(int count) {
    return BackgroundThreads.of("read-images", count);
  }

  /**
   * With another transform in epochs of training, random or not; default: the one of the dataset.
   * What is held back for validation, label mappings and scorers see the images without it.
   *
   * @throws IllegalArgumentException if its channels differ
   */
  public StoredDataset training(ImageTransform transform) {
    Problem.given(transform, "StoredDataset.training", "transform");
    if (transform.channels() != shown.channels()) {
      throw Problem.argument(
          "transforms of other channels",
          "StoredDataset.training",
          shown.channels() + " channels, as of " + shown,
          transform,
          "begin both with colour() or both with grey()");
    }
    return new StoredDataset(images, shown, transform, prefetch, threads, epoch);
  }

  /**
   * With another number of background threads; default: that of the processors.
   *
   * @throws IllegalArgumentException if it is below 1
   */
  public StoredDataset threads(int count) {
    if (count < 1) {
      throw Problem.argument(
          "number of threads out of range",
          "StoredDataset.threads",
          "at least 1",
          count,
          "take as many as there are processors");
    }
    return new StoredDataset(images, shown, training, prefetch, threadsOf(count), epoch);
  }

  /**
   * With another number of batches that are read ahead; default: {@value #PREFETCH}.
   *
   * @param batches 0 reads a batch when it is asked for
   * @throws IllegalArgumentException if it is below 0
   */
  public StoredDataset prefetch(int batches) {
    if (batches < 0) {
      throw Problem.argument(
          "number of batches out of range",
          "StoredDataset.prefetch",
          "at least 0",
          batches,
          "2 is usual");
    }
    return new StoredDataset(images, shown, training, batches, threads, epoch);
  }

  /** The images. */
  public StoredImages images() {
    return images;
  }

  /**
   * The same images as an epoch of training shows them: by the transform of {@link #training}. Its
   * own batches, for trainers of DJL, come in a random order of seeds, stream and epoch.
   */
  @Override
  public StoredDataset epoch(Seeds seeds, String stream, int number) {
    Problem.given(seeds, "StoredDataset.epoch", "seeds");
    Problem.given(stream, "StoredDataset.epoch", "stream");
    Epoch drawn = new Epoch(seeds, stream, number);
    return new StoredDataset(images, shown, training, prefetch, threads, drawn);
  }

  @Override
  public long label(long index) {
    return images.label(Math.toIntExact(index));
  }

  @Override
  public String describe() {
    return shown + (training.equals(shown) ? "" : ", in training " + training);
  }

  /** All images in the order of an epoch. */
  private record Shuffled(Epoch epoch) implements Sampler.SubSampler {
    @Override
    public Iterator<Long> sample(RandomAccessDataset dataset) {
      int size = Math.toIntExact(dataset.size());
      return Arrays.stream(
              epoch.seeds.permutation("data-order/" + epoch.stream + "/" + epoch.number, size))
          .iterator();
    }
  }

  private Pixels pixels(long index) throws IOException {
    int image = Math.toIntExact(index);
    try {
      return epoch == null
          ? shown.apply(images.read(image))
          : training.apply(images.read(image), epoch.of(index));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(images.where(image) + ": " + e.getMessage(), e);
    }
  }

  /** One image as (channels, height, width) and its label as a scalar, read in this thread. */
  @Override
  public Record get(NDManager manager, long index) throws IOException {
    Pixels picture = pixels(index);
    Shape shape = new Shape(picture.channels(), picture.height(), picture.width());
    NDArray data = floats(manager, ByteBuffer.wrap(picture.planes()), shape);
    return new Record(new NDList(data), new NDList(manager.create(label(index))));
  }

  @Override
  public Iterable<Batch> getData(NDManager manager) {
    return getData(manager, sampler, null);
  }

  /**
   * Batches in an order of one's own.
   *
   * @param ignored the dataset has threads of its own
   */
  @Override
  public Iterable<Batch> getData(
      NDManager manager, Sampler order, @Nullable ExecutorService ignored) {
    return () -> new Reading(manager, order.sample(this));
  }

  /** Reading in the order of a sampler. */
  private final class Reading implements Iterator<Batch> {
    private final NDManager manager;
    private final Queue<List<Long>> groups = new ArrayDeque<>();
    private final OrderedWork<Pixels> work;
    private long progress;

    Reading(NDManager manager, Iterator<List<Long>> order) {
      this.manager = manager;
      Iterator<List<Long>> noted =
          Iterators.transform(
              order,
              group -> {
                groups.add(group);
                return group;
              });
      work = new OrderedWork<>(threads, noted, prefetch, StoredDataset.this::pixels);
    }

    @Override
    public boolean hasNext() {
      return work.hasNext();
    }

    @Override
    public Batch next() {
      List<Pixels> pictures = work.next();
      List<Long> group = groups.remove();
      progress += group.size();
      NDManager scope = manager.newSubManager();
      try {
        long[] labels = group.stream().mapToLong(StoredDataset.this::label).toArray();
        return new Batch(
            scope,
            new NDList(batch(scope, pictures, group)),
            new NDList(scope.create(labels)),
            group.size(),
            dataBatchifier,
            labelBatchifier,
            progress,
            size(),
            group);
      } catch (RuntimeException e) {
        scope.close();
        throw e;
      }
    }
  }

  private NDArray batch(NDManager manager, List<Pixels> pictures, List<Long> group) {
    Pixels first = pictures.get(0);
    int length = first.values().length;
    ByteBuffer bytes = ByteBuffer.allocateDirect(Math.multiplyExact(length, pictures.size()));
    for (int i = 0; i < pictures.size(); i++) {
      Pixels picture = pictures.get(i);
      if (picture.height() != first.height() || picture.width() != first.width()) {
        throw Problem.argument(
            "images of one batch differ in size",
            images.where(Math.toIntExact(group.get(i))),
            first.height()
                + " x "
                + first.width()
                + ", as "
                + images.where(Math.toIntExact(group.get(0))),
            picture.height() + " x " + picture.width(),
            "end the transform with centreCrop or resize to a height and a width");
      }
      bytes.put(picture.planes());
    }
    bytes.flip();
    return floats(
        manager,
        bytes,
        new Shape(pictures.size(), first.channels(), first.height(), first.width()));
  }

  /** Divided by 255 on the engine's side, in its own memory. */
  private static NDArray floats(NDManager manager, ByteBuffer bytes, Shape shape) {
    try (NDArray stored = manager.create(bytes, shape, DataType.UINT8)) {
      return stored.toType(DataType.FLOAT32, true).divi(255f);
    }
  }

  @Override
  protected long availableSize() {
    return images.size();
  }

  /** Nothing is left to prepare. */
  @Override
  public void prepare(@Nullable Progress progress) {}

  /** A part of the images is a dataset like this one. */
  @Override
  protected RandomAccessDataset newSubDataset(int[] indices, int from, int to) {
    return of(Arrays.copyOfRange(indices, from, to));
  }

  @Override
  protected RandomAccessDataset newSubDataset(List<Long> subIndices) {
    return of(subIndices.stream().mapToInt(Math::toIntExact).toArray());
  }

  private StoredDataset of(int... indices) {
    return new StoredDataset(images.subset(indices), shown, training, prefetch, threads, epoch);
  }

  @Override
  public String toString() {
    return images + ", " + describe();
  }
}
