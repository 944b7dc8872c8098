package org.vpns.study;

import ai.djl.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.internal.io.FolderLock;
import org.vpns.internal.io.IoConsumer;
import org.vpns.internal.io.UnwritableException;
import org.vpns.internal.run.Failures;
import org.vpns.internal.study.kept.StudyFolder;
import org.vpns.study.Study.Cell;
import org.vpns.train.RunListener;

/** Makes the runs of a study that are not kept yet. */
final class StudyRunner<R> {
  private final List<Cell<R>> cells;
  private final StudyFolder folder;
  private final boolean keepsModels;
  private Set<Cell<R>> wanted;
  private Predicate<Cell<R>> goesOn = cell -> true;
  private final Map<Cell<R>, R> results = new LinkedHashMap<>();
  private final Map<Cell<R>, Throwable> failures = new LinkedHashMap<>();

  StudyRunner(List<Cell<R>> cells, StudyFolder folder, boolean keepsModels) {
    this.cells = cells;
    this.folder = folder;
    this.keepsModels = keepsModels;
    wanted = new LinkedHashSet<>(cells);
  }

  /**
   * Makes some of the runs only.
   *
   * @param these in the order in which they are made
   * @param asked of each just before it would begin, on whatever thread; those of which it says no
   *     are left out
   */
  StudyRunner<R> only(Set<Cell<R>> these, Predicate<Cell<R>> asked) {
    wanted = new LinkedHashSet<>(these);
    goesOn = asked;
    return this;
  }

  /** Makes them here, one after the other. */
  Study.Results<R> all(StudyListener listener, Study.Reporter<R> reporter) throws IOException {
    return whole(
        listener,
        steps -> {
          for (List<Cell<R>> group : StudyCells.bySource(wanted)) {
            make(group, steps, listener);
            report(reporter);
          }
        });
  }

  /** Has workers make them. */
  Study.Results<R> all(Workers workers, StudyListener listener, Study.Reporter<R> reporter)
      throws IOException {
    return whole(
        listener,
        steps -> {
          if (steps.isEmpty()) {
            report(reporter);
          } else {
            make(workers, steps, new WorkedRuns(steps, listener, reporter));
          }
        });
  }

  @SuppressWarnings("try") // the lock is held, not used
  private Study.Results<R> whole(StudyListener listener, IoConsumer<Map<Cell<R>, Long>> maker)
      throws IOException {
    try (FolderLock lock = folder.lock()) {
      readKept();
      Map<Cell<R>, Long> steps = steps();
      listener.studyStarted(
          wanted.size(), results.size(), steps.values().stream().mapToLong(s -> s).sum());
      try {
        maker.accept(steps);
      } catch (Throwable e) {
        Failures.andThen(e, listener::studyEnded);
        throw e;
      }
      listener.studyEnded();
      return results();
    }
  }

  private void report(Study.Reporter<R> reporter) throws IOException {
    if (!results.isEmpty()) {
      reporter.report(results());
    }
  }

  private void make(Workers workers, Map<Cell<R>, Long> steps, WorkedRuns runs) throws IOException {
    Workers.Job job = new Workers.Job(StudyCells.fingerprint(cells), folder.root(), keepsModels);
    try (runs;
        Workers.Session session =
            Problem.given(
                workers.open(job), workers.getClass().getName(), "what Workers.open gives")) {
      new ParallelRuns(session, runs).make(StudyCells.chains(cells, steps.keySet()));
    }
  }

  private Study.Results<R> results() {
    Map<Cell<R>, R> ordered = new LinkedHashMap<>();
    for (Cell<R> cell : wanted) {
      R result = results.get(cell);
      if (result != null) {
        ordered.put(cell, result);
      }
    }
    return new Study.Results<>(ordered, failures);
  }

  /** Before anything is run, so that a folder of another study is refused at once. */
  private void readKept() throws IOException {
    for (List<Cell<R>> group : StudyCells.bySource(wanted)) {
      try (StudySource source = new StudySource(group.get(0))) {
        for (Cell<R> cell : group) {
          if (isKept(cell)) {
            results.put(cell, kept(cell, source));
          }
        }
      }
    }
  }

  /** Of the runs that are left. */
  private Map<Cell<R>, Long> steps() {
    Map<StudyTask, Long> images = new LinkedHashMap<>();
    Map<Cell<R>, Long> steps = new LinkedHashMap<>();
    for (Cell<R> cell : wanted) {
      if (!results.containsKey(cell)) {
        long size = images.computeIfAbsent(cell.task(), task -> StudySource.size(cell));
        steps.put(cell, cell.run().gradientSteps(size));
      }
    }
    return steps;
  }

  private void make(List<Cell<R>> group, Map<Cell<R>, Long> steps, StudyListener listener)
      throws IOException {
    try (StudySource source = new StudySource(group.get(0))) {
      for (Cell<R> cell : group) {
        Long length = steps.get(cell);
        if (length != null && goesOn.test(cell)) {
          RunListener runListener = started(cell, length, listener);
          try {
            finished(cell, make(cell, source, runListener), listener);
          } catch (ExecutionException e) {
            failed(cell, Objects.requireNonNullElse(e.getCause(), e), listener);
          } catch (RuntimeException e) {
            failed(cell, e, listener);
          } catch (Throwable e) { // ends the study, and the run with it
            Failures.andThen(e, () -> listener.runFailed(cell.label(), e));
            throw e;
          }
        }
      }
    }
  }

