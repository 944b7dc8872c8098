package org.vpns.examples.bench;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.vpns.examples.EngineSettings;
import org.vpns.graph.GraphBlock;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.latency.Latency;
import org.vpns.latency.NetworkRuntime;
import org.vpns.model.MobileNets;
import org.vpns.model.NetworkPlan;
import org.vpns.model.ResNets;
import org.vpns.model.Vggs;
import org.vpns.onnx.Onnx;
import org.vpns.onnx.OnnxRuntime;
import org.vpns.report.ChannelRecord;
import org.vpns.structured.ChannelGroups;
import org.vpns.structured.ChannelScores;
import org.vpns.structured.plan.ChannelBudget;
import org.vpns.structured.plan.ChannelPlan;
import org.vpns.structured.plan.ChannelSelection;
import org.vpns.structured.plan.LatencySearch;
import org.vpns.structured.score.ChannelContext;
import org.vpns.structured.score.Importances;

/**
 * What a network gains from fewer channels: multiply-adds, parameters, the ONNX file and the time
 * of a pass, on the engine and in ONNX Runtime with one thread, one image and more. The whole
 * network and all its smaller ones are timed in turn. Weights are random: it tells no accuracy.
 */
public final class ShrunkSpeed {
  private static final double[] SHARES = {0.75, 0.5, 0.25};

  /** How channels are chosen under a budget, in words. */
  private static final Map<String, UnaryOperator<ChannelSelection>> WAYS =
      ImmutableMap.of(
          "", selection -> selection.global(),
          ", widths by 16", selection -> selection.global().roundTo(16),
          ", alike in all layers", selection -> selection,
          ", alike in all layers, widths by 4", selection -> selection.roundTo(4),
          ", alike in all layers, widths by 16", selection -> selection.roundTo(16));

  /** The network that is planned by its time as well. */
  private static final String SEARCHED = "resnet18";

  private final int rounds;
  private final int images;

  /**
   * @param rounds that are timed with one image; a third of them with more
   * @param images of the larger batch
   */
  ShrunkSpeed(int rounds, int images) {
    this.rounds = rounds;
    this.images = images;
  }

  /**
   * Arguments: rounds (15), images of the larger batch (16), networks (resnet18 resnet50
   * mobilenet_v2 vgg16_bn).
   */
  public static void main(String[] args) throws IOException {
    EngineSettings.apply();
    int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 15;
    int images = args.length > 1 ? Integer.parseInt(args[1]) : 16;
    List<NetworkPlan> networks =
        List.of(ResNets.resnet18(), ResNets.resnet50(), MobileNets.v2(), Vggs.vgg16BatchNorm());
    List<String> asked = Arrays.asList(args).subList(Math.min(2, args.length), args.length);
    ShrunkSpeed bench = new ShrunkSpeed(rounds, images);
    System.out.print(bench.headings());
    for (NetworkPlan network : networks) {
      if (asked.isEmpty() || asked.contains(network.name())) {
        System.out.print(bench.measure(network));
      }
    }
  }

  /** The head of the table, in Markdown. */
  String headings() {
    return String.format(
        Locale.ROOT,
        "| network | budget | multiply-adds %% | parameters %% | MB | engine, 1 image: ms |"
            + " times as fast | engine, %1$d: ms | times | ONNX Runtime, 1: ms | times | gain of"
            + " the multiply-adds' %% | ONNX Runtime, %1$d: ms | times | %% |%n"
            + "|---|---|%2$s%n",
        images,
        "---:|".repeat(13));
  }

