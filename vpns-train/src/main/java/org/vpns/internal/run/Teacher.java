package org.vpns.internal.run;

import ai.djl.ndarray.NDArray;
import org.vpns.KeptNumber;
import org.vpns.LabelAssignment;
import org.vpns.internal.network.FrozenNetwork;

/**
 * The network as it was before pruning, as one who knows the answers.
 *
 * @param network its values of then
 * @param mapping the label mapping that was made for it
 * @param lambda its share of the loss
 * @param temperature of both softmaxes
 * @param plain whether it sees images without prompt in all passes
 */
public record Teacher(
    FrozenNetwork network,
    LabelAssignment mapping,
    double lambda,
    double temperature,
    boolean plain) {

  /** The whole loss, from the student's logits (images, classes) and the teacher's own input. */
  NDArray loss(NDArray crossEntropy, NDArray student, NDArray input) {
    NDArray answer = mapping.apply(network.forward(input));
    return mixed(crossEntropy, divergence(student, answer, temperature), lambda);
  }

  static NDArray mixed(NDArray crossEntropy, NDArray divergence, double lambda) {
    // Factors are floats: the engine takes a double times a scalar for a double.
    NDArray own = KeptNumber.product(crossEntropy, (float) (1 - lambda));
    return own.add(KeptNumber.product(divergence, (float) lambda));
  }

  /** T^2 times the mean divergence of the student from the teacher, from the logits of both. */
  static NDArray divergence(NDArray student, NDArray teacher, double temperature) {
    float t = (float) temperature;
    NDArray expected = teacher.div(t).logSoftmax(1);
    NDArray found = KeptNumber.quotient(student, t).logSoftmax(1);
    NDArray perImage = expected.exp().mul(expected.sub(found)).sum(new int[] {1});
    return KeptNumber.product(perImage.mean(), t * t);
  }
}
