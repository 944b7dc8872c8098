package org.vpns.internal.network;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.vpns.Allocation;
import org.vpns.LabelAssignment;
import org.vpns.Layout;
import org.vpns.MaskSet;
import org.vpns.NetworkMode;
import org.vpns.Problem;
import org.vpns.Scorer;
import org.vpns.Scores;
import org.vpns.ScoringContext;
import org.vpns.ScoringImages;
import org.vpns.ScoringNetwork;
import org.vpns.ScoringSet;
import org.vpns.Seeds;
import org.vpns.Sparsity;

/**
 * What scorers may look at of an open network: its weights as they are, copies to differentiate,
 * and images if there are any. Immutable but for the counter of passes.
 */
public final class NetworkScoring implements ScoringContext {
  private final Network network;
  private final Seeds seeds;
  private final @Nullable Shape input;
  private final @Nullable Function<ScoringSet, ScoringImages> images;
  private final @Nullable Supplier<LabelAssignment> mapping;
  private final Consumer<String> warnings;
  private final PassCounter passes;
  private final Consumer<Choice> choices;

  private NetworkScoring(
      Network network,
      Seeds seeds,
      @Nullable Shape input,
      @Nullable Function<ScoringSet, ScoringImages> images,
      @Nullable Supplier<LabelAssignment> mapping,
      Consumer<String> warnings,
      PassCounter passes,
      Consumer<Choice> choices) {
    this.network = network;
    this.seeds = seeds;
    this.input = input;
    this.images = images;
    this.mapping = mapping;
    this.warnings = warnings;
    this.passes = passes;
    this.choices = choices;
  }

  /** The network's present weights, and streams of the given seeds. */
  public static NetworkScoring of(Network network, Seeds seeds) {
    return new NetworkScoring(
        network, seeds, null, null, null, message -> {}, new PassCounter(), choice -> {});
  }

  /** With the shape of one network input, (channels, height, width). */
  public NetworkScoring input(Shape shape) {
    return new NetworkScoring(network, seeds, shape, images, mapping, warnings, passes, choices);
  }

  /** With images; asked for anew by every scoring. */
  public NetworkScoring images(Function<ScoringSet, ScoringImages> source) {
    return new NetworkScoring(network, seeds, input, source, mapping, warnings, passes, choices);
  }

  /** With a label mapping; asked for when a scoring needs it. */
  public NetworkScoring mapping(Supplier<LabelAssignment> source) {
    return new NetworkScoring(network, seeds, input, images, source, warnings, passes, choices);
  }

  /** With a listener to warnings. */
  public NetworkScoring warnings(Consumer<String> listener) {
    return new NetworkScoring(network, seeds, input, images, mapping, listener, passes, choices);
  }

  /** With a counter of passes. */
  public NetworkScoring passes(PassCounter counter) {
    return new NetworkScoring(network, seeds, input, images, mapping, warnings, counter, choices);
  }

  /** With a listener to the selections that mask rules make. */
  public NetworkScoring choices(Consumer<Choice> listener) {
    return new NetworkScoring(network, seeds, input, images, mapping, warnings, passes, listener);
  }

  @Override
  public Layout layout() {
    return network.layout();
  }

  @Override
  public float[] weights(int index) {
    return network.weight(index).toFloatArray();
  }

  @Override
  public RandomGenerator random(String name) {
    Problem.given(name, "ScoringContext.random", "name");
    return seeds.stream(name);
  }

  @Override
  public ScoringImages images(ScoringSet set) {
    Problem.given(set, "ScoringContext.images", "set");
    return images == null ? ScoringContext.super.images(set) : images.apply(set);
  }

  @Override
  public LabelAssignment mapping() {
    return mapping == null ? ScoringContext.super.mapping() : mapping.get();
  }

  @Override
  public ScoringNetwork network(NetworkMode mode, IntFunction<float[]> weights) {
    Problem.given(mode, "ScoringContext.network", "mode");
    Problem.given(weights, "ScoringContext.network", "weights");
    return new CountedNetwork(
        network.isScript()
            ? new ScriptCopy(network, mode, weights)
            : new BlockCopy(network, mode, weights),
        passes);
  }

  @Override
  public Block block() {
    return network.block();
  }

  @Override
  public Shape inputShape() {
    return input == null ? ScoringContext.super.inputShape() : input;
  }

  @Override
  public MaskSet select(
      Scorer scorer,
      Scores scores,
      MaskSet among,
      Allocation allocation,
      Sparsity sparsity,
      String moment) {
    MaskSet kept = ScoringContext.super.select(scorer, scores, among, allocation, sparsity, moment);
    choices.accept(new Choice(scorer.describe(), scores, among, kept, moment));
    return kept;
  }

  @Override
  public void countForward() {
    passes.forward();
  }

  @Override
  public void countBackward(long count) {
    passes.backward(count);
  }

  @Override
  public void countDoubleBackward() {
    passes.doubleBackward();
  }

  /** The passes counted so far. */
  public PassCounter passes() {
    return passes;
  }

  @Override
  public void warn(String message) {
    Problem.given(message, "ScoringContext.warn", "message");
    warnings.accept(message);
  }
}
