package org.vpns.examples;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.vpns.ImageInput;
import org.vpns.Sparsity;
import org.vpns.examples.search.BestSparse;
import org.vpns.mapping.Mappings;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.predict.PrunedModel;
import org.vpns.prompt.Prompts;
import org.vpns.prune.Pruners;
import org.vpns.study.Search;
import org.vpns.study.SearchOption;
import org.vpns.study.SearchResults;
import org.vpns.study.SearchSpace;
import org.vpns.study.Study;
import org.vpns.study.StudyTask;
import org.vpns.study.progress.Progress;
import org.vpns.train.Length;
import org.vpns.train.Mount;
import org.vpns.train.Pruner;
import org.vpns.train.Recipe;

/** Code of the guide "find good settings". */
final class SearchExample {
  private SearchExample() {}

  /** A search of two methods. */
  static SearchResults search(StudyTask task, ImageInput input, Path folder) throws IOException {
    // README: search
    SearchOption<Double> rate = SearchOption.of("weight rate", 0.01, 0.03, 0.1);
    SearchOption<Integer> width = SearchOption.of("prompt width", 2, 4);
    SearchSpace omp =
        SearchSpace.of(
                "OMP", (choice, steps) -> recipe(magnitude(choice.get(rate), steps), input).build())
            .over(rate);
    SearchSpace prompted =
        SearchSpace.of(
                "OMP + prompt",
                (choice, steps) ->
                    recipe(magnitude(choice.get(rate), steps), input)
                        .prompt(Prompts.pad(choice.get(width)))
                        .mount(Mount.in(Mount.Place.TUNING))
                        .build())
            .over(rate, width);
    Search search =
        Study.search(task, omp, prompted)
            .steps(18) // of a run of full length
            .budget(108) // of all runs together, half for each method
            .in(folder)
            .listener(Progress.study(System.out));
    SearchResults found = search.run();
    System.out.println(found.toMarkdown());
    found.writePage(folder.resolve("search.html"), "Rates for digits");
    Recipe best = found.best().recipe();
    // README: end
    System.out.println(best.options());
    return found;
  }

  // README: recipe
  static Pruner magnitude(double rate, long steps) {
    return Pruners.magnitude()
        .weights(UpdateRule.sgd().momentum(0.9), LearningRate.cosine(rate))
        .length(Length.iterations(steps));
  }

  static Recipe.Builder recipe(Pruner pruner, ImageInput input) {
    return Recipe.of(pruner, Sparsity.of(0.9)).input(input).mapping(Mappings.frequency());
  }

  // README: end

  /** The door for who does not care by which method. */
  static BestSparse.Found find(StudyTask task, ImageInput input, Path folder) throws IOException {
    // README: door
    BestSparse.Found found =
        BestSparse.of(task, input, Sparsity.of(0.95))
            .time(Duration.ofMillis(100)) // some minutes, rather
            .steps(18)
            .in(folder)
            .find();
    try (PrunedModel pruned = PrunedModel.load(found.model())) {
      System.out.println(found.best().method() + ", " + pruned.masks().sparsity());
    }
    // README: end
    return found;
  }
}
