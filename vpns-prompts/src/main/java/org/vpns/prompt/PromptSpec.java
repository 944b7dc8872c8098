package org.vpns.prompt;

import ai.djl.ndarray.NDManager;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.vpns.ImageInput;
import org.vpns.Problem;
import org.vpns.PromptFactory;
import org.vpns.VisualPrompt;

/**
 * A kind of prompt with its options. Immutable; each option gives a new specification. Defaults:
 * additive, starting at zero.
 */
public sealed class PromptSpec implements PromptFactory permits RandomPromptSpec {
  private final String kind;
  private final String call;
  private final Map<String, ?> options;
  private final Function<ImageInput, Region> region;
  private final boolean sigmoid;
  private final boolean randomStart;

  PromptSpec(
      String kind, String call, Map<String, ?> options, Function<ImageInput, Region> region) {
    this(kind, call, options, region, false, false);
  }

  PromptSpec(
      String kind,
      String call,
      Map<String, ?> options,
      Function<ImageInput, Region> region,
      boolean sigmoid,
      boolean randomStart) {
    this.kind = kind;
    this.call = call;
    this.options = options;
    this.region = region;
    this.sigmoid = sigmoid;
    this.randomStart = randomStart;
  }

  /**
   * Adds logistic(delta) instead of delta: the picture lies in (0, 1), and the start at zero is a
   * grey of 0.5, not "no prompt".
   *
   * @throws IllegalStateException if set twice
   */
  public PromptSpec sigmoid() {
    checkOnce(sigmoid, "sigmoid");
    return new PromptSpec(kind, call, options, region, true, randomStart);
  }

  /**
   * Starts at random values of mean 0 and deviation 1 instead of zero.
   *
   * @throws IllegalStateException if set twice
   */
  public PromptSpec randomStart() {
    checkOnce(randomStart, "randomStart");
    return new PromptSpec(kind, call, options, region, sigmoid, true);
  }

  void checkOnce(boolean set, String option) {
    if (set) {
      throw Problem.state(
          "option set twice",
          describe() + "." + option + "()",
          option + " once",
          "twice",
          "leave one of them out");
    }
  }

  boolean isSigmoid() {
    return sigmoid;
  }

  boolean isRandomStart() {
    return randomStart;
  }

  String kind() {
    return kind;
  }

  /** What makes an equal prompt again; how it starts is not part of it. */
  Map<String, String> options() {
    Map<String, String> result = new TreeMap<>();
    options.forEach((name, value) -> result.put(name, value.toString()));
    if (sigmoid) {
      result.put("form", "sigmoid");
    }
    return result;
  }

  @Override
  public VisualPrompt create(NDManager manager, ImageInput input, RandomGenerator random) {
    return new RegionPrompt(this, region.apply(input), input, manager, random);
  }

  @Override
  public String describe() {
    return call + (sigmoid ? ".sigmoid()" : "") + (randomStart ? ".randomStart()" : "");
  }

  @Override
  public String toString() {
    return describe();
  }
}
