package org.vpns.train;

import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Sets;
import java.util.Set;
import java.util.stream.Collectors;
import org.vpns.Problem;
import org.vpns.Value;
import org.vpns.internal.text.Texts;

/**
 * One gradient step of an iteration: which stream of images, with or without prompt, augmented or
 * not, and which of the stage's targets move. Immutable.
 *
 * <p>The joint form of VPNs is one prompted pass. The alternating form is a prompted, un-augmented
 * pass on a second stream and a plain, augmented pass on the first, which moves everything but the
 * prompt.
 */
public final class Pass extends Value<Pass> {
  private static final ImmutableSet<Target> PROMPT = ImmutableSet.of(Target.PROMPT);

  private String stream = "train";
  private boolean prompted;
  private boolean augmented = true;
  private boolean idlePrompt;
  private DataOrder order = DataOrder.shuffled();
  private ImmutableSet<Target> without = PROMPT;

  private Pass() {}

  /** A pass without prompt on the stream {@code train}, augmented, shuffled. */
  public static Pass plain() {
    return new Pass();
  }

  /** A pass with prompt on the stream {@code train}, augmented, shuffled. */
  public static Pass prompted() {
    return plain().withPrompt();
  }

  /** The same pass on another stream: the same images in an order of their own. */
  public Pass stream(String name) {
    Problem.given(name, "Pass.stream", "name");
    return with(p -> p.stream = name);
  }

  /** The same pass without augmentation. */
  public Pass unaugmented() {
    return with(p -> p.augmented = false);
  }

  /**
   * The same pass with the prompt, which moves if the stage trains it; prompted ones as they are.
   */
  public Pass withPrompt() {
    return prompted ? this : showing(true, Sets.difference(without, PROMPT));
  }

  /** The same pass on the same images without the prompt; plain ones as they are, but not idle. */
  public Pass withoutPrompt() {
    return showing(false, Sets.union(without, PROMPT));
  }

  private Pass showing(boolean prompt, Set<Target> frozen) {
    return with(p -> p.prompted = prompt)
        .with(p -> p.idlePrompt = false)
        .with(p -> p.without = ImmutableSet.copyOf(frozen));
  }

  /** The same pass in another order of images. */
  public Pass order(DataOrder newOrder) {
    Problem.given(newOrder, "Pass.order", "order");
    return with(p -> p.order = newOrder);
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
    return with(p -> p.idlePrompt = true);
  }

  /** The same pass with one of the stage's targets left as it is. */
  public Pass freeze(Target target) {
    Problem.given(target, "Pass.freeze", "target");
    return with(p -> p.without = ImmutableSet.copyOf(Sets.union(without, Set.of(target))));
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
    Problem.given(target, "Pass.moves", "target");
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
        + Texts.own(order.describe(), order, "DataOrder")
        + (augmented ? "" : ", not augmented")
        + (idlePrompt ? ", prompt idle" : "")
        + frozen();
  }
}