  private static RunListener started(Cell<?> cell, long steps, StudyListener listener) {
    return Problem.given(
        listener.runStarted(cell.label(), steps),
        listener.getClass().getName(),
        "what StudyListener.runStarted gives");
  }

  private void finished(Cell<R> cell, R result, StudyListener listener) {
    String line = Problem.given(cell.run().line(result), cell.label(), "what StudyRun.line gives");
    results.put(cell, result);
    listener.runFinished(cell.label(), line);
  }

  private void failed(Cell<R> cell, Throwable cause, StudyListener listener) {
    failures.put(cell, cause);
    try {
      listener.runFailed(cell.label(), cause);
    } catch (Throwable e) { // the study ends so, and the run's failure with it
      if (e != cause && e.getCause() != cause) {
        e.addSuppressed(cause);
      }
      throw e;
    }
  }

  /** A run by itself. */
  R one(Cell<R> cell, RunListener listener) throws IOException, ExecutionException {
    try (StudySource source = new StudySource(cell)) {
      return make(cell, source, listener);
    }
  }

  @SuppressWarnings("try") // the lock is held, not used
  private R make(Cell<R> cell, StudySource source, RunListener listener)
      throws IOException, ExecutionException {
    try (FolderLock lock = folder.lock(cell.name())) {
      if (isKept(cell)) {
        return kept(cell, source);
      }
      if (keepsModels) {
        folder.requireRoomForModel(cell.name());
      }
      R result;
      try (Model network = network(cell)) {
        result =
            Problem.given(
                cell.run().run(place(cell, network, source, listener)),
                cell.label(),
                "what StudyRun.run gives");
      } catch (Throwable e) { // other languages throw checked exceptions undeclared
        if (Failures.endsAll(e)) {
          throw e;
        }
        IOException unwritable = UnwritableException.in(folder.root(), e);
        if (unwritable != null) {
          throw unwritable; // nor could the next run keep anything
        }
        throw new ExecutionException(e);
      }
      // one that cannot be written ends the study: the next would not be kept either
      cell.run().write(result, folder.result(cell.name()));
      folder.dropCheckpoints(cell.name());
      return result;
    }
  }

  private boolean isKept(Cell<R> cell) {
    return Files.exists(folder.result(cell.name()))
        && !(keepsModels && !Files.exists(folder.model(cell.name())));
  }

  /** A process that was killed may have left the run's checkpoints. */
  private R kept(Cell<R> cell, StudySource source) throws IOException {
    R result = read(cell, source);
    folder.dropCheckpoints(cell.name());
    return result;
  }

  private R read(Cell<R> cell, StudySource source) throws IOException {
    Path file = folder.result(cell.name());
    try (Model network = network(cell)) {
      StudyRun.Place place = place(cell, network, source, new RunListener() {});
      try {
        return Problem.given(
            cell.run().read(file, place), cell.label(), "what StudyRun.read gives");
      } catch (IOException e) {
        throw new IOException(
            Problem.message(
                "kept result cannot be read",
                file.toString(),
                "what a run of this study has left",
                "a damaged file, or one of another kind",
                "delete the file, and the study makes this run again"),
            e);
      }
    }
  }

  private static Model network(Cell<?> cell) throws IOException {
    return Problem.given(
        cell.task().network(), "task " + cell.task().name(), "what StudyTask.network gives");
  }

  private StudyRun.Place place(
      Cell<R> cell, Model network, StudySource source, RunListener listener) throws IOException {
    return new StudyRun.Place(
        network,
        source.images(),
        folder.stages(),
        folder.checkpoints(cell.name()),
        keepsModels ? folder.model(cell.name()) : null,
        listener);
  }

  /** Takes in what workers made. */
  private final class WorkedRuns implements ParallelRuns.Told, AutoCloseable {
    private final Map<Cell<R>, Long> steps;
    private final StudyListener listener;
    private final Study.Reporter<R> reporter;
    private @Nullable StudySource source;

    WorkedRuns(Map<Cell<R>, Long> steps, StudyListener listener, Study.Reporter<R> reporter) {
      this.steps = steps;
      this.listener = listener;
      this.reporter = reporter;
    }

    @Override
    public boolean isWanted(int index) {
      return goesOn.test(cells.get(index));
    }

    @Override
    public RunListener started(int index) {
      Cell<R> cell = cells.get(index);
      return StudyRunner.started(cell, steps.getOrDefault(cell, 1L), listener);
    }

    @Override
    public void ended(int index, @Nullable Throwable failure) throws IOException {
      Cell<R> cell = cells.get(index);
      if (failure != null) {
        failed(cell, failure, listener);
      } else {
        finished(cell, read(cell, source(cell)), listener);
      }
      if (StudyCells.bySource(wanted).stream().anyMatch(group -> endsWith(cell, group))) {
        report(reporter);
      }
    }

    /** Whether the cell was the last one of its task and seed that was missing. */
    private boolean endsWith(Cell<R> cell, List<Cell<R>> group) {
      return group.contains(cell)
          && group.stream().allMatch(c -> results.containsKey(c) || failures.containsKey(c));
    }

    /** The one before serves as long as task and seed are the same. */
    private StudySource source(Cell<R> cell) {
      StudySource before = source;
      if (before != null && before.isOf(cell)) {
        return before;
      }
      close();
      StudySource fresh = new StudySource(cell);
      source = fresh;
      return fresh;
    }

    @Override
    public void close() {
      if (source != null) {
        source.close();
        source = null;
      }
    }
  }
}
