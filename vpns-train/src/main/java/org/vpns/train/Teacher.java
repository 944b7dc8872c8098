package org.vpns.train;

import ai.djl.ndarray.NDArray;
import org.vpns.LabelAssignment;
import org.vpns.internal.network.FrozenNetwork;

/**
 * The network as it was before pruning, as one who knows the answers.
 *
 * @param network its values of then
 * @param mapping the label mapping that was made for it
 * @param distillation how much it has to say
 */
record Teacher(FrozenNetwork network, LabelAssignment mapping, Distillation distillation) {
  /** The loss of the student's logits, given those of the teacher for its own input. */
  NDArray loss(NDArray crossEntropy, NDArray student, NDArray input) {
    return distillation.loss(crossEntropy, student, mapping.apply(network.forward(input)));
  }
}
