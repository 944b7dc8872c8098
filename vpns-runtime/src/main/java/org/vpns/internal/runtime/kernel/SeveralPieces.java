package org.vpns.internal.runtime.kernel;

import java.util.List;

/** A step of several pieces. */
interface SeveralPieces extends Step {
  @Override
  List<Step> pieces();

  /** In one share only. */
  @Override
  default void run(float[] a, int part, int parts) {
    for (Step piece : pieces()) {
      piece.run(a, part, parts);
    }
  }
}
