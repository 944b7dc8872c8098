package org.vpns.train;

import ai.djl.ndarray.NDArray;
import org.vpns.Problem;

/**
 * Training with the network as it was before pruning for a teacher (Hinton et al. 2015, "Distilling
 * the knowledge in a neural network"):
 *
 * <pre>
 * L = (1 - lambda) CE(student, y) + lambda T^2 KL(softmax(teacher / T) || softmax(student / T))
 * </pre>
 *
 * <p>Both terms are means over the images. The teacher runs in evaluation mode, through the label
 * mapping that was made for it, on the same input as the student.
 *
 * @param lambda the teacher's share, above 0, at most 1
 * @param temperature T, above 0; larger values show more of what the teacher holds for unlikely
 * @param plainTeacher whether the teacher sees images without prompt in all passes
 */
public record Distillation(double lambda, double temperature, boolean plainTeacher) {
  /** Half of the loss at temperature 4; the teacher sees what the student sees. */
  public static final Distillation DEFAULT = of(0.5, 4);

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if one is out of range
   */
  public Distillation {
    if (!(lambda > 0 && lambda <= 1)) {
      throw Problem.argument(
          "teacher's share out of range",
          "Distillation, lambda",
          "0 < lambda <= 1",
          lambda,
          "pass 0.5 for half of the loss");
    }
    if (!(temperature > 0 && Double.isFinite(temperature))) {
      throw Problem.argument(
          "temperature out of range",
          "Distillation, temperature",
          "a number above 0",
          temperature,
          "pass 4 if in doubt");
    }
  }

  /** With a teacher that sees what the student sees. */
  public static Distillation of(double lambda, double temperature) {
    return new Distillation(lambda, temperature, false);
  }

  /** The same with a teacher that sees images without prompt. */
  public Distillation withPlainTeacher() {
    return new Distillation(lambda, temperature, true);
  }

  /** The whole loss, from the cross-entropy and the logits (images, classes) of both. */
  NDArray loss(NDArray crossEntropy, NDArray student, NDArray teacher) {
    // Factors are floats: the engine takes a double times a scalar for a double.
    NDArray own = crossEntropy.mul((float) (1 - lambda));
    return own.add(divergence(student, teacher).mul((float) lambda));
  }

  /** T^2 times the mean divergence of the student from the teacher. */
  NDArray divergence(NDArray student, NDArray teacher) {
    float t = (float) temperature;
    NDArray expected = teacher.div(t).logSoftmax(1);
    NDArray found = student.div(t).logSoftmax(1);
    NDArray perImage = expected.exp().mul(expected.sub(found)).sum(new int[] {1});
    return perImage.mean().mul(t * t);
  }

  @Override
  public String toString() {
    return "share "
        + lambda
        + ", temperature "
        + temperature
        + (plainTeacher ? ", teacher without prompt" : "");
  }
}
