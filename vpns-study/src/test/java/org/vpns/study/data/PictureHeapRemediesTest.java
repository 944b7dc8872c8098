package org.vpns.study.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.primitives.Ints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.internal.data.Pixels;
import org.vpns.testing.JavaProcess;

/** Pictures and sets for which the heap is too small, and the same with more memory. */
final class PictureHeapRemediesTest {
  private static final String MORE = "or give Java more memory with -Xmx.";

  /** More than a heap of 64 MB has for each of them, and much less than one of 1 GB. */
  private static final int SIDE = 2200;

  private static final int IMAGES = 12_000;

  @TempDir Path folder;

  private static void write(Path file, BufferedImage picture) throws IOException {
    Files.createDirectories(file.getParent());
    ImageIO.write(picture, "png", file.toFile());
  }

  private void writeFiles() throws IOException {
    write(folder.resolve("classes/ox/a.png"), new BufferedImage(SIDE, SIDE, 5));
    write(folder.resolve("large.png"), new BufferedImage(SIDE, SIDE, 5));
    BufferedImage noise = new BufferedImage(1200, 1200, 5);
    int[] pixels = new Random(1).ints(1200 * 1200).toArray();
    noise.setRGB(0, 0, 1200, 1200, pixels, 0, 1200);
    write(folder.resolve("long.png"), noise);
    try (OutputStream out =
        new GZIPOutputStream(Files.newOutputStream(folder.resolve("images.gz")))) {
      for (int number : List.of(2051, IMAGES, 32, 32)) {
        out.write(Ints.toByteArray(number));
      }
      out.write(new byte[IMAGES * 32 * 32]);
    }
  }

  /** What another process makes of each. */
  private Map<String, String> read(String heap) throws IOException, InterruptedException {
    return JavaProcess.answers(PictureHeapRemediesTest.class, List.of(heap), folder.toString());
  }

  private interface Reading {
    int size() throws IOException;
  }

  /** Reads the files of a folder, and says how much they hold or why not. */
  public static void main(String[] args) {
    Path folder = Path.of(args[0]);
    PictureStore pictures = new PictureFiles(folder, List.of("large.png", "long.png"), false);
    Map<String, Reading> all =
        Map.of(
            "classes", () -> ClassFolders.read(folder.resolve("classes"), 3, 2, 2).size(),
            "large", () -> pictures.read(0).values().length,
            "long", () -> pictures.read(1).values().length,
            "resized",
                () ->
                    ImageTransform.colour()
                        .resize(SIDE, SIDE)
                        .apply(Pixels.black(3, 2, 2), new Random(1))
                        .values()
                        .length,
            "images", () -> IdxFile.readImages(folder.resolve("images.gz")).shape()[0]);
    all.forEach(
        (name, reading) -> {
          String result;
          try {
            result = "" + reading.size();
          } catch (IllegalArgumentException | IOException e) {
            result = e.getMessage();
          }
          System.out.println(name + "\t" + result);
        });
  }

  @Test
  void whatIsTooLargeForTheHeap_isRefused_andReadWithMoreMemory() throws Exception {
    writeFiles();
    Map<String, String> small = read("-Xmx64m");
    assertThat(small.get("classes"))
        .startsWith("picture too large: ")
        .endsWith("; make it smaller, " + MORE);
    assertThat(small.get("large"))
        .startsWith("picture too large: ")
        .endsWith("; make it smaller, " + MORE);
    assertThat(small.get("long"))
        .startsWith("picture file too long: ")
        .endsWith("; make it smaller, " + MORE);
    assertThat(small.get("resized"))
        .startsWith("picture becomes too large: ")
        .endsWith("; crop or resize to less, " + MORE);
    assertThat(small.get("images"))
        .startsWith("file too large for the heap: ")
        .endsWith("; give Java more memory with -Xmx.");
    assertThat(read("-Xmx1g"))
        .containsEntry("classes", "1")
        .containsEntry("large", "" + 3 * SIDE * SIDE)
        .containsEntry("long", "" + 3 * 1200 * 1200)
        .containsEntry("resized", "" + 3 * SIDE * SIDE)
        .containsEntry("images", "" + IMAGES);
  }

  /** A file without content, as far as the disk is concerned. */
  @Test
  void whatNoHeapIsFor_isToBeMadeSmaller() throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(folder.resolve("x.png").toFile(), "rw")) {
      file.setLength((1L << 28) + 1);
    }
    assertThatThrownBy(() -> new PictureFiles(folder, List.of("x.png"), false).read(0))
        .hasMessageStartingWith("picture file too long: ")
        .hasMessageEndingWith("; make it smaller.");
    Pixels line = Pixels.black(3, 1, 100_000);
    for (int[] size : new int[][] {{40_000, 20_000}, {1 << 16, 1 << 16}}) {
      assertThatThrownBy(
              () -> ImageTransform.colour().resize(size[0], size[1]).apply(line, new Random(1)))
          .as(Arrays.toString(size))
          .hasMessageStartingWith("picture becomes too large: ")
          .hasMessageEndingWith("; crop or resize to less.");
    }
  }
}
