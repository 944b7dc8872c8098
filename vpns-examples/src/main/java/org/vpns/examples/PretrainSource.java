package org.vpns.examples;

import ai.djl.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.vpns.Sparsity;
import org.vpns.examples.data.FashionMnist;
import org.vpns.model.ResNets;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.predict.PrunedModel;
import org.vpns.report.Accuracy;
import org.vpns.study.progress.Progress;
import org.vpns.train.ImageSets;
import org.vpns.train.Length;
import org.vpns.train.Pass;
import org.vpns.train.Recipe;
import org.vpns.train.Stage;
import org.vpns.train.Target;
import org.vpns.train.Trainer;
import org.vpns.weights.WeightFile;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Trains the source network of the quick start on 16,000 images of Fashion-MNIST, 28 x 28 centred
 * on 32 x 32, with the library's own trainer at sparsity 0: SGD with momentum 0.9 and decay 5e-4,
 * batches of {@value #BATCH}, learning rate rising to 0.2 over {@value #WARM_UP} steps and falling
 * by a cosine. Equal seed, machine and number of threads give equal bits.
 */
@Command(
    name = "PretrainSource",
    description = "Trains the source network of the quick start on Fashion-MNIST.")
public final class PretrainSource extends Program {
  private static final int BATCH = 128;
  private static final int WARM_UP = 38;

  @Option(
      names = "--out",
      description = "File to write, safetensors (default: ${DEFAULT-VALUE}).",
      defaultValue = "out/" + SourceNetwork.RESOURCE)
  private Path out = Path.of("");

  @Option(
      names = "--seed",
      description = "Seed of initial weights and order (default: ${DEFAULT-VALUE}).",
      defaultValue = "7")
  private long seed;

  @Option(
      names = "--epochs",
      description = "Passes over the images (default: ${DEFAULT-VALUE}).",
      defaultValue = "3")
  private int epochs;

  private PretrainSource() {}

  /** Runs the program; see {@code --help}. */
  public static void main(String[] args) {
    new PretrainSource().execute(args);
  }

  static CommandLine commandLine() {
    return new PretrainSource().toCommandLine();
  }

  @Override
  public Integer call() throws IOException {
    Recipe recipe = using(() -> OptionValue.of("--epochs", () -> recipe(seed, epochs)));
    Path folder = out.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    try (Model model = ResNets.small().newModel("source", seed);
        PrunedModel trained =
            Trainer.of(recipe)
                .listener(Progress.console())
                .fit(
                    model,
                    ImageSets.of(
                            FashionMnist.train().toDataset(model.getNDManager()),
                            FashionMnist.CLASS_NAMES.size())
                        .test(FashionMnist.test().toDataset(model.getNDManager())))) {
      String accuracy = describe(trained.report().tuned());
      WeightFile.save(
          model.getBlock(),
          out,
          Map.of("made by", "PretrainSource --seed " + seed + " --epochs " + epochs));
      System.out.println(accuracy + "; weights in " + out);
    }
    return 0;
  }

  private static String describe(@Nullable Accuracy accuracy) {
    return accuracy == null
        ? "not tested"
        : String.format(
            Locale.ROOT,
            "%d of %d test images right, %.2f %%",
            accuracy.plain(),
            accuracy.images(),
            100 * accuracy.plainFraction());
  }

  static Recipe recipe(long seed, int epochs) {
    Stage train =
        Stage.builder("train")
            .train(
                Target.WEIGHTS,
                UpdateRule.sgd().momentum(0.9).decay(5e-4),
                LearningRate.cosine(0.2).warmUp(WARM_UP))
            .pass(Pass.plain())
            .length(Length.epochs(epochs))
            .build();
    return Recipe.of("source", Sparsity.DENSE, train)
        .input(SourceNetwork.input().imageSize(28, 28))
        .batchSize(BATCH)
        .seed(seed)
        .build();
  }
}
