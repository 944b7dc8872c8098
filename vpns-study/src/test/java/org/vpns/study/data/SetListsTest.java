package org.vpns.study.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.io.FormatException;

/** Lists of published sets, as editors and copies leave them. */
class SetListsTest {
  private static final String MARK = "\ufeff";

  @TempDir Path root;
  private TinySets sets;

  @BeforeEach
  void fill() {
    sets = new TinySets(root);
  }

  private void mark(String list) throws IOException {
    Path file = root.resolve(list);
    Files.writeString(file, MARK + Files.readString(file), StandardCharsets.UTF_8);
  }

  /** Editors of Windows put one before UTF-8. */
  @Test
  void list_withAByteOrderMark_isReadAsOneWithout() throws IOException {
    sets.cifar10();
    mark("batches.meta.txt");
    assertThat(PublishedSets.cifar10(root).train().classNames())
        .isEqualTo(CifarRecords.CIFAR10_CLASS_NAMES);
    sets.tinyImageNet();
    mark("wnids.txt");
    mark("val/val_annotations.txt");
    assertThat(PublishedSets.tinyImageNet(root).test().label(0)).isEqualTo(1);
    sets.describableTextures();
    mark("labels/train1.txt");
    assertThat(PublishedSets.describableTextures(root).train().classNames())
        .containsExactly("banded", "zigzag");
    sets.oxfordPets();
    mark("annotations/trainval.txt");
    assertThat(PublishedSets.oxfordPets(root).train().classNames())
        .containsExactly("Abyssinian", "Great Pyrenees");
    sets.food101();
    mark("meta/train.json");
    assertThat(PublishedSets.food101(root).train().size()).isEqualTo(3);
  }

  @Test
  void folder_inPlaceOfAFile_isNamed() throws IOException {
    sets.oxfordPets();
    refusesFolder("annotations/test.txt", () -> PublishedSets.oxfordPets(root));
    sets.food101();
    refusesFolder("meta/train.json", () -> PublishedSets.food101(root));
    sets.flowers102();
    refusesFolder("setid.mat", () -> PublishedSets.flowers102(root));
    sets.stanfordCars();
    refusesFolder("devkit/cars_meta.mat", () -> PublishedSets.stanfordCars(root));
    sets.cifar10();
    refusesFolder("test_batch.bin", () -> PublishedSets.cifar10(root));
  }

  private void refusesFolder(String file, ThrowingCallable reading) throws IOException {
    Files.delete(root.resolve(file));
    Files.createDirectory(root.resolve(file));
    assertThatThrownBy(reading)
        .isInstanceOf(FileSystemException.class)
        .hasMessageStartingWith("folder in place of a file: " + root.resolve(file))
        .hasMessageContaining("expected a file of ");
  }

  /** The class of a picture stands in its name, too. */
  @Test
  void pets_ofOneClassWithTwoNames_orOneNameWithTwoClasses_areRefused() throws IOException {
    sets.oxfordPets();
    sets.text(
        "annotations/trainval.txt",
        "Abyssinian_100 1 1 1",
        "great_pyrenees_7 2 2 1",
        "great_pyrenees_8 1 2 1");
    refusesPets("trainval.txt; expected Abyssinian for class 1, found great_pyrenees_8");
    sets.text("annotations/trainval.txt", "Abyssinian_100 1 1 1", "Abyssinian_201 2 1 1");
    refusesPets("trainval.txt; expected each name once, found Abyssinian twice");
    sets.oxfordPets();
    sets.text("annotations/test.txt", "Abyssinian_201 2 1 1");
    refusesPets("test.txt; expected Great Pyrenees for class 2, found Abyssinian_201");
  }

  private void refusesPets(String message) {
    assertThatThrownBy(() -> PublishedSets.oxfordPets(root))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining(message);
  }

  @Test
  void classesWithoutPictures_andListsWithoutClasses_areRefused() throws IOException {
    sets.food101();
    sets.text("meta/train.json", "{\"waffles\": [], \"apple_pie\": [\"apple_pie/1\"]}");
    assertThatThrownBy(() -> PublishedSets.food101(root))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("meta/train.json; expected a list of names for waffles, found none");
    sets.tinyImageNet();
    sets.text("wnids.txt", "");
    assertThatThrownBy(() -> PublishedSets.tinyImageNet(root))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("wnids.txt; expected names, one a line, found none");
  }
}
