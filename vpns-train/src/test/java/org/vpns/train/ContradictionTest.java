package org.vpns.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.vpns.Allocation;
import org.vpns.ImageInput;
import org.vpns.LabelMapping;
import org.vpns.MaskSet;
import org.vpns.ParameterFilter;
import org.vpns.PromptFactory;
import org.vpns.Scorer;
import org.vpns.Scores;
import org.vpns.ScoringContext;
import org.vpns.Sparsity;
import org.vpns.VisualPrompt;
import org.vpns.image.Augmentation;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;

/** Options that are out of range, set twice or against each other: refused before any data. */
final class ContradictionTest {
  private static final UpdateRule RULE = UpdateRule.sgd();
  private static final LearningRate RATE = LearningRate.constant(0.1);
  private static final Sparsity HALF = Sparsity.of("0.5");

  private static final PromptFactory PROMPT =
      new PromptFactory() {
        @Override
        public VisualPrompt create(NDManager manager, ImageInput input, RandomGenerator random) {
          throw new UnsupportedOperationException();
        }

        @Override
        public String describe() {
          return "some prompt";
        }
      };

  private static final MaskRule LEARNED =
      MaskRule.learned(
          new Scorer() {
            @Override
            public Scores score(ScoringContext context) {
              throw new UnsupportedOperationException();
            }

            @Override
            public String describe() {
              return "some scores";
            }
          },
          new Allocation() {
            @Override
            public MaskSet allocate(Scores scores, Sparsity sparsity) {
              throw new UnsupportedOperationException();
            }

            @Override
            public String describe() {
              return "some allocation";
            }
          },
          HALF);

  /** A call and how its message begins. */
  private record Case(String what, ThrowingCallable call) {
    @Override
    public String toString() {
      return what;
    }
  }

  private static Stage.Builder tune() {
    return Stage.builder("tune")
        .train(Target.WEIGHTS, RULE, RATE)
        .pass(Pass.plain())
        .length(Length.epochs(1));
  }

  private static Recipe.Builder recipe() {
    return Recipe.of("test", HALF, tune().build());
  }

  private static Stage prompted() {
    return Stage.builder("tune")
        .train(Target.WEIGHTS, RULE, RATE)
        .pass(Pass.prompted())
        .length(Length.epochs(1))
        .build();
  }

  private static final MovingMask MOVING =
      new MovingMask() {
        @Override
        public Movement movement(Span span, MaskSet start) {
          throw new UnsupportedOperationException();
        }

        @Override
        public MaskSet begin(ScoringContext context, MaskSet current) {
          throw new UnsupportedOperationException();
        }

        @Override
        public String describe() {
          return "some movement";
        }
      };

  private static void moving(List<Case> cases) {
    Stage.Builder biLevel =
        Stage.builder("both")
            .mask(LEARNED)
            .train(Target.PRUNABLE, RULE, RATE)
            .train(Target.SCORES, RULE, RATE)
            .length(Length.epochs(1));
    cases.add(
        new Case(
            "weights and their scores move together: Stage 'both'",
            () -> biLevel.pass(Pass.plain()).build()));
    cases.add(
        new Case(
            "weights trained twice in one stage: Stage 'tune'",
            () -> tune().train(Target.PRUNABLE, RULE, RATE).build()));
    cases.add(
        new Case(
            "moving mask without its steps: Stage 'biases'",
            () ->
                Stage.builder("biases")
                    .mask(MOVING)
                    .train(Target.OTHERS, RULE, RATE)
                    .pass(Pass.plain())
                    .length(Length.epochs(1))
                    .build()));
    cases.add(
        new Case(
            "moving mask without its steps: Stage 'tune'",
            () -> tune().mask(MOVING).pass(Pass.plain().stream("other")).build()));
    cases.add(
        new Case(
            "moving mask without its steps: Stage 'tune'",
            () ->
                tune().pass(Pass.plain().stream("other")).build().toBuilder()
                    .mask(MOVING)
                    .build()));
    cases.add(
        new Case(
            "option set twice: Stage 'tune'.rewind",
            () -> tune().rewind(Rewind.pretrained()).rewind(Rewind.early(3))));
    cases.add(
        new Case(
            "option set twice: Stage 'tune'.distil",
            () -> tune().distil(Distillation.DEFAULT).distil(Distillation.DEFAULT)));
    cases.add(
        new Case(
            "option set twice: Recipe.distil",
            () -> recipe().distil(Distillation.DEFAULT).distil(Distillation.of(0.1, 1))));
    cases.add(
        new Case(
            "stage without pass: Stage 'tune'", () -> tune().build().toBuilder().passes().build()));
  }

