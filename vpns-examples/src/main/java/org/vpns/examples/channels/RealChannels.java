package org.vpns.examples.channels;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.vpns.ImageInput;
import org.vpns.Problem;
import org.vpns.Sparsity;
import org.vpns.examples.Program;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.internal.compare.Statistics;
import org.vpns.model.NetworkPlan;
import org.vpns.model.ResNets;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.predict.PrunedModel;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.plan.ChannelBudget;
import org.vpns.structured.plan.ChannelPlan;
import org.vpns.structured.plan.ChannelSelection;
import org.vpns.structured.score.ChannelContext;
import org.vpns.structured.score.ChannelImportance;
import org.vpns.structured.score.Importances;
import org.vpns.structured.score.Normaliser;
import org.vpns.study.data.CifarRecords;
import org.vpns.study.data.ImageTable;
import org.vpns.train.ImageSets;
import org.vpns.train.Length;
import org.vpns.train.Recipe;
import org.vpns.train.Stage;
import org.vpns.train.Trainer;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Channels out of trained CIFAR networks at budgets of multiply-adds: accuracy before tuning and
 * after a short one, by importance, with random channels as the control. Files fix the images;
 * seeds decide their order and the random channels.
 */
@Command(
    name = "RealChannels",
    description = "Takes channels out of trained CIFAR networks; accuracy before and after tuning.")
public final class RealChannels extends Program {
  private static final Map<String, NetworkPlan> NETWORKS =
      ImmutableMap.of("resnet20", ResNets.cifar20(), "resnet56", ResNets.cifar56());

  private static final Map<String, ChannelImportance> IMPORTANCES =
      ImmutableMap.of(
          "l2", Importances.l2(),
          "fpgm", Importances.fpgm(),
          "norm-scale", Importances.normScale().normaliser(Normaliser.MEAN),
          "random", Importances.random());

  /** How groups are ranked. */
  private static final Map<String, UnaryOperator<ChannelSelection>> RANKINGS =
      ImmutableMap.of("together", ChannelSelection::global, "alike", ChannelSelection::local);

  @Option(
      names = "--data",
      required = true,
      paramLabel = "FOLDER",
      description = "train*.bin, test*.bin as of CIFAR-10, resnet20.safetensors, ...")
  private Path data = Path.of("");

  @Option(
      names = "--networks",
      split = ",",
      paramLabel = "NAME",
      description = "resnet20, resnet56 (default: ${DEFAULT-VALUE}).",
      defaultValue = "resnet20,resnet56")
  private List<String> networks = List.of();

  @Option(
      names = "--importances",
      split = ",",
      paramLabel = "NAME",
      description = "l2, fpgm, norm-scale, random (default: ${DEFAULT-VALUE}).",
      defaultValue = "l2,fpgm,norm-scale,random")
  private List<String> importances = List.of();

  @Option(
      names = "--rankings",
      split = ",",
      paramLabel = "NAME",
      description =
          "together: all groups compete by what their channels save; alike: each loses the same"
              + " share (default: ${DEFAULT-VALUE}).",
      defaultValue = "together,alike")
  private List<String> rankings = List.of();

  @Option(
      names = "--macs",
      split = ",",
      paramLabel = "SHARE",
      description = "Shares of the multiply-adds that stay (default: ${DEFAULT-VALUE}).",
      defaultValue = "0.75,0.5")
  private List<Double> shares = List.of();

  @Option(
      names = "--seeds",
      paramLabel = "N",
      description = "Number of seeds (default: ${DEFAULT-VALUE}).",
      defaultValue = "3")
  private int seeds;

  @Option(
      names = "--steps",
      paramLabel = "T",
      description = "Gradient steps of 64 images of tuning (default: ${DEFAULT-VALUE}).",
      defaultValue = "110")
  private long steps;

  private RealChannels() {}

  /** Runs the program; see {@code --help}. */
  public static void main(String[] args) {
    new RealChannels().execute(args);
  }

  static CommandLine commandLine() {
    return new RealChannels().toCommandLine();
  }

