package org.vpns.examples.bench;

import ai.djl.Model;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Locale;
import org.vpns.examples.EngineSettings;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.internal.runtime.kernel.Step;
import org.vpns.internal.runtime.plan.Planner;
import org.vpns.internal.runtime.plan.Program;
import org.vpns.model.NetworkPlan;

/**
 * Where the time of the sparse runtime goes: each step of a network with a random mask, one thread,
 * processor time.
 */
public final class SparseLayers {
  private SparseLayers() {}

  /** Arguments: network (resnet18), sparsity (0.9), rounds (40). */
  public static void main(String[] args) {
    EngineSettings.apply();
    NetworkPlan plan = SparseSpeed.network(args.length > 0 ? args[0] : "resnet18");
    double sparsity = args.length > 1 ? Double.parseDouble(args[1]) : 0.9;
    int rounds = args.length > 2 ? Integer.parseInt(args[2]) : 40;
    Program program;
    try (Model model = plan.newModel(plan.name(), 1)) {
      SparseSpeed.mask(model, sparsity);
      NetworkValues network = BlockTracer.network(model.getBlock(), SparseSpeed.image(plan));
      program =
          Planner.plan(
              network.graph(), SparseSpeed.image(plan), p -> network.array(p).toFloatArray());
    }
    double[][] times = times(program, rounds);
    double all = 0;
    for (double[] step : times) {
      all += Interleaved.median(step);
    }
    System.out.printf(Locale.ROOT, "%s, sparsity %.2f: %.3f ms%n", plan.name(), sparsity, all);
    for (int i = 0; i < times.length; i++) {
      double time = Interleaved.median(times[i]);
      System.out.printf(
          Locale.ROOT,
          "  %-40s %8.3f ms %5.1f %%%n",
          program.names().get(i),
          time,
          100 * time / all);
    }
  }

  /** Milliseconds of each step in each round; half as many rounds run before. */
  private static double[][] times(Program program, int rounds) {
    Step[] steps = program.steps().toArray(new Step[0]);
    float[] memory = program.memory();
    Arrays.fill(memory, program.input(), program.input() + program.inputs(), 1);
    double[][] times = new double[steps.length][rounds];
    for (int round = -rounds / 2 - 1; round < rounds; round++) {
      for (int i = 0; i < steps.length; i++) {
        long begin = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        steps[i].run(memory, 0, 1);
        long end = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        times[i][Math.max(round, 0)] = (end - begin) / 1e6;
      }
    }
    return times;
  }
}
