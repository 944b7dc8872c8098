package org.vpns.study.progress;

/** Where one run is shown, from its beginning to its end. */
interface Display {
  /** The run has come further. */
  void advanced(boolean epochEnded);

  /** A line that stays. */
  void say(String line);

  /** Nothing more of this run. */
  void end();
}
