package org.vpns.study.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.Batch;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ImageTableTest {
  private static final List<String> AB = List.of("a", "b");

  /** Image i holds the value i / 4096 twice and has label i mod 2. */
  static ImageTable numbered(int size) {
    float[][] images = new float[size][];
    for (int i = 0; i < size; i++) {
      images[i] = new float[] {i / 4096f, i / 4096f};
    }
    return ImageTable.of(
        "numbered", 2, 1, 1, images, IntStream.range(0, size).map(i -> i % 2).toArray(), AB);
  }

  static int number(float[] image) {
    return (int) (image[0] * 4096);
  }

  static List<Integer> numbers(ImageTable table) {
    return IntStream.range(0, table.size()).mapToObj(i -> number(table.image(i))).toList();
  }

  @Test
  void split_sameSeed_isTheSameAndAnotherSeedIsNot() {
    ImageTable table = numbered(100);

    List<Integer> first = numbers(table.split(7, 60).train());

    assertThat(numbers(table.split(7, 60).train())).isEqualTo(first);
    assertThat(numbers(table.split(8, 60).train())).isNotEqualTo(first);
  }

  @Test
  void toDataset_moreImagesThanOneChunk_hasEveryPixelInItsPlace() {
    ImageTable table = numbered(2_500); // chunks of 1,024
    try (NDManager manager = NDManager.newBaseManager()) {
      ArrayDataset dataset = table.toDataset(manager);
      try (Batch batch = dataset.getByRange(manager, 0, 2_500)) {
        NDArray data = batch.getData().singletonOrThrow();
        NDArray labels = batch.getLabels().singletonOrThrow();

        assertThat(data.getShape()).isEqualTo(new Shape(2_500, 2, 1, 1));
        assertThat(data.getDataType()).isEqualTo(DataType.FLOAT32);
        assertThat(labels.getShape()).isEqualTo(new Shape(2_500));
        assertThat(labels.getDataType()).isEqualTo(DataType.INT64);
        float[] values = data.toFloatArray();
        long[] classes = labels.toLongArray();
        for (int i = 0; i < 2_500; i++) {
          assertThat(values[2 * i]).isEqualTo(i / 4096f);
          assertThat(values[2 * i + 1]).isEqualTo(i / 4096f);
          assertThat(classes[i]).isEqualTo(i % 2);
        }
      }
    }
  }

  @Test
  void toDataset_read_comesInBatchesOf32InOrder() throws Exception {
    ImageTable table = numbered(70);
    List<Integer> sizes = new ArrayList<>();
    List<Integer> order = new ArrayList<>();
    try (NDManager manager = NDManager.newBaseManager()) {
      for (Batch batch : table.toDataset(manager).getData(manager)) {
        try (batch) {
          sizes.add(batch.getSize());
          float[] values = batch.getData().singletonOrThrow().toFloatArray();
          for (int i = 0; i < values.length; i += 2) {
            order.add((int) (values[i] * 4096));
          }
        }
      }
    }
    assertThat(sizes).containsExactly(32, 32, 6);
    assertThat(order).isEqualTo(IntStream.range(0, 70).boxed().toList());
  }

  @Test
  void toDataset_closedManager_takesTheArraysWithIt() {
    try (NDManager outer = NDManager.newBaseManager()) {
      NDManager inner = outer.newSubManager();
      int before = inner.getManagedArrays().size();
      numbered(2_500).toDataset(inner);
      // The images and the labels, and none of the chunks they came in.
      assertThat(inner.getManagedArrays()).hasSize(before + 2);
      inner.close();
    }
  }

  @Test
  void of_arraysChangedAfterwards_areNotSeen() {
    float[][] images = {{0.5f}};
    int[] labels = {1};
    ImageTable table = ImageTable.of("one", 1, 1, 1, images, labels, AB);

    images[0][0] = 0;
    labels[0] = 0;
    table.image(0)[0] = 1;

    assertThat(table.image(0)).containsExactly(0.5f);
    assertThat(table.label(0)).isEqualTo(1);
  }

  @Test
  void counts_classWithoutImage_isZero() {
    assertThat(ImageTable.of("one", 1, 1, 1, new float[][] {{1}}, new int[] {1}, AB).counts())
        .containsExactly(0, 1);
  }

  @Test
  void split_ofPartsThatDoNotFit_isRefused() {
    ImageTable small = ImageTable.of("small", 1, 1, 1, new float[][] {{1}}, new int[] {1}, AB);
    ImageTable wide = ImageTable.of("wide", 1, 1, 2, new float[][] {{1, 0}}, new int[] {1}, AB);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ImageTable.Split(small, wide))
        .withMessage(
            "parts of two image sizes: new ImageTable.Split, wide; expected images of 1 x 1 x 1, as"
                + " those of small, found 1 x 1 x 2; read both parts in one size.");
    ImageTable turned =
        ImageTable.of("turned", 1, 1, 1, new float[][] {{1}}, new int[] {1}, List.of("b", "a"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ImageTable.Split(small, turned))
        .withMessage(
            "parts of other classes: new ImageTable.Split, turned; expected the classes of small, "
                + String.join(", ", AB)
                + ", found b, a; label both parts by the same classes, in one order.");
  }

  @Test
  void head_ofThree_areTheFirstThree() {
    assertThat(numbers(numbered(9).head(3))).containsExactly(0, 1, 2);
  }

  @Test
  void of_badInput_isRefusedWithItsPlace() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImageTable.of("t", 1, 1, 1, new float[0][], new int[0], AB))
        .withMessageStartingWith("table without pixels: t");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImageTable.of("t", 1, 1, 1, new float[][] {{0}}, new int[2], AB))
        .withMessage("labels of other images: t; expected 1 labels, found 2; pass one each.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImageTable.of("t", 1, 1, 2, new float[][] {{0}}, new int[1], AB))
        .withMessageStartingWith("image of another size: t, image 0; expected 2 values, found 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImageTable.of("t", 1, 1, 1, new float[][] {{0}}, new int[] {-1}, AB))
        .withMessageStartingWith("label out of range: t, image 0; expected 0 to 1, found -1");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> ImageTable.of("t", 1, 1, 1, new float[1][1], new int[1], List.of("a", "a")))
        .withMessageStartingWith("class name twice: t");
    for (float value : new float[] {Float.NaN, -0.1f, 1.1f, Float.POSITIVE_INFINITY}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> ImageTable.of("t", 1, 1, 1, new float[][] {{value}}, new int[1], AB))
          .withMessageStartingWith("pixel out of range: t, image 0")
          .withMessageContaining("found " + value);
    }
  }

  @Test
  void subset_badInput_isRefused() {
    ImageTable table = numbered(4);
    assertThatIllegalArgumentException().isThrownBy(table::subset).withMessageContaining("empty");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> table.subset(4))
        .withMessageContaining("expected 0 to 3, found 4");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> table.head(5))
        .withMessageContaining("expected 1 to 4 of 4, found 5");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> table.split(1, 4))
        .withMessageContaining("expected 1 to 3 of 4, found 4");
  }
}
