package org.vpns.examples.search;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.RandomAccessDataset;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.vpns.ImageInput;
import org.vpns.LabelMapping;
import org.vpns.Problem;
import org.vpns.Sparsity;
import org.vpns.Value;
import org.vpns.internal.network.Engines;
import org.vpns.mapping.Mappings;
import org.vpns.prune.Pruners;
import org.vpns.report.Accuracy;
import org.vpns.report.PruneReport;
import org.vpns.study.Search;
import org.vpns.study.SearchResults;
import org.vpns.study.SearchResults.Trial;
import org.vpns.study.SearchSpace;
import org.vpns.study.Study;
import org.vpns.study.StudyListener;
import org.vpns.study.StudyTask;
import org.vpns.study.Workers;
import org.vpns.train.ImageSets;
import org.vpns.train.Recipe;
import org.vpns.train.Trainer;

/**
 * Finds the best sparse network in a time, for who does not care by which method: searches the
 * settings of {@link MethodSpaces}, and trains the dense network for as many steps beside them.
 *
 * <pre>{@code
 * BestSparse.Found found =
 *     BestSparse.of(task, input, Sparsity.of(0.95))
 *         .time(Duration.ofMinutes(30))
 *         .in(folder)
 *         .find();
 * PrunedModel pruned = PrunedModel.load(found.model());
 * }</pre>
 *
 * <p>Networks are chosen by validation images, those of the task or a fifth of the training images.
 * Test images, if the task has any, are counted once, when the best sparse network and the dense
 * one have been chosen. Started again in its folder, it goes on. Immutable.
 */
public final class BestSparse extends Value<BestSparse> {
  private static final double VALIDATION = 0.2;
  private static final int FEWEST_STEPS = 18;
  private static final Duration LEAST = Duration.ofNanos(1);

  private final StudyTask task;
  private final ImageInput input;
  private final Sparsity sparsity;
  private Duration time = Duration.ofMinutes(30);
  private long steps = 300;
  private int batchSize = 32;
  private long seed = 1;
  private @Nullable Path folder;
  private StudyListener listener = new StudyListener() {};

  private BestSparse(StudyTask task, ImageInput input, Sparsity sparsity) {
    this.task = task;
    this.input = input;
    this.sparsity = sparsity;
  }

  /**
   * For a network and images.
   *
   * @param task has both
   * @param input how images are placed and normalised
   * @param sparsity fraction of the prunable weights to remove, above 0
   */
  public static BestSparse of(StudyTask task, ImageInput input, Sparsity sparsity) {
    Problem.given(task, "BestSparse.of", "task");
    Problem.given(input, "BestSparse.of", "input");
    Problem.given(sparsity, "BestSparse.of", "sparsity");
    if (sparsity.equals(Sparsity.DENSE)) {
      throw Problem.argument(
          "nothing to remove",
          "BestSparse.of",
          "sparsity above 0",
          sparsity,
          "0.9 leaves a tenth of the weights");
    }
    return new BestSparse(task, input, sparsity);
  }

  /** With the time of the search; default half an hour. Counting test images comes on top. */
  public BestSparse time(Duration newTime) {
    Problem.given(newTime, "BestSparse.time", "time");
    return with(b -> b.time = newTime);
  }

  /** With the gradient steps that a network is trained for at most, at least 18; default 300. */
  public BestSparse steps(long newSteps) {
    if (newSteps < FEWEST_STEPS) {
      throw Problem.argument(
          "too few gradient steps",
          "BestSparse.steps",
          "at least " + FEWEST_STEPS,
          newSteps,
          "several epochs are usual");
    }
    return with(b -> b.steps = newSteps);
  }

  /** With images per gradient step; default 32. */
  public BestSparse batchSize(int images) {
    return with(b -> b.batchSize = images);
  }

  /** With another seed than 1. */
  public BestSparse seed(long newSeed) {
    return with(b -> b.seed = newSeed);
  }

  /** With the folder for all that is found. */
  public BestSparse in(Path newFolder) {
    Problem.given(newFolder, "BestSparse.in", "folder");
    return with(b -> b.folder = newFolder);
  }

  /** With a listener in place of the one before. */
  public BestSparse listener(StudyListener newListener) {
    Problem.given(newListener, "BestSparse.listener", "listener");
    return with(b -> b.listener = newListener);
  }

  /**
   * What was found.
   *
   * @param search all that was tried
   * @param best of the sparse networks
   * @param dense the best dense one; null if all failed
   * @param runnersUp the best of the other methods, the best first
   * @param model result folder of the best sparse network
   * @param givenTested right answers on test images of the network as it was given; null without
   *     test images
   * @param bestTested the same of the best
   * @param denseTested the same of the dense one; null also if there is none
   */
  public record Found(
      SearchResults search,
      Trial best,
      @Nullable Trial dense,
      List<Trial> runnersUp,
      Path model,
      @Nullable Accuracy givenTested,
      @Nullable Accuracy bestTested,
      @Nullable Accuracy denseTested) {}

