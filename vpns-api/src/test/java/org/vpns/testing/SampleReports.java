package org.vpns.testing;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.vpns.report.Accuracy;
import org.vpns.report.ChannelRecord;
import org.vpns.report.ChannelRecord.Size;
import org.vpns.report.Cost;
import org.vpns.report.EpochRecord;
import org.vpns.report.LayerRecord;
import org.vpns.report.PromptRecord;
import org.vpns.report.PruneReport;
import org.vpns.report.StageRecord;

/** Made-up reports: small ones with exact counts, and a table of runs as an experiment gives it. */
public final class SampleReports {
  private SampleReports() {}

  /** A report of 1000 test images that says nothing but its accuracy. */
  public static PruneReport minimal(
      String recipe, String sparsity, long seed, int plain, Integer prompted, long steps) {
    return new PruneReport(
        recipe,
        sparsity,
        seed,
        100,
        10,
        120,
        List.of(),
        new Accuracy(1000, 900, null),
        new Accuracy(1000, 200, prompted == null ? null : 210),
        new Accuracy(1000, plain, prompted),
        List.of(told(new StageRecord("tune", steps, 16 * steps, 2.5, List.of(), List.of(), null))),
        new int[][] {{0}, {1}},
        null,
        List.of(),
        Map.of(),
        null);
  }

  /** Two groups, the second of which stays, and a layer of none. */
  public static ChannelRecord channels(String name) {
    return new ChannelRecord(
        "0.5 of the channels to leave",
        "4 of 12 leave",
        new Size(524, 8_084, 2_096),
        new Size(272, 4_052, 1_088),
        List.of(
            new ChannelRecord.Group(
                name,
                8,
                5,
                4,
                "at least 4 stay",
                new Size(216, 3_456, 864),
                new Size(108, 1_728, 432)),
            new ChannelRecord.Group(
                "fc", 5, 0, 5, "stays: result", new Size(20, 20, 80), new Size(20, 20, 80))));
  }

  /** What sets one arm of the made-up experiment apart. */
  public record Arm(String name, double accuracy, double effort, boolean finds, boolean prompted) {}

  public static final List<Arm> ARMS =
      List.of(
          new Arm("HYDRA", 0.712, 1, true, false),
          new Arm("VPNs", 0.741, 1, true, true),
          new Arm("HYDRA, twice the steps", 0.738, 2, true, false),
          new Arm("OMP", 0.655, 1, false, false),
          new Arm("OMP with prompt", 0.671, 1, false, true),
          new Arm("Random", 0.402, 1, false, false),
          new Arm("SNIP", 0.601, 1, false, false),
          new Arm("GraSP", 0.588, 1, false, false),
          new Arm("SynFlow", 0.623, 1, false, false),
          new Arm("LTH", 0.684, 3, false, false),
          new Arm("BiP", 0.715, 1, true, false));

  /** Every arm with the given seeds: a ResNet-18 of a tenth of its width. */
  public static List<PruneReport> experiment(List<String> sparsities, long... seeds) {
    List<PruneReport> reports = new ArrayList<>();
    for (String sparsity : sparsities) {
      for (Arm arm : ARMS) {
        for (long seed : seeds) {
          reports.add(run(arm, sparsity, seed));
        }
      }
    }
    return reports;
  }

  public static PruneReport run(Arm arm, String sparsity, long seed) {
    Random random = new Random(31 * arm.name().hashCode() + 7 * seed + sparsity.hashCode());
    Random common = new Random(seed);
    double density = 1 - Double.parseDouble(sparsity);
    double level =
        arm.accuracy() + 0.05 * Math.log10(density / 0.01) + 0.012 * common.nextGaussian();
    int images = 2000;
    int plain = count(images, level + 0.004 * random.nextGaussian());
    Integer prompted =
        arm.prompted()
            ? (Integer) count(images, level + 0.006 + 0.004 * random.nextGaussian())
            : null;
    if (arm.prompted()) {
      plain -= 35;
    }
    List<LayerRecord> layers = layers(density, random);
    long kept = layers.stream().mapToLong(LayerRecord::kept).sum();
    long prunable = layers.stream().mapToLong(LayerRecord::size).sum();
    List<StageRecord> stages = new ArrayList<>();
    long steps = Math.round(1170 * arm.effort());
    if (arm.finds()) {
      stages.add(stage("find mask", steps / 2, 2.6, 1.1, 0.55, random));
      stages.add(stage("tune", steps / 2, 1.0, 0.55, level, random));
    } else {
      stages.add(stage("tune", steps, 2.4, 0.6, level, random));
    }
    List<String> warnings = new ArrayList<>();
    layers.stream()
        .filter(layer -> layer.kept() == 0)
        .forEach(layer -> warnings.add("layer without weights: " + layer.path()));
    int[][] mapping = new int[10][];
    for (int i = 0; i < mapping.length; i++) {
      mapping[i] = new int[] {random.nextInt(100)};
    }
    Map<String, String> provenance = new LinkedHashMap<>();
    provenance.put("data", "train 18,000 images, crc 5f3a9c1e; test 2,000 images, crc 77b0e412");
    provenance.put("network", "ResNet-18, width 8");
    provenance.put("batch size", "128");
    provenance.put("epochs", arm.finds() ? "15, 15" : "30");
    provenance.put("vpns", "0.1.0");
    provenance.put("java", "17.0.15");
    return new PruneReport(
        arm.name(),
        sparsity,
        seed,
        prunable,
        kept,
        prunable + 4810,
        layers,
        new Accuracy(images, count(images, 0.846), arm.prompted() ? (Integer) 1692 : null),
        new Accuracy(
            images,
            count(images, 0.11 + 0.02 * random.nextDouble()),
            arm.prompted() ? (Integer) 231 : null),
        new Accuracy(images, plain, prompted),
        stages,
        mapping,
        arm.prompted() ? prompt(random) : null,
        warnings,
        provenance,
        null);
  }

