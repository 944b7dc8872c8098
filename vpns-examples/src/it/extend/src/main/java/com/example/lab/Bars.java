package com.example.lab;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.Map;
import org.vpns.ImageInput;
import org.vpns.KeptNumber;
import org.vpns.PromptFactory;
import org.vpns.prompt.Prompts;
import org.vpns.prompt.Region;
import org.vpns.spi.PromptProvider;

/** The upper rows of the canvas: half of a learned value per channel is added to all of them. */
record Bars(ImageInput canvas, int rows) implements Region {
  /** Bars of so many rows. */
  static PromptFactory of(int rows) {
    return Prompts.of(
        "bars", Map.of("rows", Integer.toString(rows)), canvas -> new Bars(canvas, rows));
  }

  @Override
  public int storedPixels() {
    return 1;
  }

  @Override
  public boolean[] mask() {
    boolean[] mask = new boolean[canvas.height() * canvas.width()];
    Arrays.fill(mask, 0, rows * canvas.width(), true);
    return mask;
  }

  @Override
  public NDArray picture(NDArray values, boolean training, long batch) {
    NDArray upper =
        KeptNumber.product(values, 0.5f)
            .reshape(new Shape(canvas.channels(), 1, 1))
            .broadcast(new Shape(canvas.channels(), rows, canvas.width()));
    NDArray lower =
        values
            .getManager()
            .zeros(new Shape(canvas.channels(), canvas.height() - rows, canvas.width()));
    return upper.concat(lower, 1);
  }

  /** Makes the prompt again when a result is loaded. */
  public static final class Provider implements PromptProvider {
    @Override
    public boolean provides(String kind) {
      return kind.equals("bars");
    }

    @Override
    public PromptFactory create(String kind, Map<String, String> options) {
      return of(Integer.parseInt(options.get("rows")));
    }
  }
}
