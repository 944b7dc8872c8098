package org.vpns.prune;

import ai.djl.ndarray.NDManager;
import java.util.Random;
import org.vpns.LabelMapping;
import org.vpns.PromptFactory;
import org.vpns.Sparsity;
import org.vpns.allocate.Allocations;
import org.vpns.control.Controls;
import org.vpns.image.Augmentation;
import org.vpns.mapping.Mappings;
import org.vpns.prompt.Prompts;
import org.vpns.schedule.Rounds;
import org.vpns.score.Scorers;
import org.vpns.train.Distillation;
import org.vpns.train.ImageSets;
import org.vpns.train.Length;
import org.vpns.train.MaskRule;
import org.vpns.train.Mount;
import org.vpns.train.Pass;
import org.vpns.train.Recipe;
import org.vpns.train.Rewind;
import org.vpns.train.Stage;
import org.vpns.train.Target;

/** Recipes of all kinds, short enough to be run several times. */
final class RandomRecipes {
  private RandomRecipes() {}

  static Recipe recipe(Random random, boolean script) {
    Sparsity sparsity = Sparsity.of(random.nextBoolean() ? "0.8" : "0.95");
    Length finding = length(random);
    Length tuning = length(random);
    Recipe.Builder recipe =
        switch (random.nextInt(15)) {
          case 0 ->
              Recipe.of(
                  Pruners.hydra()
                      .allocation(Allocations.perLayer())
                      .scores(SmallRuns.ADAM, SmallRuns.FINDING)
                      .trainOthersInFinding(SmallRuns.SGD, SmallRuns.TUNING)
                      .weights(SmallRuns.ADAM, SmallRuns.FINDING)
                      .lengths(finding, tuning),
                  sparsity);
          case 1 -> Recipe.of(vpns().lengths(finding, tuning), sparsity).prompt(prompt(random));
          case 2 ->
              Recipe.of(vpns().alternating().lengths(finding, tuning), sparsity)
                  .prompt(prompt(random));
          case 3 ->
              Recipe.of(vpns().paperCompat().lengths(finding, tuning), sparsity)
                  .prompt(prompt(random));
          case 4 ->
              Recipe.of(
                  Pruners.magnitude().weights(SmallRuns.SGD, SmallRuns.TUNING).length(tuning),
                  sparsity);
          case 5 ->
              Recipe.of(
                      Pruners.random().weights(SmallRuns.SGD, SmallRuns.TUNING).length(tuning),
                      sparsity)
                  .prompt(prompt(random))
                  .mount(Mount.everywhere().trained(SmallRuns.ADAM, SmallRuns.FINDING));
          case 6 -> {
            LotteryPruner lottery =
                Pruners.lottery()
                    .rounds(new Rounds(Sparsity.of("0.6")))
                    .rewind(rewind(random, script))
                    .weights(SmallRuns.SGD, SmallRuns.TUNING)
                    .lengths(atLeast3(random), atLeast3(random));
            yield Recipe.of(lottery, sparsity);
          }
          case 7 ->
              Recipe.of(
                      Pruners.lottery()
                          .rounds(new Rounds(Sparsity.of("0.6")))
                          .rewind(rewind(random, script).withPrompt())
                          .weights(SmallRuns.SGD, SmallRuns.TUNING)
                          .lengths(atLeast3(random), atLeast3(random)),
                      sparsity)
                  .prompt(prompt(random))
                  .mount(Mount.everywhere().trained(SmallRuns.ADAM, SmallRuns.FINDING));
          case 8 -> {
            GradualPruner gradual =
                Pruners.gradual().weights(SmallRuns.SGD, SmallRuns.TUNING).length(tuning);
            yield Recipe.of(random.nextBoolean() ? gradual : gradual.paper(), sparsity);
          }
          case 9 ->
              Recipe.of(
                  Pruners.set()
                      .zeta(0.5)
                      .initialiseGrown()
                      .weights(SmallRuns.SGD, SmallRuns.TUNING)
                      .length(Length.epochs(3)),
                  sparsity);
          case 10 -> {
            RiglPruner rigl =
                Pruners.rigl()
                    .every(1 + random.nextInt(2))
                    .until(1)
                    .weights(SmallRuns.ADAM, SmallRuns.FINDING)
                    .length(atLeast3(random));
            yield Recipe.of(
                random.nextBoolean() ? rigl.initialiseGrown() : rigl.released(), sparsity);
          }
          case 11 -> {
            BipPruner bip =
                Pruners.bip()
                    .scores(SmallRuns.ADAM, SmallRuns.FINDING)
                    .trainOthers(SmallRuns.SGD, SmallRuns.TUNING)
                    .length(finding);
            yield Recipe.of(
                random.nextBoolean()
                    ? bip.disjointBatches()
                    : bip.tuning(SmallRuns.SGD, SmallRuns.TUNING, tuning),
                sparsity);
          }
          case 12 ->
              Recipe.of(
                      Pruners.hydra()
                          .scores(SmallRuns.ADAM, SmallRuns.FINDING)
                          .weights(SmallRuns.SGD, SmallRuns.TUNING)
                          .lengths(finding, tuning),
                      sparsity)
                  .prompt(prompt(random))
                  .mount(mount(random, script));
          case 13 ->
              Controls.shuffledMask(
                  Recipe.of(vpns().lengths(finding, tuning), sparsity)
                      .prompt(prompt(random))
                      .build())
                  .toBuilder();
          default ->
              Recipe.of("best mask", sparsity, findBest(sparsity, finding), tune(tuning, script));
        };
    recipe.mapping(mapping(random)).seed(random.nextInt(100));
    if (random.nextBoolean()) {
      recipe.augmentation(Augmentation.shift(2).andThen(Augmentation.flip()));
    }
    if (random.nextInt(4) == 0) {
      recipe.distil(Distillation.of(0.3, 2));
    }
    return recipe.input(SmallRuns.input()).batchSize(SmallRuns.BATCH).build();
  }

