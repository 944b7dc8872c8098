package org.vpns.study.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vpns.io.FormatException;

/** Each set in its own form, a few pictures large. */
class PublishedSetsTest {
  @TempDir Path root;
  private TinySets sets;

  @BeforeEach
  void fill() {
    sets = new TinySets(root);
  }

  private static List<Integer> labels(StoredImages images) {
    return IntStream.range(0, images.size()).mapToObj(images::label).toList();
  }

  private List<String> files(StoredImages images) {
    return IntStream.range(0, images.size())
        .mapToObj(i -> root.relativize(Path.of(images.where(i))).toString().replace('\\', '/'))
        .toList();
  }

  /** The level of the plain picture that is there. */
  private static int level(StoredImages images, int index) throws IOException {
    return Byte.toUnsignedInt(images.read(index).values()[0]);
  }

  @Test
  void cifar10_recordsOfFiveFiles_inOrder() throws IOException {
    sets.cifar10();

    StoredImages.Split split = PublishedSets.cifar10(root);

    assertThat(labels(split.train())).containsExactly(1, 9, 2, 9, 3, 9, 4, 9, 5, 9);
    assertThat(labels(split.test())).containsExactly(0, 1, 2);
    assertThat(split.validation()).isNull();
    assertThat(split.train().classNames()).isEqualTo(CifarRecords.CIFAR10_CLASS_NAMES);
    assertThat(split.train().where(3)).isEqualTo(root.resolve("data_batch_2.bin") + ", record 1");
    // record of label 9: pixel 5 is 5 + 9 in red, 10 more in green, 20 more in blue
    byte[] pixels = split.train().read(3).values();
    assertThat(new int[] {pixels[15], pixels[16], pixels[17]}).containsExactly(14, 24, 34);
  }

  @Test
  void cifar10_agreesWithTheReaderThatHoldsImagesInMemory() throws IOException {
    sets.cifar10();

    StoredImages stored = PublishedSets.cifar10(root).train();
    ImageTable table = CifarRecords.readFolder(root).train();

    for (int i = 0; i < table.size(); i++) {
      byte[] planes = stored.read(i).planes();
      float[] expected = table.image(i);
      for (int p = 0; p < planes.length; p++) {
        assertThat(Byte.toUnsignedInt(planes[p]) / 255f).isEqualTo(expected[p]);
      }
      assertThat(stored.label(i)).isEqualTo(table.label(i));
    }
  }

  @Test
  void cifar100_theSecondLabelByteCounts() throws IOException {
    sets.cifar100();

    StoredImages.Split split = PublishedSets.cifar100(root);

    assertThat(labels(split.train())).containsExactly(99, 7);
    assertThat(labels(split.test())).containsExactly(42);
    assertThat(split.test().classNames()).hasSize(100).contains("class42");
    assertThat(level(split.test(), 0)).isEqualTo(42);
  }

  @Test
  void tinyImageNet_validationIsForTest_labelledByItsList() throws IOException {
    sets.tinyImageNet();

    StoredImages.Split split = PublishedSets.tinyImageNet(root);

    assertThat(split.train().classNames()).containsExactly("n01", "n02");
    assertThat(labels(split.train())).containsExactly(0, 0, 1);
    assertThat(files(split.train())).startsWith("train/n01/images/n01_0.JPEG");
    assertThat(labels(split.test())).containsExactly(1, 0);
    assertThat(level(split.test(), 0)).isEqualTo(40);
  }

  @Test
  void imageNet_classesAreTheSortedFolders() throws IOException {
    sets.imageNet();

    StoredImages.Split split = PublishedSets.imageNet(root);

    assertThat(split.train().classNames()).containsExactly("n01440764", "n01443537");
    assertThat(labels(split.test())).containsExactly(0, 1);
    assertThat(level(split.test(), 1)).isEqualTo(30);
  }

