package org.vpns.study;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.Seeds;
import org.vpns.internal.run.Failures;
import org.vpns.report.EpochRecord;
import org.vpns.report.PruneReport;
import org.vpns.report.StageRecord;
import org.vpns.study.SearchResults.Trial;
import org.vpns.study.SearchRungs.Ladder;
import org.vpns.train.Recipe;

/** Who is in a search, at which length, and how they did. */
final class SearchBoard {
  private final List<Method> methods = new ArrayList<>();
  private final int reduction;

  private SearchBoard(int reduction) {
    this.reduction = reduction;
  }

  /**
   * A board on which nobody has run.
   *
   * @param share gradient steps of each method; null if they are not counted
   * @throws IllegalStateException if a share has no room for one run
   */
  static SearchBoard of(List<SearchSpace> spaces, Ladder ladder, @Nullable Long share, long seed) {
    SearchBoard board = new SearchBoard(ladder.reduction());
    for (SearchSpace space : spaces) {
      int choices = space.choices().size();
      SearchRungs rungs =
          share == null
              ? SearchRungs.all(choices, ladder)
              : SearchRungs.within(share, choices, ladder);
      if (rungs.candidates() == 0) {
        throw Problem.state(
            "budget too small",
            "Search.budget",
            String.format(
                "at least %d: one run of %d steps for each method",
                ladder.full() * spaces.size(), ladder.full()),
            share + " for each of " + spaces.size(),
            "raise it, or lower Search.steps or the number of methods");
      }
      board.add(space, rungs, seed);
    }
    return board;
  }

  /** A run that may come. */
  record Candidate(Trial trial, int place) {
    Recipe recipe() {
      return trial.recipe();
    }
  }

  /**
   * Adds a method: of its choices, in an order drawn by the seed, those that there is room for.
   *
   * @param rungs at least one
   */
  private void add(SearchSpace space, SearchRungs rungs, long seed) {
    List<SearchSpace.Choice> choices = space.choices();
    long[] order = new Seeds(seed).permutation("search/" + space.method(), choices.size());
    List<Map<Long, Candidate>> drawn = new ArrayList<>();
    for (int i = 0; i < rungs.candidates(); i++) {
      int place = Math.toIntExact(order[i]);
      SearchSpace.Choice choice = choices.get(place);
      Map<Long, Candidate> byLength = new LinkedHashMap<>();
      for (SearchRungs.Rung rung : rungs.rungs()) {
        Recipe recipe = space.recipe(choice, rung.steps(), seed);
        Trial trial =
            new Trial(space.method(), choice.words(), rung.steps(), recipe, null, null, null);
        byLength.put(rung.steps(), new Candidate(trial, place));
      }
      drawn.add(byLength);
    }
    methods.add(new Method(space.method(), choices.size(), rungs, drawn));
  }

  /**
   * Makes sure that no run takes more steps than it is given.
   *
   * @param images to train on
   * @throws IllegalArgumentException if one does
   */
  void requireLengths(long images) {
    for (Candidate candidate : all()) {
      Trial trial = candidate.trial();
      long takes = trial.recipe().gradientSteps(images);
      if (takes > trial.steps()) {
        throw Problem.argument(
            "recipe longer than the search allows",
            "SearchSpace " + trial.method() + ", " + trial.words(),
            "at most " + trial.steps() + " gradient steps",
            takes,
            "divide the steps that it is given among its stages and passes");
      }
    }
  }

  /** Lengths of runs in gradient steps, the shortest first. */
  List<Long> lengths() {
    TreeSet<Long> lengths = new TreeSet<>();
    methods.forEach(method -> method.rungs.rungs().forEach(rung -> lengths.add(rung.steps())));
    return List.copyOf(lengths);
  }

  /** All runs that may come. */
  List<Candidate> all() {
    return methods.stream()
        .flatMap(method -> method.drawn.stream())
        .flatMap(byLength -> byLength.values().stream())
        .toList();
  }

  /** Who is to run at a length, now that those at shorter ones have run; methods in turn. */
  List<Candidate> next(long length) {
    List<List<Candidate>> each = methods.stream().map(method -> method.next(length)).toList();
    List<Candidate> turns = new ArrayList<>();
    int most = each.stream().mapToInt(List::size).max().orElse(0);
    for (int i = 0; i < most; i++) {
      for (List<Candidate> own : each) {
        if (i < own.size()) {
          turns.add(own.get(i));
        }
      }
    }
    return turns;
  }

