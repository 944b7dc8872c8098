package org.vpns.examples.shrink;

/** What does not fit is told in words of the library; options are called otherwise. */
final class Hint {
  private Hint() {}

  /** Something that may be refused. */
  interface Attempt<T, E extends Exception> {
    T make() throws E;
  }

  /**
   * Makes something.
   *
   * @param options which of them help, in a sentence that is added to a refusal
   * @throws IllegalArgumentException if it is refused
   */
  static <T, E extends Exception> T adding(String options, Attempt<T, E> attempt) throws E {
    try {
      return attempt.make();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(e.getMessage() + System.lineSeparator() + options, e);
    }
  }
}
