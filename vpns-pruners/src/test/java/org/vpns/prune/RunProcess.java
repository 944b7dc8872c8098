package org.vpns.prune;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import com.google.common.util.concurrent.Uninterruptibles;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.run.Fingerprints;
import org.vpns.predict.PrunedModel;
import org.vpns.testing.JavaProcess;
import org.vpns.testing.Outcome;
import org.vpns.train.RunListener;
import org.vpns.train.Trainer;

/**
 * A run in a process of its own, which says a line for every step, for the beginning of the save
 * and for its outcome. It resumes what is in its folder.
 */
final class RunProcess {
  static final String SAVES = "saves";
  static final String OUTCOME = "outcome ";
  private static final String HALTS = "halts";

  private final Process process;
  private final BufferedReader out;

  private RunProcess(Process process) {
    this.process = process;
    out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /** Starts one; what it says on standard error goes into the file. */
  static RunProcess start(Method method, Path folder, Path errors) throws IOException {
    return start(method, folder, errors, "goes on");
  }

  /** Starts one that stands still after its first step. */
  static RunProcess startHalting(Method method, Path folder, Path errors) throws IOException {
    return start(method, folder, errors, HALTS);
  }

  private static RunProcess start(Method method, Path folder, Path errors, String then)
      throws IOException {
    return new RunProcess(
        JavaProcess.of(
                RunProcess.class,
                List.of("-XX:TieredStopAtLevel=1"),
                method.name(),
                folder.toString(),
                then)
            .redirectError(errors.toFile())
            .start());
  }

  /** The next line, or null at the end. */
  @Nullable String line() throws IOException {
    return out.readLine();
  }

  Process process() {
    return process;
  }

  /** Kills it: nothing in it runs any more. */
  void kill() {
    process.destroyForcibly().onExit().join();
  }

  static Path checkpoints(Path folder) {
    return folder.resolve("run");
  }

  static Path result(Path folder) {
    return folder.resolve("result");
  }

  static Trainer trainer(Method method, Path folder) {
    return Trainer.of(method.recipe("0.8").build())
        .checkpoints(checkpoints(folder))
        .checkpointEvery(1)
        .resume();
  }

  /** The process. */
  public static void main(String[] args) throws Exception {
    Method method = Method.valueOf(args[0]);
    Path folder = Path.of(args[1]);
    RunListener steps =
        new RunListener() {
          @Override
          public void stepFinished(Step step) {
            System.out.println("step " + step.done());
            if (args[2].equals(HALTS)) {
              Uninterruptibles.awaitUninterruptibly(new CountDownLatch(1));
            }
          }
        };
    try (NDManager manager = NDManager.newBaseManager();
        Model model = FixtureRuns.block();
        PrunedModel pruned =
            trainer(method, folder).listener(steps).fit(model, SmallRuns.splits(manager))) {
      System.out.println(SAVES);
      pruned.save(result(folder));
      System.out.println(OUTCOME + digest(pruned));
    }
  }

  /** Of all that a run leaves behind. */
  static String digest(PrunedModel pruned) {
    Outcome outcome = Outcome.of(pruned);
    Hasher hasher = Hashing.sha256().newHasher();
    List.of(
            Fingerprints.digest(outcome.masks()),
            outcome.parameters(),
            outcome.logits(),
            outcome.prompt(),
            outcome.mapping(),
            outcome.scores(),
            outcome.report())
        .forEach(part -> hasher.putString(part.toString(), StandardCharsets.UTF_8));
    return hasher.hash().toString();
  }
}
