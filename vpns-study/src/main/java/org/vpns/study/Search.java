package org.vpns.study;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.Value;
import org.vpns.internal.study.kept.StudyFolder;
import org.vpns.report.PruneReport;
import org.vpns.study.SearchBoard.Candidate;
import org.vpns.study.SearchResults.Trial;
import org.vpns.study.SearchRungs.Ladder;

/**
 * Finds good settings of methods, by images that are set aside for validation: successive halving
 * (Karnin et al. 2013; Jamieson and Talwalkar 2016). Many settings are run for few gradient steps,
 * the best third of each method for three times as many, and so on up to the full length. No test
 * image is read.
 *
 * <pre>{@code
 * SearchResults found =
 *     Study.search(task, omp, hydra, vpns)
 *         .steps(300)
 *         .budget(20_000)
 *         .in(folder)
 *         .listener(Progress.study(System.out))
 *         .run();
 * Recipe recipe = found.best().recipe();
 * }</pre>
 *
 * <p>Every method has the same budget. One that can run all its settings at full length within it
 * does so, which is grid search; one that has more settings than there is room for tries as many as
 * there is, drawn by the seed. Runs are those of a {@link Study}: kept in the folder, gone on with
 * when the search is started again, also under another budget; a run that fails is told and loses.
 * Immutable.
 */
public final class Search extends Value<Search> {
  /** Longer ones are mistakes, and no clock has them in nanoseconds. */
  private static final Duration LONGEST = Duration.ofDays(365);

  private static final int NINTH = 9;

  private final StudyTask task;
  private final List<SearchSpace> spaces;
  private long full = 300;
  private long shortest;
  private int reduction = 3;
  private @Nullable Long budget;
  private @Nullable Duration time;
  private double fraction = 0.2;
  private long seed = 1;
  private @Nullable Path folder;
  private boolean keepsModels;
  private StudyListener listener = new StudyListener() {};
  private LongSupplier nanoTime = System::nanoTime;

  /** Of methods on a task. */
  Search(StudyTask task, List<SearchSpace> spaces) {
    this.task = task;
    this.spaces = spaces;
    Set<String> names = new HashSet<>();
    for (SearchSpace space : spaces) {
      if (!names.add(space.method())) {
        throw Problem.argument(
            "two methods of one name",
            "Study.search",
            "a name for each",
            "'" + space.method() + "' twice",
            "rename one of them");
      }
    }
    if (spaces.isEmpty()) {
      throw Problem.argument(
          "empty search",
          "Study.search",
          "at least one method",
          "none",
          "name what is to be tried");
    }
  }

  /** With the full length of a run: gradient steps, all stages and passes; default 300. */
  public Search steps(long newSteps) {
    return with(s -> s.full = positive("steps", newSteps));
  }

  /** With the length below which no run is worth making; default a ninth of the full length. */
  public Search shortest(long steps) {
    return with(s -> s.shortest = positive("shortest", steps));
  }

  /** With r, of which one goes on, to runs r times as long; at least 2, default 3. */
  public Search reduction(int newReduction) {
    if (newReduction < 2) {
      throw Problem.argument(
          "reduction out of range", "Search.reduction", "at least 2", newReduction, "3 is usual");
    }
    return with(s -> s.reduction = newReduction);
  }

  /**
   * With gradient steps of all runs together, an equal part for each method. Each run counts with
   * all its steps, also where it shares a stage with another that is run once.
   */
  public Search budget(long gradientSteps) {
    return with(s -> s.budget = positive("budget", gradientSteps));
  }

  /**
   * With a time, from when the search is started. Each length of runs has the same part of it; in
   * it, methods take turns. When it is up no more runs are begun, so that the one under way may
   * exceed it, and what was found so far is the result; the first run of each method is made
   * whatever the time.
   */
  public Search time(Duration newTime) {
    Problem.given(newTime, "Search.time", "time");
    if (newTime.isNegative() || newTime.isZero() || newTime.compareTo(LONGEST) > 0) {
      throw Problem.argument(
          "time out of range",
          "Search.time",
          "more than 0, at most " + LONGEST,
          newTime,
          "give it some minutes");
    }
    return with(s -> s.time = newTime);
  }

