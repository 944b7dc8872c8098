package org.vpns.internal.study;

import com.google.common.collect.ImmutableMap;
import java.util.Map;

/**
 * Environment variables of glibc's memory allocator for a process that trains. Large blocks stay
 * with the process, in place of going back to the system at every step.
 */
public final class AllocatorSettings {
  private static final ImmutableMap<String, String> VARIABLES =
      ImmutableMap.of(
          "MALLOC_MMAP_THRESHOLD_", "2000000000",
          "MALLOC_TRIM_THRESHOLD_", "2000000000",
          "MALLOC_TOP_PAD_", "67108864",
          "MALLOC_ARENA_MAX", "2");

  private AllocatorSettings() {}

  /** Adds those that the environment does not have. */
  public static void addTo(Map<String, String> environment) {
    VARIABLES.forEach(environment::putIfAbsent);
  }

  /** Takes them away. */
  public static void removeFrom(Map<String, String> environment) {
    VARIABLES.keySet().forEach(environment::remove);
  }
}