  private static int count(int images, double fraction) {
    return (int) Math.round(images * Math.min(Math.max(fraction, 0), 1));
  }

  private static List<LayerRecord> layers(double density, Random random) {
    List<LayerRecord> layers = new ArrayList<>();
    add(layers, "conv1.weight", 8, 3, 3, density * 6, random);
    int in = 8;
    for (int stage = 1; stage <= 4; stage++) {
      int width = 8 << (stage - 1);
      for (int block = 0; block < 2; block++) {
        String path = "layer" + stage + "." + block + ".";
        add(layers, path + "conv1.weight", width, in, 3, density * 3.2 / stage, random);
        add(layers, path + "conv2.weight", width, width, 3, density * 2.4 / stage, random);
        if (stage > 1 && block == 0) {
          add(layers, path + "downsample.0.weight", width, in, 1, density * 2, random);
        }
        in = width;
      }
    }
    layers.set(
        layers.size() - 1,
        new LayerRecord("layer4.1.conv2.weight", "(64, 64, 3, 3)", 36864, density < 0.02 ? 0 : 90));
    // The classifier takes what is left of the exact global count.
    long others = layers.stream().mapToLong(LayerRecord::kept).sum();
    long size = layers.stream().mapToLong(LayerRecord::size).sum() + 6400;
    long keep = Math.round(size * density);
    layers.add(new LayerRecord("fc.weight", "(100, 64)", 6400, (int) (keep - others)));
    return layers;
  }

  private static void add(
      List<LayerRecord> layers,
      String path,
      int out,
      int in,
      int k,
      double density,
      Random random) {
    int size = out * in * k * k;
    int kept = (int) (size * Math.min(density * (0.8 + 0.4 * random.nextDouble()), 1));
    layers.add(new LayerRecord(path, "(%d, %d, %d, %d)".formatted(out, in, k, k), size, kept));
  }

  private static StageRecord stage(
      String name, long steps, double from, double to, double accuracy, Random random) {
    List<Double> losses = new ArrayList<>();
    List<EpochRecord> epochs = new ArrayList<>();
    int perEpoch = 39;
    double sum = 0;
    for (int step = 0; step < steps; step++) {
      double t = (double) step / steps;
      double loss = to + (from - to) * Math.exp(-4 * t) + 0.12 * random.nextGaussian();
      losses.add(loss);
      sum += loss;
      if ((step + 1) % perEpoch == 0) {
        double reached = accuracy * (1 - 0.8 * Math.exp(-5 * t));
        epochs.add(
            new EpochRecord(
                epochs.size(),
                perEpoch,
                sum / perEpoch,
                reached + 0.02,
                reached + 0.01 * random.nextGaussian()));
        sum = 0;
      }
    }
    return told(
        new StageRecord(
            name, steps, 128 * steps, 0.031 * steps + random.nextDouble(), losses, epochs, null));
  }

  /** With the costs that reports of today tell: no passes for scores. */
  private static StageRecord told(StageRecord s) {
    return costing(s, s.gradientSteps(), Cost.NONE);
  }

  public static StageRecord costing(StageRecord s, long forwards, Cost scoring) {
    return new StageRecord(
        s.name(),
        s.gradientSteps(),
        s.images(),
        s.seconds(),
        s.losses(),
        s.epochs(),
        s.bestEpoch(),
        s.sparsity(),
        s.accuracy(),
        s.explored(),
        forwards,
        scoring);
  }

  /** The same run with other costs of its first stage, and a number of training images. */
  public static PruneReport costing(
      PruneReport r, long forwards, Cost scoring, long trainingImages) {
    List<StageRecord> stages = new ArrayList<>(r.stages());
    stages.set(0, costing(stages.get(0), forwards, scoring));
    return Reports.with(r, stages, trainingImages);
  }

  private static PromptRecord prompt(Random random) {
    int side = 64;
    int pad = 6;
    float[] picture = new float[3 * side * side];
    for (int c = 0; c < 3; c++) {
      for (int row = 0; row < side; row++) {
        for (int col = 0; col < side; col++) {
          boolean border = row < pad || row >= side - pad || col < pad || col >= side - pad;
          double wave = Math.sin(0.21 * row + 0.7 * c) * Math.cos(0.17 * col - 0.4 * c);
          picture[(c * side + row) * side + col] =
              border ? (float) (0.14 * wave + 0.05 * random.nextGaussian()) : 0;
        }
      }
    }
    int active = side * side - (side - 2 * pad) * (side - 2 * pad);
    return new PromptRecord(
        "pad", Map.of("pixels", "6"), 3, side, side, active, 3L * active, picture);
  }
}
