package org.vpns.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.Sparsity;
import org.vpns.allocate.Allocations;
import org.vpns.mapping.Mappings;
import org.vpns.predict.PrunedModel;
import org.vpns.prompt.Prompts;
import org.vpns.report.StageRecord;
import org.vpns.score.Scorers;
import org.vpns.train.Distillation;
import org.vpns.train.ImageSets;
import org.vpns.train.Length;
import org.vpns.train.MaskRule;
import org.vpns.train.Pass;
import org.vpns.train.Recipe;
import org.vpns.train.Rewind;
import org.vpns.train.Stage;
import org.vpns.train.Target;
import org.vpns.train.Trainer;

/**
 * Checkpoints of earlier builds go on for ever. {@code version-1} was written by {@link #main}: a
 * run of 0.1 that was cut in the second of its two stages, with all that a checkpoint may hold.
 */
final class CheckpointGoldenTest {
  private static final String FILE = "checkpoint.safetensors";
  private static final int CUT = 14;

  @TempDir Path folder;

  private static Recipe recipe() {
    Sparsity sparsity = Sparsity.of("0.8");
    Stage find =
        Stage.builder("find")
            .mask(MaskRule.learned(Scorers.scaledInitialisation(), Allocations.global(), sparsity))
            .train(Target.SCORES, SmallRuns.ADAM, SmallRuns.FINDING)
            .train(Target.PROMPT, SmallRuns.ADAM, SmallRuns.FINDING)
            .pass(Pass.prompted())
            .length(Length.iterations(4))
            .build();
    Stage tune =
        Stage.builder("tune")
            .rewind(Rewind.early(1))
            .train(Target.WEIGHTS, SmallRuns.SGD, SmallRuns.TUNING)
            .train(Target.PROMPT, SmallRuns.SGD, SmallRuns.TUNING)
            .pass(Pass.prompted())
            .keepBest()
            .length(Length.iterations(7))
            .build();
    return Recipe.of("golden", sparsity, find, tune)
        .prompt(Prompts.pad(2))
        .mapping(Mappings.frequency())
        .distil(Distillation.of(0.5, 2))
        .input(FixtureRuns.input())
        .batchSize(SmallRuns.BATCH)
        .build();
  }

  private static ImageSets splits(NDManager manager) {
    return FixtureRuns.splits(manager, 40).validation(FixtureRuns.dataset(manager, 40, 48));
  }

  @Test
  void version1_goesOn() throws Exception {
    Path run = Files.createDirectories(folder.resolve("run"));
    Files.copy(
        Path.of(
            Objects.requireNonNull(getClass().getResource("/checkpoints/version-1/" + FILE))
                .toURI()),
        run.resolve(FILE));
    try (NDManager manager = NDManager.newBaseManager();
        Model model = FixtureRuns.block();
        PrunedModel pruned =
            Trainer.of(recipe()).checkpoints(run).resume().fit(model, splits(manager))) {
      // 7 tensors with 5,272 weights at sparsity 0.8: 5272 - floor(4217.6)
      assertThat(pruned.masks().kept()).isEqualTo(1055);
      // what the file holds: labels, and the losses of the 4 + 2 steps before the cut
      assertThat(pruned.mapping().toArray()).isEqualTo(new int[][] {{13}, {14}, {0}, {1}, {2}});
      List<StageRecord> stages = pruned.report().stages();
      assertThat(stages.get(0).losses())
          .containsExactly(
              1.9016809463500977, 1.6675282716751099, 2.155539035797119, 1.4654005765914917);
      assertThat(stages.get(1).losses())
          .hasSize(6)
          .startsWith(1.5767850875854492, 1.4898638725280762);
      assertThat(stages.get(1).epochs().get(0).validation()).isEqualTo(0.25);
      assertThat(pruned.scores()).isNotNull();
    }
  }

  /** Writes the golden folder of the present format into the given folder. */
  public static void main(String[] args) throws Exception {
    Path target = Path.of(args[0]).resolve("version-1");
    try (NDManager manager = NDManager.newBaseManager();
        Model model = FixtureRuns.block()) {
      Trainer cut = Trainer.of(recipe()).checkpoints(target).listener(new Cut(CUT));
      Throwable end = catchThrowable(() -> cut.fit(model, splits(manager)));
      assertThat(end).hasMessage(Cut.MESSAGE);
    }
  }
}
