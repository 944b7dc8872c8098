package org.vpns.train;

import java.io.IOException;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.VisualPrompt;
import org.vpns.internal.network.NetworkState;

/** The states to which the stages of a run may bring its network back. */
final class Rewinds {
  private final Run run;
  private final SortedSet<Long> wanted = new TreeSet<>();
  private final Map<Long, Moment> recorded = new TreeMap<>();
  private @Nullable NetworkState pretrained;
  private float @Nullable [] promptStart;

  /**
   * The network after some steps.
   *
   * @param network parameters and statistics
   * @param theta true weights
   */
  private record Moment(NetworkState network, float[] theta) {}

  /**
   * Of a run whose network is as it was given.
   *
   * @throws IllegalArgumentException if a stage asks for a state that there will not be
   */
  Rewinds(Run run) {
    this.run = run;
    for (Stage stage : run.recipe.stages()) {
      Rewind rewind = stage.rewind();
      NetworkState state = rewind.state();
      switch (rewind.source()) {
        case PRETRAINED -> pretrained = pretrained == null ? run.network.snapshot() : pretrained;
        case INITIAL -> run.network.fresh(run.seeds);
        case EARLY -> {
          Stage first = run.recipe.stages().get(0);
          requireBefore(stage, first);
          requireReached(rewind.steps(), first);
          requireReached(rewind.steps(), stage);
          wanted.add(rewind.steps());
        }
        default -> {
          if (state != null) {
            state.requireLike(run.network.snapshot(), "Rewind.to " + rewind.describe());
          }
        }
      }
      if (rewind.resetsPrompt() && prompt() != null) {
        promptStart = prompt().delta().getArray().toFloatArray();
      }
    }
  }

  private static void requireBefore(Stage stage, Stage first) {
    if (stage == first) {
      throw Problem.argument(
          "nothing to rewind to",
          "Rewind.early, stage '" + stage.name() + "'",
          "a later stage than the first",
          "the first",
          "leave rewind out of the stage whose steps are counted");
    }
  }

  private void requireReached(long steps, Stage stage) {
    long length = stage.length().iterationsOf(run.train.perEpoch());
    if (steps >= length) {
      throw Problem.argument(
          "rewinding to a step that is never left",
          "Rewind.early, stage '" + stage.name() + "'",
          "fewer than its " + length + " steps",
          steps,
          "rewind to an earlier step or train longer");
    }
  }

  private @Nullable VisualPrompt prompt() {
    VisualPrompt prompt = run.prompt;
    return prompt == null || prompt.parameterCount() == 0 ? null : prompt;
  }

  /** Steps of the first stage after which the state is recorded. */
  SortedSet<Long> wanted() {
    return wanted;
  }

  /** Notes the state after so many steps of the first stage, if a stage will ask for it. */
  void record(long steps) {
    if (wanted.contains(steps)) {
      recorded.put(steps, new Moment(run.network.snapshot(), run.weights.theta().toArray()));
    }
  }

  /** Brings a state back; the mask is still to be applied. */
  void restore(Rewind rewind) {
    switch (rewind.source()) {
      case NONE -> {}
      case PRETRAINED -> restore(pretrained, null);
      case INITIAL -> restore(run.network.fresh(run.seeds), null);
      case GIVEN -> restore(rewind.state(), null);
      case EARLY -> {
        Moment moment = recorded.get(rewind.steps());
        restore(moment == null ? null : moment.network(), moment == null ? null : moment.theta());
      }
    }
    float[] start = promptStart;
    VisualPrompt prompt = prompt();
    if (rewind.resetsPrompt() && start != null && prompt != null) {
      Run.setPrompt(prompt, start);
    }
  }

  private void restore(@Nullable NetworkState state, float @Nullable [] theta) {
    if (state == null) {
      throw new IllegalStateException("no such state was recorded");
    }
    run.network.restore(state);
    if (theta == null) {
      run.weights.readTheta();
    } else {
      run.weights.theta().set(theta);
    }
  }

  void save(Checkpoint.Writer writer) {
    recorded.forEach(
        (steps, moment) -> {
          writer.network("step-" + steps, moment.network());
          writer.floats("step-" + steps + "-theta", moment.theta());
        });
  }

  void load(Checkpoint.Reader reader) throws IOException {
    for (long steps : wanted) {
      String theta = "step-" + steps + "-theta";
      if (reader.has(theta)) {
        int size = run.network.layout().size();
        recorded.put(
            steps, new Moment(reader.network("step-" + steps), reader.floats(theta, size)));
      }
    }
  }
}
