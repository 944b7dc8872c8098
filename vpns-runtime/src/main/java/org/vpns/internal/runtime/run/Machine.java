package org.vpns.internal.runtime.run;

import org.jspecify.annotations.Nullable;
import org.vpns.internal.runtime.kernel.Wide;

/** Whether this process can run programs fast. */
public final class Machine {
  private static final String MODULE = "jdk.incubator.vector";

  /** With fewer floats in a vector, ONNX Runtime is faster. */
  private static final int LEAST_LANES = 8;

  private Machine() {}

  /** What is missing, with its remedy, or null. */
  public static @Nullable String missing() {
    if (ModuleLayer.boot().findModule(MODULE).isEmpty()) {
      return "this process runs without the module "
          + MODULE
          + " (start java with --add-modules "
          + MODULE
          + ")";
    }
    return Wide.LANES < LEAST_LANES
        ? "this machine's vectors have " + Wide.LANES + " floats, at least 8 are needed"
        : null;
  }

  /** Such as {@code vectors of 16 floats}. */
  public static String describe() {
    return "vectors of " + Wide.LANES + " floats";
  }
}