  private static Stream<Case> cases() {
    List<Case> cases = new ArrayList<>();
    stages(cases);
    moving(cases);
    recipes(cases);
    cases.add(new Case("stage without length: Length.epochs", () -> Length.epochs(0)));
    cases.add(new Case("stage without length: Length.iterations", () -> Length.iterations(-1)));
    cases.add(
        new Case("prompt both used and idle: Pass.idlePrompt", () -> Pass.prompted().idlePrompt()));
    cases.add(
        new Case(
            "checkpoint interval out of range: Trainer.checkpointEvery",
            () -> Trainer.of(recipe().build()).checkpoints(Path.of("x")).checkpointEvery(0)));
    return cases.stream();
  }

  private static void stages(List<Case> cases) {
    Stage.Builder empty = Stage.builder("tune");
    cases.add(new Case("stage trains nothing: Stage 'tune'", empty::build));
    cases.add(
        new Case(
            "stage without pass: Stage 'tune'",
            () ->
                Stage.builder("tune")
                    .train(Target.WEIGHTS, RULE, RATE)
                    .length(Length.epochs(1))
                    .build()));
    cases.add(
        new Case(
            "stage without length: Stage 'tune'",
            () ->
                Stage.builder("tune")
                    .train(Target.WEIGHTS, RULE, RATE)
                    .pass(Pass.plain())
                    .build()));
    cases.add(
        new Case(
            "option set twice: Stage 'tune'.train WEIGHTS",
            () -> tune().train(Target.WEIGHTS, RULE, RATE)));
    cases.add(
        new Case(
            "option set twice: Stage 'tune'.length", () -> tune().length(Length.iterations(3))));
    cases.add(
        new Case("option set twice: Stage 'tune'.mask", () -> tune().mask(LEARNED).mask(LEARNED)));
    cases.add(
        new Case("scores and mask disagree: Stage 'tune'", () -> tune().mask(LEARNED).build()));
    cases.add(
        new Case(
            "scores and mask disagree: Stage 'find'",
            () ->
                Stage.builder("find")
                    .train(Target.SCORES, RULE, RATE)
                    .pass(Pass.plain())
                    .length(Length.epochs(1))
                    .build()));
    cases.add(
        new Case(
            "weights trained twice in one stage: Stage 'tune'",
            () -> tune().train(Target.OTHERS, RULE, RATE).build()));
    cases.add(
        new Case(
            "weights trained twice in one stage: Stage 'tune'",
            () -> tune().mask(LEARNED).train(Target.SCORES, RULE, RATE).build()));
    cases.add(
        new Case(
            "prompt trained but never shown: Stage 'tune'",
            () -> tune().train(Target.PROMPT, RULE, RATE).build()));
    cases.add(
        new Case(
            "target never moves: Stage 'tune'",
            () ->
                Stage.builder("tune")
                    .train(Target.WEIGHTS, RULE, RATE)
                    .pass(Pass.plain().freeze(Target.WEIGHTS))
                    .length(Length.epochs(1))
                    .build()));
    cases.add(
        new Case(
            "scores and mask disagree: Stage 'find'",
            () ->
                Stage.builder("find")
                    .mask(LEARNED)
                    .train(Target.SCORES, RULE, RATE)
                    .pass(Pass.plain())
                    .length(Length.epochs(1))
                    .build()
                    .toBuilder()
                    .mask(MaskRule.keep())
                    .build()));
    cases.add(
        new Case(
            "scores and mask disagree: Stage 'tune'",
            () -> tune().build().toBuilder().mask(LEARNED).build()));
  }

