package org.vpns.internal.runtime.kernel;

/**
 * Puts values elsewhere, plane by plane after one pattern.
 *
 * @param in first float of the source
 * @param inPlane floats from a plane of the source to the next
 * @param out where the values go
 */
public record Move(int in, int inPlane, Planes out, Pattern pattern) implements Step {
  /** In place of a source: nothing, so that {@code fill} is put there. */
  public static final int FILL = -1;

  /** In place of a source: nobody reads it. */
  public static final int ANYTHING = -2;

  /**
   * A move.
   *
   * @param in first float of the source
   * @param inPlane floats from a plane of the source to the next
   * @param out where the values go
   * @param to floats of a plane that get a value
   * @param from for each of them, where its value lies in the source's plane; {@link #FILL} or
   *     {@link #ANYTHING} for none
   */
  public static Move of(int in, int inPlane, Planes out, int[] to, int[] from, float fill) {
    return new Move(in, inPlane, out, Pattern.of(to, from, fill));
  }

  /** Shares of few planes, as of an image, would not be equal: these are of each plane. */
  @Override
  public void run(float[] a, int part, int parts) {
    boolean few = out.count() < 8 * parts;
    int begin = few ? 0 : out.begin(part, parts);
    int end = few ? out.count() : out.begin(part + 1, parts);
    for (int c = begin; c < end; c++) {
      pattern.apply(a, in + c * inPlane, out.at(c), few ? part : 0, few ? parts : 1);
    }
  }
}
