package org.vpns.study;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.internal.compare.Csv;
import org.vpns.internal.compare.Markdown;
import org.vpns.internal.io.AtomicFiles;
import org.vpns.internal.text.Texts;
import org.vpns.report.PruneReport;
import org.vpns.train.Recipe;

/** What a search has tried and found. Immutable. */
public final class SearchResults {
  /** What became of the best trial of a method. */
  static final String BEST = "best";

  private static final List<String> SPENT =
      List.of("<method", "settings", "tried", "runs", "gradient steps", "seconds");
  private static final List<String> TRIALS =
      List.of("<method", "<settings", "steps", "validation %", "<what became of it");

  private final Frame frame;
  private final List<Trial> trials;
  private final List<Spent> spent;

  SearchResults(Frame frame, List<Trial> trials, List<Spent> spent) {
    this.frame = frame;
    this.trials = List.copyOf(trials);
    this.spent = List.copyOf(spent);
  }

  /**
   * What all trials have in common.
   *
   * @param task on which
   * @param steps of a run of full length
   * @param trainingImages trained on
   * @param validationImages that accuracies are of
   * @param budget of each method in gradient steps; null under a time alone
   * @param timeIsUp whether runs were left out as the time was up
   */
  record Frame(
      String task,
      long steps,
      long trainingImages,
      long validationImages,
      @Nullable Long budget,
      boolean timeIsUp) {}

  /**
   * Settings of a method, run at some length.
   *
   * @param method as its space calls it
   * @param settings by option, in words
   * @param steps gradient steps that it was given
   * @param recipe that was run; its name is that of the report and of the model's folder
   * @param report of the run; null if it failed
   * @param validation fraction of the validation images that the network which came out had right;
   *     null if the run failed
   * @param failure why it failed; null if it did not
   */
  public record Trial(
      String method,
      Map<String, String> settings,
      long steps,
      Recipe recipe,
      @Nullable PruneReport report,
      @Nullable Double validation,
      @Nullable String failure) {
    /** Copies the map. */
    public Trial {
      Problem.given(method, "new SearchResults.Trial", "method");
      settings =
          ImmutableMap.copyOf(Problem.givenEach(settings, "new SearchResults.Trial", "settings"));
      Problem.given(recipe, "new SearchResults.Trial", "recipe");
    }

    /** Longest, most accurate, cheapest. */
    static final Comparator<Trial> BEST_FIRST =
        Comparator.comparingLong((Trial trial) -> -trial.steps())
            .thenComparingDouble(trial -> trial.validation == null ? 1 : -trial.validation)
            .thenComparingLong(Trial::gradientSteps);

    /** Gradient steps that the run took; 0 if it failed. */
    public long gradientSteps() {
      return report == null ? 0 : report.gradientSteps();
    }

    /** What it had right, in percent. */
    String accuracy() {
      return validation == null ? "-" : Texts.percent(validation);
    }

    double seconds() {
      return report == null ? 0 : report.seconds();
    }

    /** The settings as one text. */
    String words() {
      return settings.isEmpty()
          ? "-"
          : settings.entrySet().stream()
              .map(e -> e.getKey() + " " + e.getValue())
              .collect(Collectors.joining(", "));
    }
  }

  /** What a method was tried at, and what that took. */
  record Spent(
      String method, int choices, int tried, int runs, long gradientSteps, double seconds) {}

  /** All runs, those of a method together, the longest and of these the best first. */
  public List<Trial> trials() {
    return trials;
  }

  /** The best trial of each method that has one, the best first; of equal ones the first method. */
  public List<Trial> ranking() {
    return spent.stream()
        .flatMap(method -> best(method.method()).stream())
        .sorted(Trial.BEST_FIRST)
        .toList();
  }

  /**
   * The best trial of a method: among those at the greatest length that any reached the one with
   * the most validation images right, of equal ones the cheapest, then the first of the grid. Empty
   * if all failed.
   */
  public Optional<Trial> best(String method) {
    Problem.given(method, "SearchResults.best", "method");
    return trials.stream()
        .filter(trial -> trial.method().equals(method) && trial.validation() != null)
        .findFirst();
  }

  /**
   * The best trial of all.
   *
   * @throws IllegalStateException if every run failed
   */
  public Trial best() {
    List<Trial> ranking = ranking();
    if (ranking.isEmpty()) {
      throw Problem.state(
          "search without result",
          "search on " + frame.task(),
          "a run that came to its end",
          Texts.plural(trials.size(), "run") + " that failed: " + failures(),
          "look at the failures; rates that are too high are a usual one");
    }
    return ranking.get(0);
  }

