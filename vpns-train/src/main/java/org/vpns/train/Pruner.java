package org.vpns.train;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.Batch;
import java.util.List;
import org.vpns.MaskSet;
import org.vpns.Problem;
import org.vpns.Sparsity;

/**
 * A method of pruning, as the stages that it is made of: those that find the mask and those that
 * tune the weights that are left. A method is a value: it holds options, no state of a run.
 */
public interface Pruner {
  /** The method's name, such as {@code HYDRA}. */
  String name();

  /** Its stages for a sparsity, in order. */
  List<Stage> stages(Sparsity sparsity);

  /**
   * The mask with which the first stage begins, without any training, of a method that looks at
   * weights alone. The model stays as it is. With prompt and label mapping: {@link
   * Trainer#findMask}.
   *
   * @param seed of random scorers
   * @throws IllegalArgumentException if the network has a value that is not finite
   * @throws IllegalStateException if the network has no weights yet, or a run of another thread is
   *     changing them
   */
  default MaskSet findMask(Model model, Sparsity sparsity, long seed) {
    Problem.given(model, "Pruner.findMask", "model");
    Problem.given(sparsity, "Pruner.findMask", "sparsity");
    return new MaskFinder(stages(sparsity).get(0).mask(), seed).find(model);
  }

  /**
   * The same of a method that looks at images: at this batch; seed 0.
   *
   * @param batch network inputs (batch, channels, height, width), normalised, and for each image
   *     the number of its logit
   * @throws IllegalArgumentException if inputs or labels do not fit the network, or it has a value
   *     that is not finite
   * @throws IllegalStateException as for a method that looks at weights alone, or if another run of
   *     this JVM or a gradient collector of the caller's is under way
   */
  default MaskSet findMask(Model model, Batch batch, Sparsity sparsity) {
    Problem.given(model, "Pruner.findMask", "model");
    Problem.given(batch, "Pruner.findMask", "batch");
    Problem.given(sparsity, "Pruner.findMask", "sparsity");
    return new MaskFinder(stages(sparsity).get(0).mask(), 0).find(model, batch);
  }

  /**
   * The same of a method that looks at the network but at no images, such as SynFlow; seed 0.
   *
   * @param input shape of one network input, (channels, height, width)
   * @throws IllegalArgumentException if the input does not fit the network, or it has a value that
   *     is not finite
   * @throws IllegalStateException as for a method that looks at weights alone, or if another run of
   *     this JVM or a gradient collector of the caller's is under way
   */
  default MaskSet findMask(Model model, Shape input, Sparsity sparsity) {
    Problem.given(model, "Pruner.findMask", "model");
    Problem.given(input, "Pruner.findMask", "input");
    Problem.given(sparsity, "Pruner.findMask", "sparsity");
    return new MaskFinder(stages(sparsity).get(0).mask(), 0).find(model, input);
  }
}
