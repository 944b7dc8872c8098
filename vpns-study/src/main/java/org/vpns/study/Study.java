package org.vpns.study;

import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.Longs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.Sparsity;
import org.vpns.Value;
import org.vpns.internal.study.kept.StudyFolder;
import org.vpns.report.PruneReport;
import org.vpns.train.RunListener;

/**
 * Many runs whose results are kept in a folder: methods by sparsities by seeds by tasks.
 *
 * <pre>{@code
 * Study.Results<PruneReport> results =
 *     Study.<PruneReport>of(
 *             (sparsity, seed) ->
 *                 StudyRun.of(Recipe.of(Pruners.vpns(), sparsity).seed(seed).build()),
 *             (sparsity, seed) ->
 *                 StudyRun.of(Recipe.of(Pruners.hydra(), sparsity).seed(seed).build()))
 *         .sparsities("0.9", "0.95")
 *         .seeds(1, 2, 3)
 *         .on(task)
 *         .in(folder)
 *         .listener(Progress.study(System.out))
 *         .run();
 * }</pre>
 *
 * <p>A study that was killed goes on when it is started again in its folder: results that are there
 * are read, the run that was under way goes on from its last checkpoint, and what comes out is that
 * of a study that was not killed, bit for bit but for times. Stages that runs begin with alike are
 * run once, as {@link org.vpns.train.Trainer#sharedStages} says. A run that fails is told and does
 * not stop the others, be it by an exception or by an error such as {@link OutOfMemoryError};
 * {@link StudyListener#runFailed} says what does.
 *
 * <p>The folder holds {@code runs}, with a file for each run in a folder of its task; {@code
 * models} if they are kept; {@code stages} and {@code checkpoints}, which may be deleted when the
 * study is done. Immutable.
 *
 * @param <R> what a run gives; of recipes a {@link PruneReport}
 */
public final class Study<R> extends Value<Study<R>> {
  private List<Cell<R>> cells;
  private @Nullable Path folder;
  private boolean keepsModels;
  private StudyListener listener = new StudyListener() {};
  private Reporter<R> reporter = results -> {};

  private Study(List<Cell<R>> cells) {
    this.cells = cells;
  }

  /** A method of a study. */
  @FunctionalInterface
  public interface Arm<R> {
    /** Its run. */
    StudyRun<R> at(Sparsity sparsity, long seed);
  }

  /** Writes tables of what there is so far. */
  @FunctionalInterface
  public interface Reporter<R> {
    /** Of the runs that are there, at least one. */
    void report(Results<R> results) throws IOException;
  }

  /**
   * One run of a study.
   *
   * @param task what it is made on
   * @param run what is made
   */
  public record Cell<R>(StudyTask task, StudyRun<R> run) {
    /** File systems take some 255, and sparsity, seed and endings come behind. */
    private static final int MOST_SIGNS = 150;

    /**
     * Both are needed.
     *
     * @throws IllegalArgumentException if the name of the task or of the method is none for a file:
     *     without a letter of a to z or a digit, or with more than 150 signs
     */
    public Cell {
      Problem.given(task, "new Study.Cell", "task");
      Problem.given(run, "new Study.Cell", "run");
      requireName(task.name(), "task");
      requireName(run.method(), "method");
      Problem.given(run.sparsity(), "run of " + run.method(), "what StudyRun.sparsity gives");
      Problem.givenEach(run.options(), "run of " + run.method(), "what StudyRun.options gives");
    }

    private static void requireName(String name, String what) {
      String part = part(Problem.given(name, "new Study.Cell", "name of the " + what));
      if (part.length() > MOST_SIGNS || part.chars().noneMatch(c -> c != '.' && c != '-')) {
        throw Problem.argument(
            "name that no file can bear",
            "new Study.Cell, " + what,
            "1 to " + MOST_SIGNS + " signs, a letter of a to z or a digit among them",
            "'" + name + "'",
            "results are kept in files that are called so: give it such a name");
      }
    }

    /** Task, method, sparsity and seed, as parts of a path; no two cells of a study share it. */
    public String name() {
      return part(task.name()) + "/" + part(run.method()) + "-" + run.sparsity() + "-" + run.seed();
    }

    /** Method, sparsity, seed and task, for a line of text. */
    public String label() {
      return Problem.visible(
          run.method() + " " + run.sparsity() + " seed " + run.seed() + " on " + task.name());
    }

