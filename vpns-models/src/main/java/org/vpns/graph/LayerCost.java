package org.vpns.graph;

import ai.djl.ndarray.types.Shape;
import org.vpns.Problem;

/**
 * What one layer costs.
 *
 * @param name name of its node
 * @param kind kind of operator
 * @param output shape of its result for one image
 * @param parameters number of its weights, biases, scales and shifts; a parameter that several
 *     layers share counts at the first
 * @param kept how many of them are not removed
 * @param macs multiply-adds for one image
 * @param keptMacs multiply-adds without those with removed weights
 */
public record LayerCost(
    String name, String kind, Shape output, long parameters, long kept, long macs, long keptMacs) {
  /** No part may be null. */
  public LayerCost {
    Problem.given(name, "new LayerCost", "name");
    Problem.given(kind, "new LayerCost", "kind");
    Problem.given(output, "new LayerCost", "output");
  }
}