  /** What a run gave. */
  void ended(Candidate candidate, PruneReport report) {
    Double accuracy = validation(report);
    boolean known = accuracy != null && accuracy >= 0; // NaN is not
    note(candidate, report, known ? accuracy : null, known ? null : "no validation accuracy");
  }

  /** The run has failed: it loses. */
  void failed(Candidate candidate, Throwable cause) {
    note(candidate, null, null, Failures.inWords(cause));
  }

  private void note(
      Candidate candidate,
      @Nullable PruneReport report,
      @Nullable Double accuracy,
      @Nullable String failure) {
    Trial before = candidate.trial();
    Trial trial =
        new Trial(
            before.method(),
            before.settings(),
            before.steps(),
            before.recipe(),
            report,
            accuracy,
            failure);
    methods.stream()
        .filter(method -> method.name.equals(trial.method()))
        .forEach(method -> method.ended.add(new Candidate(trial, candidate.place())));
  }

  /** Of the network that came out: that of the last stage's best epoch, or of its last. */
  private static @Nullable Double validation(PruneReport report) {
    StageRecord last = report.stages().get(report.stages().size() - 1);
    List<EpochRecord> epochs = last.epochs();
    if (epochs.isEmpty()) {
      return null;
    }
    Integer best = last.bestEpoch();
    return epochs.get(best == null ? epochs.size() - 1 : best).validation();
  }

  /** What there is so far. */
  SearchResults results(SearchResults.Frame frame) {
    List<SearchResults.Spent> spent = methods.stream().map(Method::spent).toList();
    List<Trial> trials =
        methods.stream()
            .flatMap(method -> method.ranked(method.ended.stream()))
            .map(Candidate::trial)
            .toList();
    return new SearchResults(frame, trials, spent);
  }

  /** One method's part. */
  private final class Method {
    final String name;
    final int choices;
    final SearchRungs rungs;
    final List<Map<Long, Candidate>> drawn;
    final List<Candidate> ended = new ArrayList<>();

    Method(String name, int choices, SearchRungs rungs, List<Map<Long, Candidate>> drawn) {
      this.name = name;
      this.choices = choices;
      this.rungs = rungs;
      this.drawn = drawn;
    }

    List<Candidate> next(long length) {
      SearchRungs.@Nullable Rung before = null;
      for (SearchRungs.Rung rung : rungs.rungs()) {
        if (rung.steps() == length) {
          List<Map<Long, Candidate>> left = before == null ? drawn : ahead(before, rung);
          return left.stream().flatMap(c -> Stream.ofNullable(c.get(length))).toList();
        }
        // a length that the time had no room for keeps nobody from the next
        before = before == null || hasRun(rung) ? rung : before;
      }
      return List.of();
    }

    private boolean hasRun(SearchRungs.Rung rung) {
      return ended.stream().anyMatch(c -> c.trial().steps() == rung.steps());
    }

    /** The best of a rung; of one that the time has cut short the same share as of a whole one. */
    private List<Map<Long, Candidate>> ahead(SearchRungs.Rung before, SearchRungs.Rung rung) {
      List<Candidate> ran =
          ended.stream().filter(c -> c.trial().steps() == before.steps()).toList();
      int share =
          ran.size() == before.candidates()
              ? rung.candidates()
              : Math.min(rung.candidates(), Math.max(1, ran.size() / reduction));
      return ranked(ran.stream())
          .filter(c -> c.trial().validation() != null)
          .limit(share)
          .map(c -> byPlace(c.place()))
          .toList();
    }

    private Map<Long, Candidate> byPlace(int place) {
      return drawn.stream()
          .filter(lengths -> lengths.values().iterator().next().place() == place)
          .findFirst()
          .orElseThrow();
    }

    /** Longest runs first, of these the best, of equal ones the cheapest, then as in the grid. */
    Stream<Candidate> ranked(Stream<Candidate> some) {
      return some.sorted(
          Comparator.comparing(Candidate::trial, Trial.BEST_FIRST).thenComparing(Candidate::place));
    }

    SearchResults.Spent spent() {
      List<Trial> trials = ended.stream().map(Candidate::trial).toList();
      long tried = trials.stream().map(Trial::settings).distinct().count();
      return new SearchResults.Spent(
          name,
          choices,
          Math.toIntExact(tried),
          trials.size(),
          trials.stream().mapToLong(Trial::gradientSteps).sum(),
          trials.stream().mapToDouble(Trial::seconds).sum());
    }
  }
}
