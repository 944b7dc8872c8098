package org.vpns.train;

import java.io.IOException;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.Seeds;
import org.vpns.internal.network.FreshValues;
import org.vpns.internal.network.NetworkState;
import org.vpns.internal.run.CheckpointFile;
import org.vpns.internal.run.LiveState;
import org.vpns.internal.run.Snapshot;

/** The states to which the stages of a run may bring its network back. */
final class Rewinds {
  private final LiveState live;
  private final SortedSet<Long> wanted = new TreeSet<>();
  private final Map<Long, Snapshot> recorded = new TreeMap<>();
  private @Nullable NetworkState pretrained;
  private @Nullable NetworkState initial;
  private float @Nullable [] promptStart;

  /**
   * Of a run whose network is as it was given.
   *
   * @param perEpoch iterations of an epoch
   * @throws IllegalArgumentException if a stage asks for a state that there will not be
   */
  Rewinds(Stages stages, LiveState live, Seeds seeds, long perEpoch) {
    this.live = live;
    for (Stage stage : stages) {
      Rewind rewind = stage.rewind();
      NetworkState state = rewind.state();
      switch (rewind.source()) {
        case PRETRAINED -> pretrained = pretrained == null ? live.network().snapshot() : pretrained;
        case INITIAL -> initial = FreshValues.of(live.network(), seeds);
        case EARLY -> {
          Stage first = stages.get(0);
          requireBefore(stage, first);
          requireReached(rewind.steps(), first, perEpoch);
          requireReached(rewind.steps(), stage, perEpoch);
          wanted.add(rewind.steps());
        }
        default -> {
          if (state != null) {
            state.requireLike(live.network().snapshot(), "Rewind.to " + rewind.describe());
          }
        }
      }
      if (rewind.resetsPrompt()) {
        promptStart = live.promptValues();
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

  private static void requireReached(long steps, Stage stage, long perEpoch) {
    long length = stage.length().iterationsOf(perEpoch);
    if (steps >= length) {
      throw Problem.argument(
          "rewinding to a step that is never left",
          "Rewind.early, stage '" + stage.name() + "'",
          "fewer than its " + length + " steps",
          steps,
          "rewind to an earlier step or train longer");
    }
  }

  /** Notes the state after so many steps of the first stage, if a stage will ask for it. */
  void record(long steps) {
    if (wanted.contains(steps)) {
      recorded.put(steps, Snapshot.ofWeights(live));
    }
  }

  /** Whether a state is still to be noted after so many steps of the first stage. */
  boolean awaitMore(long steps) {
    return !wanted.isEmpty() && wanted.last() > steps;
  }

  /** Brings a state back; the mask is still to be applied. */
  void restore(Rewind rewind) {
    switch (rewind.source()) {
      case NONE -> {}
      case PRETRAINED -> restore(pretrained);
      case INITIAL -> restore(initial);
      case GIVEN -> restore(rewind.state());
      case EARLY -> known(recorded.get(rewind.steps())).restore(live);
    }
    if (rewind.resetsPrompt() && promptStart != null) {
      live.setPrompt(promptStart);
    }
  }

  private void restore(@Nullable NetworkState state) {
    Snapshot.ofNetwork(known(state)).restore(live);
  }

  private static <T> T known(@Nullable T state) {
    if (state == null) {
      throw new IllegalStateException("no such state was recorded");
    }
    return state;
  }

  void save(CheckpointFile.Writer writer) {
    recorded.forEach(
        (steps, moment) -> moment.write(writer, Snapshot.Names.afterSteps(steps), live.layout()));
  }

  void load(CheckpointFile.Reader reader) throws IOException {
    for (long steps : wanted) {
      Snapshot moment = Snapshot.readWeights(reader, Snapshot.Names.afterSteps(steps), live);
      if (moment != null) {
        recorded.put(steps, moment);
      }
    }
  }
}
