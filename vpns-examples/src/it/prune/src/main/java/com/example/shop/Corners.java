package com.example.shop;

import org.vpns.PromptFactory;
import org.vpns.prompt.Prompts;

/** A prompt of our own: a square in each corner of the canvas. */
final class Corners {
  private Corners() {}

  /** Squares of so many pixels a side. */
  static PromptFactory of(int side) {
    return Prompts.region(
        "corners(" + side + ")",
        (canvas, row, column) ->
            (row < side || row >= canvas.height() - side)
                && (column < side || column >= canvas.width() - side));
  }
}
