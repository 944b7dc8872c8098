package org.vpns.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.Sparsity;
import org.vpns.optim.LearningRate;
import org.vpns.predict.PrunedModel;
import org.vpns.prompt.Prompts;
import org.vpns.report.StageRecord;
import org.vpns.testing.Outcome;
import org.vpns.train.ImageSets;
import org.vpns.train.Length;
import org.vpns.train.Mount;
import org.vpns.train.Mount.Place;
import org.vpns.train.Pruner;
import org.vpns.train.Recipe;
import org.vpns.train.Stage;
import org.vpns.train.Target;
import org.vpns.train.Trainer;

/** A prompt in any place of any method. */
final class MountTest {
  private static final Sparsity SPARSITY = Sparsity.of("0.8");
  private static final Length FOUR = Length.iterations(4);

  /** With the rates of {@link Method#VPNS}. */
  private static final Mount LIKE_VPNS =
      Mount.everywhere()
          .trained(SmallRuns.SGD, SmallRuns.TUNING)
          .trained(Place.FINDING, SmallRuns.ADAM, SmallRuns.FINDING);

  private static Pruner vpns() {
    return Method.VPNS.pruner(SmallRuns.SGD);
  }

  private static Pruner hydra() {
    return Method.HYDRA.pruner(SmallRuns.SGD);
  }

  private static Recipe.Builder recipe(Pruner pruner) {
    return Recipe.of(pruner, SPARSITY)
        .name("the same")
        .input(SmallRuns.input())
        .batchSize(SmallRuns.BATCH);
  }

  private static Recipe.Builder prompted(Pruner pruner) {
    return recipe(pruner).prompt(Prompts.pad(4));
  }

  /** What a run left, and more of it that a test wants to see. */
  private record Ran(
      Outcome outcome, List<StageRecord> stages, boolean hasPrompt, boolean countedPrompted) {}

  private static Ran run(Recipe.Builder recipe) {
    try (Model model = FixtureRuns.block();
        NDManager manager = NDManager.newBaseManager()) {
      ImageSets splits = SmallRuns.splits(manager).test(SmallRuns.dataset(manager, 90, 128));
      try (PrunedModel pruned = Trainer.of(recipe.build()).fit(model, splits)) {
        return new Ran(
            Outcome.of(pruned),
            pruned.report().stages(),
            pruned.prompt() != null,
            pruned.report().tuned() != null && pruned.report().tuned().prompted() != null);
      }
    }
  }

  /** VPNs is HYDRA with a prompt: bit for bit. */
  @Test
  void everywhere_onHydra_isVpns() {
    Ran mounted = run(prompted(hydra()).mount(LIKE_VPNS));
    assertThat(mounted.outcome()).isEqualTo(run(prompted(vpns())).outcome());
    assertThat(mounted.countedPrompted()).isTrue();
  }

  @Test
  void withoutPrompt_vpnsIsHydra() {
    Ran stripped = run(recipe(vpns()).withoutPrompt());
    assertThat(stripped.outcome()).isEqualTo(run(recipe(hydra())).outcome());
    assertThat(stripped.hasPrompt()).isFalse();
  }

  @Test
  void promptWithoutMount_isEverywhere_onMethodsThatHaveNone() {
    Recipe implicit = prompted(Pruners.magnitude().length(FOUR)).build();
    Recipe said = prompted(Pruners.magnitude().length(FOUR)).mount(Mount.everywhere()).build();
    assertThat(implicit.options()).isEqualTo(said.options());
    assertThat(implicit.endsPrompted()).isTrue();
  }

  /** Mask and scores are those of VPNs; then the network is tuned, and leaves, without a prompt. */
  @Test
  void inFindingOnly_findsAsVpnsAndTunesPlain() {
    Ran half = run(prompted(vpns()).mount(Mount.in(Place.FINDING)));
    Ran whole = run(prompted(vpns()));
    assertThat(half.outcome().masks()).isEqualTo(whole.outcome().masks());
    assertThat(half.outcome().scores()).isEqualTo(whole.outcome().scores());
    assertThat(half.stages().get(0).losses()).isEqualTo(whole.stages().get(0).losses());
    assertThat(half.stages().get(1).losses()).isNotEqualTo(whole.stages().get(1).losses());
    assertThat(half.hasPrompt()).isFalse();
    assertThat(half.countedPrompted()).isFalse();
  }

