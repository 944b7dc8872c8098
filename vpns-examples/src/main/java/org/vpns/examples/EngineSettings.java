package org.vpns.examples;

/** Settings that DJL reads when its engine starts; a property given on the command line stays. */
public final class EngineSettings {
  private EngineSettings() {}

  /** Call first in every main: no network access, no usage report, one thread. */
  public static void apply() {
    setIfAbsent("ai.djl.offline", "true");
    setIfAbsent("OPT_OUT_TRACKING", "true");
    // The network is so small that waking a second thread costs more than it gives.
    setIfAbsent("ai.djl.pytorch.num_threads", "1");
  }

  private static void setIfAbsent(String key, String value) {
    if (System.getProperty(key) == null) {
      System.setProperty(key, value);
    }
  }
}
