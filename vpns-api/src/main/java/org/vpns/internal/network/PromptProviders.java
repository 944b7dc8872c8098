package org.vpns.internal.network;

import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.VisualPrompt;
import org.vpns.spi.PromptProvider;

/** Who makes prompts of a kind again. */
public final class PromptProviders {
  private PromptProviders() {}

  /** The provider of a kind; null if none is on the class path. */
  public static @Nullable PromptProvider find(String kind) {
    for (PromptProvider provider : ServiceLoader.load(PromptProvider.class)) {
      if (provider.provides(kind)) {
        return provider;
      }
    }
    return null;
  }

  /**
   * Refuses a prompt that no provider makes again: what is saved of it could not be loaded.
   *
   * @param where for the message: a file, or the recipe
   * @throws IllegalStateException if there is none
   */
  public static void require(VisualPrompt prompt, String where) {
    String kind = Problem.given(prompt.kind(), where, "what VisualPrompt.kind gives");
    if (find(kind) == null) {
      throw Problem.state(
          "prompt that could not be loaded again",
          where,
          "a PromptProvider for '" + kind + "'",
          "none",
          "add the module that has it, or name the provider in META-INF/services/"
              + PromptProvider.class.getName());
    }
  }
}