  private String failures() {
    return trials.stream()
        .flatMap(trial -> Optional.ofNullable(trial.failure()).stream())
        .distinct()
        .limit(3)
        .collect(Collectors.joining("; "));
  }

  /** Whether runs were left out because the time was up. */
  public boolean timeIsUp() {
    return frame.timeIsUp();
  }

  /** Validation images that accuracies are of. */
  public long validationImages() {
    return frame.validationImages();
  }

  /** What the figures are of, in a sentence each. */
  public List<String> notes() {
    List<String> notes = new ArrayList<>();
    notes.add(
        String.format(
            Locale.ROOT,
            "Accuracies are of %,d validation images, beside %,d to train on; no test image was"
                + " read. Settings were chosen by them, so the best figures flatter.",
            frame.validationImages(),
            frame.trainingImages()));
    Long budget = frame.budget();
    if (budget != null) {
      notes.add(String.format(Locale.ROOT, "Each method had %,d gradient steps to spend.", budget));
    }
    if (frame.timeIsUp()) {
      notes.add("The time was up before all runs were made; this is what was found so far.");
    }
    if (trials.stream().noneMatch(t -> t.validation() != null && t.steps() == frame.steps())) {
      notes.add(
          String.format(
              Locale.ROOT,
              "No run of the full length of %,d steps came to its end.",
              frame.steps()));
    }
    return notes;
  }

  /** What each method was tried at, a row each. */
  List<List<String>> spentRows() {
    return spent.stream()
        .map(
            s ->
                List.of(
                    s.method(),
                    Texts.count(s.choices()),
                    Texts.count(s.tried()),
                    Texts.count(s.runs()),
                    Texts.count(s.gradientSteps()),
                    Texts.seconds(s.seconds())))
        .toList();
  }

  /** A row for each trial. */
  List<List<String>> trialRows() {
    return trials.stream()
        .map(
            trial ->
                List.of(
                    trial.method(),
                    trial.words(),
                    Texts.count(trial.steps()),
                    trial.accuracy(),
                    fate(trial)))
        .toList();
  }

  /** What a method was tried at, those that were named first first. */
  List<Spent> spent() {
    return spent;
  }

  /** The same of one method. */
  Spent spent(String method) {
    return spent.stream().filter(s -> s.method().equals(method)).findFirst().orElseThrow();
  }

  /** The round of successive halving that a run was made in, from 1 on. */
  long round(Trial trial) {
    return trials.stream()
        .filter(other -> other.method().equals(trial.method()) && other.steps() <= trial.steps())
        .mapToLong(Trial::steps)
        .distinct()
        .count();
  }

  /** What became of a run's settings. */
  String fate(Trial trial) {
    if (trial.failure() != null) {
      return "failed: " + trial.failure();
    }
    boolean wentOn =
        trials.stream()
            .anyMatch(
                other ->
                    other.method().equals(trial.method())
                        && other.settings().equals(trial.settings())
                        && other.steps() > trial.steps());
    boolean best = best(trial.method()).filter(trial::equals).isPresent();
    return best ? BEST : wentOn ? "went on" : "left";
  }

  /** The tables in GitHub's Markdown, and what they are of. */
  public String toMarkdown() {
    return Markdown.table(SPENT, spentRows())
        + "\n"
        + Markdown.table(TRIALS, trialRows())
        + "\n"
        + String.join("\n\n", notes())
        + "\n";
  }

  /** The trials as comma-separated values, quoted where need be; accuracies as fractions. */
  public String toCsv() {
    StringBuilder csv = new StringBuilder("method,settings,steps,gradient steps,validation,fate\n");
    for (Trial trial : trials) {
      csv.append(Csv.text(trial.method()))
          .append(',')
          .append(Csv.text(trial.words()))
          .append(',')
          .append(trial.steps())
          .append(',')
          .append(trial.gradientSteps())
          .append(',')
          .append(trial.validation() == null ? "" : trial.validation())
          .append(',')
          .append(Csv.text(fate(trial)))
          .append('\n');
    }
    return csv.toString();
  }

  /**
   * Writes a page with all that was tried, one HTML file that needs nothing else; an existing file
   * is replaced as a whole or not at all.
   *
   * @param title heading of the page, plain text
   * @throws IOException if the file cannot be written
   */
  public void writePage(Path file, String title) throws IOException {
    Problem.given(file, "SearchResults.writePage", "file");
    Problem.given(title, "SearchResults.writePage", "title");
    List<PageSection> sections = List.of(ChosenSection.of(this), TrialsSection.of(this));
    AtomicFiles.writeText(file, HtmlPage.of(title, String.join(" ", notes()), sections).html());
  }

  @Override
  public String toString() {
    return toMarkdown();
  }
}
