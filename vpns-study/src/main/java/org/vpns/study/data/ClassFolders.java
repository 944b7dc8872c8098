package org.vpns.study.data;

import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.ndarray.NDManager;
import com.google.common.primitives.ImmutableIntArray;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import org.vpns.Problem;
import org.vpns.internal.data.Pictures;
import org.vpns.internal.network.Engines;
import org.vpns.internal.text.ClassNames;
import org.vpns.io.FormatException;

/**
 * A folder per class with one picture per file, in any format that Java reads (JPEG, PNG, GIF,
 * BMP). Classes and files come in the order of their names; names that begin with a dot are left
 * out, anything else that is no picture is refused. Transparency is left out: a pixel counts with
 * the colour that the file stores for it, as in {@code PromptTranslator}.
 */
public final class ClassFolders {
  private static final int MAX_LISTED = 8;

  /** Of the heap: four for the pixel, as many for the copy without transparency, twice in all. */
  private static final int BYTES_PER_PIXEL = 16;

  private ClassFolders() {}

  /**
   * All pictures, resized to the given size; their aspect is not kept. Every folder is a class. For
   * test or validation images take {@link #read(Path, int, int, int, List)} with the classes of
   * training: where a folder is missing, labels of their own would count other classes.
   *
   * @param channels 3 for colour, 1 for grey
   * @throws FormatException if there is no class, a class has no picture, or a file is no picture
   * @throws IllegalArgumentException if the channels are neither 1 nor 3 or the size is below 1
   */
  public static ImageTable read(Path root, int channels, int height, int width) throws IOException {
    Problem.given(root, "ClassFolders.read", "root");
    List<Path> folders = folders(root, channels, height, width);
    return read(root, channels, height, width, folders, names(folders));
  }

  /**
   * All pictures with the classes of other images: a picture's label is the place of its folder's
   * name among the given names.
   *
   * @param channels 3 for colour, 1 for grey
   * @param classNames those of the training images, {@link ImageTable#classNames()}
   * @throws FormatException if a class has no folder or a folder no class, a class has no picture,
   *     or a file is no picture
   * @throws IllegalArgumentException if the channels are neither 1 nor 3 or the size is below 1, or
   *     a name is blank or occurs twice
   */
  public static ImageTable read(
      Path root, int channels, int height, int width, List<String> classNames) throws IOException {
    Problem.given(root, "ClassFolders.read", "root");
    ClassNames.require(classNames, "ClassFolders.read", "classNames");
    List<Path> folders = folders(root, channels, height, width);
    List<String> found = names(folders);
    requireSame(root, classNames, found);
    return read(root, channels, height, width, folders, classNames);
  }

  /**
   * Folders that must be those of training.
   *
   * @param classes of training
   * @param folders that are there
   */
  static void requireSame(Path root, List<String> classes, List<String> folders)
      throws FormatException {
    List<String> missing = classes.stream().filter(name -> !folders.contains(name)).toList();
    List<String> unknown = folders.stream().filter(name -> !classes.contains(name)).toList();
    if (!missing.isEmpty() || !unknown.isEmpty()) {
      throw new FormatException(
          "other classes than those of training",
          root.toString(),
          "a folder for each of " + classes.size() + " classes, and no other",
          parts(missing, unknown, classes),
          "rename, add or remove folders until they are those of the training images");
    }
  }

  private static String parts(List<String> missing, List<String> unknown, List<String> classes) {
    List<String> parts = new ArrayList<>();
    if (!missing.isEmpty()) {
      parts.add("none for " + Problem.listed(missing, MAX_LISTED));
    }
    if (!unknown.isEmpty()) {
      List<String> named = new ArrayList<>();
      for (String name : unknown) {
        String nearest = Problem.nearest(name, classes);
        if (missing.stream().anyMatch(known -> composed(known).equals(composed(name)))) {
          named.add(name + " (the same to see, written with other characters)");
        } else {
          named.add(nearest == null ? name : name + " (nearest: " + nearest + ")");
        }
      }
      parts.add("unknown " + Problem.listed(named, MAX_LISTED));
    }
    return String.join(", ", parts);
  }

  private static String composed(String name) {
    return Normalizer.normalize(name, Normalizer.Form.NFC);
  }

  private static List<String> names(List<Path> folders) {
    return folders.stream().map(folder -> String.valueOf(folder.getFileName())).toList();
  }

  private static List<Path> folders(Path root, int channels, int height, int width)
      throws IOException {
    if ((channels != 1 && channels != 3) || height < 1 || width < 1) {
      throw Problem.argument(
          "image size out of range",
          "ClassFolders.read",
          "1 or 3 channels and at least 1 x 1 pixels",
          channels + " channels, " + height + " x " + width,
          "pass the network's input size");
    }
    if (!Files.isDirectory(root)) {
      throw new FormatException(
          "no folder of pictures",
          root.toString(),
          "a folder with one folder per class",
          Files.exists(root) ? "a file" : "nothing",
          "check the path");
    }
    requireTargets(root, list(root, path -> true));
    List<Path> folders = list(root, Files::isDirectory);
    if (folders.isEmpty()) {
      throw new FormatException(
          "no class", root.toString(), "one folder per class", "no folder", "check the path");
    }
    requireNames(root, names(folders));
    return folders;
  }

