package org.vpns.internal.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import com.google.common.collect.Iterators;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.vpns.LabelAssignment;
import org.vpns.Problem;
import org.vpns.ScoringImages;
import org.vpns.ScoringSet;
import org.vpns.Seeds;

/**
 * The training images from which scorers are shown what they ask for, as the run's network sees
 * them.
 *
 * @param train to choose from
 * @param classNames their classes
 * @param step shows them
 * @param manager for their arrays
 * @param seeds the order in which they are chosen
 * @param warnings hears if there are fewer than asked for
 * @param observer hears of each batch that was shown
 */
public record ScoringPool(
    Batches train,
    List<String> classNames,
    GradientStep step,
    NDManager manager,
    Seeds seeds,
    Consumer<String> warnings,
    WorkObserver observer) {

  /**
   * Chooses the images.
   *
   * @throws IllegalArgumentException if a class has none
   */
  public ScoringImages choose(ScoringSet set, LabelAssignment mapping, boolean prompted) {
    int size = train.size();
    long[] order =
        set.isInStoredOrder()
            ? IntStream.range(0, size).asLongStream().toArray()
            : seeds.permutation("scoring", size);
    Batches chosen = set.isPerClass() ? perClass(set, order) : first(set, order);
    return new Chosen(chosen, mapping, prompted && !set.isWithoutPrompt());
  }

  private Batches first(ScoringSet set, long[] order) {
    int size = train.batchSize();
    if (train.perEpoch() < set.number()) {
      warnings.accept(
          "scored with all "
              + order.length
              + " training images, "
              + train.perEpoch()
              + " batches instead of "
              + set.number());
    }
    int length = (int) Math.min(order.length, (long) set.number() * size);
    return train.only(Arrays.copyOf(order, length), size);
  }

  private Batches perClass(ScoringSet set, long[] order) {
    List<List<Long>> found = new ArrayList<>();
    IntStream.range(0, classNames.size()).forEach(i -> found.add(new ArrayList<>()));
    List<Long> taken = new ArrayList<>();
    Iterator<long[]> reading = labels(order);
    for (int position = 0;
        reading.hasNext() && found.stream().anyMatch(f -> f.size() < set.number()); ) {
      for (long label : reading.next()) {
        List<Long> images = found.get((int) label);
        if (images.size() < set.number()) {
          images.add(order[position]);
          taken.add(order[position]);
        }
        position++;
      }
    }
    requireEveryClass(set, found);
    if (!set.isInClassHalves()) {
      return train.only(positions(taken), train.batchSize()).joiningLastImage();
    }
    taken.clear();
    found.forEach(taken::addAll);
    return train.only(positions(taken), (taken.size() + 1) / 2);
  }

  /** Labels of the images in this order, some at a time; images are read only where they must. */
  private Iterator<long[]> labels(long[] order) {
    int classes = classNames.size();
    long[] told = train.labels(order);
    if (told == null) {
      return Iterators.transform(
          train.ordered(manager, order, 0),
          batch -> {
            try (batch) {
              return BatchCheck.labels(batch, classes);
            }
          });
    }
    for (int i = 0; i < told.length; i++) {
      if (told[i] < 0 || told[i] >= classes) {
        throw BatchCheck.noClass(told[i], classes, train.name() + ", image " + order[i]);
      }
    }
    return Iterators.singletonIterator(told);
  }

  private static long[] positions(List<Long> taken) {
    return taken.stream().mapToLong(Long::longValue).toArray();
  }

  private void requireEveryClass(ScoringSet set, List<List<Long>> found) {
    List<String> few = new ArrayList<>();
    for (int i = 0; i < found.size(); i++) {
      if (found.get(i).isEmpty()) {
        throw Problem.argument(
            "class without images",
            "class " + classNames.get(i) + " of the training images",
            "at least 1 image to score with",
            0,
            "check the labels and the number of classes, or score with ScoringSet.batches");
      }
      if (found.get(i).size() < set.number()) {
        few.add(classNames.get(i) + " has " + found.get(i).size());
      }
    }
    if (!few.isEmpty()) {
      warnings.accept(
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

  /** The images of one set. */
  private final class Chosen implements ScoringImages {
    private final Batches batches;
    private final LabelAssignment mapping;
    private final boolean prompted;

    Chosen(Batches batches, LabelAssignment mapping, boolean prompted) {
      this.batches = batches;
      this.mapping = mapping;
      this.prompted = prompted;
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
    public void forEach(BiConsumer<NDArray, NDArray> action) {
      Problem.given(action, "ScoringImages.forEach", "action");
      Iterator<Batch> reading = batches.sequential(manager);
      for (int i = 0; reading.hasNext(); i++) {
        // dropout draws the same at every reading
        manager.getEngine().setRandomSeed((int) seeds.bits("engine/scoring/" + i));
        try (Batch batch = reading.next()) {
          step.show(batch, mapping.targets(), prompted, action);
        }
        observer.advanced("scores", i + 1, batches.perEpoch());
      }
    }
  }
}
