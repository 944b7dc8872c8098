package org.vpns.examples.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.vpns.study.data.Streams;

/** Image files that ship with the examples. */
final class Packaged {
  private Packaged() {}

  /** Reads a file that ships with the examples. */
  static <T> T resource(String name, Streams.Reader<T> reader) {
    InputStream in = Packaged.class.getResourceAsStream(name);
    if (in == null) {
      throw new IllegalStateException("missing from the jar of the examples: " + name);
    }
    try {
      return Streams.read(in, name, reader);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
