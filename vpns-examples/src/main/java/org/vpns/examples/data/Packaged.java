package org.vpns.examples.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.vpns.internal.study.Unzipped;

/** Image files that ship with the examples. */
final class Packaged {
  private Packaged() {}

  /** Reads a file that ships with the examples. */
  static <T> T resource(String name, Unzipped.Reader<T> reader) {
    InputStream in = Packaged.class.getResourceAsStream(name);
    if (in == null) {
      throw new IllegalStateException("missing from the jar of the examples: " + name);
    }
    try {
      return Unzipped.read(in, name, reader);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
