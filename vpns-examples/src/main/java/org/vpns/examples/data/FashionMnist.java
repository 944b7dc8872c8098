package org.vpns.examples.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import org.vpns.io.FormatException;
import org.vpns.study.data.IdxFile;
import org.vpns.study.data.ImageTable;

/**
 * Fashion-MNIST (Xiao, Rasul and Vollgraf, 2017): 28 x 28 grey pictures of clothes in ten classes.
 * The first {@value #TRAIN} training and the first {@value #TEST} test images ship with the
 * examples; MIT licence, Zalando SE.
 */
public final class FashionMnist {
  /** Training images that ship with the examples. */
  public static final int TRAIN = 16_000;

  /** Test images that ship with the examples. */
  public static final int TEST = 2_000;

  /** The classes in the order of their labels. */
  public static final List<String> CLASS_NAMES =
      List.of(
          "T-shirt/top",
          "trouser",
          "pullover",
          "dress",
          "coat",
          "sandal",
          "shirt",
          "sneaker",
          "bag",
          "ankle boot");

  private static final String NAME = "fashion-mnist";

  private FashionMnist() {}

  /** The training images that ship with the examples, in the set's own order. */
  public static ImageTable train() {
    return packaged("fashion-mnist-train");
  }

  /** The test images that ship with the examples, in the set's own order. */
  public static ImageTable test() {
    return packaged("fashion-mnist-test");
  }

  /**
   * The images of two IDX files, such as the set's own four.
   *
   * @throws FormatException if a file is damaged or they do not belong together
   */
  public static ImageTable read(Path images, Path labels) throws IOException {
    return IdxFile.table(NAME, IdxFile.readImages(images), IdxFile.readLabels(labels), CLASS_NAMES);
  }

  private static ImageTable packaged(String part) {
    String images = part + "-images.idx.gz";
    String labels = part + "-labels.idx.gz";
    try {
      return IdxFile.table(
          NAME,
          Packaged.resource(images, in -> IdxFile.images(in, images)),
          Packaged.resource(labels, in -> IdxFile.labels(in, labels)),
          CLASS_NAMES);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
