package org.vpns.train;

import ai.djl.Model;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.vpns.ParameterFilter;
import org.vpns.Problem;
import org.vpns.Value;
import org.vpns.internal.network.Network;
import org.vpns.internal.network.NetworkState;

/**
 * The state to which a stage brings the network back when it begins, bit for bit: weights, biases,
 * normalisation and its statistics. The stage's mask is found before, among the weights as they
 * were trained, and applied after; optimisers begin anew as in every stage. Immutable.
 */
public final class Rewind extends Value<Rewind> {
  /** Where the state comes from. */
  enum Source {
    NONE,
    PRETRAINED,
    EARLY,
    INITIAL,
    GIVEN
  }

  private static final Rewind NONE = new Rewind(Source.NONE, "none");

  private final Source source;
  private final String name;
  private long steps;
  private @Nullable NetworkState state;
  private boolean prompt;

  private Rewind(Source source, String name) {
    this.source = source;
    this.name = name;
  }

  /** The stage goes on with the weights as they are. */
  public static Rewind none() {
    return NONE;
  }

  /** The network as it was when the run began. */
  public static Rewind pretrained() {
    return new Rewind(Source.PRETRAINED, "pretrained");
  }

  /**
   * The network after some steps of the run's first stage. The stage that is rewound begins with
   * that step too, so its learning rates go on from there and it is shorter by as many steps.
   *
   * @param steps k, at least 1 and fewer than the steps of the stages concerned
   */
  public static Rewind early(long steps) {
    if (steps < 1) {
      throw Problem.argument(
          "rewinding to no step",
          "Rewind.early",
          "at least 1 step",
          steps,
          "use Rewind.pretrained() for the state before the first one");
    }
    return new Rewind(Source.EARLY, "after " + steps + " steps").with(r -> r.steps = steps);
  }

  /**
   * New random values, the same in all stages of a run: weights from a normal distribution of
   * variance 2 / fan-in (He et al. 2015), biases and shifts 0, scales 1, statistics those of
   * standardised inputs. Not for TorchScript modules, whose statistics cannot be set.
   */
  public static Rewind initial() {
    return new Rewind(Source.INITIAL, "initial");
  }

  /**
   * The present state of another model with the same network.
   *
   * @param name for the record
   * @param model read now; it may be closed afterwards
   */
  public static Rewind to(String name, Model model) {
    Problem.given(name, "Rewind.to", "name");
    Problem.given(model, "Rewind.to", "model");
    try (Network network = Network.open(model, ParameterFilter.weights())) {
      NetworkState state = network.snapshot();
      return new Rewind(Source.GIVEN, name + " " + digest(state)).with(r -> r.state = state);
    }
  }

  private static String digest(NetworkState state) {
    Hasher hasher = Hashing.sha256().newHasher();
    state
        .values()
        .forEach(
            (path, values) -> {
              hasher.putString(path, StandardCharsets.UTF_8);
              for (float value : values) {
                hasher.putInt(Float.floatToRawIntBits(value));
              }
            });
    byte[] module = state.module();
    if (module != null) {
      hasher.putBytes(module);
    }
    return hasher.hash().toString().substring(0, 16);
  }

  /** The same, with the visual prompt back at its start too; by default it is carried over. */
  public Rewind withPrompt() {
    return with(r -> r.prompt = true);
  }

  /**
   * Whether the state is recorded in the run's first stage, which can then not be rewound to it.
   */
  public boolean isRecorded() {
    return source == Source.EARLY;
  }

  Source source() {
    return source;
  }

  /** The step with which the stage begins. */
  long steps() {
    return steps;
  }

  @Nullable NetworkState state() {
    return state;
  }

  boolean resetsPrompt() {
    return prompt;
  }

  /** In words. */
  public String describe() {
    return name + (prompt ? ", prompt too" : "");
  }

  @Override
  public String toString() {
    return describe();
  }
}
