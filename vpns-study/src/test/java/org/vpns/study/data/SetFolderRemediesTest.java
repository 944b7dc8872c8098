package org.vpns.study.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.io.FormatException;

/** What refusals of published sets say to do, done. */
class SetFolderRemediesTest {
  private static final Pattern NAMED = Pattern.compile("; name (.*), which has it\\.$");

  @TempDir Path root;
  private Path inner;
  private TinySets sets;

  /** Writes a set, and reads it. */
  private record Published(Fill fill, Read read) {}

  private interface Fill {
    void of(TinySets sets) throws IOException;
  }

  private interface Read {
    StoredImages.Split of(Path folder) throws IOException;
  }

  private static final Map<String, Published> SETS =
      Map.of(
          "cifar10", new Published(TinySets::cifar10, PublishedSets::cifar10),
          "cifar100", new Published(TinySets::cifar100, PublishedSets::cifar100),
          "tinyImageNet", new Published(TinySets::tinyImageNet, PublishedSets::tinyImageNet),
          "imageNet", new Published(TinySets::imageNet, PublishedSets::imageNet),
          "food101", new Published(TinySets::food101, PublishedSets::food101),
          "flowers102", new Published(TinySets::flowers102, PublishedSets::flowers102),
          "describableTextures",
              new Published(TinySets::describableTextures, PublishedSets::describableTextures),
          "oxfordPets", new Published(TinySets::oxfordPets, PublishedSets::oxfordPets),
          "stanfordCars", new Published(TinySets::stanfordCars, PublishedSets::stanfordCars));

  static List<String> names() {
    return SETS.keySet().stream().sorted().toList();
  }

  @BeforeEach
  void fill() {
    inner = root.resolve("unpacked");
    sets = new TinySets(inner);
  }

  private static String refused(ThrowingCallable reading) {
    Throwable refusal = catchThrowable(reading);
    assertThat(refusal).isInstanceOf(FormatException.class);
    return refusal.getMessage();
  }

  /** Most archives have one folder, which has the set. */
  @ParameterizedTest
  @MethodSource("names")
  void folderAroundASetsOrInsideIt_isRefused_andTheOneThatTheRefusalNamesReads(String name)
      throws IOException {
    Published set = SETS.get(name);
    set.fill().of(sets);
    int images = set.read().of(inner).train().size();
    Path below = Files.createDirectories(inner.resolve("below"));
    for (Path wrong : List.of(root, below)) {
      Matcher named = NAMED.matcher(refused(() -> set.read().of(wrong)));
      assertThat(named.find()).isTrue();
      assertThat(Path.of(named.group(1))).isEqualTo(inner);
      assertThat(set.read().of(Path.of(named.group(1))).train().size()).isEqualTo(images);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"images/Abyssinian_100.jpg", "annotations/trainval.txt"})
  void setWithoutAFile_isRefused_andReadsUnpackedAgain(String lost) throws IOException {
    sets.oxfordPets();
    Files.delete(inner.resolve(lost));
    assertThat(refused(() -> PublishedSets.oxfordPets(inner)))
        .startsWith("not the folder of Oxford-IIIT Pets: " + inner)
        .endsWith("; unpack its archives again, or name the folder that has " + lost + ".");
    sets.oxfordPets();
    assertThat(PublishedSets.oxfordPets(inner).train().size()).isPositive();
  }

  @Test
  void damagedLists_areRefused_andReadFetchedAgain() throws IOException {
    sets.oxfordPets();
    sets.text("annotations/test.txt", "Abyssinian_201 38 1 1");
    assertThat(refused(() -> PublishedSets.oxfordPets(inner)))
        .startsWith("file of Oxford-IIIT Pets is not what it should be: ")
        .endsWith("; fetch it again.");
    sets.text("annotations/test.txt", "");
    assertThat(refused(() -> PublishedSets.oxfordPets(inner)))
        .startsWith("no images: Oxford-IIIT Pets, test; expected at least 1, found 0")
        .endsWith("; fetch the set's lists again.");
    sets.oxfordPets();
    assertThat(PublishedSets.oxfordPets(inner).test().size()).isPositive();
  }

  @Test
  void testImagesOfOtherClasses_areRefused_andReadWithThoseOfTraining() throws IOException {
    sets.picture("train/cat/1.png", 10, 4, 4);
    sets.picture("train/dog/1.png", 20, 4, 4);
    sets.picture("test/dog/1.png", 30, 4, 4);
    StoredImages train = StoredImages.classFolders(inner.resolve("train"));
    StoredImages test = StoredImages.classFolders(inner.resolve("test"));
    Throwable refusal = catchThrowable(() -> new StoredImages.Split(train, null, test));
    assertThat(refusal)
        .hasMessageStartingWith("parts of other classes: ")
        .hasMessageEndingWith(
            "; give both parts the same classes, and read test images with those of training.");
    sets.picture("test/cat/1.png", 40, 4, 4);
    StoredImages again = StoredImages.classFolders(inner.resolve("test"), train.classNames());
    assertThat(new StoredImages.Split(train, null, again).test().label(1)).isEqualTo(1);
  }

  @Test
  void recordsOfMoreClassesThanNamed_areRefused_andReadWithAllNamed() throws IOException {
    sets.bytes("some.bin", TinySets.records(1, 0, 2));
    sets.bytes("test.bin", TinySets.records(1, 1));
    Path file = inner.resolve("some.bin");
    assertThat(refused(() -> CifarRecords.read("some", List.of("cat", "dog"), List.of(file))))
        .startsWith("label out of range: " + file + ", record 1; expected 0 to 1, found 2")
        .endsWith("; name every class.");
    assertThat(CifarRecords.read("some", List.of("cat", "dog", "cow"), List.of(file)).size())
        .isEqualTo(2);
    assertThat(refused(() -> CifarRecords.read("some", List.of("cat", "dog"), List.of())))
        .startsWith("no file of records: ")
        .endsWith("; check the list of files.");
  }
}
