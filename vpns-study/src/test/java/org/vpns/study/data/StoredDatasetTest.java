package org.vpns.study.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.BatchSampler;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Record;
import ai.djl.training.dataset.SequenceSampler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.Seeds;
import org.vpns.internal.data.Pixels;
import org.vpns.io.FormatException;

class StoredDatasetTest {
  private static final ImageTransform PLAIN = ImageTransform.colour();
  private static final ImageTransform RANDOM = PLAIN.randomResizedCrop(6).horizontalFlip();

  @TempDir Path root;
  private NDManager manager;

  @BeforeEach
  void open() {
    manager = NDManager.newBaseManager();
  }

  @AfterEach
  void close() {
    manager.close();
  }

  /** Pictures of 8 x 9 with values of their own, label i mod 3; slow ones first in each dozen. */
  private static StoredImages numbered(int size, AtomicInteger reads) {
    PictureStore store =
        new PictureStore() {
          @Override
          public String where(int index) {
            return "picture " + index;
          }

          @Override
          public Pixels read(int index) {
            reads.incrementAndGet();
            Pixels pixels = Pixels.black(3, 8, 9);
            for (int i = 0; i < pixels.values().length; i++) {
              pixels.values()[i] = (byte) (31 * index + 7 * i);
            }
            return pixels;
          }
        };
    int[] labels = IntStream.range(0, size).map(i -> i % 3).toArray();
    return StoredImages.of("numbered", store, labels, List.of("a", "b", "c"));
  }

  private static StoredImages numbered(int size) {
    return numbered(size, new AtomicInteger());
  }

  /** All values and labels of all batches, as words. */
  private static List<String> content(NDManager manager, RandomAccessDataset dataset)
      throws Exception {
    List<String> batches = new ArrayList<>();
    for (Batch batch : dataset.getData(manager)) {
      try (batch) {
        batches.add(
            Arrays.toString(batch.getLabels().head().toLongArray())
                + Arrays.hashCode(batch.getData().head().toFloatArray())
                + batch.getIndices());
      }
    }
    return batches;
  }

  @Test
  void batches_areFloatsInZeroToOne_withIntegerLabels() throws Exception {
    StoredDataset dataset = numbered(40).toDataset(PLAIN);

    Iterator<Batch> batches = dataset.getData(manager).iterator();
    try (Batch first = batches.next();
        Batch last = batches.next()) {
      NDArray images = first.getData().head();
      assertThat(images.getShape()).isEqualTo(new Shape(32, 3, 8, 9));
      assertThat(images.getDataType()).isEqualTo(DataType.FLOAT32);
      assertThat(first.getLabels().head().getDataType()).isEqualTo(DataType.INT64);
      assertThat(first.getLabels().head().toLongArray()).startsWith(0, 1, 2, 0);
      // image 1, row 0, column 1 (value 3 of the stored bytes is its red): 31 + 7 * 3
      assertThat(images.getFloat(1, 0, 0, 1)).isEqualTo(52 / 255f);
      assertThat(images.getFloat(1, 2, 0, 1)).isEqualTo(66 / 255f);
      assertThat(last.getSize()).isEqualTo(8);
      assertThat(last.getProgress()).isEqualTo(40);
    }
    assertThat(batches.hasNext()).isFalse();
    assertThat(dataset.size()).isEqualTo(40);
  }

  @Test
  void get_isTheImageOfTheBatch() throws Exception {
    StoredDataset dataset = numbered(5).toDataset(PLAIN.resize(4, 4));
    try (Batch batch = dataset.getData(manager).iterator().next()) {
      for (int i = 0; i < 5; i++) {
        Record record = dataset.get(manager, i);
        assertThat(record.getData().head().toFloatArray())
            .isEqualTo(batch.getData().head().get(i).toFloatArray());
        assertThat(record.getLabels().head().getLong()).isEqualTo(i % 3);
        assertThat(record.getLabels().head().getShape()).isEqualTo(new Shape());
        assertThat(dataset.label(i)).isEqualTo(i % 3);
      }
    }
  }

  /** Order and values are the seed's, whatever threads and prefetch do. */
  @Property(tries = 12)
  void epochs_anySeed_areTheSameWithOneTwoAndFourThreads(
      @ForAll long seed,
      @ForAll @IntRange(max = 3) int epoch,
      @ForAll @IntRange(max = 3) int prefetch,
      @ForAll @IntRange(min = 1, max = 80) int size)
      throws Exception {
    try (NDManager own = NDManager.newBaseManager()) {
      StoredDataset dataset = numbered(size).toDataset(PLAIN.resize(6, 6)).training(RANDOM);
      Seeds seeds = new Seeds(seed);

      List<String> one = content(own, dataset.threads(1).prefetch(0).epoch(seeds, "s", epoch));

      for (int threads : new int[] {1, 2, 4}) {
        StoredDataset other = dataset.threads(threads).prefetch(prefetch);
        assertThat(content(own, other.epoch(seeds, "s", epoch))).isEqualTo(one);
      }
    }
  }

