package org.vpns.internal.runtime.plan;

import java.util.List;
import org.vpns.internal.runtime.kernel.Step;

/**
 * A network ready to run on one image at a time; immutable.
 *
 * @param steps in order
 * @param names of the steps, for measurements
 * @param floats numbers that a run needs room for
 * @param input first of the image's numbers, row-major
 * @param inputs how many these are
 * @param output first of the result's numbers, row-major
 * @param outputs how many these are
 * @param outputShape shape of the result of one image
 * @param constants what must be there before the first run
 */
public record Program(
    List<Step> steps,
    List<String> names,
    int floats,
    int input,
    int inputs,
    int output,
    int outputs,
    List<Integer> outputShape,
    List<Fixed> constants) {
  /** Copies the lists. */
  public Program {
    steps = List.copyOf(steps);
    names = List.copyOf(names);
    outputShape = List.copyOf(outputShape);
    constants = List.copyOf(constants);
  }

  /**
   * Numbers that never change.
   *
   * @param at where they lie
   */
  public record Fixed(int at, float[] values) {}

  /** Memory for runs, one after the other. */
  public float[] memory() {
    float[] memory = new float[floats];
    for (Fixed fixed : constants) {
      System.arraycopy(fixed.values(), 0, memory, fixed.at(), fixed.values().length);
    }
    return memory;
  }
}
