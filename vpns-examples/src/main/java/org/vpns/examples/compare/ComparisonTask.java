package org.vpns.examples.compare;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.vpns.ImageInput;
import org.vpns.LabelMapping;
import org.vpns.PromptFactory;
import org.vpns.study.StudyTask;
import org.vpns.study.data.ImageTable;
import org.vpns.train.ImageSets;

/** What {@link CompareMethods} compares methods on: a network, images, and how both are trained. */
public interface ComparisonTask extends StudyTask {
  /** Training and test images of a seed. */
  ImageTable.Split split(long seed) throws IOException;

  @Override
  default ImageSets images(long seed, NDManager manager) throws IOException {
    return split(seed).toImageSets(manager);
  }

  /** How images are placed and normalised. */
  ImageInput input();

  /** What the network was trained on; null where that is not at hand. */
  default @Nullable Source source() {
    return null;
  }

  /**
   * Images of the network's own classes.
   *
   * @param input how they are placed and normalised
   * @param images reads them
   */
  record Source(ImageInput input, Function<NDManager, ImageSets> images) {}

  /** From the network's classes to those of the images. */
  LabelMapping mapping();

  /** Whether there are more outputs than classes. */
  boolean leavesOutputsUnmapped();

  /** The prompt of methods that have one. */
  PromptFactory prompt();

  /** Images per gradient step. */
  int batchSize();

  /** T, gradient steps per stage, where none are asked for. */
  long steps();

  /** Rates of all methods. */
  MethodRates rates();

  /**
   * What a reader of the table must know of the task: what a seed decides, how rates came about.
   */
  List<String> remarks();
}
