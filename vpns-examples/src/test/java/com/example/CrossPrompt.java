package com.example;

import org.vpns.PromptFactory;
import org.vpns.prompt.Prompts;

/** Two bars that cross in the middle of the canvas. */
public final class CrossPrompt {
  private CrossPrompt() {}

  /** A cross with bars of the given breadth in pixels. */
  public static PromptFactory of(int breadth) {
    return Prompts.region(
        "cross(" + breadth + ")",
        (canvas, row, column) ->
            Math.abs(2 * row + 1 - canvas.height()) < breadth
                || Math.abs(2 * column + 1 - canvas.width()) < breadth);
  }
}
