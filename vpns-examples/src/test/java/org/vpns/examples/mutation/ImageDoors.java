package org.vpns.examples.mutation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.vpns.examples.mutation.Door.Use;
import org.vpns.study.data.CifarRecords;
import org.vpns.study.data.ClassFolders;
import org.vpns.study.data.IdxFile;
import org.vpns.study.data.ImageTable;

/** Readers of images. */
final class ImageDoors extends DoorGroup {
  /**
   * @param folder for the files of the runs that samples are made by
   */
  ImageDoors(Path folder) throws IOException {
    super(folder);
    images();
  }

  private void images() throws IOException {
    byte[] pixels =
        ByteBuffer.allocate(16 + 3 * 4).putInt(0x803).putInt(3).putInt(2).putInt(2).array();
    byte[] labels = ByteBuffer.allocate(8 + 3).putInt(0x801).putInt(3).put(9, (byte) 1).array();
    Map<String, byte[]> idx = new LinkedHashMap<>();
    idx.put("images.idx", pixels);
    idx.put("labels.idx", labels);
    Map<String, byte[]> zipped = new LinkedHashMap<>();
    zipped.put("images.idx", gzip(pixels));
    zipped.put("labels.idx", gzip(labels));
    add(
        "idx",
        2,
        List.of(idx, zipped),
        (place, random) -> {
          ImageTable table =
              IdxFile.table(
                  "images",
                  IdxFile.readImages(place.resolve("images.idx")),
                  IdxFile.readLabels(place.resolve("labels.idx")),
                  List.of("a", "b", "c"));
          return use(table);
        },
        IOException.class);
    byte[] records = new byte[2 * CifarRecords.RECORD_BYTES];
    records[CifarRecords.RECORD_BYTES] = 1;
    Map<String, byte[]> cifar = new LinkedHashMap<>();
    cifar.put("data_batch_1.bin", records);
    cifar.put("test_batch.bin", records);
    cifar.put("batches.meta.txt", "cat\ndog\n".getBytes(StandardCharsets.UTF_8));
    add(
        "cifar",
        2,
        List.of(cifar),
        (place, random) -> use(CifarRecords.readFolder(place).test()),
        IOException.class);
    Map<String, byte[]> folders = new LinkedHashMap<>();
    for (String format : List.of("png", "gif", "bmp", "jpg")) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      ImageIO.write(new BufferedImage(5, 4, BufferedImage.TYPE_INT_RGB), format, out);
      folders.put((format.equals("png") ? "a/1." : "b/1.") + format, out.toByteArray());
    }
    add(
        "class folders",
        0.5,
        List.of(folders),
        (place, random) -> use(ClassFolders.read(place, 3, 4, 4)),
        IOException.class);
  }

  private static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (var zip = new java.util.zip.GZIPOutputStream(out)) {
      zip.write(content);
    }
    return out.toByteArray();
  }

  private static Use use(ImageTable table) {
    return out -> {
      requireText(table);
      try (NDManager manager = NDManager.newBaseManager();
          NDArray first =
              manager.create(
                  table.image(0), new Shape(table.channels(), table.height(), table.width()))) {
        first.toFloatArray();
        table.toDataset(manager);
      }
    };
  }
}
