package org.vpns.examples.search;

import static org.vpns.examples.TrainingSettings.BATCH;
import static org.vpns.examples.TrainingSettings.STEPS;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.vpns.Sparsity;
import org.vpns.examples.FolderOption;
import org.vpns.examples.OptionValue;
import org.vpns.examples.Program;
import org.vpns.examples.SeedsOption;
import org.vpns.examples.SourceNetwork;
import org.vpns.examples.WorkersOption;
import org.vpns.examples.search.MethodSpaces.Settings;
import org.vpns.internal.compare.Markdown;
import org.vpns.internal.io.AtomicFiles;
import org.vpns.internal.text.Texts;
import org.vpns.mapping.Mappings;
import org.vpns.report.PruneReport;
import org.vpns.study.Comparison;
import org.vpns.study.Difference;
import org.vpns.study.Search;
import org.vpns.study.SearchResults;
import org.vpns.study.SearchResults.Trial;
import org.vpns.study.SearchSpace;
import org.vpns.study.Study;
import org.vpns.study.StudyPlan;
import org.vpns.study.StudyRun;
import org.vpns.study.Workers;
import org.vpns.study.progress.Progress;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Holds the rates that a search finds for OMP, HYDRA and VPNs against those that the quick start
 * was given by hand, on its network and digits: on the images that the search chose by, then on the
 * same images divided anew by other seeds.
 */
@Command(
    name = "SearchRates",
    description =
        "Searches rates for OMP, HYDRA and VPNs on the quick start's digits,"
            + " and compares them with those chosen by hand. Workers make the runs of the search,"
            + " the few of the comparison are made here.")
public final class SearchRates extends Program implements StudyPlan<PruneReport> {
  private static final int COUNTED = 200;
  private static final String BY_HAND = " by hand";
  private static final String FOUND = " found";

  @Option(
      names = "--sparsity",
      paramLabel = "S",
      description = "Fraction of the weights to remove (default: ${DEFAULT-VALUE}).",
      defaultValue = "0.99")
  private Sparsity sparsity = Sparsity.of("0.99");

