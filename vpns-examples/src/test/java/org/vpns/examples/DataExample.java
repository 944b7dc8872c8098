package org.vpns.examples;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.vpns.Seeds;
import org.vpns.study.data.ImageTransform;
import org.vpns.study.data.PublishedSets;
import org.vpns.study.data.StoredDataset;
import org.vpns.study.data.StoredImages;
import org.vpns.train.ImageSets;

/** The code of the page on data. */
final class DataExample {
  private DataExample() {}

  static ImageSets set(Path folder) throws IOException {
    // README: set
    StoredImages.Split pets = PublishedSets.oxfordPets(folder);
    ImageTransform shown = ImageTransform.colour().resize(256).centreCrop(224);
    ImageTransform training = ImageTransform.colour().randomResizedCrop(224).horizontalFlip();
    ImageSets images = pets.toImageSets(training, shown).validation(0.1);
    // README: end
    return images;
  }

  static StoredImages.Split folders(Path folder) throws IOException {
    // README: folders
    StoredImages train = StoredImages.classFolders(folder.resolve("train")).withoutBroken();
    train.skipped().forEach(System.err::println);
    StoredImages test = StoredImages.classFolders(folder.resolve("test"), train.classNames());
    StoredImages.Split own = new StoredImages.Split(train, null, test);
    // README: end
    return own;
  }

  static void djl(StoredImages images, NDManager manager, Consumer<Batch> train) {
    // README: djl
    StoredDataset dataset =
        images
            .toDataset(ImageTransform.colour().resize(32, 32))
            .training(ImageTransform.colour().resize(32, 32).randomCrop(32, 4).horizontalFlip());
    for (int epoch = 0; epoch < 3; epoch++) {
      for (Batch batch : dataset.epoch(new Seeds(7), "train", epoch).getData(manager)) {
        train.accept(batch);
        batch.close();
      }
    }
    // README: end
  }
}
