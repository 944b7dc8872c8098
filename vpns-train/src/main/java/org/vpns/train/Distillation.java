package org.vpns.train;

import org.vpns.LabelAssignment;
import org.vpns.Problem;
import org.vpns.Value;
import org.vpns.internal.network.FrozenNetwork;
import org.vpns.internal.run.Teacher;

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
 */
public final class Distillation extends Value<Distillation> {
  /** Half of the loss at temperature 4; the teacher sees what the student sees. */
  public static final Distillation DEFAULT = of(0.5, 4);

  private final double lambda;
  private final double temperature;
  private boolean plainTeacher;

  private Distillation(double lambda, double temperature) {
    this.lambda = lambda;
    this.temperature = temperature;
  }

  /**
   * With a teacher that sees what the student sees.
   *
   * @param lambda the teacher's share, above 0, at most 1
   * @param temperature T, above 0; larger values show more of what the teacher holds for unlikely
   * @throws IllegalArgumentException if one is out of range
   */
  public static Distillation of(double lambda, double temperature) {
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
    return new Distillation(lambda, temperature);
  }

  /** With a teacher that sees images without prompt in all passes. */
  public Distillation plainTeacher() {
    return with(d -> d.plainTeacher = true);
  }

  /**
   * The teacher.
   *
   * @param network as it was before pruning
   * @param mapping the label mapping that was made for it
   */
  Teacher teacher(FrozenNetwork network, LabelAssignment mapping) {
    return new Teacher(network, mapping, lambda, temperature, plainTeacher);
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
