package com.example.study;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.vpns.ImageInput;
import org.vpns.ParameterFilter;
import org.vpns.Sparsity;
import org.vpns.VisualPrompt;
import org.vpns.image.Augmentation;
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
import org.vpns.study.KeptRuns;
import org.vpns.study.data.ClassFolders;
import org.vpns.study.data.ImageTable;
import org.vpns.study.progress.RunsProgress;
import org.vpns.train.Collapse;
import org.vpns.train.ImageSets;
import org.vpns.train.Length;
import org.vpns.train.Mount;
import org.vpns.train.Pruner;
import org.vpns.train.Recipe;
import org.vpns.train.Trainer;

/** Compares methods on folders of pictures, keeps the runs, and draws a page of them. */
public final class Study {
  private static final int SIDE = 16;

  private Study() {}

  /** The folder for all that is made is the only argument. */
  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]);
    Pictures.draw(folder.resolve("pictures/train"), 24, 1);
    Pictures.draw(folder.resolve("pictures/test"), 12, 2);
    List<PruneReport> reports = new ArrayList<>();
    ResNet plan = ResNets.small().withInput(3, SIDE, SIDE).withClasses(4);
    try (Model model = plan.newModel("study", 1)) {
      ImageSets images = images(model, folder.resolve("pictures"));
      List<Recipe> recipes = recipes();
      long steps = recipes.stream().mapToLong(recipe -> recipe.gradientSteps(48)).sum();
      KeptRuns runs = new KeptRuns(folder);
      try (RunsProgress progress = RunsProgress.of(System.out, recipes.size(), steps)) {
        for (Recipe recipe : recipes) {
          progress.next(recipe, recipe.gradientSteps(48));
          reports.add(runs.run(recipe, model, images));
        }
      }
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

  private static ImageSets images(Model model, Path folder) throws Exception {
    ImageTable train = ClassFolders.read(folder.resolve("train"), 3, SIDE, SIDE);
    ImageTable test = ClassFolders.read(folder.resolve("test"), 3, SIDE, SIDE);
    return ImageSets.of(train.toDataset(model.getNDManager()), train.classes())
        .test(test.toDataset(model.getNDManager()))
        .classNames(train.classNames());
  }

  private static List<Recipe> recipes() {
    Arms arms = new Arms(Length.iterations(3));
    List<Recipe> recipes = new ArrayList<>();
    for (long seed = 1; seed <= 2; seed++) {
      for (Map.Entry<String, Pruner> arm : arms.withoutPrompt().entrySet()) {
        recipes.add(recipe(arm.getValue(), seed).name(arm.getKey()).build());
      }
      recipes.add(recipe(arms.vpns(), seed).prompt(Arms.frame()).build());
      Mount mount = Mount.in(Mount.Place.TUNING);
      recipes.add(
          recipe(arms.magnitude(), seed).prompt(Arms.moving()).mount(mount).build());
    }
    return recipes;
  }

  private static Recipe.Builder recipe(Pruner pruner, long seed) {
    Augmentation augmentation = Augmentation.flip().andThen(Augmentation.shift(1));
    ParameterFilter filter = ParameterFilter.weights().except("conv1\\..*");
    return Recipe.of(pruner, Sparsity.of(0.5))
        .input(ImageInput.of(3, SIDE, SIDE))
        .mapping(Arms.mapping())
        .augmentation(augmentation)
        .prunable(filter)
        .onCollapse(Collapse.WARN)
        .batchSize(16)
        .seed(seed);
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
