package org.vpns.train;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.vpns.LabelAssignment;
import org.vpns.Problem;
import org.vpns.ScoringBatch;
import org.vpns.ScoringImages;
import org.vpns.ScoringSet;

/** The training images of a {@link ScoringSet}, as the run's network sees them. */
final class SetImages implements ScoringImages {
  private final Run run;
  private final Batches batches;
  private final LabelAssignment mapping;
  private final boolean prompted;

  private SetImages(Run run, Batches batches, LabelAssignment mapping, boolean prompted) {
    this.run = run;
    this.batches = batches;
    this.mapping = mapping;
    this.prompted = prompted;
  }

  /**
   * Chooses the images.
   *
   * @throws IllegalArgumentException if a class has none
   */
  static SetImages of(Run run, ScoringSet set, LabelAssignment mapping, boolean prompted) {
    int size = run.train.size();
    long[] order =
        set.isInStoredOrder()
            ? IntStream.range(0, size).asLongStream().toArray()
            : run.seeds.permutation("scoring", size);
    Batches chosen = set.isPerClass() ? perClass(run, set, order) : first(run, set, order);
    return new SetImages(run, chosen, mapping, prompted && !set.isWithoutPrompt());
  }

  private static Batches first(Run run, ScoringSet set, long[] order) {
    int size = run.recipe.batchSize();
    if (run.train.perEpoch() < set.number()) {
      run.warn(
          "scored with all "
              + order.length
              + " training images, "
              + run.train.perEpoch()
              + " batches instead of "
              + set.number());
    }
    int length = (int) Math.min(order.length, (long) set.number() * size);
    return run.train.only(Arrays.copyOf(order, length), size);
  }

  private static Batches perClass(Run run, ScoringSet set, long[] order) {
    List<List<Long>> found = new ArrayList<>();
    IntStream.range(0, run.splits.classes()).forEach(i -> found.add(new ArrayList<>()));
    List<Long> taken = new ArrayList<>();
    int position = 0;
    Iterator<Batch> reading = run.train.ordered(run.network.manager(), order, 0);
    while (reading.hasNext() && found.stream().anyMatch(f -> f.size() < set.number())) {
      try (Batch batch = reading.next()) {
        for (long label : GradientStep.labels(batch, found.size())) {
          List<Long> images = found.get((int) label);
          if (images.size() < set.number()) {
            images.add(order[position]);
            taken.add(order[position]);
          }
          position++;
        }
      }
    }
    requireEveryClass(run, set, found);
    int batches = ceil(taken.size(), run.recipe.batchSize());
    if (set.isInClassHalves()) {
      taken.clear();
      found.forEach(taken::addAll);
      batches = 2;
    }
    // batches of one size, or one less: batch norm fails on a last batch of one image
    return run.train.only(
        taken.stream().mapToLong(Long::longValue).toArray(), ceil(taken.size(), batches));
  }

  private static int ceil(int whole, int part) {
    return (whole + part - 1) / part;
  }

  private static void requireEveryClass(Run run, ScoringSet set, List<List<Long>> found) {
    List<String> few = new ArrayList<>();
    for (int i = 0; i < found.size(); i++) {
      if (found.get(i).isEmpty()) {
        throw Problem.argument(
            "class without images",
            "class " + run.splits.classNames().get(i) + " of the training images",
            "at least 1 image to score with",
            0,
            "check the labels and the number of classes, or score with ScoringSet.batches");
      }
      if (found.get(i).size() < set.number()) {
        few.add(run.splits.classNames().get(i) + " has " + found.get(i).size());
      }
    }
    if (!few.isEmpty()) {
      run.warn(
          "fewer than "
              + set.number()
              + " images to score with in "
              + few.size()
              + " of "
              + found.size()
              + " classes: "
              + String.join(", ", few));
    }
  }

  @Override
  public int size() {
    return batches.size();
  }

  @Override
  public int batches() {
    return Math.toIntExact(batches.perEpoch());
  }

  @Override
  public LabelAssignment mapping() {
    return mapping;
  }

  @Override
  public void forEach(Consumer<ScoringBatch> action) {
    NDManager manager = run.network.manager();
    Iterator<Batch> reading = batches.sequential(manager);
    for (int i = 0; reading.hasNext(); i++) {
      // dropout draws the same at every reading
      manager.getEngine().setRandomSeed((int) run.seeds.bits("engine/scoring/" + i));
      try (Batch batch = reading.next()) {
        run.step.show(batch, mapping.targets(), prompted, action);
      }
    }
  }
}
