package com.example.study;

import java.io.IOException;
import java.nio.file.Path;
import org.vpns.ImageInput;
import org.vpns.Sparsity;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.prune.Pruners;
import org.vpns.study.Search;
import org.vpns.study.SearchOption;
import org.vpns.study.SearchResults;
import org.vpns.study.SearchSpace;
import org.vpns.study.StudyTask;
import org.vpns.train.Length;
import org.vpns.train.Recipe;

/** Finds a rate for magnitude pruning. */
final class Tuned {
  private static final SearchOption<Double> RATE = SearchOption.of("rate", 0.003, 0.01, 0.03);

  private Tuned() {}

  static void search(StudyTask task, Path folder) throws IOException {
    SearchSpace omp = SearchSpace.of("OMP", (choice, steps) -> omp(choice, steps)).over(RATE);
    Search search =
        org.vpns.study.Study.search(task, omp).steps(6).shortest(2).budget(12).in(folder);
    SearchResults found = search.run();
    System.out.println(found.toMarkdown());
    found.writePage(folder.resolve("search.html"), "A rate for crosses and discs");
    if (found.trials().size() != 4 || found.best().gradientSteps() != 6) {
      throw new IllegalStateException("not three short runs and a long one: " + found);
    }
  }

  private static Recipe omp(SearchSpace.Choice choice, long steps) {
    return Recipe.of(
            Pruners.magnitude()
                .weights(UpdateRule.sgd(), LearningRate.cosine(choice.get(RATE)))
                .length(Length.iterations(steps)),
            Sparsity.of(0.5))
        .input(ImageInput.of(3, Study.SIDE, Study.SIDE))
        .mapping(Arms.mapping())
        .batchSize(16)
        .build();
  }
}
