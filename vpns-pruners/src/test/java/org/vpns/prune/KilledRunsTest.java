package org.vpns.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.vpns.predict.PrunedModel;

/** Processes that end in the midst of a run: the next one goes on, and nothing is left over. */
final class KilledRunsTest {
  @TempDir Path outer;

  private static String uninterrupted(Method method, Path folder) {
    try (NDManager manager = NDManager.newBaseManager();
        Model model = FixtureRuns.block();
        PrunedModel pruned =
            RunProcess.trainer(method, folder).fit(model, SmallRuns.splits(manager))) {
      return RunProcess.digest(pruned);
    }
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  /** Five kills each: four at steps, where a checkpoint is being written, one in the save. */
  @ParameterizedTest
  @EnumSource(names = {"VPNS", "LOTTERY_WITH_PROMPT", "RIGL", "BIP"})
  @Tag("slow")
  void run_killedFiveTimes_endsAsIfItHadNotBeen_andLeavesNothingOver(Method method)
      throws Exception {
    String expected = uninterrupted(method, outer.resolve("alone"));
    Path folder = outer.resolve("killed");
    Path errors = outer.resolve("errors");
    Random random = new Random(method.ordinal());
    List<Integer> left = new ArrayList<>();
    for (int kill = 0; kill < 5; kill++) {
      RunProcess run = RunProcess.start(method, folder, errors);
      int steps = 1 + random.nextInt(3);
      for (String line = run.line(); line != null; line = run.line()) {
        steps -= line.startsWith("step") && kill < 4 ? 1 : 0;
        if (steps == 0 || line.equals(RunProcess.SAVES)) {
          break;
        }
      }
      Thread.sleep(random.nextInt(12)); // anywhere in a checkpoint of some milliseconds
      run.kill();
      left.add(names(RunProcess.checkpoints(folder)).size());
    }
    String outcome = null;
    RunProcess last = RunProcess.start(method, folder, errors);
    for (String line = last.line(); line != null; line = last.line()) {
      outcome = line;
    }
    assertThat(last.process().waitFor()).as(Files.readString(errors)).isZero();
    assertThat(outcome).isEqualTo(RunProcess.OUTCOME + expected);
    assertThat(left).as("files after each kill").anyMatch(files -> files > 1);
    assertThat(names(folder)).containsExactly("result", "run");
    assertThat(names(RunProcess.checkpoints(folder))).containsExactly("checkpoint.safetensors");
    assertThat(names(RunProcess.result(folder))).noneMatch(name -> name.startsWith("."));
    PrunedModel.load(RunProcess.result(folder)).close();
  }

  /** Told to end, it says how to go on; then others may. */
  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "a process there is ended without being told")
  void run_toldToEnd_saysHowToGoOn() throws Exception {
    Path errors = outer.resolve("errors");
    RunProcess run = RunProcess.start(Method.VPNS, outer, errors);
    try (NDManager manager = NDManager.newBaseManager();
        Model model = FixtureRuns.block()) {
      assertThat(run.line()).isEqualTo("step 1");
      assertThat(run.line()).isEqualTo("step 2");
      run.process().toHandle().destroy(); // SIGTERM
      run.process().waitFor();
      assertThat(Files.readAllLines(errors))
          .containsOnlyOnce(
              "run of VPNs 0.8 stopped; its last checkpoint is in "
                  + RunProcess.checkpoints(outer)
                  + ": start it again to go on from there.");
      PrunedModel pruned =
          RunProcess.trainer(Method.VPNS, outer).fit(model, SmallRuns.splits(manager));
      pruned.close();
    } finally {
      run.kill();
    }
    assertThat(names(RunProcess.checkpoints(outer))).containsExactly("checkpoint.safetensors");
  }

  @Test
  void fit_inAFolderThatAnotherRunHas_isRefusedInWords() throws Exception {
    RunProcess run = RunProcess.startHalting(Method.VPNS, outer, outer.resolve("errors"));
    try (NDManager manager = NDManager.newBaseManager();
        Model model = FixtureRuns.block()) {
      assertThat(run.line()).isEqualTo("step 1");
      Untouched before = Untouched.of(model);
      Throwable failure =
          catchThrowable(
              () -> RunProcess.trainer(Method.VPNS, outer).fit(model, SmallRuns.splits(manager)));
      assertThat(failure)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("folder in use: " + RunProcess.checkpoints(outer) + "; ");
      Untouched.assertForm(failure);
      before.assertStill(model);
    } finally {
      run.kill();
    }
  }
}
