package org.vpns.spi;

/** A network that cannot be described apart from the class that built it; the message says why. */
public final class NetworkDescriptionException extends Exception {
  /** With a message of the form of {@link org.vpns.Problem}. */
  public NetworkDescriptionException(String message) {
    super(message);
  }

  /** The same with its cause. */
  public NetworkDescriptionException(String message, Throwable cause) {
    super(message, cause);
  }
}
