package org.vpns.examples.data;

import com.google.common.base.Splitter;
import com.google.common.primitives.Ints;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.study.Unzipped;
import org.vpns.io.FormatException;
import org.vpns.study.data.ImageTable;

/**
 * Handwritten digits of the UCI repository (Alpaydin and Kaynak, 1998): {@value #SIZE} grey
 * pictures of 8 x 8 pixels in ten classes, CC BY 4.0. A line of the file holds 64 whole numbers
 * from 0 to 16, row by row, and the digit; values are divided by 16.
 */
public final class OpticalDigits {
  /** Images that ship with the examples. */
  public static final int SIZE = 1_797;

  /** Training images of {@link #split}; the others are for testing. */
  public static final int TRAIN = 1_000;

  /** The digits as words, in the order of their labels. */
  public static final List<String> CLASS_NAMES =
      List.of("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine");

  private static final String NAME = "optical-digits";
  private static final int SIDE = 8;
  private static final int PIXELS = SIDE * SIDE;
  private static final int WHITE = 16;

  private OpticalDigits() {}

  /** All images that ship with the examples, in the file's order. */
  public static ImageTable load() {
    return Packaged.resource("optical-digits.csv.gz", in -> parse(in, "optical-digits.csv.gz"));
  }

  /**
   * {@value #TRAIN} training and 797 test images, drawn anew for every seed. See {@link
   * ImageTable#split}.
   */
  public static ImageTable.Split split(long seed) {
    return load().split(seed, TRAIN);
  }

  /**
   * The images of another file of the same format, plain or gzip-compressed.
   *
   * @throws FormatException if the file is empty or a line is not of that format
   */
  public static ImageTable read(Path file) throws IOException {
    return Unzipped.read(
        Files.newInputStream(file), file.toString(), in -> parse(in, file.toString()));
  }

  private static ImageTable parse(InputStream in, String name) throws IOException {
    List<float[]> images = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    BufferedReader reader =
        new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII));
    for (String line = reader.readLine(); line != null; line = reader.readLine()) {
      String where = name + ", line " + (images.size() + 1);
      List<String> fields = Splitter.on(',').splitToList(line);
      if (fields.size() != PIXELS + 1) {
        throw new FormatException(
            "line of another length",
            where,
            PIXELS + " pixels and a label",
            fields.size() + " fields",
            "the file is cut short or of another format");
      }
      float[] image = new float[PIXELS];
      for (int p = 0; p < PIXELS; p++) {
        image[p] = number(fields.get(p), WHITE, where + ", field " + (p + 1)) / (float) WHITE;
      }
      images.add(image);
      labels.add(number(fields.get(PIXELS), CLASS_NAMES.size() - 1, where + ", label"));
    }
    if (images.isEmpty()) {
      throw new FormatException(
          "empty file", name, "one line per image", "0 lines", "copy the file again");
    }
    return ImageTable.of(
        NAME, 1, SIDE, SIDE, images.toArray(new float[0][]), Ints.toArray(labels), CLASS_NAMES);
  }

  private static int number(String field, int most, String where) throws FormatException {
    @Nullable Integer value = Ints.tryParse(field.strip());
    if (value == null || value < 0 || value > most) {
      throw new FormatException(
          "number out of range",
          where,
          "0 to " + most,
          "'" + field + "'",
          "the file is damaged or of another format");
    }
    return value;
  }
}
