package org.vpns.graph.op;

import ai.djl.ndarray.NDManager;
import org.vpns.Problem;

/**
 * What an operator may know of the forward pass beside its inputs.
 *
 * @param training whether batch norm takes the batch's statistics and dropout drops
 * @param batch number of images
 * @param manager owner of new arrays
 */
public record ForwardPass(boolean training, long batch, NDManager manager) {
  /** No part may be null. */
  public ForwardPass {
    Problem.given(manager, "new ForwardPass", "manager");
  }
}
