package org.vpns.study.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.io.FormatException;
import org.vpns.train.ImageSets;

class StoredImagesTest {
  @TempDir Path root;
  private TinySets files;

  @BeforeEach
  void fill() {
    files = new TinySets(root);
  }

  private static List<Path> places(StoredImages images) {
    return IntStream.range(0, images.size()).mapToObj(i -> Path.of(images.where(i))).toList();
  }

  @Test
  void classFolders_sortsClassesAndFilesByName() throws IOException {
    files.picture("ox/b.png", 10);
    files.picture("ox/a.jpg", 20);
    files.picture("cat/z.png", 30);
    files.text("ox/.hidden", "left out");
    files.text(".cache/1.png", "left out");
    files.text("readme.txt", "beside the classes");

    StoredImages images = StoredImages.classFolders(root);

    assertThat(images.classNames()).containsExactly("cat", "ox");
    assertThat(images.counts()).containsExactly(1, 2);
    assertThat(places(images))
        .containsExactly(
            root.resolve("cat/z.png"), root.resolve("ox/a.jpg"), root.resolve("ox/b.png"));
    assertThat(images.label(2)).isEqualTo(1);
    assertThat(images.read(1).values()).hasSize(90).containsOnly(20);
    assertThat(images).hasToString(root + ": 3 images on disk, 2 classes");
  }