  @Option(
      names = "--budget",
      paramLabel = "N",
      description =
          "Gradient steps of the search, a third for each method (default: ${DEFAULT-VALUE}).",
      defaultValue = "7200")
  private long budget;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "Gradient steps of a run of full length (default: ${DEFAULT-VALUE}).",
      defaultValue = "" + 2 * STEPS)
  private long steps;

  @Option(
      names = "--shortest",
      paramLabel = "N",
      description = "Gradient steps of the shortest runs (default: a ninth of the full length).")
  private @Nullable Long shortest;

  @Mixin private final FolderOption out = new FolderOption("out/search");
  @Mixin private final SeedsOption divisions = new SeedsOption(3);

  @Mixin private final WorkersOption workers = new WorkersOption();

  /** Reads no option yet. */
  public SearchRates() {}

  /** Runs the program; see {@code --help}. */
  public static void main(String[] args) {
    new SearchRates().execute(args);
  }

  @Override
  public Integer call() throws IOException {
    // the first seed is that of the division that was searched on
    List<Long> seeds = using(() -> divisions.from(2));
    Search search = in("searched", using(this::search));
    Optional<Workers> makers = using(() -> workers.of(SearchRates.class, arguments()));
    SearchResults found = makers.isPresent() ? search.run(makers.get()) : search.run();
    say(found.toMarkdown());
    List<SearchSpace> byHand = methods(Settings.byHand());
    SearchResults given = in("by-hand", search(byHand, steps * byHand.size())).run();
    List<String> missing = new ArrayList<>();
    String table = table(found, given, seeds, missing);
    say(table);
    AtomicFiles.writeText(out.path().resolve("search.md"), found.toMarkdown() + "\n" + table);
    AtomicFiles.writeText(out.path().resolve("search.csv"), found.toCsv());
    found.writePage(out.path().resolve("search.html"), "Rates on digits at " + sparsity);
    if (missing.isEmpty()) {
      return 0;
    }
    say(
        "Not compared, or not by all divisions, as runs failed: "
            + String.join(", ", missing)
            + "; started again, the program makes them anew.");
    return 1;
  }

  private List<SearchSpace> methods(Settings settings) {
    MethodSpaces methods =
        new MethodSpaces(
            SourceNetwork.input(), Mappings.frequency().onDense(), sparsity, BATCH, settings);
    return List.of(methods.omp(), methods.hydra(), methods.vpns());
  }

  @Override
  public Study<PruneReport> study(List<String> arguments) {
    toCommandLine().parseArgs(arguments.toArray(String[]::new));
    return search().study();
  }

  private Search search() {
    return search(methods(Settings.grid(SourceNetwork.input())), budget);
  }

  private Search search(List<SearchSpace> spaces, long budget) {
    Search search =
        Study.search(new PoolTask("digits", 0), spaces.toArray(SearchSpace[]::new))
            .validation((double) COUNTED / 1_000);
    Search stepped = OptionValue.of("--steps", () -> search.steps(steps));
    Search bounded = OptionValue.of("--budget", () -> stepped.budget(budget));
    Long least = shortest;
    Search whole =
        least == null ? bounded : OptionValue.of("--shortest", () -> bounded.shortest(least));
    try {
      whole.study(); // for what the options together do not allow
    } catch (IllegalStateException e) {
      throw wrong(
          "Invalid value for option '--budget', '--shortest' or '--steps': " + e.getMessage());
    }
    return whole;
  }

  private Search in(String name, Search search) {
    return search.in(out.path().resolve(name)).listener(Progress.study(System.out));
  }

  /**
   * What was found beside what was given, on the images that chose and on others.
   *
   * @param missing gets the methods of which a run failed
   */
  private String table(
      SearchResults found, SearchResults given, List<Long> seeds, List<String> missing)
      throws IOException {
    List<StudyRun<PruneReport>> runs = new ArrayList<>();
    for (long seed : seeds) {
      given.ranking().forEach(trial -> runs.add(run(trial, BY_HAND, seed)));
      found.ranking().forEach(trial -> runs.add(run(trial, FOUND, seed)));
    }
    Study.Results<PruneReport> results =
        Study.of(new PoolTask("divided", COUNTED), runs)
            .in(out.path().resolve("compared"))
            .listener(Progress.study(System.out))
            .run();
    List<List<String>> rows = new ArrayList<>();
    for (SearchSpace space : methods(Settings.byHand())) {
      String method = space.method();
      List<String> row =
          given
              .best(method)
              .flatMap(hand -> found.best(method).map(f -> row(hand, f, results.results())))
              .orElse(List.of());
      if (!row.isEmpty()) {
        rows.add(row);
      }
      if (row.isEmpty() || failures(results).anyMatch(run -> run.startsWith(method + " "))) {
        missing.add(method);
      }
    }
    return Markdown.table(
        List.of(
            "<method",
            "<by hand",
            "validation %",
            "<found",
            "validation %",
            "by hand, divided anew % ± sd",
            "found, divided anew % ± sd",
            "difference, points ± se",
            "<verdict"),
        rows);
  }

  private static Stream<String> failures(Study.Results<PruneReport> results) {
    return results.failures().keySet().stream().map(cell -> cell.run().method());
  }

  private static StudyRun<PruneReport> run(Trial trial, String suffix, long seed) {
    return StudyRun.of(trial.recipe().toBuilder().name(name(trial, suffix)).seed(seed).build());
  }

  /** With the settings, so that a search that finds others goes on in the same folder. */
  private static String name(Trial trial, String suffix) {
    return trial.method() + suffix + " " + String.join(" ", trial.settings().values());
  }

  /** Empty where no division has both. */
  private List<String> row(Trial given, Trial found, List<PruneReport> reports) {
    String byHand = name(given, BY_HAND);
    String other = name(found, FOUND);
    if (reports.stream().noneMatch(report -> report.recipe().equals(byHand))) {
      return List.of();
    }
    Comparison comparison = Comparison.of(reports, byHand);
    Difference difference = comparison.difference(sparsity.toString(), other, byHand);
    if (difference == null) {
      return List.of();
    }
    return List.of(
        given.method(),
        words(given.settings()),
        percent(given),
        words(found.settings()),
        percent(found),
        spread(comparison, byHand),
        spread(comparison, other),
        Texts.points(difference.mean()) + plusMinus(difference.standardError()),
        difference.verdict().name().toLowerCase(Locale.ROOT).replace('_', ' '));
  }

  private static String spread(Comparison comparison, String method) {
    Comparison.Spread accuracy =
        comparison.rows().stream()
            .filter(row -> row.method().equals(method))
            .findFirst()
            .orElseThrow()
            .accuracy();
    return Texts.percent(accuracy.mean()) + plusMinus(accuracy.deviation());
  }

  /** Nothing where one seed says nothing. */
  private static String plusMinus(double fraction) {
    return Double.isNaN(fraction) ? "" : String.format(Locale.ROOT, " ± %.2f", 100 * fraction);
  }

  private static String percent(Trial trial) {
    return Texts.percent(Objects.requireNonNull(trial.validation()));
  }

  private static String words(Map<String, String> settings) {
    return String.join(", ", settings.entrySet().stream().map(Map.Entry::toString).toList())
        .replace('=', ' ');
  }
}
