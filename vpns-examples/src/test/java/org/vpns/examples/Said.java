package org.vpns.examples;

import java.io.PrintWriter;
import java.io.StringWriter;

/**
 * What a main gave that was called.
 *
 * @param code its exit code
 * @param out what it said
 * @param err what it complained of
 */
public record Said(int code, String out, String err) {
  /** Calls it. */
  public static Said of(Program main, String... options) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        main.toCommandLine()
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(options);
    return new Said(code, out.toString(), err.toString());
  }

  /** All that it wrote. */
  public String text() {
    return out + err;
  }
}
