package org.vpns.examples.compare;

import ai.djl.ndarray.NDManager;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.vpns.ImageInput;
import org.vpns.PromptFactory;
import org.vpns.examples.ImageTask;
import org.vpns.optim.LearningRate;
import org.vpns.train.ImageSets;

/** What {@link CompareMethods} compares methods on: a network, images, and how both are trained. */
public interface ComparisonTask extends ImageTask {
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

  /** Whether there are more outputs than classes. */
  boolean leavesOutputsUnmapped();

  /** The prompt of methods that have one. */
  PromptFactory prompt();

  /** T, gradient steps per stage, where none are asked for. */
  long steps();

  /** Rates of all methods. */
  MethodRates rates();

  @Override
  default LearningRate weightRate() {
    return rates().weights();
  }

  /**
   * What a reader of the table must know of the task: what a seed decides, how rates came about.
   */
  List<String> remarks();
}