  /** The form in which the archive of the validation images unpacks. */
  @Test
  void imageNet_validationInOneFolder_isToldOf() throws IOException {
    sets.picture("train/n01/a.JPEG", 10);
    sets.picture("val/ILSVRC2012_val_00000001.JPEG", 10);

    assertThatThrownBy(() -> PublishedSets.imageNet(root))
        .isInstanceOf(FormatException.class)
        .hasMessage(
            "no class: "
                + root.resolve("val")
                + "; expected one folder per class, found no folder; check the path.");
  }

  @Test
  void food101_listsOfJson_classesSorted() throws IOException {
    sets.food101();

    StoredImages.Split split = PublishedSets.food101(root);

    assertThat(split.train().classNames()).containsExactly("apple_pie", "waffles");
    assertThat(files(split.train()))
        .containsExactly(
            "images/apple_pie/2.jpg", "images/apple_pie/1.jpg", "images/waffles/4.jpg");
    assertThat(labels(split.train())).containsExactly(0, 0, 1);
    assertThat(level(split.test(), 1)).isEqualTo(30);
  }

  @Test
  void flowers102_partsAndLabelsOfMatlabFiles() throws IOException {
    sets.flowers102();

    StoredImages.Split split = PublishedSets.flowers102(root);

    assertThat(files(split.train())).containsExactly("jpg/image_00003.jpg", "jpg/image_00001.jpg");
    assertThat(labels(split.train())).containsExactly(101, 76);
    assertThat(labels(Objects.requireNonNull(split.validation()))).containsExactly(0);
    assertThat(labels(split.test())).containsExactly(4, 0);
    assertThat(split.train().classNames()).hasSize(102).startsWith("1", "2").endsWith("102");
    assertThat(split.joined().train().size()).isEqualTo(3);
    assertThat(files(split.joined().train())).endsWith("jpg/image_00002.jpg");
    assertThat(split.joined().validation()).isNull();
  }

  @Test
  void flowers102_withASplitOfItsOwn_hasTheNamesOfThat() throws IOException {
    sets.flowers102();
    sets.text(
        "split.json",
        "{\"train\": [[\"image_00001.jpg\", 1, \"rose\"], [\"image_00002.jpg\", 0, \"iris\"]],",
        "\"val\": [[\"image_00003.jpg\", 0, \"iris\"]],",
        "\"test\": [[\"image_00004.jpg\", 1, \"rose\"]]}");

    StoredImages.Split split = PublishedSets.flowers102(root, Path.of("split.json"));

    assertThat(split.train().classNames()).containsExactly("iris", "rose");
    assertThat(labels(split.train())).containsExactly(1, 0);
    assertThat(files(split.test())).containsExactly("jpg/image_00004.jpg");
    sets.text("split.json", "{\"train\": [[\"image_00001.jpg\", 1, \"rose\"]], \"val\": []}");
    assertThatThrownBy(() -> PublishedSets.flowers102(root, Path.of("split.json")))
        .hasMessageContaining("expected a list val, found [train, val]");
  }

