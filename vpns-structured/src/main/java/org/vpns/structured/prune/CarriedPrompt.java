package org.vpns.structured.prune;

import ai.djl.ndarray.NDManager;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.vpns.ImageInput;
import org.vpns.Problem;
import org.vpns.PromptFactory;
import org.vpns.VisualPrompt;
import org.vpns.internal.network.Values;
import org.vpns.internal.run.Fingerprints;

/** A prompt that begins with the values of another of its kind. */
final class CarriedPrompt implements PromptFactory {
  private final PromptFactory kind;
  private final float @Nullable [] values;

  /** Of what a run has learned. */
  CarriedPrompt(PromptFactory kind, VisualPrompt learned) {
    this.kind = kind;
    values = learned.parameterCount() == 0 ? null : learned.delta().getArray().toFloatArray();
  }

  @Override
  public VisualPrompt create(NDManager manager, ImageInput input, RandomGenerator random) {
    Problem.given(manager, "PromptFactory.create", "manager");
    Problem.given(input, "PromptFactory.create", "input");
    Problem.given(random, "PromptFactory.create", "random");
    VisualPrompt prompt = kind.create(manager, input, random);
    if (values != null) {
      Values.set(prompt.delta().getArray(), values);
    }
    return prompt;
  }

  @Override
  public String describe() {
    return kind.describe() + (values == null ? "" : ", begun with " + Fingerprints.digest(values));
  }

  @Override
  public String toString() {
    return describe();
  }
}
