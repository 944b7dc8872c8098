package org.vpns.torch;

import org.vpns.io.FormatException;

/** Why something in a file is not accepted, before it is known where in which file it stands. */
final class Refusal extends Exception {
  private static final String AGAIN = "fetch the file again or save it again";

  /** What a reader may do something about. */
  enum Reason {
    /** A class or function that is not among those known. */
    NAME,
    OTHER
  }

  private final String what;
  private final Object expected;
  private final Object found;
  private final String remedy;
  private Reason reason = Reason.OTHER;

  Refusal(String what, Object expected, Object found, String remedy) {
    super(what);
    this.what = what;
    this.expected = expected;
    this.found = found;
    this.remedy = remedy;
  }

  /** A file that nothing but damage explains. */
  Refusal(String what, Object expected, Object found) {
    this(what, expected, found, AGAIN);
  }

  Refusal because(Reason why) {
    reason = why;
    return this;
  }

  Reason reason() {
    return reason;
  }

  String remedy() {
    return remedy;
  }

  /** The same with another way out beside its own. */
  Refusal or(String another) {
    return new Refusal(what, expected, found, remedy + "; or " + another);
  }

  FormatException at(String source, String place) {
    return new FormatException(what, source, place, expected, found, remedy).causedBy(this);
  }
}
