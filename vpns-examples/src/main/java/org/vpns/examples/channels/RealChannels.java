package org.vpns.examples.channels;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.vpns.Sparsity;
import org.vpns.examples.CifarProgram;
import org.vpns.examples.Names;
import org.vpns.structured.plan.ChannelBudget;
import org.vpns.structured.plan.ChannelSelection;
import org.vpns.structured.score.ChannelImportance;
import org.vpns.structured.score.Importances;
import org.vpns.structured.score.Normaliser;
import org.vpns.study.Study;
import org.vpns.train.Recipe;
import org.vpns.train.Stage;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Channels out of trained CIFAR networks at shares of the multiply-adds: accuracy before tuning and
 * after a short one, by importance and by how groups are ranked, with random channels as the
 * control. Seeds decide the order of images and the random channels.
 */
@Command(
    name = "RealChannels",
    description = "Takes channels out of trained CIFAR networks; accuracy before and after tuning.")
public final class RealChannels extends CifarProgram<ChannelOutcome> {
  private static final Map<String, ChannelImportance> IMPORTANCES =
      ImmutableMap.of(
          "random", Importances.random(),
          "l2", Importances.l2(),
          "fpgm", Importances.fpgm(),
          "norm-scale", Importances.normScale().normaliser(Normaliser.MEAN));

  /** Whether all groups compete, or each loses the same share. */
  private static final Map<String, UnaryOperator<ChannelSelection>> RANKINGS =
      ImmutableMap.of("alike", ChannelSelection::local, "together", ChannelSelection::global);

  @Option(
      names = "--importances",
      split = ",",
      paramLabel = "NAME",
      description = "random, l2, fpgm, norm-scale (default: ${DEFAULT-VALUE}).",
      defaultValue = "random,l2,fpgm,norm-scale")
  private List<String> importances = List.of();

  @Option(
      names = "--rankings",
      split = ",",
      paramLabel = "NAME",
      description =
          "alike: each group loses the same share; together: all compete by what their channels"
              + " save (default: ${DEFAULT-VALUE}).",
      defaultValue = "alike,together")
  private List<String> rankings = List.of();

  @Option(
      names = "--shares",
      split = ",",
      paramLabel = "SHARE",
      description = "Shares of the multiply-adds that leave (default: ${DEFAULT-VALUE}).",
      defaultValue = "0.25,0.5")
  private List<Sparsity> shares = List.of();

  /** Reads no option yet. */
  public RealChannels() {
    super("out/real-channels", 3, 110);
  }

  /** Runs the program; see {@code --help}. */
  public static void main(String[] args) {
    new RealChannels().execute(args);
  }

  @Override
  public Integer call() throws IOException {
    return exitCode(run(study().in(out()).reporting(this::write)));
  }

  @Override
  protected Study<ChannelOutcome> study() {
    List<Study.Arm<ChannelOutcome>> arms = using(this::arms);
    return Study.of(arms).sparsities(shares).seeds(seeds()).on(tasks());
  }

  private List<Study.Arm<ChannelOutcome>> arms() {
    List<Study.Arm<ChannelOutcome>> arms = new ArrayList<>();
    Names.each("--rankings", RANKINGS, rankings)
        .forEach(
            (ranking, ranked) ->
                Names.each("--importances", IMPORTANCES, importances)
                    .forEach(
                        (name, importance) ->
                            arms.add(
                                (share, seed) ->
                                    new PlannedRun(
                                        method(name, ranking),
                                        share,
                                        tuning(method(name, ranking), seed),
                                        IMAGE,
                                        importance,
                                        ranked.apply(leaving(share))))));
    return arms;
  }

  private static String method(String importance, String ranking) {
    return importance + ", " + ranking;
  }

  private Recipe tuning(String method, long seed) {
    Stage tune = Stage.tuning(motion(), length()).build();
    return options(Recipe.of(method, Sparsity.DENSE, tune), seed).build();
  }

  private static ChannelSelection leaving(Sparsity share) {
    double staying = BigDecimal.ONE.subtract(share.value()).doubleValue();
    return ChannelSelection.of(ChannelBudget.macs(staying));
  }

  private void write(Study.Results<ChannelOutcome> results) throws IOException {
    String baseline = method(importances.get(0), rankings.get(0));
    writeTables(
        "real-channels.md",
        results,
        (network, runs) ->
            new ChannelTable(List.copyOf(runs.values()), baseline, "multiply-adds", 0)
                .toMarkdown());
  }
}
