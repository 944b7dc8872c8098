package org.vpns.examples.bench;

import ai.djl.Model;
import com.google.common.base.Splitter;
import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.vpns.ImageInput;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.ParameterFilter;
import org.vpns.ParameterPaths;
import org.vpns.Seeds;
import org.vpns.examples.EngineSettings;
import org.vpns.model.NetworkPlan;
import org.vpns.predict.PrunedModel;
import org.vpns.runtime.SparseModel;
import org.vpns.runtime.SparseRuntime;

/**
 * What it costs a service to start: a result with nine of ten weights removed is loaded by a JVM
 * that has done nothing else, from the result alone and with its prepared form beside it, in turn.
 */
public final class LoadingCost {
  private static final double DENSITY = 0.1;

  private LoadingCost() {}

  /** Arguments: network (resnet18), rounds (9). */
  public static void main(String[] args) throws Exception {
    if (args.length > 0 && args[0].equals("--load")) {
      load(Path.of(args[1]), Duration.parse(args[2]));
      return;
    }
    EngineSettings.apply();
    NetworkPlan plan = SparseSpeed.network(args.length > 0 ? args[0] : "resnet18");
    int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 9;
    Path folder = Files.createTempDirectory("loading");
    try {
      Path plain = save(plan, folder.resolve("plain"));
      Path prepared = save(plan, folder.resolve("prepared"));
      SparseRuntime.standard().savePrepared(prepared);
      for (Duration warmUp : List.of(Duration.ZERO, Duration.ofSeconds(10))) {
        compare(plan.name(), plain, prepared, warmUp, rounds);
      }
    } finally {
      MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
    }
  }

  private static void compare(
      String network, Path plain, Path prepared, Duration warmUp, int rounds)
      throws IOException, InterruptedException {
    List<Path> folders = List.of(plain, prepared);
    List<List<double[]>> found = List.of(new ArrayList<>(), new ArrayList<>());
    for (int round = 0; round < rounds; round++) {
      for (int i = 0; i < folders.size(); i++) {
        found.get(i).add(start(folders.get(i), warmUp));
      }
    }
    for (int i = 0; i < folders.size(); i++) {
      List<double[]> runs = found.get(i);
      System.out.printf(
          Locale.ROOT,
          "%s, warm-up %s, %s: %.0f ms by the clock, %.0f ms of the thread, %.0f ms of the process"
              + " (medians of %d)%n",
          network,
          warmUp,
          folders.get(i).getFileName(),
          median(runs, 0),
          median(runs, 1),
          median(runs, 2),
          rounds);
    }
  }

  private static double median(List<double[]> runs, int index) {
    return Interleaved.median(runs.stream().mapToDouble(run -> run[index]).toArray());
  }

  /** Clock, processor time of the thread and of the process, in milliseconds. */
  private static double[] start(Path folder, Duration warmUp)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules",
                "jdk.incubator.vector",
                "-cp",
                System.getProperty("java.class.path"),
                LoadingCost.class.getName(),
                "--load",
                folder.toString(),
                warmUp.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String line = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("a process failed: " + line);
    }
    return Splitter.on(' ').splitToStream(line).limit(3).mapToDouble(Double::parseDouble).toArray();
  }

  private static void load(Path folder, Duration warmUp) throws IOException {
    long clock = System.nanoTime();
    long thread = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    long process = processTime();
    try (SparseModel model = SparseRuntime.standard().warmUp(warmUp).load(folder)) {
      System.out.printf(
          Locale.ROOT,
          "%.3f %.3f %.3f %s%n",
          (System.nanoTime() - clock) / 1e6,
          (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - thread) / 1e6,
          (processTime() - process) / 1e6,
          model.network().describe());
    }
  }

  private static long processTime() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getProcessCpuTime()
        : 0;
  }

  private static Path save(NetworkPlan plan, Path folder) throws IOException {
    try (Model model = plan.newModel(plan.name(), 1)) {
      Layout layout = ParameterPaths.of(model.getBlock()).prunable(ParameterFilter.weights());
      RandomGenerator random = new Seeds(2).stream("masks");
      MaskSet masks =
          MaskSet.of(layout, i -> Mask.of(layout.shape(i), j -> random.nextDouble() < DENSITY));
      ImageInput input =
          ImageInput.of(
              (int) plan.inputShape().get(1),
              (int) plan.inputShape().get(2),
              (int) plan.inputShape().get(3));
      List<String> names = IntStream.range(0, 1000).mapToObj(i -> "class " + i).toList();
      PrunedModel.of(model, masks, input, names).save(folder);
    }
    return folder;
  }
}