  /**
   * Finds it.
   *
   * @throws IllegalArgumentException if network and images do not fit each other, or there are too
   *     few images to choose by
   * @throws IllegalStateException without a folder, or if no sparse network could be trained
   * @throws IOException if images or results cannot be read, or results cannot be written
   */
  public Found find() throws IOException {
    return findBy(Search::run);
  }

  /** Has the runs of the search made elsewhere; as {@link #find()} otherwise. */
  public Found find(Workers workers) throws IOException {
    Problem.given(workers, "BestSparse.find", "workers");
    return findBy(search -> search.run(workers));
  }

  /**
   * All runs that the search may come to, for workers, whose plan gives them.
   *
   * @throws IOException if images cannot be read
   */
  public Study<PruneReport> study() throws IOException {
    return search(mapping()).study();
  }

  /** Makes the runs of a search. */
  private interface Maker {
    SearchResults make(Search search) throws IOException;
  }

  private Found findBy(Maker maker) throws IOException {
    if (folder == null) {
      throw Problem.state(
          "no folder for results", "BestSparse.find", "BestSparse.in", "none", "name the folder");
    }
    long begin = System.nanoTime();
    LabelMapping mapping = mapping();
    Duration left = time.minusNanos(System.nanoTime() - begin);
    Search search =
        search(mapping)
            .time(left.compareTo(LEAST) < 0 ? LEAST : left)
            .in(folder)
            .listener(listener)
            .keepingModels();
    SearchResults results = maker.make(search);
    List<Trial> sparse =
        results.ranking().stream()
            .filter(t -> !t.method().equals(MethodSpaces.DENSE))
            .sorted(Comparator.comparingDouble(t -> -Objects.requireNonNull(t.validation())))
            .toList(); // a network counts by what it does, however long it was trained
    if (sparse.isEmpty()) {
      throw Problem.state(
          "no sparse network",
          "BestSparse of " + task.name(),
          "a method whose runs come to their end",
          "failures: " + failures(results),
          "look at the images and the network");
    }
    Trial best = sparse.get(0);
    Trial dense = results.best(MethodSpaces.DENSE).orElse(null);
    List<Trial> others = sparse.subList(1, sparse.size());
    Path model = search.model(best);
    try (NDManager manager = Engines.newManager("test images of a search")) {
      ImageSets images = task.images(seed, manager);
      RandomAccessDataset test = images.test();
      if (test == null) {
        return new Found(results, best, dense, others, model, null, null, null);
      }
      return new Found(
          results,
          best,
          dense,
          others,
          model,
          given(mapping, images),
          tested(model, test),
          dense == null ? null : tested(search.model(dense), test));
    }
  }

  /** Right answers of the network as it was given. */
  private Accuracy given(LabelMapping mapping, ImageSets images) throws IOException {
    try (Model network = task.network()) {
      return Trainer.of(plain(mapping)).accuracy(network, images);
    }
  }

  private Accuracy tested(Path model, RandomAccessDataset test) throws IOException {
    try (Model network = task.network()) {
      return TestCount.of(model, network, test, batchSize);
    }
  }

  private static List<String> failures(SearchResults results) {
    return results.trials().stream()
        .map(Trial::failure)
        .filter(Objects::nonNull)
        .distinct()
        .limit(3)
        .toList();
  }

  private Search search(LabelMapping mapping) {
    MethodSpaces methods =
        new MethodSpaces(input, mapping, sparsity, batchSize, MethodSpaces.Settings.grid(input));
    List<SearchSpace> spaces = new ArrayList<>(methods.sparse());
    spaces.add(methods.dense());
    return Study.search(task, spaces.toArray(SearchSpace[]::new))
        .steps(steps)
        .time(time)
        .validation(VALIDATION)
        .seed(seed);
  }

  /** That of the dense network, by frequency: made once, as it is a pass over all images. */
  private LabelMapping mapping() throws IOException {
    try (Model network = task.network();
        NDManager manager = Engines.newManager("label mapping of a search")) {
      ImageSets images = task.images(seed, manager);
      boolean own = images.validation() != null || images.validationFraction() > 0;
      Recipe recipe = plain(Mappings.frequency().onDense());
      return LabelMapping.given(
          Trainer.of(recipe).findMapping(network, own ? images : images.validation(VALIDATION)));
    }
  }

  /** Of a run that is not begun. */
  private Recipe plain(LabelMapping mapping) {
    return Recipe.of(Pruners.magnitude(), sparsity)
        .mapping(mapping)
        .input(input)
        .batchSize(batchSize)
        .seed(seed)
        .build();
  }
}
