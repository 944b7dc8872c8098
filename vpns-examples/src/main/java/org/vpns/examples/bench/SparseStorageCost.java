package org.vpns.examples.bench;

import ai.djl.Model;
import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.vpns.ImageInput;
import org.vpns.LabelAssignment;
import org.vpns.MaskSet;
import org.vpns.ParameterFilter;
import org.vpns.Seeds;
import org.vpns.Sparsity;
import org.vpns.allocate.Allocations;
import org.vpns.internal.learn.EffectiveWeights;
import org.vpns.internal.network.Network;
import org.vpns.internal.network.NetworkScoring;
import org.vpns.model.ResNets;
import org.vpns.predict.PrunedModel;
import org.vpns.report.PruneReport;
import org.vpns.score.Scorers;
import org.vpns.weights.WeightFile;

/**
 * What a result folder of ResNet-18 at sparsity 0.9 takes beside its dense safetensors file: bytes,
 * and time to load either into a block that exists. The folder's load also reads report and masks,
 * checks that all belong together and runs the network once. Serves the question whether storing
 * kept values alone costs anything.
 */
public final class SparseStorageCost {
  private static final String SPARSITY = "0.9";

  private SparseStorageCost() {}

  /** An action on files. */
  private interface FileWork {
    void run() throws IOException;
  }

  /** Prints sizes, times and ratios of one run. */
  public static void main(String[] args) throws IOException {
    System.setProperty("ai.djl.offline", "true");
    Path folder = Files.createTempDirectory("vpns");
    try (Model model = ResNets.resnet18().newModel("resnet18", 7);
        PrunedModel pruned = prune(model)) {
      Path dense = folder.resolve("dense.safetensors");
      Path result = folder.resolve("result");
      pruned.saveWeights(dense);
      pruned.save(result);
      printSizes(dense, result);
      new Interleaved()
          .add("dense file", work(() -> WeightFile.load(model, dense)))
          .add("result folder", work(() -> PrunedModel.load(result, model).close()))
          .run("load into an existing block", 10, 41);
      Path again = folder.resolve("again");
      new Interleaved()
          .add("dense file", work(() -> pruned.saveWeights(folder.resolve("again.safetensors"))))
          .add("result folder", work(() -> pruned.save(again)))
          .run("save", 2, 11);
    } finally {
      MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
    }
  }

  private static Runnable work(FileWork work) {
    return () -> {
      try {
        work.run();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    };
  }

  private static void printSizes(Path dense, Path result) throws IOException {
    long whole = Files.size(dense);
    System.out.printf(Locale.ROOT, "%-48s %,12d bytes%n", "dense safetensors", whole);
    long sum = 0;
    try (Stream<Path> files = Files.list(result).sorted()) {
      for (Path file : files.toList()) {
        System.out.printf(
            Locale.ROOT, "  %-46s %,12d bytes%n", file.getFileName(), Files.size(file));
        sum += Files.size(file);
      }
    }
    System.out.printf(
        Locale.ROOT,
        "%-48s %,12d bytes   ratio %.3f%n",
        "result folder",
        sum,
        (double) sum / whole);
  }

  /** The largest tenth of the weights, and a mapping of ten classes: a result without a run. */
  private static PrunedModel prune(Model model) {
    int[][] mapping = IntStream.range(0, 10).mapToObj(c -> new int[] {c}).toArray(int[][]::new);
    try (Network network = Network.open(model, ParameterFilter.weights())) {
      MaskSet masks =
          Allocations.global()
              .allocate(
                  Scorers.magnitude().score(NetworkScoring.of(network, new Seeds(7))),
                  Sparsity.of(SPARSITY));
      new EffectiveWeights(network).apply(masks);
      PruneReport report =
          new PruneReport(
              "magnitude",
              SPARSITY,
              7,
              masks.size(),
              masks.kept(),
              network.parameters(),
              List.of(),
              null,
              null,
              null,
              List.of(),
              mapping,
              null,
              List.of(),
              Map.of(),
              null);
      return new PrunedModel(
          model,
          masks,
          ImageInput.of(3, 224, 224).imageNetNormalisation(),
          null,
          LabelAssignment.of(1000, mapping),
          IntStream.range(0, 10).mapToObj(c -> "class " + c).toList(),
          ParameterFilter.weights(),
          report,
          null,
          model.getNDManager().newSubManager());
    }
  }
}
