package org.vpns.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.ndarray.NDManager;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.MaskSet;
import org.vpns.ScoringContext;
import org.vpns.Sparsity;
import org.vpns.VisualPrompt;
import org.vpns.predict.PrunedModel;
import org.vpns.prompt.Prompts;
import org.vpns.testing.TinyResNet;
import org.vpns.train.FixedMask;
import org.vpns.train.ImageSets;
import org.vpns.train.Length;
import org.vpns.train.Pass;
import org.vpns.train.Pruner;
import org.vpns.train.Recipe;
import org.vpns.train.RunListener;
import org.vpns.train.Stage;
import org.vpns.train.Target;
import org.vpns.train.Trainer;

/** What is used after its close is told by name, before anything happens. */
final class MisuseTest {
  @TempDir Path folder;

  private static final Pruner PRUNER =
      Pruners.magnitude().weights(SmallRuns.SGD, SmallRuns.TUNING).length(Length.iterations(1));

  private static Recipe recipe() {
    return Recipe.of(PRUNER, Sparsity.of("0.5"))
        .input(SmallRuns.input())
        .batchSize(SmallRuns.BATCH)
        .build();
  }

  @Test
  void use_afterClose_saysWhatWasClosed() throws Exception {
    try (NDManager manager = NDManager.newBaseManager()) {
      Model model = FixtureRuns.block();
      PrunedModel open = Trainer.of(recipe()).fit(model, SmallRuns.splits(manager));
      PrunedModel pruned = Trainer.of(recipe()).fit(model, SmallRuns.splits(manager));
      pruned.close();
      assertClosed(pruned, "a pruned model that is open");
      model.close();
      assertClosed(open, "a model '" + model.getName() + "' that is open");
      Throwable failure =
          catchThrowable(() -> Trainer.of(recipe()).fit(model, SmallRuns.splits(manager)));
      assertThat(failure)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("use after close: model '" + model.getName() + "'; ");
      Untouched.assertForm(failure);
    }
  }

  @Test
  void model_closedDuringItsRun_isTold() {
    try (NDManager manager = NDManager.newBaseManager();
        Model model = FixtureRuns.block()) {
      RunListener closing =
          new RunListener() {
            @Override
            public void stepFinished(Step step) {
              model.close();
            }
          };
      Throwable failure =
          catchThrowable(
              () -> Trainer.of(recipe()).listener(closing).fit(model, SmallRuns.splits(manager)));
      assertThat(failure)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("model closed during its run: run of ");
      Untouched.assertForm(failure);
    }
  }

  @Test
  void picture_ofAClosedResult_andNullToPredict_areTold() {
    Recipe prompted =
        Recipe.of(
                Pruners.vpns().lengths(Length.iterations(1), Length.iterations(1)),
                Sparsity.of("0.5"))
            .prompt(Prompts.pad(2))
            .input(SmallRuns.input())
            .batchSize(SmallRuns.BATCH)
            .build();
    try (NDManager manager = NDManager.newBaseManager();
        Model model = FixtureRuns.block()) {
      PrunedModel pruned = Trainer.of(prompted).fit(model, SmallRuns.splits(manager));
      try (Predictor<Image, Classifications> predictor = pruned.newPredictor()) {
        assertThat(catchThrowable(() -> predictor.predict(null)))
            .hasMessageStartingWith("argument missing: Predictor.predict, image; ");
        assertThat(catchThrowable(() -> predictor.batchPredict(Collections.singletonList(null))))
            .hasMessageStartingWith("argument missing: Predictor.batchPredict, images[0]; ");
      }
      VisualPrompt prompt = pruned.prompt();
      pruned.close();
      assertThat(catchThrowable(prompt::picture))
          .hasMessageStartingWith("use after close: VisualPrompt.picture; ");
    }
  }

  private void assertClosed(PrunedModel pruned, String expected) {
    for (Throwable failure :
        List.of(
            catchThrowable(pruned::newPredictor),
            catchThrowable(() -> pruned.save(folder.resolve("closed"))),
            catchThrowable(() -> pruned.saveWeights(folder.resolve("closed.safetensors"))))) {
      assertThat(failure)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("use after close: PrunedModel.")
          .hasMessageContaining("expected " + expected + ", found one that was closed");
      Untouched.assertForm(failure);
    }
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void ruleThatGivesNoMask_isTold() {
    FixedMask none =
        new FixedMask() {
          @Override
          public MaskSet begin(ScoringContext context, MaskSet current) {
            return null;
          }

          @Override
          public String describe() {
            return "none";
          }
        };
    Stage stage =
        Stage.builder("tune")
            .mask(none)
            .train(Target.WEIGHTS, SmallRuns.SGD, SmallRuns.TUNING)
            .pass(Pass.plain())
            .length(Length.iterations(1))
            .build();
    Recipe recipe =
        Recipe.of("none", Sparsity.of("0.5"), stage)
            .input(SmallRuns.input())
            .batchSize(SmallRuns.BATCH)
            .build();
    try (Model model = TinyResNet.newModel();
        NDManager manager = NDManager.newBaseManager()) {
      Trainer trainer = Trainer.of(recipe);
      for (ThrowingCallable call :
          List.<ThrowingCallable>of(
              () -> trainer.fit(model, SmallRuns.splits(manager)),
              () -> trainer.findMask(model, SmallRuns.splits(manager)))) {
        assertThatThrownBy(call)
            .isInstanceOf(NullPointerException.class)
            .hasMessageStartingWith(
                "argument missing: stage 'tune', what MaskRule.begin gives; expected a value,");
      }
    }
  }

  @Test
  void imagesThatWereClosed_areNamed() {
    NDManager closed = NDManager.newBaseManager();
    ImageSets images = SmallRuns.splits(closed);
    closed.close();
    try (Model model = TinyResNet.newModel()) {
      assertThatThrownBy(() -> Trainer.of(recipe()).fit(model, images))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith(
              "images cannot be read: images, a ArrayDataset; expected a data set that is"
                  + " open, found ");
    }
  }
}
