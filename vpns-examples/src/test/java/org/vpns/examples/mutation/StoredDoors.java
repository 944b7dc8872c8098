package org.vpns.examples.mutation;

import ai.djl.ndarray.NDManager;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.vpns.examples.mutation.Door.Use;
import org.vpns.study.data.ImageTransform;
import org.vpns.study.data.PublishedSets;
import org.vpns.study.data.StoredDataset;
import org.vpns.study.data.StoredImages;

/** Readers of sets of images that stay on disk, and of their lists. */
final class StoredDoors extends DoorGroup {
  /**
   * @param folder for the files of the runs that samples are made by
   */
  StoredDoors(Path folder) throws IOException {
    super(folder);
    pictures();
    lists();
  }

  private static byte[] picture(String format) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(6, 5, BufferedImage.TYPE_INT_RGB), format, out);
    return out.toByteArray();
  }

  private static byte[] text(String... lines) {
    return String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
  }

  private void pictures() throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (String format : List.of("png", "gif", "bmp", "jpg")) {
      files.put((format.equals("png") ? "a/1." : "b/1.") + format, picture(format));
    }
    add(
        "stored class folders",
        0.5,
        List.of(files),
        (place, random) -> use(StoredImages.classFolders(place)),
        IOException.class);
  }

  private void lists() throws IOException {
    byte[] picture = picture("jpg");
    Map<String, byte[]> food = new LinkedHashMap<>();
    food.put("meta/train.json", text("{\"pie\": [\"pie/1\", \"pie/2\"], \"tea\": [\"tea/3\"]}"));
    food.put("meta/test.json", text("{\"pie\": [\"pie/2\"], \"tea\": [\"tea/3\"]}"));
    food.put("images/pie/1.jpg", picture);
    food.put("images/pie/2.jpg", picture);
    food.put("images/tea/3.jpg", picture);
    add(
        "food",
        0.5,
        List.of(food),
        (place, random) -> use(PublishedSets.food101(place).train()),
        IOException.class);
    Map<String, byte[]> pets = new LinkedHashMap<>();
    pets.put("annotations/trainval.txt", text("cat_1 1 1 1", "dog_2 2 2 1"));
    pets.put("annotations/test.txt", text("dog_2 2 2 1"));
    pets.put("images/cat_1.jpg", picture);
    pets.put("images/dog_2.jpg", picture);
    add(
        "pets",
        0.5,
        List.of(pets),
        (place, random) -> use(PublishedSets.oxfordPets(place).train()),
        IOException.class);
    Map<String, byte[]> flowers = new LinkedHashMap<>();
    flowers.put("jpg/1.jpg", picture);
    flowers.put(
        "split.json",
        text(
            "{\"train\": [[\"1.jpg\", 1, \"rose\"], [\"1.jpg\", 0, \"iris\"]],",
            "\"val\": [[\"1.jpg\", 0, \"iris\"]], \"test\": [[\"1.jpg\", 1, \"rose\"]]}"));
    add(
        "flowers by a list",
        0.5,
        List.of(flowers),
        (place, random) ->
            use(PublishedSets.flowers102(place, Path.of("split.json")).joined().train()),
        IOException.class);
  }

  /** Reads all images, then uses one. */
  private static Use use(StoredImages images) throws IOException {
    StoredDataset dataset = images.toDataset(ImageTransform.colour().resize(4, 4));
    try (NDManager manager = NDManager.newBaseManager()) {
      for (int i = 0; i < images.size(); i++) {
        dataset.get(manager, i);
      }
    }
    return out -> {
      requireText(dataset);
      try (NDManager manager = NDManager.newBaseManager()) {
        dataset.get(manager, 0).getData().head().toFloatArray();
      }
    };
  }
}