  @Test
  void classFolders_withTheClassesOfTraining_labelsByName() throws IOException {
    files.picture("a/1.png", 1);
    files.picture("b/1.png", 2);

    StoredImages images = StoredImages.classFolders(root, List.of("b", "a"));

    assertThat(images.classNames()).containsExactly("b", "a");
    assertThat(images.where(0)).isEqualTo(root.resolve("b/1.png").toString());
    assertThatThrownBy(() -> StoredImages.classFolders(root, List.of("a", "c")))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("other classes than those of training: " + root)
        .hasMessageContaining("found none for c, unknown b");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> StoredImages.classFolders(root, List.of("a", "a")))
        .withMessageContaining("class name twice");
  }

  @Test
  void classFolders_wrongFolders_areToldOf() throws IOException {
    Path none = root.resolve("none");
    assertThatThrownBy(() -> StoredImages.classFolders(none))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith("no such folder: " + none);
    assertThatThrownBy(() -> StoredImages.classFolders(root))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith("no class: " + root);
    files.picture("train/cat/1.png", 1);
    assertThatThrownBy(() -> StoredImages.classFolders(root))
        .isInstanceOf(FormatException.class)
        .hasMessage(
            "folder within a class: "
                + root.resolve("train")
                + "; expected pictures, found folder cat; name the folder that holds the classes,"
                + " perhaps "
                + root.resolve("train")
                + ".");
    Files.createDirectory(root.resolve("train/dog"));
    assertThatThrownBy(() -> StoredImages.classFolders(root.resolve("train")))
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith("class without pictures: " + root.resolve("train/dog"));
  }

  private StoredImages ten() throws IOException {
    for (int i = 0; i < 10; i++) {
      files.picture((i % 2 == 0 ? "a/" : "b/") + i + ".png", i);
    }
    return StoredImages.classFolders(root);
  }

  @Test
  void split_isAPartition_drawnByTheSeed() throws IOException {
    StoredImages images = ten();
    Set<List<Path>> drawn = new HashSet<>();
    for (long seed = 1; seed <= 4; seed++) {
      StoredImages.Split split = images.split(seed, 7);
      assertThat(split.train().size()).isEqualTo(7);
      assertThat(places(split.train().and(split.test())))
          .containsExactlyInAnyOrderElementsOf(places(images));
      assertThat(places(images.split(seed, 7).train())).isEqualTo(places(split.train()));
      drawn.add(places(split.train()));
    }
    assertThat(drawn).hasSize(4);
    assertThatIllegalArgumentException().isThrownBy(() -> images.split(1, 10));
  }

  /** A folder's path says nothing of its images. */
  @Test
  void split_hangsOnTheFoldersOwnName_notOnItsPlace() throws IOException {
    for (String place : List.of("here/set", "there/below/set")) {
      for (int i = 0; i < 12; i++) {
        files.picture(place + "/" + i % 2 + "/" + i + ".png", i);
      }
    }
    StoredImages here = StoredImages.classFolders(root.resolve("here/set"));
    StoredImages there = StoredImages.classFolders(root.resolve("there/below/set"));
    ImageTable table = ClassFolders.read(root.resolve("there/below/set"), 1, 2, 2);

    List<Path> drawn = relative(here.split(3, 7).train(), "here/set");
    assertThat(relative(there.split(3, 7).train(), "there/below/set")).isEqualTo(drawn);
    ImageTable held = table.split(3, 7).train();
    for (int i = 0; i < 7; i++) {
      // the level of picture n is n
      assertThat(drawn.get(i).getFileName())
          .hasToString(Math.round(held.image(i)[0] * 255) + ".png");
    }
  }

  private List<Path> relative(StoredImages images, String below) {
    return places(images).stream().map(root.resolve(below)::relativize).toList();
  }

  @Test
  void streams_areThoseOfTheNamesLastPart() {
    assertThat(SplitStream.of("digits")).isEqualTo("split/digits");
    assertThat(SplitStream.of("/data/cifar-10, training")).isEqualTo("split/cifar-10, training");
    assertThat(SplitStream.of("C:\\data\\set\\")).isEqualTo("split/set");
    assertThat(SplitStream.of("/")).isEqualTo("split/");
  }

  @Test
  void subsets_keepPlacesAndLabels() throws IOException {
    StoredImages images = ten();

    assertThat(places(images.perClass(2)))
        .containsExactly(
            root.resolve("a/0.png"),
            root.resolve("a/2.png"),
            root.resolve("b/1.png"),
            root.resolve("b/3.png"));
    StoredImages two = images.subset(9, 0);
    assertThat(places(two)).containsExactly(root.resolve("b/9.png"), root.resolve("a/0.png"));
    assertThat(two.label(0)).isEqualTo(1);
    assertThat(images.head(3).counts()).containsExactly(3, 0);
    assertThatIllegalArgumentException().isThrownBy(() -> images.subset(10));
    assertThatIllegalArgumentException().isThrownBy(() -> images.subset());
    assertThatIllegalArgumentException().isThrownBy(() -> images.head(11));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> images.perClass(0))
        .withMessageContaining("expected at least 1, found 0");
    assertThat(places(images.perClass(1_000))).isEqualTo(places(images));
  }

  @Test
  void partsOfOtherClasses_areRefused() throws IOException {
    StoredImages images = ten();
    files.picture("other/a/1.png", 1);
    StoredImages other = StoredImages.classFolders(root.resolve("other"));
    String words = "expected the 2 classes of " + root + ", found 1 classes, without b;";
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new StoredImages.Split(images, null, other))
        .withMessageContaining(words);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> images.and(other))
        .withMessageContaining(words);
  }

  @Test
  void imageSets_haveAllPartsAndNames() throws IOException {
    StoredImages images = ten();
    ImageTransform shown = ImageTransform.grey().resize(4, 4);
    ImageSets sets =
        new StoredImages.Split(images.head(4), images.head(3), images.head(2))
            .toImageSets(shown.horizontalFlip(), shown);

    assertThat(sets.train().size()).isEqualTo(4);
    assertThat(sets.validation()).isNotNull().extracting(d -> d.size()).isEqualTo(3L);
    assertThat(sets.test()).isNotNull().extracting(d -> d.size()).isEqualTo(2L);
    assertThat(sets.classNames()).containsExactly("a", "b");
    assertThat(((StoredDataset) sets.train()).describe())
        .isEqualTo("grey().resize(4, 4), in training grey().resize(4, 4).horizontalFlip()");
  }
}
