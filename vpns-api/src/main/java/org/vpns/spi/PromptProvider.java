package org.vpns.spi;

import java.util.Map;
import org.vpns.PromptFactory;

/**
 * Makes prompts by kind, for files that say what they hold. Found with {@link
 * java.util.ServiceLoader}.
 */
public interface PromptProvider {
  /** Whether this provider knows the kind. */
  boolean provides(String kind);

  /**
   * The factory for a kind with the options that {@link org.vpns.VisualPrompt#options()} gave.
   *
   * @throws IllegalArgumentException if an option is missing, unknown or out of range
   */
  PromptFactory create(String kind, Map<String, String> options);
}
