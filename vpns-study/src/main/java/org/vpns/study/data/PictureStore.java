package org.vpns.study.data;

import java.io.IOException;
import org.vpns.internal.data.Pixels;

/** Pictures that lie somewhere and are read one by one, from any thread. */
interface PictureStore {
  /** Where a picture lies, for messages. */
  String where(int index);

  /**
   * Reads a picture.
   *
   * @throws IOException if it cannot be read
   */
  Pixels read(int index) throws IOException;
}
