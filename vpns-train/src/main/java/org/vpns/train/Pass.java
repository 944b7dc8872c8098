package org.vpns.train;

import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Sets;
import java.util.Set;
import java.util.stream.Collectors;
import org.vpns.Problem;

/**
 * One gradient step of an iteration: which stream of images, with or without prompt, augmented or
 * not, and which of the stage's targets move. Immutable.
 *
 * <p>The joint form of VPNs is one prompted pass. The alternating form is a prompted, un-augmented
 * pass on a second stream and a plain, augmented pass on the first, which moves everything but the
 * prompt.
 */
public final class Pass {
  private static final ImmutableSet<Target> PROMPT = ImmutableSet.of(Target.PROMPT);

  private final String stream;
  private final boolean prompted;
  private final boolean augmented;
  private final boolean idlePrompt;
  private final DataOrder order;
  private final ImmutableSet<Target> without;

  private Pass(
      String stream,
      boolean prompted,
      boolean augmented,
      boolean idlePrompt,
      DataOrder order,
      Set<Target> without) {
    this.stream = stream;
    this.prompted = prompted;
    this.augmented = augmented;
    this.idlePrompt = idlePrompt;
    this.order = order;
    this.without = ImmutableSet.copyOf(without);
  }

  /** A pass without prompt on the stream {@code train}, augmented, shuffled. */
  public static Pass plain() {
    return new Pass("train", false, true, false, DataOrder.shuffled(), PROMPT);
  }

  /** A pass with prompt on the stream {@code train}, augmented, shuffled. */
  public static Pass prompted() {
    return new Pass("train", true, true, false, DataOrder.shuffled(), ImmutableSet.of());
  }

  /** The same pass on another stream: the same images in an order of their own. */
  public Pass stream(String name) {
    return new Pass(name, prompted, augmented, idlePrompt, order, without);
  }

  /** The same pass without augmentation. */
  public Pass unaugmented() {
    return new Pass(stream, prompted, false, idlePrompt, order, without);
  }

  /**
   * The same pass with the prompt, which moves if the stage trains it; prompted ones as they are.
   */
  public Pass withPrompt() {
    return prompted
        ? this
        : new Pass(stream, true, augmented, false, order, Sets.difference(without, PROMPT));
  }

  /** The same pass on the same images without the prompt; plain ones as they are, but not idle. */
  public Pass withoutPrompt() {
    return new Pass(stream, false, augmented, false, order, Sets.union(without, PROMPT));
  }

  /** The same pass in another order of images. */
  public Pass order(DataOrder newOrder) {
    return new Pass(stream, prompted, augmented, idlePrompt, newOrder, without);
  }

  /**
   * The same plain pass, in which the prompt's update rule steps with gradient zero: momentum and
   * decay go on. What the published code does under torch before 2.0.
   *
   * @throws IllegalStateException for a prompted pass
   */
  public Pass idlePrompt() {
    if (prompted) {
      throw Problem.state(
          "prompt both used and idle",
          "Pass.idlePrompt",
          "a plain pass",
          "a prompted pass",
          "ask for it on Pass.plain()");
    }
    return new Pass(stream, false, augmented, true, order, without);
  }

  /** The same pass with one of the stage's targets left as it is. */
  public Pass freeze(Target target) {
    return new Pass(
        stream,
        prompted,
        augmented,
        idlePrompt,
        order,
        ImmutableSet.<Target>builder().addAll(without).add(target).build());
  }

  /** Name of the stream of images. */
  public String stream() {
    return stream;
  }

  /** Whether images get the prompt. */
  public boolean isPrompted() {
    return prompted;
  }

  /** Whether images are augmented. */
  public boolean isAugmented() {
    return augmented;
  }

  /** Whether the prompt steps with gradient zero. */
  public boolean isPromptIdle() {
    return idlePrompt;
  }

  /** Order of images. */
  public DataOrder order() {
    return order;
  }

  /** Whether the pass moves the target, if the stage trains it. */
  public boolean moves(Target target) {
    return !without.contains(target);
  }

  private String frozen() {
    String names =
        without.stream()
            .filter(target -> prompted || target != Target.PROMPT)
            .sorted()
            .map(Target::name)
            .collect(Collectors.joining(" and "));
    return names.isEmpty() ? "" : ", without " + names;
  }

  @Override
  public String toString() {
    return (prompted ? "prompted" : "plain")
        + " on "
        + stream
        + ", "
        + order.describe()
        + (augmented ? "" : ", not augmented")
        + (idlePrompt ? ", prompt idle" : "")
        + frozen();
  }
}