  /** The same images throughout; validation set aside, given, or none. */
  static ImageSets splits(NDManager manager, Random random) {
    ImageSets splits = SmallRuns.splits(manager);
    splits =
        switch (random.nextInt(3)) {
          case 0 -> splits;
          case 1 -> splits.validation(0.25);
          default -> splits.validation(SmallRuns.dataset(manager, 64, 90));
        };
    return random.nextBoolean() ? splits : splits.test(SmallRuns.dataset(manager, 90, 128));
  }

  private static VpnsPruner vpns() {
    return Pruners.vpns()
        .scores(SmallRuns.ADAM, SmallRuns.FINDING)
        .promptInFinding(SmallRuns.ADAM, SmallRuns.FINDING)
        .weights(SmallRuns.SGD, SmallRuns.TUNING)
        .promptInTuning(SmallRuns.SGD, SmallRuns.TUNING);
  }

  /** Takes the best epoch's mask instead of the last one's. */
  private static Stage findBest(Sparsity sparsity, Length length) {
    return Stage.builder("find best mask")
        .mask(MaskRule.learned(Scorers.scaledInitialisation(), Allocations.global(), sparsity))
        .train(Target.SCORES, SmallRuns.ADAM, SmallRuns.FINDING)
        .pass(Pass.plain())
        .length(length)
        .keepBest()
        .build();
  }

  private static Stage tune(Length length, boolean script) {
    Stage.Builder tune =
        Stage.builder("tune")
            .train(Target.WEIGHTS, SmallRuns.SGD, SmallRuns.TUNING)
            .pass(Pass.plain())
            .length(length);
    return script ? tune.build() : tune.freezeStatistics().build();
  }

  private static Length length(Random random) {
    return random.nextBoolean()
        ? Length.iterations(1 + random.nextInt(7))
        : Length.epochs(1 + random.nextInt(2));
  }

  /** Long enough for step 2 to be left. */
  private static Length atLeast3(Random random) {
    return random.nextBoolean() ? Length.iterations(3 + random.nextInt(4)) : Length.epochs(2);
  }

  private static Rewind rewind(Random random, boolean script) {
    return switch (random.nextInt(3)) {
      case 0 -> Rewind.early(1 + random.nextInt(2));
      case 1 -> script ? Rewind.none() : Rewind.initial();
      default -> Rewind.pretrained();
    };
  }

  private static PromptFactory prompt(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> Prompts.pad(4);
      case 1 -> Prompts.random(12);
      case 2 -> Prompts.random(9).patch().perImage().sigmoid();
      default -> Prompts.fix(13).randomStart();
    };
  }

  private static Mount mount(Random random, boolean script) {
    return switch (random.nextInt(script ? 3 : 4)) {
      case 0 -> Mount.in(Mount.Place.FINDING).trained(SmallRuns.ADAM, SmallRuns.FINDING);
      case 1 -> Mount.in(Mount.Place.TUNING).trained(SmallRuns.SGD, SmallRuns.TUNING);
      case 2 ->
          Mount.everywhere().trained(SmallRuns.ADAM, SmallRuns.FINDING).frozen(Mount.Place.TUNING);
      default -> Mount.afterwards(length(random)).trained(SmallRuns.ADAM, SmallRuns.FINDING);
    };
  }

  private static LabelMapping mapping(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> LabelMapping.identity();
      case 1 -> Mappings.random();
      case 2 -> Mappings.frequency();
      default -> Mappings.iterative(1);
    };
  }
}