  @Test
  void describableTextures_listsOfAPartition() throws IOException {
    sets.describableTextures();

    StoredImages.Split split = PublishedSets.describableTextures(root);

    assertThat(split.train().classNames()).containsExactly("banded", "zigzag");
    assertThat(labels(split.train())).containsExactly(1, 0);
    assertThat(labels(Objects.requireNonNull(split.validation()))).containsExactly(0);
    assertThat(labels(split.test())).containsExactly(1);
    assertThatThrownBy(() -> PublishedSets.describableTextures(root, 2))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("expected labels/train2.txt");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PublishedSets.describableTextures(root, 11))
        .withMessageContaining("expected 1 to 10, found 11");
  }

  @Test
  void oxfordPets_classesAreNamedByTheirPictures() throws IOException {
    sets.oxfordPets();

    StoredImages.Split split = PublishedSets.oxfordPets(root);

    assertThat(split.train().classNames()).containsExactly("Abyssinian", "Great Pyrenees");
    assertThat(labels(split.train())).containsExactly(0, 1);
    assertThat(level(split.train(), 1)).isEqualTo(20);
    assertThat(labels(split.test())).containsExactly(0);
  }

  @Test
  void stanfordCars_annotationsOfMatlabFiles() throws IOException {
    sets.stanfordCars();

    StoredImages.Split split = PublishedSets.stanfordCars(root);

    assertThat(split.train().classNames())
        .containsExactly("AM General Hummer SUV 2000", "smart fortwo Convertible 2012");
    assertThat(labels(split.train())).containsExactly(1, 0);
    assertThat(level(split.train(), 1)).isEqualTo(20);
    assertThat(labels(split.test())).containsExactly(0);
    assertThat(level(split.test(), 0)).isEqualTo(30);
  }

  /** Reads a set by name. */
  private static StoredImages.Split read(String set, Path folder) throws IOException {
    return switch (set) {
      case "cifar10" -> PublishedSets.cifar10(folder);
      case "cifar100" -> PublishedSets.cifar100(folder);
      case "tinyImageNet" -> PublishedSets.tinyImageNet(folder);
      case "imageNet" -> PublishedSets.imageNet(folder);
      case "food101" -> PublishedSets.food101(folder);
      case "flowers102" -> PublishedSets.flowers102(folder);
      case "describableTextures" -> PublishedSets.describableTextures(folder);
      case "oxfordPets" -> PublishedSets.oxfordPets(folder);
      case "stanfordCars" -> PublishedSets.stanfordCars(folder);
      default -> throw new AssertionError(set);
    };
  }

  @ParameterizedTest
  @CsvSource({
    "cifar10, batches.meta.txt",
    "cifar100, fine_label_names.txt",
    "tinyImageNet, wnids.txt",
    "imageNet, train",
    "food101, images",
    "flowers102, imagelabels.mat",
    "describableTextures, images",
    "oxfordPets, annotations/trainval.txt",
    "stanfordCars, devkit/cars_meta.mat"
  })
  void wrongFolder_saysWhatWasExpected_andWhatIsThere(String set, String expected)
      throws IOException {
    String words = "; expected " + expected + ", found ";
    assertThatThrownBy(() -> read(set, root))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith("not the folder of ")
        .hasMessageContaining(root + words + "an empty folder; unpack its archives again, or name");
    Path none = root.resolve("none");
    assertThatThrownBy(() -> read(set, none)).hasMessageContaining(words + "no such folder");
    sets.text("set.tar.gz", "not unpacked");
    Path archive = root.resolve("set.tar.gz");
    assertThatThrownBy(() -> read(set, archive)).hasMessageContaining(words + "a file;");
    Files.delete(archive);
    sets.text("data_batch_1", "the version for Python");
    sets.text("b/c.txt", "something");
    assertThatThrownBy(() -> read(set, root)).hasMessageContaining(words + "b, data_batch_1;");
  }

  @Test
  void splitThatIsNotThere_isToldByItself() throws IOException {
    sets.flowers102();
    Path elsewhere = root.resolve("elsewhere/split.json").toAbsolutePath();
    for (Path split : List.of(elsewhere, Path.of("elsewhere/split.json"))) {
      assertThatThrownBy(() -> PublishedSets.flowers102(root, split))
          .isInstanceOf(FormatException.class)
          .hasMessage(
              "no such file: "
                  + elsewhere
                  + "; expected the list of images of Flowers-102, found nothing; check the path,"
                  + " which is relative to "
                  + root
                  + " unless it is absolute.");
    }
  }

  @Test
  void firstPictureMissing_isToldBeforeARun_othersWhenTheyAreRead() throws IOException {
    sets.oxfordPets();
    Files.delete(root.resolve("images/great_pyrenees_7.jpg"));
    StoredImages train = PublishedSets.oxfordPets(root).train();
    assertThatThrownBy(() -> train.read(1))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("expected an existing file, found 'great_pyrenees_7.jpg'");
    Files.delete(root.resolve("images/Abyssinian_100.jpg"));
    assertThatThrownBy(() -> PublishedSets.oxfordPets(root))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("not the folder of Oxford-IIIT Pets")
        .hasMessageContaining("expected images/Abyssinian_100.jpg, found annotations, images");
  }

  @Test
  void damagedLists_areRefusedByFile() throws IOException {
    sets.oxfordPets();
    sets.text("annotations/test.txt", "Abyssinian_201 38 1 1");
    assertThatThrownBy(() -> PublishedSets.oxfordPets(root))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining(root.resolve("annotations/test.txt").toString())
        .hasMessageContaining("expected a class from 1 to 2, found 38");
    sets.text("annotations/test.txt", "Abyssinian_201");
    assertThatThrownBy(() -> PublishedSets.oxfordPets(root))
        .hasMessageContaining("expected lines of 2 words, found Abyssinian_201");
    sets.food101();
    sets.text("meta/test.json", "{\"apple_pie\": [\"apple_pie/1\"]}");
    assertThatThrownBy(() -> PublishedSets.food101(root))
        .hasMessageContaining("expected the classes of train.json, found [apple_pie]");
    sets.text("meta/test.json", "[1, 2]");
    assertThatThrownBy(() -> PublishedSets.food101(root))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("expected an object of lists of names");
    sets.flowers102();
    sets.matlab("setid.mat", matWithout());
    assertThatThrownBy(() -> PublishedSets.flowers102(root))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("setid.mat; expected a variable trnid, found none");
    for (String label : List.of("1.5", "4294967296", "\"b\"", "null", "-1")) {
      sets.text("split.json", "{\"train\": [[\"image_00001.jpg\", " + label + ", \"x\"]]}");
      assertThatThrownBy(() -> PublishedSets.flowers102(root, Path.of("split.json")))
          .isInstanceOf(FormatException.class)
          .hasMessageContaining("expected a label from 0, found " + label);
    }
    sets.tinyImageNet();
    sets.text("wnids.txt", "n02", "n01", "n02");
    assertThatThrownBy(() -> PublishedSets.tinyImageNet(root))
        .hasMessageContaining("wnids.txt; expected each name once, found n02 twice");
    sets.cifar10();
    sets.bytes("test_batch.bin", new byte[3072]);
    assertThatThrownBy(() -> PublishedSets.cifar10(root))
        .hasMessageContaining("expected records of 3073 bytes, found 3072 bytes");
    sets.bytes("test_batch.bin", TinySets.records(1, 3, 10));
    assertThatThrownBy(() -> PublishedSets.cifar10(root))
        .hasMessageContaining("test_batch.bin, record 1; expected 0 to 9, found 10");
  }

  private static us.hebi.matlab.mat.types.MatFile matWithout() {
    return us.hebi.matlab.mat.format.Mat5.newMatFile().addArray("other", TinySets.row(1));
  }

  /** A list is not trusted to stay in its folder: neither by name nor by link. */
  @Test
  void listsThatLeadOut_areRefused() throws IOException {
    sets.describableTextures();
    sets.picture("secret.jpg", 10);
    sets.text(
        "labels/train1.txt",
        "banded/banded_0002.jpg",
        "zigzag/../../secret.jpg",
        "zigzag/zigzag_0001.jpg");
    assertThatThrownBy(() -> PublishedSets.describableTextures(root).train().read(1))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("expected a path without . and ..");
    Path link = root.resolve("images/banded/link.jpg");
    Files.createSymbolicLink(link, root.resolve("secret.jpg"));
    sets.text("labels/train1.txt", "banded/banded_0002.jpg", "banded/link.jpg", "zigzag/x.jpg");
    StoredImages train = PublishedSets.describableTextures(root).train();
    assertThatThrownBy(() -> train.read(1)).hasMessageContaining("a link to outside");
  }
}