  /** A row for the whole network and each smaller one. */
  String measure(NetworkPlan network) throws IOException {
    Shape image = network.inputShape().slice(1);
    try (Model model = network.newModel(network.name(), 1)) {
      NDManager manager = model.getNDManager();
      NetworkValues whole = BlockTracer.network(model.getBlock(), image);
      Map<String, ChannelPlan> plans = plans(whole, network.name().equals(SEARCHED));
      List<NetworkValues> all = new ArrayList<>(List.of(whole));
      plans.values().forEach(plan -> all.add(plan.apply(whole, manager)));
      List<double[]> times = new ArrayList<>();
      for (NetworkRuntime runtime : List.of(NetworkRuntime.engine(), OnnxRuntime.standard())) {
        for (int batch : new int[] {1, images}) {
          int often = batch == 1 ? rounds : Math.max(2, rounds / 3);
          times.add(Latency.of(runtime).batch(batch).rounds(often).milliseconds(all));
        }
      }
      ChannelRecord.Size before = plans.values().iterator().next().before();
      StringBuilder rows =
          new StringBuilder(row(network.name(), "-", before, before, whole, times, 0));
      int i = 1;
      for (Map.Entry<String, ChannelPlan> plan : plans.entrySet()) {
        ChannelRecord.Size after = plan.getValue().after();
        rows.append(row(network.name(), plan.getKey(), before, after, all.get(i), times, i));
        i++;
      }
      return rows.toString();
    }
  }

  /**
   * By budget in words.
   *
   * @param timed with budgets of milliseconds, which take a search each
   */
  private Map<String, ChannelPlan> plans(NetworkValues network, boolean timed) {
    ChannelGroups groups = ChannelGroups.of(network.graph());
    ChannelScores scores = Importances.l2().score(ChannelContext.of(network, groups));
    Map<String, ChannelPlan> plans = new LinkedHashMap<>();
    for (double share : SHARES) {
      ChannelSelection selection = ChannelSelection.of(ChannelBudget.macs(share));
      WAYS.forEach(
          (way, options) ->
              plans.put(
                  share + " of the multiply-adds" + way, options.apply(selection).plan(scores)));
    }
    if (!timed) {
      return plans;
    }
    LatencySearch search =
        LatencySearch.of(Latency.of(OnnxRuntime.standard()).rounds(rounds), network, groups);
    for (double share : SHARES) {
      // the selection's own budget is not looked at
      ChannelSelection selection = ChannelSelection.of(ChannelBudget.macs(1.0));
      double most = share * search.times().whole();
      WAYS.forEach(
          (way, options) ->
              plans.put(
                  share + " of the time" + way,
                  search.plan(options.apply(selection), scores, most).plan()));
    }
    return plans;
  }

  private static String row(
      String name,
      String budget,
      ChannelRecord.Size before,
      ChannelRecord.Size after,
      NetworkValues network,
      List<double[]> times,
      int at)
      throws IOException {
    double macs = (double) before.macs() / after.macs();
    StringBuilder row = new StringBuilder("| " + name + " | " + budget);
    add(row, "%.1f", 100.0 * after.macs() / before.macs());
    add(row, "%.1f", 100.0 * after.parameters() / before.parameters());
    add(row, "%.1f", bytes(network) / 1e6);
    for (int i = 0; i < times.size(); i++) {
      double gain = times.get(i)[0] / times.get(i)[at];
      add(row, "%.2f", times.get(i)[at]);
      add(row, "%.2f", gain);
      if (i >= 2) {
        add(row, "%.0f", 100 * gain / macs);
      }
    }
    return row.append(" |").append(System.lineSeparator()).toString();
  }

  private static void add(StringBuilder row, String format, double value) {
    row.append(" | ").append(String.format(Locale.ROOT, format, value));
  }

  /** Of the ONNX file. */
  private static long bytes(NetworkValues network) throws IOException {
    Path folder = Files.createTempDirectory("vpns-shrunk");
    Path file = folder.resolve("network.onnx");
    try (NDManager scope = NDManager.newBaseManager()) {
      Onnx.export(GraphBlock.of(network, scope)).foldBatchNorm().write(file);
      return Files.size(file);
    } finally {
      Files.deleteIfExists(file);
      Files.deleteIfExists(folder);
    }
  }
}
