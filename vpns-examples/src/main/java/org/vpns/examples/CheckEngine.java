package org.vpns.examples;

import ai.djl.ndarray.NDManager;
import org.vpns.internal.network.EngineCheck;
import org.vpns.internal.network.Engines;

/** Says whether the engine computes rightly on this machine; exit status 1 if it does not. */
public final class CheckEngine {
  private CheckEngine() {}

  /** Runs the check. */
  public static void main(String[] args) {
    EngineSettings.apply();
    try (NDManager manager = Engines.newManager("check of the engine")) {
      EngineCheck.require(manager);
      System.out.println("engine computes rightly, error " + EngineCheck.error(manager));
    } catch (IllegalStateException e) {
      System.out.println(e.getMessage());
      System.exit(1);
    }
  }
}
