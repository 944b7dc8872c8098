package org.vpns.study.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.dataset.Batch;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.io.FormatException;

class ClassFoldersTest {
  @TempDir Path root;

  private void picture(String name, int width, int height, int type, Color color)
      throws IOException {
    BufferedImage image = new BufferedImage(width, height, type);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(color);
    graphics.fillRect(0, 0, width, height);
    graphics.dispose();
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    assertThat(ImageIO.write(image, "png", file.toFile())).isTrue();
  }

  @Test
  void read_ofNothingAndOfAFile_saysSo(@TempDir Path outer) throws IOException {
    Path none = outer.resolve("none");
    assertThatThrownBy(() -> ClassFolders.read(none, 3, 8, 8))
        .isInstanceOf(FormatException.class)
        .hasMessage(
            "no folder of pictures: "
                + none
                + "; expected a folder with one folder per class, found nothing; check the path.");
    Path file = Files.writeString(outer.resolve("file"), "text");
    assertThatThrownBy(() -> ClassFolders.read(file, 3, 8, 8, List.of("a")))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("found a file; ");
  }

  @Test
  void read_twoClasses_sortsClassesAndFilesByName() throws IOException {
    picture("ox/b.png", 4, 4, BufferedImage.TYPE_INT_RGB, new Color(51, 0, 0));
    picture("ox/a.png", 4, 4, BufferedImage.TYPE_INT_RGB, new Color(0, 51, 255));
    picture("cat/z.png", 4, 4, BufferedImage.TYPE_INT_RGB, Color.WHITE);
    Files.writeString(root.resolve("ox/.hidden"), "left out");

    ImageTable table = ClassFolders.read(root, 3, 4, 4);

    assertThat(table.classNames()).containsExactly("cat", "ox");
    assertThat(table.counts()).containsExactly(1, 2);
    assertThat(table.image(0)).containsOnly(1f);
    float[] blue = table.image(1);
    assertThat(new float[] {blue[0], blue[16], blue[32]}).containsExactly(0f, 0.2f, 1f);
    assertThat(table.image(2)[0]).isEqualTo(0.2f);
  }

  /** In memory and on disk. */
  private List<ThrowingCallable> readers(List<String> classNames) {
    return List.of(
        () -> ClassFolders.read(root, 3, 4, 4, classNames),
        () -> StoredImages.classFolders(root, classNames));
  }

  @Test
  void read_folderOfFolders_saysWhichToName() throws IOException {
    picture("train/cat/1.png", 4, 4, BufferedImage.TYPE_INT_RGB, Color.WHITE);
    picture("train/ox/1.png", 4, 4, BufferedImage.TYPE_INT_RGB, Color.WHITE);
    for (ThrowingCallable read : readers(List.of("train"))) {
      assertThatThrownBy(read)
          .isInstanceOf(FormatException.class)
          .hasMessage(
              "folder within a class: "
                  + root.resolve("train")
                  + "; expected pictures, found folder cat; name the folder that holds the"
                  + " classes, perhaps "
                  + root.resolve("train")
                  + ".");
    }
    assertThat(ClassFolders.read(root.resolve("train"), 3, 4, 4).classNames())
        .containsExactly("cat", "ox");
  }

  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void read_linkThatLeadsNowhere_isNoClassLeftOut() throws IOException {
    picture("cat/1.png", 4, 4, BufferedImage.TYPE_INT_RGB, Color.WHITE);
    for (String name : List.of("ox", "cat/2.png")) {
      Path link = Files.createSymbolicLink(root.resolve(name), root.resolve("gone"));
      for (ThrowingCallable read : readers(List.of("cat"))) {
        assertThatThrownBy(read)
            .isInstanceOf(FormatException.class)
            .hasMessage(
                "link that leads nowhere: "
                    + link
                    + "; expected a file or a folder, found a link to "
                    + root.resolve("gone")
                    + ", which cannot be opened; remove the link or bring back what it leads to.");
      }
      Files.delete(link);
    }
    Files.createSymbolicLink(root.resolve("ox"), root.resolve("cat"));
    assertThat(ClassFolders.read(root, 3, 4, 4).classNames()).containsExactly("cat", "ox");
  }

  /** To what holds the classes, to the class, to itself: each would be read without an end. */
  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void read_linkThatLeadsBack_isToldAsThat() throws IOException {
    picture("cat/1.png", 4, 4, BufferedImage.TYPE_INT_RGB, Color.WHITE);
    for (String name : List.of("ox", "cat/more")) {
      for (String target : name.startsWith("cat/") ? List.of(".", "..") : List.of(".")) {
        Path link = Files.createSymbolicLink(root.resolve(name), Path.of(target));
        for (ThrowingCallable read : readers(List.of("cat"))) {
          assertThatThrownBy(read)
              .isInstanceOf(FormatException.class)
              .hasMessage(
                  "link that leads back to a folder it is in: "
                      + link
                      + "; expected a folder or a file of pictures, found a link to "
                      + target
                      + "; remove the link.");
        }
        Files.delete(link);
      }
    }
    Path itself = Files.createSymbolicLink(root.resolve("ox"), Path.of("ox"));
    for (ThrowingCallable read : readers(List.of("cat"))) {
      assertThatThrownBy(read)
          .isInstanceOf(FormatException.class)
          .hasMessageStartingWith("link that leads nowhere: " + itself)
          .hasMessageContaining("found a link to ox, which cannot be opened;");
    }
  }

