package org.vpns.examples.bench;

import ai.djl.Model;
import com.google.common.base.Splitter;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.vpns.ImageInput;
import org.vpns.Seeds;
import org.vpns.Sparsity;
import org.vpns.examples.EngineSettings;
import org.vpns.examples.Names;
import org.vpns.examples.TrainingSettings;
import org.vpns.internal.study.AllocatorSettings;
import org.vpns.model.NetworkPlan;
import org.vpns.model.ResNets;
import org.vpns.optim.LearningRate;
import org.vpns.predict.PrunedModel;
import org.vpns.study.data.ImageTable;
import org.vpns.train.ImageSets;
import org.vpns.train.Length;
import org.vpns.train.Recipe;
import org.vpns.train.RunListener;
import org.vpns.train.Stage;
import org.vpns.train.Trainer;

/**
 * What glibc's settings, which workers of a study have, save a training step: runs of a process
 * each, with them and without, in turn. Processor time of all threads of the process, since other
 * programs change that least.
 */
public final class AllocatorCost {
  private static final Map<String, Work> WORKS =
      Map.of(
          "resnet20", new Work(ResNets.cifar20(), 64, 10, 60),
          "resnet18", new Work(ResNets.resnet18(), 16, 3, 12));

  private AllocatorCost() {}

  /**
   * What is trained.
   *
   * @param before steps that are not timed
   * @param steps of the whole run
   */
  private record Work(NetworkPlan plan, int batch, int before, int steps) {}

  /** Milliseconds of a step: processor time of the process, and by the clock. */
  private record Step(double processor, double clock) {}

  /** Arguments: rounds (5), networks (resnet20 resnet18). */
  public static void main(String[] args) throws Exception {
    EngineSettings.apply();
    if (args.length > 1 && args[0].equals("--train")) {
      train(Names.one("network", WORKS, args[1]));
      return;
    }
    int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 5;
    List<String> networks =
        args.length > 1
            ? Arrays.asList(args).subList(1, args.length)
            : List.of("resnet20", "resnet18");
    for (String network : Names.each("networks", WORKS, networks).keySet()) {
      List<Step> plain = new ArrayList<>();
      List<Step> settled = new ArrayList<>();
      for (int round = 0; round < rounds; round++) {
        plain.add(start(network, AllocatorSettings::removeFrom));
        settled.add(start(network, AllocatorSettings::addTo));
      }
      tell(network + ", as glibc comes", plain);
      tell(network + ", with the settings", settled);
    }
  }

  private static void tell(String what, List<Step> steps) {
    System.out.printf(
        Locale.ROOT,
        "%s: %.1f ms of the processor a step (%.1f to %.1f), %.1f ms by the clock (medians of"
            + " %d)%n",
        what,
        Interleaved.median(steps.stream().mapToDouble(Step::processor).toArray()),
        steps.stream().mapToDouble(Step::processor).min().orElse(0),
        steps.stream().mapToDouble(Step::processor).max().orElse(0),
        Interleaved.median(steps.stream().mapToDouble(Step::clock).toArray()),
        steps.size());
  }

  private static Step start(String network, Consumer<Map<String, String>> settings)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                AllocatorCost.class.getName(),
                "--train",
                network)
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    settings.accept(builder.environment());
    Process process = builder.start();
    String line = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("a process failed: " + line);
    }
    List<String> found = Splitter.on(' ').trimResults().splitToList(line);
    return new Step(Double.parseDouble(found.get(0)), Double.parseDouble(found.get(1)));
  }

  /** Trains all weights on noise, and prints what a step took. */
  private static void train(Work work) {
    int channels = (int) work.plan.inputShape().get(1);
    int side = (int) work.plan.inputShape().get(2);
    RandomGenerator random = new Seeds(3).stream("images");
    float[][] images = new float[work.batch][channels * side * side];
    for (float[] image : images) {
      for (int i = 0; i < image.length; i++) {
        image[i] = random.nextFloat();
      }
    }
    ImageTable table =
        ImageTable.of(
            "noise", channels, side, side, images, new int[work.batch], List.of("one", "other"));
    Stage.Motion motion = new Stage.Motion(TrainingSettings.WEIGHTS, LearningRate.constant(1e-3));
    Recipe recipe =
        Recipe.of(
                "dense",
                Sparsity.DENSE,
                Stage.tuning(motion, Length.iterations(work.steps)).build())
            .input(ImageInput.of(channels, side, side))
            .batchSize(work.batch)
            .build();
    StepTimes times = new StepTimes(work.before, work.steps);
    try (Model model = work.plan.newModel("network", 1);
        PrunedModel trained =
            Trainer.of(recipe)
                .listener(times)
                .fit(model, ImageSets.of(table.toDataset(model.getNDManager()), 2))) {
      System.out.println(times.told());
    }
  }

  /** Reads the clocks after some steps and after the last one. */
  private static final class StepTimes implements RunListener {
    private final int before;
    private final int steps;
    private final long[] processor = new long[2];
    private final long[] clock = new long[2];

    StepTimes(int before, int steps) {
      this.before = before;
      this.steps = steps;
    }

    @Override
    public void stepFinished(RunListener.Step step) {
      if (step.done() == before || step.done() == steps) {
        int at = step.done() == before ? 0 : 1;
        processor[at] = processTime();
        clock[at] = System.nanoTime();
      }
    }

    String told() {
      double each = 1e6 * (steps - before);
      return (processor[1] - processor[0]) / each + " " + (clock[1] - clock[0]) / each;
    }

    private static long processTime() {
      return ManagementFactory.getOperatingSystemMXBean()
              instanceof com.sun.management.OperatingSystemMXBean system
          ? system.getProcessCpuTime()
          : 0;
    }
  }
}
