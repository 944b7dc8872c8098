package com.example.study;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.vpns.ImageInput;
import org.vpns.Sparsity;
import org.vpns.VisualPrompt;
import org.vpns.model.ResNet;
import org.vpns.model.ResNets;
import org.vpns.predict.PromptFile;
import org.vpns.predict.PromptTranslator;
import org.vpns.predict.PrunedModel;
import org.vpns.prune.LotteryTickets;
import org.vpns.prune.Pruners;
import org.vpns.report.PruneReport;
import org.vpns.study.Comparison;
import org.vpns.study.Difference;
import org.vpns.study.HtmlReport;
import org.vpns.study.data.ClassFolders;
import org.vpns.study.data.ImageTable;
import org.vpns.train.ImageSets;
import org.vpns.train.Length;
import org.vpns.train.Recipe;
import org.vpns.train.Trainer;

/** Compares methods on folders of pictures, keeps the runs, and draws a page of them. */
public final class Study {
  static final int SIDE = 16;
  static final ResNet NETWORK = ResNets.small().withInput(3, SIDE, SIDE).withClasses(4);

  private Study() {}

  /** The folder for all that is made is the only argument. */
  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]);
    Pictures.draw(folder.resolve("pictures/train"), 24, 1);
    Pictures.draw(folder.resolve("pictures/test"), 12, 2);
    List<PruneReport> reports = new Methods(folder.resolve("pictures")).run(folder);
    Tuned.search(new Methods(folder.resolve("pictures")), folder.resolve("search"));
    try (Model model = NETWORK.newModel("study", 1)) {
      ImageSets images = images(folder.resolve("pictures"), model.getNDManager());
      tickets(model, images, folder.resolve("tickets"));
      Channels channels = new Channels(model, images, ImageInput.of(3, SIDE, SIDE));
      channels.learned(folder);
      channels.scored();
      keepPrompt(model, images, folder.resolve("pictures"), folder.resolve("prompt.safetensors"));
      Sparse.train(model, images, ImageInput.of(3, SIDE, SIDE));
    }
    Comparison comparison = Comparison.of(reports, "OMP");
    System.out.println(comparison.toText());
    tell(comparison);
    HtmlReport.write(folder.resolve("study.html"), "Crosses and discs", comparison, reports);
  }

  static ImageSets images(Path folder, NDManager manager) throws IOException {
    ImageTable train = ClassFolders.read(folder.resolve("train"), 3, SIDE, SIDE);
    ImageTable test = ClassFolders.read(folder.resolve("test"), 3, SIDE, SIDE);
    return ImageSets.of(train.toDataset(manager), train.classes())
        .test(test.toDataset(manager))
        .classNames(train.classNames());
  }

  private static void tickets(Model model, ImageSets images, Path folder) {
    LotteryTickets tickets =
        LotteryTickets.of(
            Pruners.lottery().lengths(Length.iterations(2), Length.iterations(2)),
            folder,
            Sparsity.of(0.2),
            Sparsity.of(0.36));
    tickets.run(model, images, (sparsity, ticket) -> System.out.println(ticket.masks()));
  }

  /** The prompt that a recipe learns, for a service that has the network already. */
  private static void keepPrompt(Model model, ImageSets images, Path folder, Path file) throws Exception {
    Recipe recipe =
        Recipe.of(Pruners.vpns().lengths(Length.iterations(2), Length.iterations(2)), Sparsity.of(0.5))
            .input(ImageInput.of(3, SIDE, SIDE))
            .prompt(Arms.frame())
            .batchSize(16)
            .build();
    try (PrunedModel pruned = Trainer.of(recipe).fit(model, images)) {
      VisualPrompt prompt = pruned.prompt();
      PromptFile.save(prompt, file);
      PromptTranslator translator =
          PromptTranslator.of(prompt, pruned.classNames()).mapping(pruned.mapping());
      try (Predictor<Image, Classifications> predictor =
          pruned.model().newPredictor(translator)) {
        Image picture = ImageFactory.getInstance().fromFile(folder.resolve("test/disc/0.png"));
        System.out.println(predictor.predict(picture).best());
      }
    }
  }

  private static void tell(Comparison comparison) {
    for (Comparison.Row row : comparison.rows()) {
      Comparison.Spread accuracy = row.accuracy();
      Difference difference = row.difference();
      if (difference != null) {
        System.out.printf(
            "%s: %.1f %%, %s%n", row.method(), 100 * accuracy.mean(), difference.verdict());
      }
    }
  }
}