  /** The mask is HYDRA's; tuning begins with the prompt at zero, where a frame shows nothing. */
  @Test
  void inTuningOnly_findsAsHydraAndTunesPrompted() {
    Ran half =
        run(
            prompted(hydra())
                .mount(Mount.in(Place.TUNING).trained(SmallRuns.SGD, LearningRate.constant(5))));
    Ran without = run(recipe(hydra()));
    assertThat(half.outcome().masks()).isEqualTo(without.outcome().masks());
    assertThat(half.stages().get(0).losses()).isEqualTo(without.stages().get(0).losses());
    List<Double> tuning = half.stages().get(1).losses();
    assertThat(tuning.get(0)).isEqualTo(without.stages().get(1).losses().get(0));
    assertThat(tuning.get(2)).isNotEqualTo(without.stages().get(1).losses().get(2));
    assertThat(half.countedPrompted()).isTrue();
  }

  /** Between the halves, and there only, labels are mapped anew, with the input kind of tuning. */
  @Test
  void mapping_isMadeAnew_whereTuningSeesOtherImages() {
    assertThat(mapped(Mount.in(Place.FINDING))).isEqualTo(2);
    assertThat(mapped(Mount.in(Place.TUNING))).isEqualTo(2);
    assertThat(mapped(Mount.everywhere())).isEqualTo(1);
  }

  private static int mapped(Mount mount) {
    WatchedMapping watched = new WatchedMapping();
    try (Model model = FixtureRuns.block();
        NDManager manager = NDManager.newBaseManager()) {
      Recipe recipe = prompted(hydra()).mount(mount).mapping(watched).build();
      Trainer.of(recipe).fit(model, SmallRuns.splits(manager)).close();
    }
    return watched.made().size();
  }

  @ParameterizedTest
  @EnumSource(Method.class)
  void onto_hasThePromptInThePlacesNamed_andNowhereElse(Method method) {
    List<Stage> stages = Mount.in().onto(method.recipe("0.8").build().stages());
    for (int bits = 0; bits < 16; bits++) {
      Set<Place> places = EnumSet.noneOf(Place.class);
      for (Place place : Place.values()) {
        if ((bits >> place.ordinal() & 1) == 1) {
          places.add(place);
        }
      }
      Mount mount = Mount.in(places.toArray(Place[]::new));
      if (places.isEmpty() || !places.contains(Place.SCORING) && !anyOf(stages, places)) {
        continue;
      }
      List<Stage> mounted = mount.onto(stages);
      for (int i = 0; i < stages.size(); i++) {
        boolean shown = places.contains(placeOf(stages, i));
        Stage stage = mounted.get(i);
        assertThat(stage.usesPrompt()).as(mount + " stage " + i).isEqualTo(shown);
        assertThat(stage.motions().containsKey(Target.PROMPT)).isEqualTo(shown);
        assertThat(stage.scoresWithPrompt()).isEqualTo(places.contains(Place.SCORING));
      }
      assertThat(described(mount.onto(mounted))).isEqualTo(described(mounted));
      assertThat(described(Mount.in().onto(mounted))).isEqualTo(described(stages));
    }
  }

  private static Place placeOf(List<Stage> stages, int index) {
    if (stages.get(index).motions().containsKey(Target.SCORES)) {
      return Place.FINDING;
    }
    return index == stages.size() - 1 ? Place.TUNING : Place.ROUNDS;
  }

  private static boolean anyOf(List<Stage> stages, Set<Place> places) {
    for (int i = 0; i < stages.size(); i++) {
      if (places.contains(placeOf(stages, i))) {
        return true;
      }
    }
    return false;
  }

  private static List<String> described(List<Stage> stages) {
    return stages.stream().map(Stage::describe).toList();
  }

  /** Every method runs with a prompt, learns it and ends with exactly its sparsity. */
  @ParameterizedTest
  @EnumSource(Method.class)
  void everywhere_everyMethodLearnsThePrompt(Method method) {
    Recipe.Builder recipe =
        Recipe.of(method.pruner(SmallRuns.SGD), SPARSITY)
            .input(SmallRuns.input())
            .batchSize(SmallRuns.BATCH)
            .prompt(Prompts.pad(4))
            .mount(Mount.everywhere().trained(SmallRuns.SGD, LearningRate.constant(1)));
    Ran ran = run(recipe);
    assertThat(ran.countedPrompted()).isTrue();
    assertThat(ran.outcome().prompt()).anyMatch(bits -> bits << 1 != 0);
    if (method != Method.BERNOULLI) {
      assertThat(ran.outcome().masks().kept()).isEqualTo(1055);
    }
  }