    private static String part(String name) {
      return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9.]+", "-").replaceAll("-$", "");
    }
  }

  /**
   * What the runs gave.
   *
   * @param byCell in the order of the cells, those that failed left out
   * @param failures of the others that were tried, in the order in which they failed
   */
  public record Results<R>(Map<Cell<R>, R> byCell, Map<Cell<R>, Throwable> failures) {
    /** Copies both. */
    public Results {
      byCell = ImmutableMap.copyOf(Problem.givenEach(byCell, "new Study.Results", "byCell"));
      failures = ImmutableMap.copyOf(Problem.givenEach(failures, "new Study.Results", "failures"));
    }

    /** In the order of the cells. */
    public List<R> results() {
      return List.copyOf(byCell.values());
    }
  }

  /** Methods, for a grid with sparsities and seeds. */
  @SafeVarargs
  @SuppressWarnings("varargs") // the list is a copy
  public static <R> Grid<R> of(Arm<R>... arms) {
    return of(List.of(Problem.givenEach(arms, "Study.of", "arms")));
  }

  /** Methods, for a grid with sparsities and seeds. */
  public static <R> Grid<R> of(List<? extends Arm<R>> arms) {
    return new Grid<>(List.copyOf(Problem.givenEach(arms, "Study.of", "arms")));
  }

  /**
   * Runs that are no grid, on one task.
   *
   * @throws IllegalArgumentException as {@link Grid#on}
   */
  public static <R> Study<R> of(StudyTask task, List<? extends StudyRun<R>> runs) {
    Problem.given(task, "Study.of", "task");
    List<Cell<R>> cells = new ArrayList<>();
    Problem.givenEach(runs, "Study.of", "runs").forEach(run -> cells.add(new Cell<>(task, run)));
    return of("Study.of", cells);
  }

  /**
   * A search for good settings of methods on a task.
   *
   * @throws IllegalArgumentException if there is no method, or two have the same name
   */
  public static Search search(StudyTask task, SearchSpace... methods) {
    Problem.given(task, "Study.search", "task");
    return new Search(task, List.of(Problem.givenEach(methods, "Study.search", "methods")));
  }

  /**
   * With the runs of another study behind those of the same task and seed; options are those of
   * this one.
   *
   * @throws IllegalArgumentException as {@link Grid#on}
   */
  public Study<R> and(Study<R> other) {
    Problem.given(other, "Study.and", "other");
    List<Cell<R>> both = new ArrayList<>(cells);
    both.addAll(other.cells);
    List<Cell<R>> whole = StudyCells.distinct("Study.and", both);
    return with(s -> s.cells = whole);
  }

  private static <R> Study<R> of(String where, List<Cell<R>> cells) {
    if (cells.isEmpty()) {
      throw Problem.argument(
          "empty study",
          where,
          "at least one method, sparsity, seed and task",
          "no run",
          "name what is to be compared");
    }
    return new Study<>(StudyCells.distinct(where, cells));
  }

  /** With the folder that its results are kept in, which is made if need be. */
  public Study<R> in(Path newFolder) {
    Problem.given(newFolder, "Study.in", "folder");
    return with(s -> s.folder = newFolder);
  }

  /** With pruned models kept beside the reports, as result folders; {@link #model}. */
  public Study<R> keepingModels() {
    return with(s -> s.keepsModels = true);
  }

  /** With a listener in place of the one before. */
  public Study<R> listener(StudyListener newListener) {
    Problem.given(newListener, "Study.listener", "listener");
    return with(s -> s.listener = newListener);
  }

  /** With tables written whenever the runs of a task and seed are done; not before there is one. */
  public Study<R> reporting(Reporter<R> newReporter) {
    Problem.given(newReporter, "Study.reporting", "reporter");
    return with(s -> s.reporter = newReporter);
  }

  /** The runs in their order: all of a task and seed, one after the other. */
  public List<Cell<R>> cells() {
    return cells;
  }

  /** The result folder of a run, in a study that keeps models. */
  public Path model(Cell<R> cell) {
    Problem.given(cell, "Study.model", "cell");
    return files("model").model(cell.name());
  }

  /**
   * Makes all runs that are not kept yet.
   *
   * @throws IllegalStateException without a folder; if another study is under way in it, or it
   *     keeps a run of an equal name with other options, images or network: then nothing is run
   * @throws IOException if results cannot be read, or nothing can be written into the folder, be it
   *     a checkpoint, as on a disk that is full: no other run could keep anything either; results
   *     that are kept stay
   */
  public Results<R> run() throws IOException {
    return runner("run").all(listener, reporter);
  }

  /**
   * Has all runs made elsewhere that are not kept yet; as {@link #run()} otherwise.
   *
   * @throws IOException also if workers can go on with no run
   */
  public Results<R> run(Workers workers) throws IOException {
    Problem.given(workers, "Study.run", "workers");
    return runner("run").all(workers, listener, reporter);
  }

  /** A digest of all runs, names and options; equal for studies of the same runs. */
  public String fingerprint() {
    return StudyCells.fingerprint(cells);
  }

  /**
   * Makes one run, if it is not kept yet, also while the study is under way elsewhere.
   *
   * @param index among the {@link #cells}
   * @param runListener hears of the run
   * @throws IllegalStateException as {@link #run()}, and if another process makes the same run
   * @throws IOException if its result cannot be read or written
   * @throws ExecutionException if the run itself fails, by its cause, an exception or an error
   */
  public R run(int index, RunListener runListener) throws IOException, ExecutionException {
    Problem.given(runListener, "Study.run", "runListener");
    if (index < 0 || index >= cells.size()) {
      throw Problem.argument(
          "no such run",
          "Study.run",
          "0 to " + (cells.size() - 1),
          index,
          "Study.cells has them in order");
    }
    return runner("run").one(cells.get(index), runListener);
  }

  private StudyRunner<R> runner(String method) {
    return new StudyRunner<>(cells, files(method), keepsModels);
  }

  private StudyFolder files(String method) {
    if (folder == null) {
      throw Problem.state(
          "no folder for results",
          "Study." + method,
          "Study.in(folder)",
          "none",
          "name the folder");
    }
    return new StudyFolder(folder);
  }

  /**
   * Methods by sparsities by seeds. Immutable.
   *
   * @param <R> what a run gives
   */
  public static final class Grid<R> extends Value<Grid<R>> {
    private final List<Arm<R>> arms;
    private List<Sparsity> sparsities = List.of();
    private List<Long> seeds = List.of(1L);

    private Grid(List<Arm<R>> arms) {
      this.arms = arms;
    }

    /** With fractions to remove. */
    public Grid<R> sparsities(List<Sparsity> newSparsities) {
      List<Sparsity> copy =
          List.copyOf(Problem.givenEach(newSparsities, "Study.Grid.sparsities", "sparsities"));
      return with(g -> g.sparsities = copy);
    }

    /** With fractions to remove, as decimal numerals. */
    public Grid<R> sparsities(String... numerals) {
      List<String> given =
          List.of(Problem.givenEach(numerals, "Study.Grid.sparsities", "numerals"));
      return sparsities(given.stream().map(Sparsity::of).toList());
    }

    /** With seeds in place of 1. */
    public Grid<R> seeds(long... newSeeds) {
      return seeds(Longs.asList(Problem.given(newSeeds, "Study.Grid.seeds", "seeds")));
    }

    /** With seeds in place of 1. */
    public Grid<R> seeds(List<Long> newSeeds) {
      List<Long> copy = List.copyOf(Problem.givenEach(newSeeds, "Study.Grid.seeds", "seeds"));
      return with(g -> g.seeds = copy);
    }

    /**
     * The study of the grid on tasks. Methods that are the same at several sparsities, as a dense
     * network is, have one run.
     *
     * @throws IllegalArgumentException if there is nothing to run, or two runs that differ have the
     *     same name
     */
    public Study<R> on(StudyTask... tasks) {
      List<Cell<R>> cells = new ArrayList<>();
      for (StudyTask task : List.of(Problem.givenEach(tasks, "Study.Grid.on", "tasks"))) {
        for (long seed : seeds) {
          for (Sparsity sparsity : sparsities) {
            for (Arm<R> arm : arms) {
              StudyRun<R> run =
                  Problem.given(
                      arm.at(sparsity, seed), arm.getClass().getName(), "what Study.Arm.at gives");
              cells.add(new Cell<>(task, run));
            }
          }
        }
      }
      return Study.of("Study.Grid.on", cells);
    }
  }
}