  /**
   * A class, or a picture, that lies on a disk which is not there would be left out; a link to a
   * folder above it would be a class of classes.
   *
   * @param entries of the folder, as paths that can be opened
   */
  static void requireTargets(Path folder, List<Path> entries) throws IOException {
    for (Path entry : entries) {
      if (!Files.exists(entry)) {
        throw new FormatException(
            "link that leads nowhere",
            entry.toString(),
            "a file or a folder",
            Files.isSymbolicLink(entry) ? leadingTo(entry) + ", which cannot be opened" : "nothing",
            "remove the link or bring back what it leads to");
      }
      if (Files.isSymbolicLink(entry) && folder.toRealPath().startsWith(entry.toRealPath())) {
        throw new FormatException(
            "link that leads back to a folder it is in",
            entry.toString(),
            "a folder or a file of pictures",
            leadingTo(entry),
            "remove the link");
      }
    }
  }

  private static String leadingTo(Path link) throws IOException {
    return "a link to " + Files.readSymbolicLink(link);
  }

  /**
   * Folders within a class are no pictures.
   *
   * @param name of the inner one
   */
  static FormatException inner(Path folder, String name) {
    return new FormatException(
        "folder within a class",
        folder.toString(),
        "pictures",
        "folder " + name,
        "name the folder that holds the classes, perhaps " + folder);
  }

  /**
   * Refuses names of files that Java cannot read: a locale without their characters, as containers
   * and cron have, gives every such character as the same one, and opens no file by it.
   *
   * @param source folder that they are in
   */
  static void requireReadable(Path source, List<String> names) throws FormatException {
    for (String name : names) {
      if (name.indexOf('\ufffd') >= 0) {
        throw new FormatException(
            "name of a file cannot be read",
            source.toString(),
            "characters that the locale of this program has, "
                + System.getProperty("sun.jnu.encoding"),
            "others in '" + name + "'",
            "start Java with the environment variable LC_ALL=C.UTF-8, or rename the file");
      }
    }
  }

  /**
   * Refuses names that no prediction could tell apart.
   *
   * @param source file or folder that they come from
   */
  static void requireNames(Path source, List<String> classNames) throws FormatException {
    requireReadable(source, classNames);
    ClassNames.Fault fault = ClassNames.fault(classNames);
    if (fault != null) {
      throw new FormatException(
          fault.what(),
          source.toString(),
          ClassNames.Fault.EXPECTED,
          fault.found(),
          ClassNames.Fault.REMEDY);
    }
  }

  private static ImageTable read(
      Path root, int channels, int height, int width, List<Path> folders, List<String> classNames)
      throws IOException {
    List<float[]> images = new ArrayList<>();
    ImmutableIntArray.Builder labels = ImmutableIntArray.builder();
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
        requireTargets(folder, files);
        for (Path file : files) {
          if (Files.isDirectory(file)) {
            throw inner(folder, String.valueOf(file.getFileName()));
          }
          images.add(pixels(manager, file, channels, height, width));
          labels.add(classNames.indexOf(String.valueOf(folder.getFileName())));
        }
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
    requireRoom(file);
    Image picture;
    try {
      picture =
          withoutTransparency(ImageFactory.getInstance().fromFile(file))
              .resize(width, height, false);
    } catch (IOException | RuntimeException e) { // what Java's decoders throw hangs on the damage
      throw noPicture(file, e);
    }
    try (NDManager scope = manager.newSubManager()) {
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
    }
  }

  private static FormatException noPicture(Path file, Exception e) {
    return new FormatException(
            "not a picture", file.toString(), "JPEG, PNG, GIF or BMP", e, "move it out")
        .causedBy(e);
  }

  /** A decoder takes memory for all the pixels that a file promises before it looks for them. */
  private static void requireRoom(Path file) throws FormatException {
    long pixels = 0;
    try (ImageInputStream in = ImageIO.createImageInputStream(file.toFile())) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
      if (readers.hasNext()) {
        ImageReader reader = readers.next();
        try {
          reader.setInput(in);
          pixels = (long) reader.getWidth(0) * reader.getHeight(0);
        } finally {
          reader.dispose();
        }
      }
    } catch (IOException | RuntimeException e) {
      throw noPicture(file, e);
    }
    long most = Math.min(Pictures.MOST_PIXELS, Runtime.getRuntime().maxMemory() / BYTES_PER_PIXEL);
    if (pixels > most) {
      throw new FormatException(
          "picture too large",
          file.toString(),
          "at most " + most + " pixels",
          pixels,
          Pictures.remedy("make it smaller", pixels));
    }
  }

  /** Resizing would mix the colour of transparent pixels with black. */
  private static Image withoutTransparency(Image picture) {
    if (picture.getWrappedImage() instanceof BufferedImage stored
        && stored.getColorModel().hasAlpha()) {
      int width = stored.getWidth();
      int height = stored.getHeight();
      BufferedImage opaque = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
      int[] colours = stored.getRGB(0, 0, width, height, null, 0, width);
      opaque.setRGB(0, 0, width, height, colours, 0, width);
      return ImageFactory.getInstance().fromImage(opaque);
    }
    return picture;
  }
}