  /**
   * With the part of the training images that is set aside to choose by, above 0, below 1, where
   * the task sets none aside itself; default 0.2. The seed draws it, the same for all runs.
   */
  public Search validation(double newFraction) {
    if (!(newFraction > 0 && newFraction < 1)) {
      throw Problem.argument(
          "validation fraction out of range",
          "Search.validation",
          "0 < fraction < 1",
          newFraction,
          "pass 0.2 for a fifth");
    }
    return with(s -> s.fraction = newFraction);
  }

  /** With the seed of the order of settings, of the images and of all runs; default 1. */
  public Search seed(long newSeed) {
    return with(s -> s.seed = newSeed);
  }

  /** With the folder that its results are kept in, which is made if need be. */
  public Search in(Path newFolder) {
    Problem.given(newFolder, "Search.in", "folder");
    return with(s -> s.folder = newFolder);
  }

  /** With pruned models kept beside the reports; {@link #model}. */
  public Search keepingModels() {
    return with(s -> s.keepsModels = true);
  }

  /** With a listener in place of the one before; it hears of a study for each length of runs. */
  public Search listener(StudyListener newListener) {
    Problem.given(newListener, "Search.listener", "listener");
    return with(s -> s.listener = newListener);
  }

  /** With another clock. */
  Search clock(LongSupplier newNanoTime) {
    return with(s -> s.nanoTime = newNanoTime);
  }

  private static long positive(String option, long value) {
    if (value < 1) {
      throw Problem.argument(
          "number of gradient steps out of range",
          "Search." + option,
          "at least 1",
          value,
          "give it more");
    }
    return value;
  }

  /**
   * All runs that the search may come to, for workers, whose {@link StudyPlan} gives them.
   *
   * @throws IllegalStateException as {@link #run()}
   */
  public Study<PruneReport> study() {
    return study(board("study"));
  }

  private Study<PruneReport> study(SearchBoard board) {
    List<StudyRun<PruneReport>> runs = new ArrayList<>();
    board.all().forEach(candidate -> runs.add(StudyRun.of(candidate.recipe())));
    return Study.of(images(), runs);
  }

  /** The result folder of a trial, in a search that keeps models. */
  public Path model(Trial trial) {
    Problem.given(trial, "Search.model", "trial");
    Study.Cell<PruneReport> cell = new Study.Cell<>(images(), StudyRun.of(trial.recipe()));
    return files("model").model(cell.name());
  }

  /**
   * Searches.
   *
   * @throws IllegalArgumentException if there are too few images to choose by, or a recipe takes
   *     more steps than it is given
   * @throws IllegalStateException without a folder, a budget or a time; if the budget has no room
   *     for one run of each method, by how much; if the shortest runs are longer than full ones; as
   *     {@link Study#run()}
   * @throws IOException if images or results cannot be read, or results cannot be written
   */
  public SearchResults run() throws IOException {
    return run("run", StudyRunner::all);
  }

  /** Has the runs made elsewhere; as {@link #run()} otherwise. */
  public SearchResults run(Workers workers) throws IOException {
    Problem.given(workers, "Search.run", "workers");
    return run("run", (runner, told, reporter) -> runner.all(workers, told, reporter));
  }

  /** Makes the runs of a study. */
  private interface Maker {
    Study.Results<PruneReport> make(
        StudyRunner<PruneReport> runner,
        StudyListener listener,
        Study.Reporter<PruneReport> reporter)
        throws IOException;
  }

