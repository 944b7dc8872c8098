package org.vpns.study;

import ai.djl.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.vpns.internal.io.FolderLock;
import org.vpns.study.Study.Cell;
import org.vpns.train.RunListener;

/** Makes the runs of a study that are not kept yet. */
final class StudyRunner<R> {
  private final List<Cell<R>> cells;
  private final StudyFolder folder;
  private final boolean keepsModels;
  private final Map<Cell<R>, R> results = new LinkedHashMap<>();
  private final Map<Cell<R>, Throwable> failures = new LinkedHashMap<>();

  StudyRunner(List<Cell<R>> cells, StudyFolder folder, boolean keepsModels) {
    this.cells = cells;
    this.folder = folder;
    this.keepsModels = keepsModels;
  }

  @SuppressWarnings("try") // the lock is held, not used
  Study.Results<R> all(StudyListener listener, Study.Reporter<R> reporter) throws IOException {
    try (FolderLock lock = folder.lock()) {
      readKept();
      Map<Cell<R>, Long> steps = steps();
      listener.studyStarted(
          cells.size(), results.size(), steps.values().stream().mapToLong(s -> s).sum());
      try {
        for (List<Cell<R>> group : StudyCells.bySource(cells)) {
          make(group, steps, listener);
          if (!results.isEmpty()) {
            reporter.report(results());
          }
        }
      } finally {
        listener.studyEnded();
      }
      return results();
    }
  }

  private Study.Results<R> results() {
    Map<Cell<R>, R> ordered = new LinkedHashMap<>();
    for (Cell<R> cell : cells) {
      R result = results.get(cell);
      if (result != null) {
        ordered.put(cell, result);
      }
    }
    return new Study.Results<>(ordered, failures);
  }

  /** Before anything is run, so that a folder of another study is refused at once. */
  private void readKept() throws IOException {
    for (List<Cell<R>> group : StudyCells.bySource(cells)) {
      try (StudySource source = new StudySource(group.get(0))) {
        for (Cell<R> cell : group) {
          if (isKept(cell)) {
            results.put(cell, read(cell, source));
          }
        }
      }
    }
  }

  /** Of the runs that are left. */
  private Map<Cell<R>, Long> steps() {
    Map<StudyTask, Long> images = new LinkedHashMap<>();
    Map<Cell<R>, Long> steps = new LinkedHashMap<>();
    for (Cell<R> cell : cells) {
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
        if (length != null) {
          make(cell, source, listener.runStarted(cell.label(), length), listener);
        }
      }
    }
  }

  private void make(
      Cell<R> cell, StudySource source, RunListener listener, StudyListener studyListener)
      throws IOException {
    try {
      R result = make(cell, source, listener);
      results.put(cell, result);
      studyListener.runFinished(cell.run().line(result));
    } catch (NotKeptException e) {
      throw e.cause(); // the next result would not be kept either
    } catch (IOException | RuntimeException e) {
      failures.put(cell, e);
      studyListener.runFailed(cell.label(), e);
    }
  }

  /** A run by itself. */
  R one(Cell<R> cell) throws IOException {
    try (StudySource source = new StudySource(cell)) {
      return make(cell, source, new RunListener() {});
    } catch (NotKeptException e) {
      throw e.cause();
    }
  }

  @SuppressWarnings("try") // the lock is held, not used
  private R make(Cell<R> cell, StudySource source, RunListener listener)
      throws IOException, NotKeptException {
    try (FolderLock lock = folder.lock(cell.name())) {
      if (isKept(cell)) {
        return read(cell, source);
      }
      R result;
      try (Model network = cell.task().network()) {
        result = cell.run().run(place(cell, network, source, listener));
      }
      try {
        cell.run().write(result, folder.result(cell.name()));
      } catch (IOException e) {
        throw new NotKeptException(e);
      }
      folder.dropCheckpoints(cell.name());
      return result;
    }
  }

  private boolean isKept(Cell<R> cell) {
    return Files.exists(folder.result(cell.name()))
        && !(keepsModels && !Files.exists(folder.model(cell.name())));
  }

  private R read(Cell<R> cell, StudySource source) throws IOException {
    try (Model network = cell.task().network()) {
      Path file = folder.result(cell.name());
      return cell.run().read(file, place(cell, network, source, new RunListener() {}));
    }
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

  /** A result that cannot be written, as on a disk that is full. */
  private static final class NotKeptException extends Exception {
    private static final long serialVersionUID = 1;

    private final IOException cause;

    NotKeptException(IOException cause) {
      super(cause);
      this.cause = cause;
    }

    IOException cause() {
      return cause;
    }
  }
}
