package com.example.cluster;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import java.util.Random;
import org.vpns.model.ResNets;
import org.vpns.study.StudyTask;
import org.vpns.train.ImageSets;

/** Dark and light pictures, drawn by chance, and a network that knows neither. */
final class Shades implements StudyTask {
  static final int SIDE = 16;
  private static final int PIXELS = 3 * SIDE * SIDE;
  private static final int IMAGES = 16;

  @Override
  public String name() {
    return "shades";
  }

  @Override
  public Model network() {
    return ResNets.small().withInput(3, SIDE, SIDE).withClasses(2).newModel("small", 1);
  }

  @Override
  public ImageSets images(long seed, NDManager manager) {
    return ImageSets.of(draw(seed, manager), 2).test(draw(-seed, manager));
  }

  private static ArrayDataset draw(long seed, NDManager manager) {
    Random random = new Random(seed);
    float[] pixels = new float[IMAGES * PIXELS];
    long[] labels = new long[IMAGES];
    for (int i = 0; i < IMAGES; i++) {
      labels[i] = i % 2;
      for (int p = 0; p < PIXELS; p++) {
        pixels[i * PIXELS + p] = 0.4f * random.nextFloat() + 0.6f * labels[i];
      }
    }
    return new ArrayDataset.Builder()
        .setData(manager.create(pixels, new Shape(IMAGES, 3, SIDE, SIDE)))
        .optLabels(manager.create(labels))
        .setSampling(8, false)
        .build();
  }
}
