package org.vpns.study.spark;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import org.vpns.Problem;
import org.vpns.internal.study.kept.RunArchive;
import org.vpns.internal.study.kept.StudyFolder;
import org.vpns.study.Study;
import org.vpns.study.StudyPlan;
import org.vpns.train.RunListener;

/**
 * A study as the JVM of an executor has it: built once, in a folder that lasts until other studies
 * are asked for or the JVM ends, so that runs find the stages that others have made here.
 */
final class ExecutorStudy {
  /** An application may ask for one study after the other; of older ones nothing is needed. */
  static final int MOST = 2;

  /** In the order in which they were last asked for. */
  private static final Map<Asked, ExecutorStudy> BUILT = new LinkedHashMap<>(MOST, 0.75f, true);

  /** What is deleted when the JVM ends, at the latest. */
  static final Set<Path> FOLDERS = ConcurrentHashMap.newKeySet();

  static {
    Thread atExit = new Thread(() -> FOLDERS.forEach(ExecutorStudy::delete), "folders of studies");
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  private final Study<?> study;
  private final Path folder;

  private ExecutorStudy(Study<?> study, Path folder) {
    this.study = study;
    this.folder = folder;
  }

  /**
   * Makes a run. An engine trains one network at a time in a JVM, so others wait, whatever Spark's
   * settings are.
   *
   * @throws IOException if this machine cannot keep the result
   */
  static synchronized Answer make(Asked asked, int index, RunListener listener) throws IOException {
    ExecutorStudy built = BUILT.get(asked);
    if (built == null) {
      try {
        built = build(asked);
      } catch (IOException | ReflectiveOperationException | RuntimeException e) {
        e.printStackTrace();
        return Answer.of(Answer.Kind.ENDED, e);
      }
      BUILT.put(asked, built);
      dropOldest();
    }
    return built.make(index, listener);
  }

  /** It is asked for no more, or will be built anew. */
  private static void dropOldest() {
    if (BUILT.size() > MOST) {
      Iterator<ExecutorStudy> oldest = BUILT.values().iterator();
      delete(oldest.next().folder);
      oldest.remove();
    }
  }

  private static ExecutorStudy build(Asked asked) throws IOException, ReflectiveOperationException {
    asked.properties().forEach((key, value) -> System.getProperties().putIfAbsent(key, value));
    // Spark gives it what the user has sent along
    ClassLoader loader = Thread.currentThread().getContextClassLoader();
    StudyPlan<?> plan =
        Class.forName(asked.plan(), true, loader)
            .asSubclass(StudyPlan.class)
            .getConstructor()
            .newInstance();
    Study<?> study =
        Problem.given(plan.study(asked.arguments()), asked.plan(), "what StudyPlan.study gives");
    requireSame(asked, study.fingerprint());
    Path folder = Files.createTempDirectory("vpns-study-");
    FOLDERS.add(folder);
    study = study.in(folder);
    return new ExecutorStudy(asked.keepsModels() ? study.keepingModels() : study, folder);
  }

  private static void requireSame(Asked asked, String fingerprint) throws IOException {
    if (!fingerprint.equals(asked.fingerprint())) {
      throw new IOException(
          Problem.message(
              "executor with another study",
              asked.plan(),
              "the runs of the study that asks, with its options",
              "others",
              "let the plan build the same study for the same arguments, and give executors the"
                  + " same jars"));
    }
  }

  /** Not for an executor that is killed outright: what it leaves is for who cleans that folder. */
  @SuppressWarnings("EmptyCatch")
  private static void delete(Path folder) {
    try {
      MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
      FOLDERS.remove(folder);
    } catch (IOException ignored) {
      // nobody is there to be told; it is tried again when the JVM ends
    }
  }

  private Answer make(int index, RunListener listener) throws IOException {
    try {
      study.run(index, listener);
    } catch (ExecutionException e) {
      Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
      if (cause instanceof Cancelled cancelled) {
        throw cancelled;
      }
      e.printStackTrace();
      return Answer.of(Answer.Kind.FAILED, cause);
    }
    return Answer.done(RunArchive.take(new StudyFolder(folder), study.cells().get(index).name()));
  }

  /** Nobody waits for the run any more. */
  static final class Cancelled extends RuntimeException {
    private static final long serialVersionUID = 1;

    Cancelled() {
      super("run that nobody waits for any more");
    }
  }
}
