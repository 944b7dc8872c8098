package org.vpns.study.data;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import us.hebi.matlab.mat.format.Mat5;
import us.hebi.matlab.mat.types.Array;
import us.hebi.matlab.mat.types.Cell;
import us.hebi.matlab.mat.types.MatFile;
import us.hebi.matlab.mat.types.MatlabType;
import us.hebi.matlab.mat.types.Matrix;
import us.hebi.matlab.mat.types.Sinks;
import us.hebi.matlab.mat.types.Struct;

/** Files of published sets in their forms, with a few pictures each. */
final class TinySets {
  private final Path root;

  TinySets(Path root) {
    this.root = root;
  }

  /** A grey picture of one level. */
  void picture(String name, int level) throws IOException {
    picture(name, level, 6, 5);
  }

  void picture(String name, int level, int width, int height) throws IOException {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    int[] colours = new int[width * height];
    Arrays.fill(colours, level << 16 | level << 8 | level);
    image.setRGB(0, 0, width, height, colours, 0, width);
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    // a plain JPEG of one colour is that colour, to the bit, at the best quality
    String format = name.toLowerCase(java.util.Locale.ROOT).endsWith("png") ? "png" : "jpeg";
    if (!ImageIO.write(image, format, file.toFile())) {
      throw new IOException("no writer of " + format);
    }
  }

  void text(String name, String... lines) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    Files.write(file, List.of(lines));
  }

  void bytes(String name, byte[] content) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    Files.write(file, content);
  }

  void matlab(String name, MatFile content) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    try (var sink = Sinks.newStreamingFile(file.toFile())) {
      content.writeTo(sink); // compressed, as MATLAB does
    }
  }

  /** A row of numbers as bytes, which is how MATLAB keeps small whole numbers. */
  static Matrix row(int... values) {
    boolean small = Arrays.stream(values).allMatch(value -> value < 256);
    Matrix row = Mat5.newMatrix(1, values.length, small ? MatlabType.UInt8 : MatlabType.Double);
    for (int i = 0; i < values.length; i++) {
      row.setDouble(i, values[i]);
    }
    return row;
  }

  private static MatFile numbers(Object... namesAndRows) {
    MatFile file = Mat5.newMatFile();
    for (int i = 0; i < namesAndRows.length; i += 2) {
      file.addArray((String) namesAndRows[i], (Array) namesAndRows[i + 1]);
    }
    return file;
  }

  /** Records of so many label bytes, the last of which counts; pixel p of channel c is 10 c + p. */
  static byte[] records(int labelBytes, int... labels) {
    int length = labelBytes + 3 * 1024;
    byte[] records = new byte[labels.length * length];
    for (int i = 0; i < labels.length; i++) {
      records[i * length + labelBytes - 1] = (byte) labels[i];
      for (int p = 0; p < 3 * 1024; p++) {
        records[i * length + labelBytes + p] = (byte) (10 * (p / 1024) + p % 1024 + labels[i]);
      }
    }
    return records;
  }

  void cifar10() throws IOException {
    for (int i = 1; i <= 5; i++) {
      bytes("data_batch_" + i + ".bin", records(1, i, 9));
    }
    bytes("test_batch.bin", records(1, 0, 1, 2));
    text("batches.meta.txt", CifarRecords.CIFAR10_CLASS_NAMES.toArray(String[]::new));
  }

  void cifar100() throws IOException {
    byte[] train = records(2, 99, 7);
    train[0] = 19; // the coarse label
    bytes("train.bin", train);
    bytes("test.bin", records(2, 42));
    String[] names = new String[100];
    Arrays.setAll(names, i -> "class" + i);
    text("fine_label_names.txt", names);
  }

  void tinyImageNet() throws IOException {
    text("wnids.txt", "n02", "n01");
    picture("train/n01/images/n01_0.JPEG", 10);
    picture("train/n01/images/n01_1.JPEG", 20);
    picture("train/n02/images/n02_0.JPEG", 30);
    text("train/n01/n01_boxes.txt", "n01_0.JPEG\t0\t0\t62\t62");
    picture("val/images/val_0.JPEG", 40);
    picture("val/images/val_1.JPEG", 50);
    text(
        "val/val_annotations.txt",
        "val_0.JPEG\tn02\t0\t32\t44\t62",
        "val_1.JPEG\tn01\t0\t32\t44\t62");
  }

  void imageNet() throws IOException {
    picture("train/n01440764/a.JPEG", 10);
    picture("train/n01443537/b.JPEG", 20);
    picture("val/n01443537/ILSVRC2012_val_00000001.JPEG", 30);
    picture("val/n01440764/ILSVRC2012_val_00000002.JPEG", 40);
  }

  void food101() throws IOException {
    picture("images/apple_pie/1.jpg", 10);
    picture("images/apple_pie/2.jpg", 20);
    picture("images/waffles/3.jpg", 30);
    picture("images/waffles/4.jpg", 40);
    text(
        "meta/train.json",
        "{\"waffles\": [\"waffles/4\"],",
        "\"apple_pie\": [\"apple_pie/2\", \"apple_pie/1\"]}");
    text("meta/test.json", "{\"apple_pie\": [\"apple_pie/1\"], \"waffles\": [\"waffles/3\"]}");
  }

  void flowers102() throws IOException {
    for (int i = 1; i <= 5; i++) {
      picture("jpg/image_0000" + i + ".jpg", 10 * i);
    }
    matlab("imagelabels.mat", numbers("labels", row(77, 1, 102, 1, 5)));
    matlab("setid.mat", numbers("trnid", row(3, 1), "valid", row(2), "tstid", row(5, 4)));
  }

  void describableTextures() throws IOException {
    for (String name : List.of("banded/banded_0001", "banded/banded_0002", "zigzag/zigzag_0001")) {
      picture("images/" + name + ".jpg", 10);
    }
    text("labels/train1.txt", "zigzag/zigzag_0001.jpg", "banded/banded_0002.jpg");
    text("labels/val1.txt", "banded/banded_0001.jpg");
    text("labels/test1.txt", "zigzag/zigzag_0001.jpg");
  }

  void oxfordPets() throws IOException {
    picture("images/Abyssinian_100.jpg", 10);
    picture("images/great_pyrenees_7.jpg", 20);
    picture("images/Abyssinian_201.jpg", 30);
    text("annotations/trainval.txt", "Abyssinian_100 1 1 1", "great_pyrenees_7 2 2 1");
    text("annotations/test.txt", "Abyssinian_201 1 1 1");
  }

  void stanfordCars() throws IOException {
    picture("cars_train/00001.jpg", 10);
    picture("cars_train/00002.jpg", 20);
    picture("cars_test/00001.jpg", 30);
    Cell names = Mat5.newCell(1, 2);
    names.set(0, Mat5.newString("AM General Hummer SUV 2000"));
    names.set(1, Mat5.newString("smart fortwo Convertible 2012"));
    matlab("devkit/cars_meta.mat", numbers("class_names", names));
    matlab("devkit/cars_train_annos.mat", numbers("annotations", cars(2, 1)));
    matlab("cars_test_annos_withlabels.mat", numbers("annotations", cars(1)));
  }

  private static Struct cars(int... classes) {
    Struct cars = Mat5.newStruct(1, classes.length);
    for (int i = 0; i < classes.length; i++) {
      cars.set("bbox_x1", i, row(39));
      cars.set("class", i, row(classes[i]));
      cars.set("fname", i, Mat5.newString("0000" + (i + 1) + ".jpg"));
    }
    return cars;
  }
}