  @Test
  void epochs_differInOrderAndPieces_byEpochStreamAndSeed() throws Exception {
    StoredDataset dataset = numbered(20).toDataset(PLAIN.resize(6, 6)).training(RANDOM);
    Seeds seeds = new Seeds(7);

    List<List<String>> all =
        List.of(
            content(manager, dataset.epoch(seeds, "s", 0)),
            content(manager, dataset.epoch(seeds, "s", 1)),
            content(manager, dataset.epoch(seeds, "t", 0)),
            content(manager, dataset.epoch(new Seeds(8), "s", 0)),
            content(manager, dataset));

    assertThat(all).doesNotHaveDuplicates();
    assertThat(dataset.get(manager, 3).getData().head().toFloatArray())
        .isEqualTo(
            numbered(20)
                .toDataset(PLAIN.resize(6, 6))
                .get(manager, 3)
                .getData()
                .head()
                .toFloatArray());
  }

  /**
   * What an image looks like does not hang on what was read before it: a resumed run sees it so.
   */
  @Test
  void epoch_readFromTheMiddle_showsTheSameImages() throws Exception {
    StoredDataset epoch =
        numbered(30).toDataset(PLAIN.resize(6, 6)).training(RANDOM).epoch(new Seeds(7), "s", 2);
    float[] alone = epoch.get(manager, 17).getData().head().toFloatArray();

    Iterator<Batch> batches =
        epoch.getData(manager, new BatchSampler(new SequenceSampler(), 10)).iterator();
    batches.next().close();
    try (Batch second = batches.next()) {
      assertThat(second.getData().head().get(7).toFloatArray()).isEqualTo(alone);
    }
  }

  /** Memory is bounded by the number of batches ahead, however slow the taker is. */
  @Test
  void reading_runsNoFurtherAheadThanAsked() throws Exception {
    for (int prefetch : new int[] {0, 1, 3}) {
      AtomicInteger reads = new AtomicInteger();
      StoredDataset dataset = numbered(200, reads).toDataset(PLAIN).threads(4).prefetch(prefetch);
      Iterator<Batch> batches =
          dataset.getData(manager, new BatchSampler(new SequenceSampler(), 10)).iterator();
      assertThat(reads).hasValue(0);
      for (int taken = 1; taken <= 5; taken++) {
        batches.next().close();
        int expected = 10 * (taken + prefetch);
        await(reads, expected); // OrderedWorkTest holds that it is no more, whatever the time
        assertThat(reads).hasValue(expected);
      }
    }
  }

  private static void await(AtomicInteger reads, int expected) throws InterruptedException {
    for (int i = 0; reads.get() < expected && i < 2_000; i++) {
      Thread.sleep(5);
    }
  }

  @Test
  void labels_areToldWithoutReading() {
    AtomicInteger reads = new AtomicInteger();
    StoredDataset dataset = numbered(9, reads).toDataset(PLAIN);

    assertThat(dataset.label(5)).isEqualTo(2);
    assertThat(reads).hasValue(0);
  }

  @Test
  void parts_ofDjl_areDatasetsLikeThisOne() throws Exception {
    StoredDataset dataset = numbered(10).toDataset(PLAIN);

    RandomAccessDataset[] halves = dataset.randomSplit(5, 5);
    RandomAccessDataset part = dataset.subDataset(2, 5);

    assertThat(halves).hasOnlyElementsOfType(StoredDataset.class);
    assertThat(halves[0].size() + halves[1].size()).isEqualTo(10);
    assertThat(part.size()).isEqualTo(3);
    assertThat(((StoredDataset) part).images().where(0)).isEqualTo("picture 2");
    assertThat(((StoredDataset) dataset.subDataset(List.of(9L, 0L))).images().where(1))
        .isEqualTo("picture 0");
  }

  @Test
  void brokenPicture_isNamed() throws IOException {
    TinySets files = new TinySets(root);
    files.picture("cat/1.png", 10);
    files.text("cat/2.png", "not a picture");
    files.picture("dog/3.png", 30);
    StoredImages images = StoredImages.classFolders(root);

    assertThatThrownBy(() -> content(manager, images.toDataset(PLAIN)))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageStartingWith("not a picture: " + root.resolve("cat/2.png"))
        .hasCauseInstanceOf(FormatException.class);
  }

