package org.vpns.examples;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.study.data.StoredImages;
import org.vpns.train.ImageSets;

/** The page on data: its code is compiled, and run on a few pictures; and the program beside it. */
class DataTest {
  private static final String PAGE = "docs/data.md";

  @TempDir Path folder;

  @Test
  void javaBlocks_allOfThem_areRegionsOfCompiledFiles() throws Exception {
    assertThat(Snippets.blocks(PAGE, "java"))
        .containsExactly(
            Snippets.region("test", "DataExample.java", "set"),
            Snippets.region("test", "DataExample.java", "folders"),
            Snippets.region("test", "DataExample.java", "djl"));
  }

  @Test
  void links_toFiles_lead() throws Exception {
    assertThat(Snippets.links(PAGE)).isNotEmpty().allSatisfy(link -> assertThat(link).exists());
  }

  private void picture(String name) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    BufferedImage picture = new BufferedImage(40, 30, BufferedImage.TYPE_INT_RGB);
    assertThat(ImageIO.write(picture, "jpeg", file.toFile())).isTrue();
  }

  @Test
  void publishedSet_becomesTheImagesOfARun() throws Exception {
    for (String name : List.of("Abyssinian_1", "Abyssinian_2", "beagle_1", "beagle_2")) {
      picture("images/" + name + ".jpg");
    }
    Files.createDirectory(folder.resolve("annotations"));
    Files.writeString(
        folder.resolve("annotations/trainval.txt"), "Abyssinian_1 1 1 1\nbeagle_1 2 2 1\n");
    Files.writeString(
        folder.resolve("annotations/test.txt"), "Abyssinian_2 1 1 1\nbeagle_2 2 2 1\n");

    ImageSets images = DataExample.set(folder);

    assertThat(images.classNames()).containsExactly("Abyssinian", "Beagle");
    assertThat(images.validationFraction()).isEqualTo(0.1);
    try (NDManager manager = NDManager.newBaseManager()) {
      assertThat(images.train().get(manager, 1).getData().head().getShape().getShape())
          .containsExactly(3, 224, 224);
    }
  }

  private void classFolders() throws IOException {
    for (String part : List.of("train", "test")) {
      for (int i = 0; i < 5; i++) {
        picture(part + "/cat/" + i + ".jpg");
        picture(part + "/dog/" + i + ".jpg");
      }
    }
    Files.writeString(folder.resolve("train/dog/notes.txt"), "no picture");
  }

  @Test
  void classFolders_areReadWithoutBrokenOnes_andByDjl() throws Exception {
    classFolders();

    StoredImages.Split own = DataExample.folders(folder);

    assertThat(own.train().size()).isEqualTo(10);
    assertThat(own.train().skipped()).hasSize(1);
    List<String> seen = new ArrayList<>();
    try (NDManager manager = NDManager.newBaseManager()) {
      DataExample.djl(
          own.train(),
          manager,
          batch -> seen.add(batch.getData().head().getShape() + order(batch)));
    }
    assertThat(seen).hasSize(3).doesNotHaveDuplicates();
    assertThat(seen).allSatisfy(words -> assertThat(words).startsWith("(10, 3, 32, 32)"));
  }

  private static String order(Batch batch) {
    return batch.getIndices().toString();
  }

  @Test
  void checkImages_countsNamesAndTimes() throws Exception {
    classFolders();
    Files.writeString(folder.resolve("test/cat/4.jpg"), "not a picture");

    Said said =
        Said.of(new CheckImages(), "--set", "FOLDERS", "--data", folder.toString(), "--size", "16");

    assertThat(said.err()).isEmpty();
    assertThat(said.code()).isEqualTo(1);
    assertThat(said.out().lines())
        .hasSize(8)
        .endsWith("2 broken images")
        .startsWith(
            "training: " + folder.resolve("train") + ": 11 images on disk, 2 classes, 5 to 6 each",
            "test: " + folder.resolve("test") + ": 10 images on disk, 2 classes, 5 to 5 each")
        .anyMatch(line -> line.startsWith("broken: " + folder.resolve("train/dog/notes.txt")))
        .anyMatch(line -> line.startsWith("broken: " + folder.resolve("test/cat/4.jpg")))
        .anyMatch(line -> line.endsWith(": 10 images on disk, 2 classes, 1 broken one left out"))
        .anyMatch(line -> line.startsWith("test, read: ") && line.contains(" 9 images "))
        .anyMatch(line -> line.matches("\\d+ images/s, colour\\(\\)\\.resize\\(16, 16\\), in .*"));
  }

  private Said checked() {
    return Said.of(
        new CheckImages(), "--set", "FOLDERS", "--data", folder.toString(), "--size", "16");
  }

  @Test
  void checkImages_ofASetWithoutFault_endsWithZero() throws Exception {
    classFolders();
    Files.delete(folder.resolve("train/dog/notes.txt"));

    Said said = checked();

    assertThat(said.code()).isZero();
    assertThat(said.out()).endsWith("no broken image" + System.lineSeparator());
  }

  /** Neither a part of which nothing is left nor many broken ones keep others from being told. */
  @Test
  void checkImages_ofAPartThatIsAllBroken_goesOnWithTheOthers() throws Exception {
    for (int i = 0; i < 22; i++) {
      picture("train/cat/" + i + ".jpg");
    }
    Files.createDirectories(folder.resolve("test/cat"));
    for (int i = 0; i < 23; i++) {
      Files.writeString(folder.resolve("test/cat/" + i + ".jpg"), "no picture");
    }
    Said tests = checked();
    assertThat(tests.code()).isEqualTo(1);
    assertThat(tests.out().lines())
        .anyMatch(line -> line.startsWith("test, read: no image can be read: "))
        .anyMatch(line -> line.contains(" images/s, "))
        .endsWith("23 broken images");

    Files.move(folder.resolve("train"), folder.resolve("other"));
    Files.move(folder.resolve("test"), folder.resolve("train"));
    Files.move(folder.resolve("other"), folder.resolve("test"));
    picture("train/cat/sound.jpg");
    Said training = checked();
    assertThat(training.code()).isEqualTo(1);
    assertThat(training.out().lines())
        .contains("broken: 3 more", "23 broken images")
        .anyMatch(line -> line.startsWith("test, read: ") && line.contains(" 22 images "));

    Files.delete(folder.resolve("train/cat/sound.jpg"));
    assertThat(checked().out().lines()).noneMatch(line -> line.contains("images/s"));
  }

  @Test
  void checkImages_help_namesItsExitCodes() {
    assertThat(Said.of(new CheckImages(), "--help").out())
        .contains("0   all images can be read", "1   images are broken", "2   wrong options");
  }

  @Test
  void checkImages_wrongFolderOrOption_saysWhatWasExpected() {
    Said wrong = Said.of(new CheckImages(), "--set", "PETS", "--data", folder.toString());
    assertThat(wrong.code()).isEqualTo(2);
    assertThat(wrong.err())
        .contains("not the folder of Oxford-IIIT Pets", "expected annotations/trainval.txt");
    Said split =
        Said.of(
            new CheckImages(), "--set", "PETS", "--data", folder.toString(), "--split", "x.json");
    assertThat(split.code()).isEqualTo(2);
    Said size =
        Said.of(new CheckImages(), "--set", "FOLDERS", "--data", folder.toString(), "--size", "0");
    assertThat(size.code()).isEqualTo(2);
    assertThat(size.err()).startsWith("Invalid value for option '--size': size out of range: ");
    assertThat(split.err())
        .contains(
            "option of another set: --split; expected none for --set PETS, found x.json; leave it"
                + " out, or name --set FLOWERS102.");
  }
}
