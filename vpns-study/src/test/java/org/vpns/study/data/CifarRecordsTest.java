package org.vpns.study.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.io.FormatException;
import org.vpns.testing.SharedData;

class CifarRecordsTest {
  @TempDir Path folder;

  /** Records whose red, green and blue planes are full of 10, 20 and 255. */
  private static byte[] records(int... labels) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int label : labels) {
      byte[] record = new byte[CifarRecords.RECORD_BYTES];
      record[0] = (byte) label;
      Arrays.fill(record, 1, 1025, (byte) 10);
      Arrays.fill(record, 1025, 2049, (byte) 20);
      Arrays.fill(record, 2049, 3073, (byte) 255);
      out.writeBytes(record);
    }
    return out.toByteArray();
  }

  private Path file(String name, byte[] bytes) throws IOException {
    return Files.write(folder.resolve(name), bytes);
  }

  @Test
  void read_twoFiles_joinsThemInOrder() throws IOException {
    ImageTable table =
        CifarRecords.read(
            "set",
            List.of("a", "b", "c"),
            List.of(file("one", records(2, 0)), file("two", records(1))));

    assertThat(table).hasToString("set: 3 images of 3 x 32 x 32, 3 classes");
    assertThat(new int[] {table.label(0), table.label(1), table.label(2)}).containsExactly(2, 0, 1);
    float[] image = table.image(2);
    assertThat(image).hasSize(3072);
    assertThat(image[1023]).isEqualTo(10 / 255f);
    assertThat(image[1024]).isEqualTo(20 / 255f);
    assertThat(image[2048]).isEqualTo(1f);
  }

  @Test
  void read_badFile_isRefusedByName() throws IOException {
    List<String> ab = List.of("a", "b");

    Path empty = file("empty", new byte[0]);
    assertThatThrownBy(() -> CifarRecords.read("set", ab, List.of(empty)))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith("empty file: " + empty);
    Path cut = file("cut", Arrays.copyOf(records(0, 1), 6145));
    assertThatThrownBy(() -> CifarRecords.read("set", ab, List.of(cut)))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith(
            "file ends inside a record: "
                + cut
                + "; expected records of 3073 bytes, found 6145 bytes");
    Path label = file("label", records(0, 200));
    assertThatThrownBy(() -> CifarRecords.read("set", ab, List.of(label)))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith(
            "label out of range: " + label + ", record 1; expected 0 to 1, found 200");
    assertThatThrownBy(() -> CifarRecords.read("set", ab, List.of()))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith("no file of records: set");
  }

  @Test
  void readFolder_distributionLayout_namesClassesFromItsFile() throws IOException {
    file("data_batch_2.bin", records(1));
    file("data_batch_1.bin", records(0));
    file("test_batch.bin", records(2));
    Files.writeString(folder.resolve("batches.meta.txt"), "cat\ndog\nox\n\n");

    ImageTable.Split split = CifarRecords.readFolder(folder);

    assertThat(split.train().classNames()).containsExactly("cat", "dog", "ox");
    assertThat(split.train().label(0)).isZero();
    assertThat(split.train().label(1)).isEqualTo(1);
    assertThat(split.test().label(0)).isEqualTo(2);
  }

  @Test
  void readFolder_withoutNames_numbersClassesToTheHighestLabelOfBothParts() throws IOException {
    file("train_a.bin", records(1));
    file("test_a.bin", records(3));

    assertThat(CifarRecords.readFolder(folder).train().classNames())
        .containsExactly("0", "1", "2", "3");
  }

  @Test
  void readFolder_classNamesThatAreNoText_areRefused() throws IOException {
    file("data_batch_1.bin", records(0));
    file("test_batch.bin", records(0));
    Path names = file("batches.meta.txt", new byte[] {'c', (byte) 0xff, 't'});
    assertThatThrownBy(() -> CifarRecords.readFolder(folder))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("text file is no text: " + names);
  }

  @Test
  void readFolder_missingPartOrName_isRefused() throws IOException {
    file("train_a.bin", records(1));
    assertThatThrownBy(() -> CifarRecords.readFolder(folder))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("expected test*.bin, found none");

    file("test_a.bin", records(1));
    Files.writeString(folder.resolve("batches.meta.txt"), "cat\n");
    assertThatThrownBy(() -> CifarRecords.readFolder(folder))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("expected 0 to 0 (batches.meta.txt), found 1");

    Path missing = folder.resolve("missing");
    for (Path noFolder : List.of(missing, folder.resolve("test_a.bin"))) {
      assertThatThrownBy(() -> CifarRecords.readFolder(noFolder))
          .isInstanceOf(FormatException.class)
          .hasMessageStartingWith("no such folder: " + noFolder);
    }
  }

  @Test
  void readFolder_flowers_holdsTheCountsOfItsDescription() throws IOException {
    Path flowers = SharedData.require("data/flowers5");

    ImageTable.Split split = CifarRecords.readFolder(flowers);

    assertThat(split.train().counts()).containsExactly(500, 500, 500, 500, 500);
    assertThat(split.test().counts()).containsExactly(100, 100, 100, 100, 100);
  }

  @Test
  void read_cifarTestImages_holdsTheCountsOfItsDescription() throws IOException {
    Path file = SharedData.require("data/cifar10/test_761.bin");

    ImageTable table =
        CifarRecords.read("cifar10", CifarRecords.CIFAR10_CLASS_NAMES, List.of(file));

    assertThat(table.counts()).containsExactly(74, 62, 77, 75, 67, 73, 88, 72, 83, 90);
  }
}
