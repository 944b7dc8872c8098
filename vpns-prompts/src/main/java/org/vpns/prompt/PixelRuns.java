package org.vpns.prompt;

import com.google.common.base.Ascii;
import com.google.common.base.Splitter;
import java.util.Iterator;
import org.vpns.ImageInput;
import org.vpns.Problem;

/**
 * Pixels of a canvas as text: its size, then the lengths of runs of inactive and active pixels in
 * turn, row by row, the first inactive; {@code 2x3 1 2 3} is a bar in the upper right.
 */
final class PixelRuns {
  private PixelRuns() {}

  static String write(boolean[] mask, ImageInput canvas) {
    StringBuilder text = new StringBuilder(size(canvas));
    boolean active = false;
    int start = 0;
    for (int i = 0; i <= mask.length; i++) {
      if (i == mask.length || mask[i] != active) {
        text.append(' ').append(i - start);
        start = i;
        active = !active;
      }
    }
    return text.toString();
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws IllegalArgumentException if it is for another canvas or not of this form
   */
  static boolean[] read(String text, ImageInput canvas) {
    boolean[] mask = new boolean[canvas.height() * canvas.width()];
    Iterator<String> words = Splitter.on(' ').split(text).iterator();
    int next = 0;
    boolean fits = words.next().equals(size(canvas)) && words.hasNext();
    for (boolean active = false; fits && words.hasNext(); active = !active) {
      int run = length(words.next(), mask.length - next);
      fits = run >= 0;
      for (int end = next + run; next < end; next++) {
        mask[next] = active;
      }
    }
    if (!fits || next != mask.length) {
      throw Problem.argument(
          "pixels do not fit the canvas",
          "prompt region, pixels",
          "runs of " + mask.length + " pixels of " + size(canvas) + " in all",
          Ascii.truncate(text, 40, "..."),
          "load the prompt with the canvas that it was saved with");
    }
    return mask;
  }

  private static String size(ImageInput canvas) {
    return canvas.height() + "x" + canvas.width();
  }

  /** The length that a word says, or -1 if it is none or more than there is room. */
  private static int length(String word, int room) {
    try {
      int length = Integer.parseInt(word);
      return length <= room ? length : -1;
    } catch (NumberFormatException e) {
      return -1;
    }
  }
}