  private SearchResults run(String method, Maker maker) throws IOException {
    StudyFolder files = files(method);
    SearchBoard board = board(method);
    SearchTask.Counts counts = images().count(seed);
    board.requireLengths(counts.train());
    List<Study.Cell<PruneReport>> cells = study(board).cells();
    long begin = nanoTime.getAsLong();
    boolean cut = false;
    Set<String> begun = new HashSet<>();
    List<Long> lengths = board.lengths();
    for (int i = 0; i < lengths.size(); i++) {
      Map<Study.Cell<PruneReport>, Candidate> wave = wave(board.next(lengths.get(i)), cells);
      Predicate<Study.Cell<PruneReport>> inTime =
          inTime(begin, i + 1, lengths.size(), firsts(wave, begun));
      StudyRunner<PruneReport> runner =
          new StudyRunner<>(cells, files, keepsModels).only(wave.keySet(), inTime);
      if (time != null) {
        Duration left = time.minusNanos(nanoTime.getAsLong() - begin);
        listener.timeGiven(left.isNegative() ? Duration.ZERO : left);
      }
      Study.Results<PruneReport> results = maker.make(runner, listener, r -> {});
      cut |= results.byCell().size() + results.failures().size() < wave.size();
      results.byCell().forEach((cell, report) -> board.ended(at(wave, cell), report));
      results.failures().forEach((cell, cause) -> board.failed(at(wave, cell), cause));
    }
    return board.results(
        new SearchResults.Frame(
            task.name(), full, counts.train(), counts.validation(), share(), cut));
  }

  /** In the order of the candidates. */
  private static Map<Study.Cell<PruneReport>, Candidate> wave(
      List<Candidate> candidates, List<Study.Cell<PruneReport>> cells) {
    Map<String, Study.Cell<PruneReport>> named = new HashMap<>();
    cells.forEach(cell -> named.put(cell.run().method(), cell));
    Map<Study.Cell<PruneReport>, Candidate> wave = new LinkedHashMap<>();
    for (Candidate candidate : candidates) {
      wave.put(Objects.requireNonNull(named.get(candidate.recipe().name())), candidate);
    }
    return wave;
  }

  private static Candidate at(
      Map<Study.Cell<PruneReport>, Candidate> wave, Study.Cell<PruneReport> cell) {
    return Objects.requireNonNull(wave.get(cell));
  }

  /**
   * The first run of each method.
   *
   * @param begun methods that have had theirs, to which those of the wave come; one with a single
   *     setting has its only run at full length
   */
  private static Set<Study.Cell<PruneReport>> firsts(
      Map<Study.Cell<PruneReport>, Candidate> wave, Set<String> begun) {
    Set<Study.Cell<PruneReport>> firsts = new HashSet<>();
    wave.forEach(
        (cell, candidate) -> {
          if (begun.add(candidate.trial().method())) {
            firsts.add(cell);
          }
        });
    return firsts;
  }

  private Predicate<Study.Cell<PruneReport>> inTime(
      long begin, int part, int parts, Set<Study.Cell<PruneReport>> always) {
    Duration limit = time;
    if (limit == null) {
      return cell -> true;
    }
    long until = limit.toNanos() / parts * part;
    return cell -> always.contains(cell) || nanoTime.getAsLong() - begin < until;
  }

  private SearchTask images() {
    return new SearchTask(task, fraction);
  }

  private @Nullable Long share() {
    return budget == null ? null : budget / spaces.size();
  }

  private SearchBoard board(String method) {
    Long share = share();
    if (share == null && time == null) {
      throw Problem.state(
          "search without end",
          "Search." + method,
          "Search.budget or Search.time",
          "neither",
          "say how much it may take");
    }
    if (shortest > full) {
      throw Problem.state(
          "shortest runs longer than full ones",
          "Search.shortest",
          "at most " + full + ", the steps of a full run",
          shortest,
          "lower it, or raise Search.steps");
    }
    Ladder ladder =
        new Ladder(full, shortest > 0 ? shortest : Math.max(1, full / NINTH), reduction);
    return SearchBoard.of(spaces, ladder, share, seed);
  }

  private StudyFolder files(String method) {
    if (folder == null) {
      throw Problem.state(
          "no folder for results",
          "Search." + method,
          "Search.in(folder)",
          "none",
          "name the folder");
    }
    return new StudyFolder(folder);
  }
}
