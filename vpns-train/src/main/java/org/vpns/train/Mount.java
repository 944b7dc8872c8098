package org.vpns.train;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.Value;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;

/**
 * Where a visual prompt joins a method: in some of its {@link Place}s, each alone or together, or
 * after all of them. A mount takes the stages of any method and gives those of the same method with
 * the prompt there and nowhere else; passes, images and lengths stay.
 *
 * <p>The prompt is learned where it is mounted, together with what else the stage trains: beside
 * scores by {@link Stage.Motion#OF_SCORES}, beside weights by {@link Stage.Motion#OF_WEIGHTS}
 * (VPNs' numbers), unless {@link #trained} or {@link #frozen} says otherwise. Its values are
 * carried from stage to stage. If the stage that tunes sees other images than the one that found
 * the mask, the label mapping is made anew between them. Immutable.
 */
public final class Mount extends Value<Mount> {
  /** A part of a method that may show the prompt. */
  public enum Place {
    /** The images that scorers look at. */
    SCORING,
    /** Stages that learn scores. */
    FINDING,
    /** Stages that train weights before the last mask is known, such as the rounds of LTH. */
    ROUNDS,
    /** Stages that train weights under the last mask, or under one that moves while they do. */
    TUNING
  }

  private final ImmutableSet<Place> places;
  private ImmutableMap<Place, Stage.Motion> motions = ImmutableMap.of();
  private ImmutableSet<Place> frozen = ImmutableSet.of();
  private @Nullable Length afterwards;
  private Stage.@Nullable Motion last;

  private Mount(Place... places) {
    this.places = ImmutableSet.copyOf(places);
  }

  /** In all places that a method has. */
  public static Mount everywhere() {
    return in(Place.values());
  }

  /**
   * In these places, and nowhere else. Given none, {@link #onto} takes the prompt off all stages; a
   * recipe that has a prompt refuses such a mount, as nothing would show the prompt.
   */
  public static Mount in(Place... places) {
    Problem.givenEach(places, "Mount.in", "places");
    return new Mount(places);
  }

  /**
   * After all stages, on the network as they leave it: a last stage moves the prompt alone, weights
   * and statistics frozen (the post-pruning prompt of the paper's figure 1). Not for TorchScript
   * modules, whose statistics cannot be frozen.
   */
  public static Mount afterwards(Length length) {
    Problem.given(length, "Mount.afterwards", "length");
    return new Mount().with(m -> m.afterwards = length);
  }

  /** With the prompt learned by this rule wherever it is mounted. */
  public Mount trained(UpdateRule rule, LearningRate rate) {
    Problem.given(rule, "Mount.trained", "rule");
    Problem.given(rate, "Mount.trained", "rate");
    Mount mount = this;
    for (Place place : places) {
      mount = place == Place.SCORING ? mount : mount.trained(place, rule, rate);
    }
    return mount.with(m -> m.last = new Stage.Motion(rule, rate));
  }

  /**
   * With the prompt learned by this rule in one place.
   *
   * @throws IllegalArgumentException if it is not mounted there, or nothing is learned there
   */
  public Mount trained(Place place, UpdateRule rule, LearningRate rate) {
    Problem.given(place, "Mount.trained", "place");
    Problem.given(rule, "Mount.trained", "rule");
    Problem.given(rate, "Mount.trained", "rate");
    requireLearned(place, "Mount.trained");
    return learning(place, new Stage.Motion(rule, rate));
  }

  /**
   * With the prompt shown in one place as it is, not learned there.
   *
   * @throws IllegalArgumentException if it is not mounted there, or nothing is learned there anyway
   */
  public Mount frozen(Place place) {
    Problem.given(place, "Mount.frozen", "place");
    requireLearned(place, "Mount.frozen");
    return learning(place, null);
  }

  /** With another motion of the prompt in one place; null = frozen there. */
  private Mount learning(Place place, Stage.@Nullable Motion motion) {
    Map<Place, Stage.Motion> moving = new EnumMap<>(Place.class);
    moving.putAll(motions);
    Set<Place> still = EnumSet.noneOf(Place.class);
    still.addAll(frozen);
    if (motion == null) {
      moving.remove(place);
      still.add(place);
    } else {
      moving.put(place, motion);
      still.remove(place);
    }
    return with(
        m -> {
          m.motions = ImmutableMap.copyOf(moving);
          m.frozen = ImmutableSet.copyOf(still);
        });
  }

  private void requireLearned(Place place, String where) {
    if (place == Place.SCORING || !places.contains(place)) {
      throw Problem.argument(
          "prompt not learned there",
          where,
          "a place of the mount but SCORING, of " + places,
          place,
          "mount the prompt there first");
    }
  }

