package org.vpns.examples.bench;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import com.google.common.collect.Maps;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.Seeds;
import org.vpns.examples.EngineSettings;
import org.vpns.examples.Names;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.latency.NetworkRuntime;
import org.vpns.model.MobileNets;
import org.vpns.model.NetworkPlan;
import org.vpns.model.ResNets;
import org.vpns.onnx.OnnxRuntime;
import org.vpns.runtime.SparseNetwork;
import org.vpns.runtime.SparseRuntime;

/**
 * What the sparse runtime gains: networks with random masks against the dense network in ONNX
 * Runtime, in turn. With one thread each, times are the processor's, else those of the clock.
 * Weights are random: it tells no accuracy.
 */
public final class SparseSpeed {
  private static final Map<String, NetworkPlan> NETWORKS =
      Maps.uniqueIndex(
          List.of(ResNets.resnet18(), MobileNets.v1(), ResNets.resnet50()), NetworkPlan::name);
  private static final List<Integer> BATCHES = List.of(1, 16);
  private static final List<Double> SPARSITIES = List.of(0.0, 0.5, 0.8, 0.9, 0.95);

  private final int rounds;
  private final int threads;

  /**
   * @param rounds that are timed with one image; a quarter of them, 5 at least, with more
   * @param threads of each runtime
   */
  SparseSpeed(int rounds, int threads) {
    this.rounds = rounds;
    this.threads = threads;
  }

  /** Arguments: rounds (40), threads (1), networks (resnet18 mobilenet_v1 resnet50). */
  public static void main(String[] args) {
    EngineSettings.apply();
    int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 40;
    int threads = args.length > 1 ? Integer.parseInt(args[1]) : 1;
    List<String> asked = Arrays.asList(args).subList(Math.min(2, args.length), args.length);
    Map<String, NetworkPlan> timed =
        asked.isEmpty() ? NETWORKS : Names.each("networks", NETWORKS, asked);
    SparseSpeed bench = new SparseSpeed(rounds, threads);
    System.out.println(
        "| network | images | sparsity % | ONNX Runtime, dense: ms | sparse runtime: ms | times as"
            + " fast | of the rounds, from | to |");
    System.out.println("|---|---:|---:|---:|---:|---:|---:|---:|");
    for (NetworkPlan plan : timed.values()) {
      BATCHES.forEach(batch -> System.out.print(bench.rows(plan, batch)));
    }
  }

  /** One of the networks that are timed. */
  static NetworkPlan network(String name) {
    return Names.one("network", NETWORKS, name);
  }

  private String rows(NetworkPlan plan, int batch) {
    StringBuilder rows = new StringBuilder();
    try (Model model = plan.newModel(plan.name(), 1)) {
      NetworkValues dense = BlockTracer.network(model.getBlock(), image(plan));
      try (NetworkRuntime.Session first =
          OnnxRuntime.standard().threads(threads).open(dense, batch)) {
        SPARSITIES.forEach(s -> rows.append(row(plan, batch, s, first)));
      }
    }
    return rows.toString();
  }

  private String row(NetworkPlan plan, int batch, double sparsity, NetworkRuntime.Session first) {
    SparseRuntime runtime = SparseRuntime.standard().threads(threads);
    try (Model pruned = plan.newModel(plan.name(), 1)) {
      mask(pruned, sparsity);
      NetworkValues network = BlockTracer.network(pruned.getBlock(), image(plan));
      if (batch == 1) {
        tellLoading(plan.name(), sparsity, runtime, network);
      }
      try (NetworkRuntime.Session second = runtime.open(network, batch)) {
        int often = batch == 1 ? rounds : Math.max(5, rounds / 4);
        return line(plan, batch, sparsity, times(List.of(first, second), often));
      }
    }
  }

  static Shape image(NetworkPlan plan) {
    return plan.inputShape().slice(1);
  }

  /** Sets a share of every weight's entries to zero and scales the others up. */
  static void mask(Model model, double sparsity) {
    for (NamedParameter p : ParameterPaths.of(model.getBlock())) {
      if (p.parameter().getType() == Parameter.Type.WEIGHT) {
        RandomGenerator random = new Seeds(2).stream(p.path());
        float[] values = p.parameter().getArray().toFloatArray();
        float scale = (float) Math.sqrt(1 / (1 - sparsity));
        for (int i = 0; i < values.length; i++) {
          values[i] = random.nextDouble() < sparsity ? 0 : values[i] * scale;
        }
        p.parameter().getArray().set(values);
      }
    }
  }

  private static void tellLoading(
      String name, double sparsity, SparseRuntime runtime, NetworkValues network) {
    try (SparseNetwork prepared = runtime.prepare(network)) {
      System.err.println(name + " " + sparsity + ": " + prepared.describe());
    }
  }

  /**
   * Milliseconds of a pass, by session and round; a quarter as many rounds run before. A pass that
   * is not timed comes before each: else a session finds the caches full of the other's numbers,
   * and the other's threads, which look for work a while, on its cores.
   */
  private double[][] times(List<NetworkRuntime.Session> sessions, int often) {
    double[][] times = new double[sessions.size()][often];
    for (int round = -often / 4 - 1; round < often; round++) {
      for (int i = 0; i < times.length; i++) {
        sessions.get(i).run();
        long begin = now();
        sessions.get(i).run();
        times[i][Math.max(round, 0)] = (now() - begin) / 1e6;
      }
    }
    return times;
  }

  /**
   * One thread is the caller's own: its time leaves out what other programs take of the machine.
   */
  private long now() {
    return threads == 1
        ? ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime()
        : System.nanoTime();
  }

  private static String line(NetworkPlan plan, int batch, double sparsity, double[][] times) {
    double[] gains = new double[times[0].length];
    for (int round = 0; round < gains.length; round++) {
      gains[round] = times[0][round] / times[1][round];
    }
    Arrays.sort(gains);
    return String.format(
        Locale.ROOT,
        "| %s | %d | %.0f | %.2f | %.2f | %.2f | %.2f | %.2f |%n",
        plan.name(),
        batch,
        100 * sparsity,
        Interleaved.median(times[0]),
        Interleaved.median(times[1]),
        Interleaved.median(gains),
        gains[0],
        gains[gains.length - 1]);
  }
}