  @Override
  public Integer call() throws IOException {
    requireKnown("--networks", networks, NETWORKS);
    requireKnown("--importances", importances, IMPORTANCES);
    requireKnown("--rankings", rankings, RANKINGS);
    ImageTable.Split images = CifarRecords.readFolder(data);
    say(
        "| network | multiply-adds % | groups ranked | importance | channels | parameters % | dense % |"
            + " before tuning % | tuned % ± sd |\n|---|---:|---|---|---:|---:|---:|---:|---:|");
    try (NDManager manager = NDManager.newBaseManager()) {
      ImageSets sets = images.toImageSets(manager);
      for (String network : networks) {
        for (double share : shares) {
          for (String ranking : rankings) {
            for (String importance : importances) {
              say(row(new Cell(network, share, ranking, importance), sets));
            }
          }
        }
      }
    }
    return 0;
  }

  /** What seeds repeat. */
  private record Cell(String network, double share, String ranking, String importance) {}

  private String row(Cell cell, ImageSets sets) throws IOException {
    List<Outcome> outcomes = new ArrayList<>();
    for (long seed = 1; seed <= seeds; seed++) {
      outcomes.add(run(cell, seed, sets));
    }
    ChannelPlan plan = outcomes.get(0).plan();
    double[] tuned = outcomes.stream().mapToDouble(Outcome::tuned).toArray();
    return String.format(
        Locale.ROOT,
        "| %s | %.1f | %s | %s | %d of %d | %.1f | %.2f | %.2f | %.2f%s |",
        cell.network(),
        100.0 * plan.after().macs() / plan.before().macs(),
        cell.ranking(),
        cell.importance(),
        plan.groups().stream().mapToInt(ChannelPlan.Group::kept).sum(),
        plan.groups().stream().mapToInt(ChannelPlan.Group::channels).sum(),
        100.0 * plan.after().parameters() / plan.before().parameters(),
        100 * outcomes.get(0).dense(),
        100 * Statistics.mean(outcomes.stream().mapToDouble(Outcome::before).toArray()),
        100 * Statistics.mean(tuned),
        seeds < 2 ? "" : String.format(Locale.ROOT, " ± %.2f", 100 * Statistics.deviation(tuned)));
  }

  /** Accuracies are fractions of the test images. */
  private record Outcome(ChannelPlan plan, double dense, double before, double tuned) {}

  private Outcome run(Cell cell, long seed, ImageSets sets) throws IOException {
    NetworkPlan architecture = Objects.requireNonNull(NETWORKS.get(cell.network()));
    Stage tune =
        Stage.tuning(
                new Stage.Motion(
                    UpdateRule.sgd().momentum(0.9).decay(1e-4), LearningRate.cosine(0.01)),
                Length.iterations(steps))
            .build();
    Recipe recipe =
        Recipe.of(cell.importance(), Sparsity.DENSE, tune)
            .input(ImageInput.of(3, 32, 32).imageNetNormalisation())
            .batchSize(64)
            .seed(seed)
            .build();
    try (Model whole = architecture.load(data.resolve(cell.network() + ".safetensors"))) {
      NetworkValues network =
          BlockTracer.network(whole.getBlock(), architecture.inputShape().slice(1));
      ChannelGroups groups = ChannelGroups.of(network.graph());
      ChannelContext context = ChannelContext.of(network, groups).seed(seed);
      ChannelSelection selection =
          Objects.requireNonNull(RANKINGS.get(cell.ranking()))
              .apply(ChannelSelection.of(ChannelBudget.macs(cell.share())));
      ChannelPlan plan =
          selection.plan(Objects.requireNonNull(IMPORTANCES.get(cell.importance())).score(context));
      double dense = Trainer.of(recipe).accuracy(whole, sets).plainFraction();
      try (Model smaller = plan.apply(whole);
          PrunedModel tuned = Trainer.of(recipe).fit(smaller, sets)) {
        return new Outcome(
            plan,
            dense,
            Objects.requireNonNull(tuned.report().dense()).plainFraction(),
            Objects.requireNonNull(tuned.report().tuned()).plainFraction());
      }
    }
  }

  private void requireKnown(String option, List<String> names, Map<String, ?> known) {
    for (String name : names) {
      if (!known.containsKey(name)) {
        throw wrong(
            Problem.message(
                "unknown name", option, known.keySet(), "'" + name + "'", "check the spelling"));
      }
    }
  }
}
