package org.vpns.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tag;
import org.vpns.predict.PrunedModel;
import org.vpns.testing.Outcome;
import org.vpns.train.ImageSets;
import org.vpns.train.Recipe;
import org.vpns.train.RunListener;
import org.vpns.train.Trainer;

/** A run that was cut anywhere, any number of times, and resumed ends as if it had not been. */
final class ResumeLawsTest {
  @Property(tries = 10, shrinking = ShrinkingMode.OFF)
  void run_cutAnywhereAndResumed_equalsUninterruptedRun(@ForAll long seed) throws IOException {
    check(seed, false);
  }

  @Property(tries = 120, shrinking = ShrinkingMode.OFF)
  @Tag("slow")
  void manyRuns_cutAnywhereAndResumed_equalUninterruptedRuns(@ForAll long seed) throws IOException {
    check(seed, false);
  }

  @Property(tries = 3, shrinking = ShrinkingMode.OFF)
  void torchScriptRun_cutAnywhereAndResumed_equalsUninterruptedRun(@ForAll long seed)
      throws IOException {
    check(seed, true);
  }

  @Property(tries = 30, shrinking = ShrinkingMode.OFF)
  @Tag("slow")
  void manyTorchScriptRuns_cutAnywhereAndResumed_equalUninterruptedRuns(@ForAll long seed)
      throws IOException {
    check(seed, true);
  }

  private static void check(long seed, boolean script) throws IOException {
    Random random = new Random(seed);
    Path folder = Files.createTempDirectory("vpns-resume");
    try (NDManager manager = NDManager.newBaseManager()) {
      Recipe recipe = RandomRecipes.recipe(random, script);
      ImageSets splits = RandomRecipes.splits(manager, random);
      Cut never = new Cut(0);
      Outcome expected = run(Trainer.of(recipe).listener(never), splits, script, folder);
      Trainer trainer = Trainer.of(recipe).checkpoints(folder.resolve("run"));
      trainer = script ? trainer.resumeTrusted() : trainer.resume();
      if (random.nextInt(3) > 0) {
        trainer = trainer.checkpointEvery(1 + random.nextInt(4));
      }
      int cuts = 1 + random.nextInt(2);
      for (int i = 0; i < cuts; i++) {
        // The second one may lie before anything new is done, or after the end: then it is none.
        cut(trainer, 1 + random.nextInt(never.calls()), splits, script, folder, i == 0);
      }
      Outcome resumed = run(trainer.listener(new RunListener() {}), splits, script, folder);
      assertThat(resumed).as(recipe.options().toString()).isEqualTo(expected);
    } finally {
      MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
    }
  }

  private static void cut(
      Trainer trainer, int at, ImageSets splits, boolean script, Path folder, boolean first) {
    try (Model model = model(script, folder)) {
      Outcome.logits(model);
      var before = Outcome.parameters(model);
      var logits = Outcome.logits(model);
      Trainer cut = trainer.listener(new Cut(at));
      if (first) {
        assertThatThrownBy(() -> cut.fit(model, splits)).hasMessage(Cut.MESSAGE);
      } else {
        try {
          cut.fit(model, splits).close();
          return;
        } catch (IllegalStateException e) {
          assertThat(e).hasMessage(Cut.MESSAGE);
        }
      }
      assertThat(Outcome.parameters(model)).isEqualTo(before);
      assertThat(Outcome.logits(model)).isEqualTo(logits);
    }
  }

  private static Outcome run(Trainer trainer, ImageSets splits, boolean script, Path folder) {
    try (Model model = model(script, folder);
        PrunedModel pruned = trainer.fit(model, splits)) {
      return Outcome.of(pruned);
    }
  }

  private static Model model(boolean script, Path folder) {
    try {
      return script ? FixtureRuns.script(folder) : FixtureRuns.block();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
