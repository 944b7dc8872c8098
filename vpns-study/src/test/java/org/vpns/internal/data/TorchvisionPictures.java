package org.vpns.internal.data;

import java.io.IOException;
import java.util.function.UnaryOperator;

/** What torchvision's transforms make of a picture, for tests of other packages. */
public final class TorchvisionPictures {
  private TorchvisionPictures() {}

  /** That a transform makes the second picture of the first, to the bit. */
  public static void check(UnaryOperator<Pixels> transform, String from, String to)
      throws IOException {
    Samples.assertEqual(transform.apply(Samples.expected(from)), Samples.expected(to));
  }

  /** The same of the first picture turned by a quarter, against the clock. */
  public static void checkTall(UnaryOperator<Pixels> transform, String from, String to)
      throws IOException {
    Pixels wide = Samples.expected(from);
    Pixels tall = Pixels.black(3, wide.width(), wide.height());
    for (int y = 0; y < tall.height(); y++) {
      for (int x = 0; x < tall.width(); x++) {
        int at = (x * wide.width() + wide.width() - 1 - y) * 3;
        System.arraycopy(wide.values(), at, tall.values(), (y * tall.width() + x) * 3, 3);
      }
    }
    Samples.assertEqual(transform.apply(tall), Samples.expected(to));
  }
}
