package org.vpns.internal.study;

import java.util.Map;
import java.util.TreeMap;

/** System properties that an engine was given, which workers are to have as well. */
public final class EngineProperties {
  /** How many threads the PyTorch engine computes with. */
  public static final String THREADS = "ai.djl.pytorch.num_threads";

  private EngineProperties() {}

  /** Those of this JVM, with another number of threads. */
  public static Map<String, String> withThreads(int threads) {
    Map<String, String> set = new TreeMap<>();
    for (String key : System.getProperties().stringPropertyNames()) {
      if (key.startsWith("ai.djl.") || key.equals("OPT_OUT_TRACKING")) {
        set.put(key, System.getProperty(key));
      }
    }
    set.put(THREADS, Integer.toString(threads));
    return set;
  }
}
