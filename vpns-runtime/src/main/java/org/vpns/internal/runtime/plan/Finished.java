package org.vpns.internal.runtime.plan;

import org.vpns.internal.runtime.kernel.Planes;
import org.vpns.internal.runtime.kernel.Step;

/** A step by one thread, after which planes are completed. */
public record Finished(Step step, Planes planes) implements Step {
  @Override
  public void run(float[] a, int part, int parts) {
    if (part == 0) {
      step.run(a, 0, 1);
      planes.complete(a, 0, planes.count());
    }
  }
}
