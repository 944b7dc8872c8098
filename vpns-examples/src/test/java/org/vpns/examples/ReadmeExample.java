package org.vpns.examples;

import ai.djl.Model;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.vpns.ImageInput;
import org.vpns.Sparsity;
import org.vpns.control.Controls;
import org.vpns.mapping.Mappings;
import org.vpns.predict.PrunedModel;
import org.vpns.prompt.Prompts;
import org.vpns.prune.Pruners;
import org.vpns.study.progress.Progress;
import org.vpns.train.ImageSets;
import org.vpns.train.Mount;
import org.vpns.train.Recipe;
import org.vpns.train.RunListener;
import org.vpns.train.Trainer;

/** Examples of the README, word for word. */
final class ReadmeExample {
  private ReadmeExample() {}

  static void prune(Model model, ImageSets images, Path folder) throws IOException {
    // README: prune
    Recipe recipe =
        Recipe.of(Pruners.vpns(), Sparsity.of(0.95))
            .prompt(Prompts.pad(8)) // 8 pixels on each side, learned
            .mapping(Mappings.frequency()) // which output stands for which class
            .input(ImageInput.of(1, 32, 32))
            .epochs(5, 5) // find the mask, then tune
            .build();
    RunListener progress = Progress.console();
    try (PrunedModel pruned = Trainer.of(recipe).listener(progress).fit(model, images)) {
      pruned.save(folder);
    }
    // README: end
  }

  static List<Recipe> arms() {
    // README: arms
    Recipe vpns =
        Recipe.of(Pruners.vpns(), Sparsity.of(0.95))
            .prompt(Prompts.pad(8))
            .input(ImageInput.of(1, 32, 32))
            .build();
    Recipe omp =
        Recipe.of(Pruners.magnitude(), Sparsity.of(0.95))
            .prompt(Prompts.pad(8))
            .mount(Mount.in(Mount.Place.TUNING))
            .input(ImageInput.of(1, 32, 32))
            .build();
    List<Recipe> arms = List.of(vpns, Controls.equalCost(vpns), Controls.shuffledMask(vpns), omp);
    // README: end
    return arms;
  }
}
