package org.vpns.internal.runtime.kernel;

/** Puts values elsewhere, plane by plane after one pattern. */
public final class Move implements Step {
  private final int in;
  private final int inPlane;
  private final Planes out;
  private final int[] to;
  private final int[] from;
  private final float fill;

  /**
   * @param in first float of the source
   * @param inPlane floats from a plane of the source to the next
   * @param out where the values go
   * @param to floats of a plane that get a value
   * @param from for each of them, where its value lies in the source's plane; -1 for {@code fill}
   */
  public Move(int in, int inPlane, Planes out, int[] to, int[] from, float fill) {
    this.in = in;
    this.inPlane = inPlane;
    this.out = out;
    this.to = to;
    this.from = from;
    this.fill = fill;
  }

  @Override
  public void run(float[] a, int part, int parts) {
    if (out.count() == 1 && out.seams() == null) {
      move(a, 0, Wide.begin(to.length, part, parts), Wide.begin(to.length, part + 1, parts));
      return;
    }
    int begin = out.begin(part, parts);
    int end = out.begin(part + 1, parts);
    for (int c = begin; c < end; c++) {
      move(a, c, 0, to.length);
    }
    out.complete(a, begin, end);
  }

  private void move(float[] a, int plane, int begin, int end) {
    int source = in + plane * inPlane;
    int target = out.at(plane);
    for (int i = begin; i < end; i++) {
      a[target + to[i]] = from[i] < 0 ? fill : a[source + from[i]];
    }
  }
}
