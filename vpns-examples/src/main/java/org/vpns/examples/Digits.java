package org.vpns.examples;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import org.vpns.examples.data.OpticalDigits;
import org.vpns.study.StudyTask;
import org.vpns.study.data.ImageTable;
import org.vpns.train.ImageSets;

/**
 * The quick start's network, trained on Fashion-MNIST, and its digits, drawn anew for every seed.
 *
 * @param name for results
 * @param images training images, the first of the seed's 1,000
 */
public record Digits(String name, int images) implements StudyTask {
  /** With all training images. */
  public static Digits all() {
    return new Digits("digits", OpticalDigits.TRAIN);
  }

  @Override
  public Model network() throws IOException {
    return SourceNetwork.load();
  }

  @Override
  public ImageSets images(long seed, NDManager manager) {
    ImageTable.Split split = OpticalDigits.split(seed);
    return new ImageTable.Split(split.train().head(images), split.test()).toImageSets(manager);
  }
}