  /** As a program is told them; a message names a file by the way it was given. */
  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void read_linksInAFolderThatIsNamedFromHere_areNamedOnce() throws IOException {
    Path here = Path.of("").toAbsolutePath().relativize(root.toAbsolutePath());
    picture("cat/1.png", 4, 4, BufferedImage.TYPE_INT_RGB, Color.WHITE);
    Files.createSymbolicLink(root.resolve("ox"), Path.of("gone"));
    List<ThrowingCallable> readers =
        List.of(() -> ClassFolders.read(here, 3, 4, 4), () -> StoredImages.classFolders(here));
    for (ThrowingCallable read : readers) {
      assertThatThrownBy(read)
          .hasMessageStartingWith("link that leads nowhere: " + here.resolve("ox") + "; ");
    }
  }

  /** Labels go by the list that is given, in memory and on disk, through links as well. */
  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void read_classesInAnotherOrderThanTheirFolders_areLabelledByTheList(@TempDir Path disk)
      throws IOException {
    picture("b/1.png", 4, 4, BufferedImage.TYPE_INT_RGB, Color.BLACK);
    picture("a/1.png", 4, 4, BufferedImage.TYPE_INT_RGB, Color.WHITE);
    picture("a/2.png", 4, 4, BufferedImage.TYPE_INT_RGB, Color.WHITE);
    Path elsewhere = Files.move(root.resolve("a"), disk.resolve("a"));
    Files.createSymbolicLink(root.resolve("a"), elsewhere);
    List<String> classes = List.of("b", "a");

    ImageTable table = ClassFolders.read(root, 3, 4, 4, classes);
    StoredImages stored = StoredImages.classFolders(root, classes);

    assertThat(table.counts()).containsExactly(1, 2);
    for (int i = 0; i < 3; i++) {
      assertThat(table.image(i)[0]).isEqualTo(table.label(i)); // b is black, a is white
    }
    assertThat(stored.classNames()).isEqualTo(classes);
    assertThat(stored.counts()).containsExactly(1, 2);
    try (NDManager manager = NDManager.newBaseManager()) {
      ImageTransform plain = ImageTransform.colour().resize(4, 4);
      for (Batch batch : stored.toDataset(plain).getData(manager)) {
        long[] labels = batch.getLabels().singletonOrThrow().toLongArray();
        float[] first =
            batch
                .getData()
                .singletonOrThrow()
                .get(":, 0, 0, 0")
                .toType(DataType.FLOAT32, false)
                .toFloatArray();
        for (int i = 0; i < labels.length; i++) {
          assertThat(first[i]).isEqualTo(labels[i]);
        }
        batch.close();
      }
    }
  }

  /** What Java gives for characters that a locale does not have is that character itself. */
  @Test
  void read_namesThatTheLocaleDoesNotHave_saysWhichLocaleHasThem() throws IOException {
    picture("caf\ufffd/1.png", 4, 4, BufferedImage.TYPE_INT_RGB, Color.WHITE);
    for (ThrowingCallable read : readers(List.of("caf\u00e9"))) {
      assertThatThrownBy(read)
          .isInstanceOf(FormatException.class)
          .hasMessageStartingWith(
              "name of a file cannot be read: " + root + "; expected characters")
          .hasMessageEndingWith(
              "found others in 'caf\ufffd'; start Java with the environment variable"
                  + " LC_ALL=C.UTF-8, or rename the file.");
    }
    Files.move(root.resolve("caf\ufffd"), root.resolve("cafe"));
    picture("cafe/\ufffd.png", 4, 4, BufferedImage.TYPE_INT_RGB, Color.WHITE);
    assertThat(ClassFolders.read(root, 3, 4, 4).size()).isEqualTo(2);
    assertThatThrownBy(() -> StoredImages.classFolders(root))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("others in '\ufffd.png'");
  }

  @Test
  void read_classThatLooksTheSame_isToldToBeWrittenOtherwise() throws IOException {
    picture("caf\u00e9/1.png", 4, 4, BufferedImage.TYPE_INT_RGB, Color.WHITE);
    for (ThrowingCallable read : readers(List.of("cafe\u0301"))) {
      assertThatThrownBy(read)
          .isInstanceOf(FormatException.class)
          .hasMessageContaining(
              "found none for cafe\u0301, unknown caf\u00e9 (the same to see, written with other"
                  + " characters); rename");
    }
  }

