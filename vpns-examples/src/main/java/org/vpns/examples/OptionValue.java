package org.vpns.examples;

import java.util.function.Supplier;

/** What an option's value becomes; a value that the library refuses is told by the option. */
public final class OptionValue {
  private OptionValue() {}

  /**
   * What is made of the value.
   *
   * @param option such as {@code --macs}
   * @throws IllegalArgumentException naming the option, if it is refused
   */
  public static <T> T of(String option, Supplier<T> made) {
    try {
      return made.get();
    } catch (IllegalArgumentException e) {
      // as picocli has it
      throw new IllegalArgumentException(
          "Invalid value for option '" + option + "': " + e.getMessage(), e);
    }
  }
}
