package org.vpns.train;

import java.util.List;
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
}