  /** A file of some bytes that promises more pixels than the heap holds. */
  @Test
  void read_pictureThatPromisesTooMuch_isRefused() throws IOException {
    picture("ox/a.png", 4, 4, BufferedImage.TYPE_INT_RGB, Color.WHITE);
    Path file = root.resolve("ox/a.png");
    byte[] content = Files.readAllBytes(file);
    ByteBuffer header = ByteBuffer.wrap(content).putInt(16, 100_000).putInt(20, 90_000);
    CRC32 crc = new CRC32();
    crc.update(content, 12, 17);
    Files.write(file, header.putInt(29, (int) crc.getValue()).array());
    assertThatThrownBy(() -> ClassFolders.read(root, 3, 4, 4))
        .isInstanceOf(FormatException.class)
        .hasMessageMatching(
            "picture too large: .*a.png; expected at most \\d+ pixels, found 9000000000; make it"
                + " smaller\\.");
  }

  @Test
  void read_pictureOfAnotherSize_isResizedWithRowsAsHeight() throws IOException {
    BufferedImage image = new BufferedImage(8, 4, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, 4, 4); // the left half
    graphics.dispose();
    Files.createDirectory(root.resolve("half"));
    ImageIO.write(image, "png", root.resolve("half/a.png").toFile());

    ImageTable table = ClassFolders.read(root, 1, 2, 4);

    assertThat(table).hasToString(root + ": 1 images of 1 x 2 x 4, 1 classes");
    assertThat(table.image(0)).containsExactly(1, 1, 0, 0, 1, 1, 0, 0);
  }

  @Test
  void read_greyPicture_keepsItsGreyLevels() throws IOException {
    BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_GRAY);
    image.getRaster().setSample(0, 0, 0, 100);
    image.getRaster().setSample(1, 0, 0, 200);
    Files.createDirectory(root.resolve("grey"));
    ImageIO.write(image, "png", root.resolve("grey/a.png").toFile());

    float[] values = ClassFolders.read(root, 1, 1, 2).image(0);

    assertThat(values[0]).isCloseTo(100 / 255f, within(1e-6f)); // one division in float32
    assertThat(values[1]).isCloseTo(200 / 255f, within(1e-6f));
  }

  private void white(String name) throws IOException {
    picture(name, 2, 2, BufferedImage.TYPE_INT_RGB, Color.WHITE);
  }

  @Test
  void read_withTheClassesOfTraining_labelsByName() throws IOException {
    white("b/1.png");
    white("a/1.png");
    white("a/2.png");

    ImageTable table = ClassFolders.read(root, 3, 2, 2, List.of("b", "a"));

    assertThat(table.classNames()).containsExactly("b", "a");
    assertThat(table.counts()).containsExactly(1, 2);
  }

  @Test
  void read_withoutAClassOfTraining_isRefused_withTheNearestNames() throws IOException {
    white("cat/1.png");
    white("dogs/1.png");
    assertThatThrownBy(() -> ClassFolders.read(root, 3, 2, 2, List.of("ape", "cat", "dog", "emu")))
        .isInstanceOf(FormatException.class)
        .hasMessage(
            "other classes than those of training: "
                + root
                + "; expected a folder for each of 4 classes, and no other, found none for ape,"
                + " dog, emu, unknown dogs (nearest: dog); rename, add or remove folders until they"
                + " are those of the training images.");
    white("dog/1.png");
    assertThatThrownBy(() -> ClassFolders.read(root, 3, 2, 2, List.of("cat", "dog")))
        .hasMessageContaining("found unknown dogs (nearest: dog)");
    Files.createDirectory(root.resolve("emu"));
    assertThatThrownBy(() -> ClassFolders.read(root, 3, 2, 2, List.of("cat", "dog", "dogs", "emu")))
        .hasMessageContaining("class without pictures: " + root.resolve("emu"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ClassFolders.read(root, 3, 2, 2, List.of("cat", "cat")))
        .withMessageContaining("class name twice");
  }

  /** Red behind full and half transparency is red, resized or not. */
  @Test
  void read_transparentPixels_countWithTheirColour() throws IOException {
    BufferedImage image = new BufferedImage(4, 4, BufferedImage.TYPE_INT_ARGB);
    for (int i = 0; i < 16; i++) {
      image.setRGB(i % 4, i / 4, i % 2 == 0 ? 0x00ff3300 : 0x80ff3300);
    }
    Files.createDirectory(root.resolve("red"));
    ImageIO.write(image, "png", root.resolve("red/a.png").toFile());

    for (int size : new int[] {4, 2, 8}) {
      float[] pixels = ClassFolders.read(root, 3, size, size).image(0);
      for (int i = 0; i < pixels.length; i++) {
        float[] red = {1, 0.2f, 0};
        assertThat(pixels[i]).isEqualTo(red[i / (size * size)]);
      }
    }
  }

  @Test
  void read_badInput_isRefusedByName() throws IOException {
    assertThatThrownBy(() -> ClassFolders.read(root, 3, 4, 4))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith("no class: " + root);
    Files.createDirectory(root.resolve("cat"));
    assertThatThrownBy(() -> ClassFolders.read(root, 3, 4, 4))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith("class without pictures: " + root.resolve("cat"));
    Files.writeString(root.resolve("cat/notes.txt"), "not a picture");
    assertThatThrownBy(() -> ClassFolders.read(root, 3, 4, 4))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith("not a picture: " + root.resolve("cat/notes.txt"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ClassFolders.read(root, 2, 4, 4))
        .withMessageContaining("found 2 channels, 4 x 4");
  }
}