  private static void recipes(List<Case> cases) {
    cases.add(
        new Case("recipe without stages: Recipe test", () -> Recipe.of("test", HALF).build()));
    cases.add(
        new Case(
            "nothing left to train: Recipe test",
            () -> Recipe.of("test", Sparsity.of("1"), tune().build()).build()));
    cases.add(
        new Case("prompt missing: Recipe test", () -> Recipe.of("test", HALF, prompted()).build()));
    cases.add(
        new Case(
            "prompt never used: Recipe test",
            () -> recipe().prompt(PROMPT).mount(Mount.in()).build()));
    cases.add(
        new Case("option set twice: Recipe.prompt", () -> recipe().prompt(PROMPT).prompt(PROMPT)));
    cases.add(
        new Case(
            "option set twice: Recipe.mapping",
            () -> recipe().mapping(LabelMapping.identity()).mapping(LabelMapping.identity())));
    cases.add(
        new Case(
            "option set twice: Recipe.input",
            () -> recipe().input(ImageInput.imageNet()).input(ImageInput.imageNet())));
    cases.add(
        new Case(
            "option set twice: Recipe.prunable",
            () ->
                recipe().prunable(ParameterFilter.weights()).prunable(ParameterFilter.weights())));
    cases.add(
        new Case(
            "option set twice: Recipe.augmentation",
            () -> recipe().augmentation(Augmentation.flip()).augmentation(Augmentation.none())));
    cases.add(
        new Case("option set twice: Recipe.batchSize", () -> recipe().batchSize(8).batchSize(9)));
    cases.add(new Case("batch without images: Recipe.batchSize", () -> recipe().batchSize(0)));
    cases.add(new Case("option set twice: Recipe.seed", () -> recipe().seed(1).seed(1)));
    cases.add(new Case("option set twice: Recipe.name", () -> recipe().name("a").name("b")));
    cases.add(new Case("option set twice: Recipe.lengths", () -> recipe().epochs(1).iterations(2)));
    cases.add(new Case("wrong number of stage lengths: Recipe test", () -> recipe().epochs(1, 2)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void contradiction_isRefusedAtOnce(Case c) {
    Throwable failure = catchThrowable(c.call());
    assertThat(failure)
        .isInstanceOfAny(IllegalArgumentException.class, IllegalStateException.class)
        .hasMessageStartingWith(c.what() + "; expected ")
        .hasMessageMatching("(?s)[^:]+: [^;]+; expected .+, found .+; .+[^.]\\.");
  }

  @Test
  void splits_thatCannotBe_areRefused() {
    try (NDManager manager = NDManager.newBaseManager()) {
      ArrayDataset some = dataset(manager, 3);
      ArrayDataset empty = dataset(manager, 0);
      ImageSets splits = ImageSets.of(some, 2);
      List<Case> cases =
          List.of(
              new Case("no classes: ImageSets.of", () -> ImageSets.of(some, 0)),
              new Case("empty data set: training images", () -> ImageSets.of(empty, 2)),
              new Case("empty data set: validation images", () -> splits.validation(empty)),
              new Case("empty data set: test images", () -> splits.test(empty)),
              new Case(
                  "validation fraction out of range: ImageSets.validation",
                  () -> splits.validation(1.0)),
              new Case(
                  "validation fraction out of range: ImageSets.validation",
                  () -> splits.validation(Double.NaN)),
              new Case(
                  "wrong number of class names: ImageSets.classNames",
                  () -> splits.classNames(List.of("one"))));
      cases.forEach(this::contradiction_isRefusedAtOnce);
    }
  }

  private static ArrayDataset dataset(NDManager manager, int images) {
    return new ArrayDataset.Builder()
        .setData(manager.zeros(new Shape(images, 3, 4, 4)))
        .optLabels(manager.zeros(new Shape(images)))
        .setSampling(2, false)
        .build();
  }

  @Test
  void builtRecipe_doesNotChangeWithItsBuilder() {
    Recipe.Builder builder = recipe();
    Recipe first = builder.build();
    builder.seed(99);
    assertThat(first.seed()).isEqualTo(7);
    assertThat(builder.build().seed()).isEqualTo(99);
    assertThat(first.options()).containsEntry("seed", "7").containsKey("stage 1 tune");
  }
}