  /** Behind a broken picture nothing comes, least of all with the labels of others. */
  @Test
  void brokenPicture_endsTheReading() {
    PictureStore store =
        new PictureStore() {
          @Override
          public String where(int index) {
            return "picture " + index;
          }

          @Override
          public Pixels read(int index) throws IOException {
            if (index == 1) {
              throw new IOException("broken");
            }
            return Pixels.black(3, 2, 2);
          }
        };
    StoredImages images =
        StoredImages.of("six", store, new int[] {0, 0, 1, 1, 2, 2}, List.of("a", "b", "c"));
    Iterator<Batch> batches =
        images
            .toDataset(PLAIN)
            .prefetch(0) // so that more would be to come
            .getData(manager, new BatchSampler(new SequenceSampler(), 2), null)
            .iterator();

    assertThatThrownBy(batches::next).isInstanceOf(UncheckedIOException.class);
    assertThat(batches.hasNext()).isFalse();
    assertThatThrownBy(batches::next).isInstanceOf(NoSuchElementException.class);
  }

  @Test
  void sizesThatDiffer_areToldWithBothFiles() throws IOException {
    TinySets files = new TinySets(root);
    files.picture("cat/1.png", 10, 6, 5);
    files.picture("cat/2.png", 10, 7, 5);
    StoredImages images = StoredImages.classFolders(root);

    assertThatThrownBy(() -> content(manager, images.toDataset(PLAIN)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "images of one batch differ in size: "
                + root.resolve("cat/2.png")
                + "; expected 5 x 6, as "
                + root.resolve("cat/1.png")
                + ", found 5 x 7; end the transform with centreCrop or resize to a height and a"
                + " width.");
    assertThatThrownBy(() -> content(manager, images.toDataset(PLAIN.centreCrop(6))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(root.resolve("cat/1.png") + ": picture smaller than the piece")
        .hasMessageContaining("expected at least 6 x 6 pixels, found 5 x 6; resize first");
  }

  @Test
  void contradictions_areRefusedAtTheCall() {
    StoredImages images = numbered(4);
    StoredDataset dataset = images.toDataset(PLAIN);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> images.toDataset(RANDOM))
        .withMessageContaining("pass random steps to StoredDataset.training");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> dataset.training(ImageTransform.grey()))
        .withMessageContaining("expected 3 channels, as of colour(), found grey()");
    assertThatIllegalArgumentException().isThrownBy(() -> dataset.threads(0));
    assertThatIllegalArgumentException().isThrownBy(() -> dataset.prefetch(-1));
  }

  @Test
  void description_namesBothTransforms() {
    StoredDataset dataset =
        numbered(4).toDataset(PLAIN.resize(256).centreCrop(224)).training(RANDOM);

    assertThat(dataset.describe())
        .isEqualTo(
            "colour().resize(256).centreCrop(224, 224), in training"
                + " colour().randomResizedCrop(6, 0.08).horizontalFlip()");
    assertThat(dataset).hasToString("numbered: 4 images on disk, 3 classes, " + dataset.describe());
  }

  @Test
  void broken_areLeftOutAndCounted_whenAskedFor() throws Exception {
    TinySets files = new TinySets(root);
    for (int i = 0; i < 150; i++) {
      files.picture("cat/" + (100 + i) + ".png", i);
    }
    byte[] cut = Files.readAllBytes(root.resolve("cat/100.png"));
    files.bytes("cat/170.png", Arrays.copyOf(cut, cut.length / 2));
    files.text("dog/1.png");
    files.picture("dog/2.png", 200);

    StoredImages images = StoredImages.classFolders(root).withoutBroken();

    assertThat(images.size()).isEqualTo(150);
    assertThat(images.counts()).containsExactly(149, 1);
    assertThat(images.skipped()).hasSize(2);
    assertThat(images.skipped().get(0)).startsWith(root.resolve("cat/170.png").toString());
    assertThat(images.skipped().get(1))
        .startsWith(root.resolve("dog/1.png").toString())
        .contains("not a picture", "an empty file");
    assertThat(images)
        .hasToString(root + ": 150 images on disk, 2 classes, 2 broken ones left out");
    assertThat(content(manager, images.toDataset(PLAIN))).hasSize(5);
    files.text("cat/1.png");
    StoredImages broken = StoredImages.classFolders(root).head(1);
    assertThatThrownBy(broken::withoutBroken)
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith("no image can be read: " + root);
  }
}