  /**
   * The stages with the prompt where this mount has it and nowhere else.
   *
   * @throws IllegalArgumentException if it has it nowhere in these stages although it names a place
   */
  public List<Stage> onto(List<Stage> stages) {
    Problem.givenEach(stages, "Mount.onto", "stages");
    List<Stage> mounted = new ArrayList<>();
    for (int i = 0; i < stages.size(); i++) {
      boolean promptAlone = stages.get(i).motions().keySet().equals(Set.of(Target.PROMPT));
      if (!promptAlone) {
        mounted.add(onto(stages, i));
      }
    }
    if (afterwards != null) {
      Stage.Motion motion = last == null ? Stage.Motion.OF_WEIGHTS : last;
      mounted.add(
          Stage.builder("learn prompt")
              .train(Target.PROMPT, motion)
              .pass(Pass.prompted())
              .freezeStatistics()
              .keepBest()
              .length(afterwards)
              .build());
    }
    if (!places.isEmpty() && !Stages.of(mounted).showPrompt()) {
      throw Problem.argument(
          "method has no such place for a prompt",
          "Mount, stages " + stages.stream().map(Stage::name).toList(),
          "one of " + places(stages),
          places,
          "mount the prompt where the method has a stage");
    }
    return mounted;
  }

  private Stage onto(List<Stage> stages, int index) {
    Stage stage = stages.get(index);
    Place place = place(stages, index);
    boolean shown = shown(stages, index);
    Stage.Builder changed =
        place != null && places.contains(place) ? showing(stage, place) : plain(stage);
    boolean otherImages = index > 0 && shown != shown(stages, index - 1);
    return changed
        .scorePrompted(places.contains(Place.SCORING))
        .remapLabels(place == Place.TUNING && otherImages)
        .build();
  }

  private Stage.Builder showing(Stage stage, Place place) {
    Stage.Builder changed = stage.toBuilder();
    if (!stage.usesPrompt()) {
      changed.passes(stage.passes().stream().map(Pass::withPrompt).toArray(Pass[]::new));
    }
    return frozen.contains(place)
        ? changed.rest(Target.PROMPT)
        : changed.train(Target.PROMPT, motion(stage, place));
  }

  private static Stage.Builder plain(Stage stage) {
    return stage.toBuilder()
        .passes(stage.passes().stream().map(Pass::withoutPrompt).toArray(Pass[]::new))
        .rest(Target.PROMPT);
  }

  private boolean shown(List<Stage> stages, int index) {
    Place place = place(stages, index);
    return place != null && places.contains(place);
  }

  private Stage.Motion motion(Stage stage, Place place) {
    Stage.Motion own = motions.get(place);
    Stage.Motion given = own == null ? stage.motions().get(Target.PROMPT) : own;
    if (given != null) {
      return given;
    }
    return place == Place.FINDING ? Stage.Motion.OF_SCORES : Stage.Motion.OF_WEIGHTS;
  }

  /** Which place a stage is; null if it trains neither scores nor weights. */
  static @Nullable Place place(List<Stage> stages, int index) {
    Stage stage = stages.get(index);
    if (stage.motions().containsKey(Target.SCORES)) {
      return Place.FINDING;
    }
    if (!stage.motions().containsKey(Target.WEIGHTS)) {
      return null;
    }
    return Stages.of(stages).hasLastMask(index) ? Place.TUNING : Place.ROUNDS;
  }

  private static Set<Place> places(List<Stage> stages) {
    Set<Place> there = EnumSet.of(Place.SCORING);
    for (int i = 0; i < stages.size(); i++) {
      Place place = place(stages, i);
      if (place != null) {
        there.add(place);
      }
    }
    return there;
  }

  /**
   * What it adds to a method's name.
   *
   * @param own whether the method has a prompt of its own
   */
  String suffix(boolean own) {
    boolean everywhere = places.size() == Place.values().length && afterwards == null;
    if (everywhere) {
      return own ? "" : " + prompt";
    }
    return places.isEmpty() && afterwards == null ? ", no prompt" : ", prompt " + this;
  }

  /** Such as {@code everywhere}, {@code in tuning} or {@code afterwards}. */
  @Override
  public String toString() {
    List<String> where = new ArrayList<>();
    if (places.size() == Place.values().length) {
      where.add("everywhere");
    } else if (!places.isEmpty()) {
      where.add(
          "in "
              + places.stream()
                  .sorted()
                  .map(place -> place.name().toLowerCase(Locale.ROOT))
                  .collect(Collectors.joining(" and ")));
    }
    if (afterwards != null) {
      where.add("afterwards");
    }
    return where.isEmpty() ? "nowhere" : String.join(", ", where);
  }
}
