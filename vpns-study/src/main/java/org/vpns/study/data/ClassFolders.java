package org.vpns.study.data;

import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.ndarray.NDManager;
import com.google.common.primitives.ImmutableIntArray;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.vpns.Problem;
import org.vpns.internal.network.Engines;
import org.vpns.io.FormatException;

/**
 * A folder per class with one picture per file, in any format that Java reads (JPEG, PNG, GIF,
 * BMP). Classes and files come in the order of their names; names that begin with a dot are left
 * out, anything else that is no picture is refused.
 */
public final class ClassFolders {
  private ClassFolders() {}

  /**
   * All pictures, resized to the given size; their aspect is not kept.
   *
   * @param channels 3 for colour, 1 for grey
   * @throws FormatException if there is no class, a class has no picture, or a file is no picture
   * @throws IllegalArgumentException if the channels are neither 1 nor 3 or the size is below 1
   */
  public static ImageTable read(Path root, int channels, int height, int width) throws IOException {
    if ((channels != 1 && channels != 3) || height < 1 || width < 1) {
      throw Problem.argument(
          "image size out of range",
          "ClassFolders.read",
          "1 or 3 channels and at least 1 x 1 pixels",
          channels + " channels, " + height + " x " + width,
          "pass the network's input size");
    }
    List<Path> folders = list(root, Files::isDirectory);
    if (folders.isEmpty()) {
      throw new FormatException(
          "no class", root.toString(), "one folder per class", "no folder", "check the path");
    }
    List<float[]> images = new ArrayList<>();
    ImmutableIntArray.Builder labels = ImmutableIntArray.builder();
    List<String> classNames = new ArrayList<>();
    try (NDManager manager = Engines.newManager("reading images")) {
      for (Path folder : folders) {
        List<Path> files = list(folder, path -> true);
        if (files.isEmpty()) {
          throw new FormatException(
              "class without pictures",
              folder.toString(),
              "at least 1 picture",
              0,
              "remove the folder or fill it");
        }
        for (Path file : files) {
          images.add(pixels(manager, file, channels, height, width));
          labels.add(classNames.size());
        }
        classNames.add(String.valueOf(folder.getFileName()));
      }
    }
    return new ImageTable(
        root.toString(),
        channels,
        height,
        width,
        images.toArray(new float[0][]),
        labels.build().toArray(),
        classNames);
  }

  private static List<Path> list(Path folder, Predicate<Path> wanted) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(path -> !String.valueOf(path.getFileName()).startsWith("."))
          .filter(wanted)
          .sorted()
          .toList();
    }
  }

  private static float[] pixels(NDManager manager, Path file, int channels, int height, int width)
      throws IOException {
    try (NDManager scope = manager.newSubManager()) {
      Image picture = ImageFactory.getInstance().fromFile(file).resize(width, height, false);
      int[] values =
          picture
              .toNDArray(scope, channels == 1 ? Image.Flag.GRAYSCALE : Image.Flag.COLOR)
              .transpose(2, 0, 1)
              .toUint8Array();
      float[] image = new float[values.length];
      for (int i = 0; i < values.length; i++) {
        image[i] = values[i] / 255f;
      }
      return image;
    } catch (IOException e) {
      throw new FormatException(
              "not a picture", file.toString(), "JPEG, PNG, GIF or BMP", e, "move it out")
          .causedBy(e);
    }
  }
}