  /** Weights, statistics and mask are those of the run without it; the prompt alone has moved. */
  @Test
  void afterwards_leavesTheNetworkAsItWasTuned() {
    Pruner pruner = Pruners.magnitude().weights(SmallRuns.SGD, SmallRuns.TUNING).length(FOUR);
    Mount mount = Mount.afterwards(FOUR).trained(SmallRuns.SGD, LearningRate.constant(1));
    Ran with = run(prompted(pruner).mount(mount));
    Ran without = run(recipe(pruner));
    assertThat(with.outcome().parameters()).isEqualTo(without.outcome().parameters());
    assertThat(with.outcome().masks()).isEqualTo(without.outcome().masks());
    assertThat(with.outcome().prompt()).anyMatch(bits -> bits << 1 != 0);
    assertThat(with.countedPrompted()).isTrue();
    assertThat(with.stages()).hasSize(2);
  }

  @Test
  void frozenPlace_showsThePromptThatWasLearnedBefore() {
    Ran frozen = run(prompted(hydra()).mount(LIKE_VPNS.frozen(Place.TUNING)));
    Recipe.Builder moving = prompted(hydra()).mount(LIKE_VPNS);
    Ran moved = run(moving);
    assertThat(frozen.stages().get(0).losses()).isEqualTo(moved.stages().get(0).losses());
    assertThat(frozen.outcome().prompt()).isNotEqualTo(moved.outcome().prompt());
    Ran halved = run(prompted(hydra()).mount(LIKE_VPNS.frozen(Place.FINDING)));
    assertThat(halved.outcome().masks()).isEqualTo(run(recipe(hydra())).outcome().masks());
  }

  /** Images without prompt may be larger than those that leave room for one. */
  @Test
  void plainInput_isWhatPassesWithoutPromptSee() {
    Recipe.Builder large =
        prompted(hydra())
            .mount(Mount.in(Place.TUNING))
            .plainInput(SmallRuns.input().imageSize(16, 16));
    Ran ran = run(large);
    Ran plain = run(recipe(hydra()).plainInput(SmallRuns.input().imageSize(16, 16)));
    assertThat(ran.stages().get(0).losses()).isEqualTo(plain.stages().get(0).losses());
    assertThat(ran.stages().get(0).losses())
        .isNotEqualTo(run(recipe(hydra())).stages().get(0).losses());
    assertThatThrownBy(
            () ->
                prompted(hydra())
                    .plainInput(
                        SmallRuns.input().normalisation(new float[3], new float[] {1, 1, 1}))
                    .build())
        .hasMessageStartingWith("images without prompt have another canvas: Recipe the same");
  }

  @Test
  void names_tellWhereThePromptIs() {
    assertThat(name(Pruners.magnitude(), null)).isEqualTo("OMP + prompt");
    assertThat(name(Pruners.vpns(), null)).isEqualTo("VPNs");
    assertThat(name(Pruners.vpns(), Mount.in(Place.FINDING))).isEqualTo("VPNs, prompt in finding");
    assertThat(name(Pruners.snip(), Mount.in(Place.SCORING, Place.TUNING)))
        .isEqualTo("SNIP, prompt in scoring and tuning");
    assertThat(name(Pruners.magnitude(), Mount.afterwards(FOUR)))
        .isEqualTo("OMP, prompt afterwards");
  }

  private static String name(Pruner pruner, Mount mount) {
    Recipe.Builder recipe = Recipe.of(pruner, SPARSITY).prompt(Prompts.pad(4));
    return (mount == null ? recipe : recipe.mount(mount)).build().name();
  }

  @ParameterizedTest
  @ValueSource(strings = {"FINDING", "ROUNDS"})
  void placeThatTheMethodLacks_isRefused(Place place) {
    assertThatThrownBy(() -> prompted(Pruners.magnitude()).mount(Mount.in(place)).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("method has no such place for a prompt: Mount, stages [tune];")
        .hasMessageContaining("one of [SCORING, TUNING], found [" + place + "]");
  }

  @Test
  void ruleWhereNothingIsLearned_isRefused() {
    Mount tuning = Mount.in(Place.TUNING);
    assertThatThrownBy(() -> tuning.trained(Place.FINDING, SmallRuns.SGD, SmallRuns.TUNING))
        .hasMessageStartingWith("prompt not learned there: Mount.trained;");
    assertThatThrownBy(() -> Mount.everywhere().frozen(Place.SCORING))
        .hasMessageStartingWith("prompt not learned there: Mount.frozen;");
    assertThatThrownBy(() -> recipe(hydra()).mount(tuning).build())
        .hasMessageStartingWith("prompt missing: Recipe the same;");
  }
}
