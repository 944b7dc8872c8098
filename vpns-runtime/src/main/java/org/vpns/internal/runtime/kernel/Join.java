package org.vpns.internal.runtime.kernel;

/**
 * Copies planes behind those of others.
 *
 * @param out where they go
 */
public record Join(Planes in, Planes out) implements Step {
  @Override
  public void run(float[] a, int part, int parts) {
    int begin = in.begin(part, parts);
    int end = in.begin(part + 1, parts);
    System.arraycopy(a, in.at(begin), a, out.at(begin), (end - begin) * in.plane());
    out.complete(a, begin, end);
  }
}
