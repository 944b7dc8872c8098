package org.vpns.examples.search;

import ai.djl.Model;
import ai.djl.nn.SymbolBlock;
import ai.djl.training.dataset.RandomAccessDataset;
import java.io.IOException;
import java.nio.file.Path;
import org.vpns.internal.image.ImagePlacement;
import org.vpns.internal.network.Network;
import org.vpns.internal.run.Batches;
import org.vpns.internal.run.Evaluator;
import org.vpns.internal.run.GradientStep;
import org.vpns.predict.PrunedModel;
import org.vpns.report.Accuracy;

/** Counts right answers of results on test images. */
final class TestCount {
  private TestCount() {}

  /**
   * Of the network in a result folder, with its own label mapping and its prompt, if it has one.
   *
   * @param folder result folder
   * @param network of the same architecture, whose weights are replaced
   * @param batchSize images per pass
   */
  static Accuracy of(Path folder, Model network, RandomAccessDataset test, int batchSize)
      throws IOException {
    boolean module = network.getBlock() instanceof SymbolBlock; // whoever gave one trusts them
    try (PrunedModel pruned =
            module ? PrunedModel.loadTrusted(folder, network) : PrunedModel.load(folder, network);
        Network opened = Network.open(pruned.model(), pruned.filter())) {
      GradientStep step =
          new GradientStep(opened, ImagePlacement.of(pruned.input()), pruned.prompt());
      return new Evaluator(step, opened.manager(), (what, done, total) -> {})
          .accuracy(
              Batches.all(test, batchSize, "test images"),
              pruned.mapping(),
              pruned.prompt() != null);
    }
  }
}
