package org.vpns.study.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.primitives.Bytes;
import com.google.common.primitives.Ints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import javax.imageio.ImageIO;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What refusals of image sets say to do, done. */
final class SetRemediesTest {
  /** Two images of 1 x 3, and their labels. */
  private static final byte[] IMAGES =
      Bytes.concat(ints(2051, 2, 1, 3), new byte[] {0, 51, 102, (byte) 255, 0, 1});

  private static final byte[] LABELS = Bytes.concat(ints(2049, 2), new byte[] {1, 2});

  @TempDir Path folder;

  private static byte[] ints(int... values) {
    return Bytes.concat(Arrays.stream(values).mapToObj(Ints::toByteArray).toArray(byte[][]::new));
  }

  private static void refused(String what, String remedy, ThrowingCallable reading) {
    assertThatThrownBy(reading)
        .hasMessageStartingWith(what + ": ")
        .hasMessageContaining("; expected ")
        .hasMessageEndingWith("; " + remedy + ".");
  }

  private Path file(String name, byte[] content) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.write(file, content);
  }

  private void assertImages(byte[] content) throws IOException {
    assertThat(IdxFile.readImages(file("images", content)).shape()).containsExactly(2, 1, 3);
  }

  @Test
  void imagesAndLabelsInOnePlace_areRefused_andReadInTheirOwn() throws IOException {
    Path images = file("images", LABELS);
    Path labels = file("labels", IMAGES);
    String remedy = "2051 marks images, 2049 labels; check that the two files are not swapped";
    refused("not an IDX file of images", remedy, () -> IdxFile.readImages(images));
    refused("not an IDX file of labels", remedy, () -> IdxFile.readLabels(labels));
    assertThat(IdxFile.readImages(labels).shape()).containsExactly(2, 1, 3);
    assertThat(IdxFile.readLabels(images).value(1)).isEqualTo(2);
  }

  @Test
  void damagedIdxFile_isRefused_andReadsCopiedAgain() throws IOException {
    String again = "copy the file again";
    refused("empty file", again, () -> assertImages(new byte[0]));
    refused("file cut short", again, () -> assertImages(Arrays.copyOf(IMAGES, IMAGES.length - 1)));
    refused(
        "bytes after the last value",
        "copy the file again: its header tells of fewer values",
        () -> assertImages(Arrays.copyOf(IMAGES, IMAGES.length + 1)));
    refused(
        "length out of range",
        "copy the file again, or split it if it is so large",
        () -> assertImages(Bytes.concat(ints(2051, 1 << 20, 1 << 8, 1 << 8), new byte[9])));
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(IMAGES);
    }
    byte[] whole = packed.toByteArray();
    refused("damaged gzip file", again, () -> assertImages(Arrays.copyOf(whole, whole.length - 9)));
    assertImages(whole);
    assertImages(IMAGES);
  }

  @Test
  void filesOfTwoSets_andLabelsWithoutNames_areRefused_andReadTogetherAndNamed()
      throws IOException {
    IdxFile images = IdxFile.readImages(file("images", IMAGES));
    IdxFile labels = IdxFile.readLabels(file("labels", LABELS));
    IdxFile others =
        IdxFile.readLabels(file("others", Bytes.concat(ints(2049, 1), new byte[] {1})));
    List<String> names = List.of("a", "b", "c");
    refused(
        "images and labels do not belong together",
        "pass the two files of one set",
        () -> IdxFile.table("set", images, others, names));
    refused(
        "label out of range",
        "name every class",
        () -> IdxFile.table("set", images, labels, names.subList(0, 2)));
    assertThat(IdxFile.table("set", images, labels, names).size()).isEqualTo(2);
  }

  @Test
  void records_areRefused_andReadCopiedAgainAndNamed() throws IOException {
    byte[] record = new byte[1 + 3 * 32 * 32];
    record[0] = 2;
    Path cut = file("train.bin", Arrays.copyOf(record, record.length - 1));
    List<String> names = List.of("a", "b", "c");
    String remedy = "copy the file again, or check that it holds 32 x 32 colour images";
    refused(
        "file ends inside a record", remedy, () -> CifarRecords.read("set", names, List.of(cut)));
    Path empty = file("empty.bin", new byte[0]);
    refused("empty file", remedy, () -> CifarRecords.read("set", names, List.of(empty)));
    Path whole = file("train.bin", record);
    refused(
        "label out of range",
        "name every class",
        () -> CifarRecords.read("set", names.subList(0, 2), List.of(whole)));
    assertThat(CifarRecords.read("set", names, List.of(whole)).size()).isEqualTo(1);
    refused("no file of records", "check the folder", () -> CifarRecords.readFolder(folder));
    file("data_batch_1.bin", record);
    file("test_batch.bin", record);
    assertThat(CifarRecords.readFolder(folder).test().size()).isEqualTo(1);
  }

  private Path picture(String name) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    ImageIO.write(new BufferedImage(4, 4, BufferedImage.TYPE_INT_RGB), "png", file.toFile());
    return file;
  }

  @Test
  void classWithoutPictures_isRefused_andReadsFilledOrRemoved() throws IOException {
    picture("set/cat/1.png");
    Path set = folder.resolve("set");
    Path ox = Files.createDirectory(set.resolve("ox"));
    String remedy = "remove the folder or fill it";
    refused("class without pictures", remedy, () -> ClassFolders.read(set, 3, 4, 4));
    refused("class without pictures", remedy, () -> StoredImages.classFolders(set));
    Path filled = picture("set/ox/1.png");
    assertThat(ClassFolders.read(set, 3, 4, 4).classNames()).containsExactly("cat", "ox");
    assertThat(StoredImages.classFolders(set).classNames()).containsExactly("cat", "ox");
    Files.delete(filled);
    Files.delete(ox);
    assertThat(ClassFolders.read(set, 3, 4, 4).classNames()).containsExactly("cat");
    assertThat(StoredImages.classFolders(set).classNames()).containsExactly("cat");
  }

  @Test
  void brokenPicture_isRefused_andTheSetReadsWithoutIt() throws IOException {
    Path sound = picture("set/cat/1.png");
    Path broken = file("set/cat/2.png", Arrays.copyOf(Files.readAllBytes(sound), 40));
    Path set = folder.resolve("set");
    refused("not a picture", "move it out", () -> ClassFolders.read(set, 3, 4, 4));
    StoredImages images = StoredImages.classFolders(set);
    refused(
        "not a picture",
        "fetch it again, move it out, or leave broken pictures out with withoutBroken()",
        () -> images.read(1));
    assertThat(images.withoutBroken().size()).isEqualTo(1);
    Files.delete(broken);
    assertThat(ClassFolders.read(set, 3, 4, 4).size()).isEqualTo(1);
    assertThat(StoredImages.classFolders(set).size()).isEqualTo(1);
  }

  @Test
  void pixelsThatAreNoneAndImagesOfTwoSizes_areRefused_andReadDividedAndResized() {
    refused(
        "pixel out of range",
        "divide bytes by 255 and leave normalisation to the network's input",
        () -> table(new float[] {0, 255}));
    refused("image of another size", "resize the images to one size", () -> table(new float[3]));
    assertThat(table(new float[] {0, 255 / 255f}).size()).isEqualTo(1);
  }

  private static ImageTable table(float[] image) {
    return ImageTable.of("set", 1, 1, 2, new float[][] {image}, new int[] {0}, List.of("a"));
  }
}
