package org.vpns.score;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.vpns.ImageInput;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.Scores;
import org.vpns.ScoringContext;
import org.vpns.ScoringSet;
import org.vpns.Sparsity;
import org.vpns.allocate.Allocations;
import org.vpns.io.SafeTensors;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.testing.TinyResNet;
import org.vpns.train.FixedMask;
import org.vpns.train.ImageSets;
import org.vpns.train.Length;
import org.vpns.train.MaskRule;
import org.vpns.train.Pass;
import org.vpns.train.Recipe;
import org.vpns.train.Stage;
import org.vpns.train.Target;
import org.vpns.train.Trainer;

/** Scorings of the small network in a run's context, on the fixture's 128 images. */
public final class Scoring {
  /** All of the fixture's batches, one after the other as they are stored. */
  public static final ScoringSet ALL = ScoringSet.batches(8).inStoredOrder();

  private Scoring() {}

  /** Looks at the context in which a run on the fixture's images finds its first mask. */
  public static <T> T look(Model model, Function<ScoringContext, T> action) {
    return look(model, splits -> splits, action);
  }

  /** The same on other images, or of other classes. */
  public static <T> T look(
      Model model, UnaryOperator<ImageSets> change, Function<ScoringContext, T> action) {
    return look(model, 16, change, action);
  }

  /** The same in batches of another size. */
  public static <T> T look(
      Model model,
      int batchSize,
      UnaryOperator<ImageSets> change,
      Function<ScoringContext, T> action) {
    AtomicReference<T> seen = new AtomicReference<>();
    MaskRule looking =
        new FixedMask() {
          @Override
          public MaskSet begin(ScoringContext context, MaskSet current) {
            seen.set(action.apply(context));
            return current;
          }

          @Override
          public String describe() {
            return "looking";
          }
        };
    Stage stage =
        Stage.builder("look")
            .mask(looking)
            .train(Target.WEIGHTS, UpdateRule.sgd(), LearningRate.constant(0.1))
            .pass(Pass.plain())
            .length(Length.iterations(1))
            .build();
    Recipe recipe =
        Recipe.of("look", Sparsity.DENSE, stage)
            .input(ImageInput.of(3, 32, 32).imageSize(24, 24).imageNetNormalisation())
            .batchSize(batchSize)
            .build();
    try (NDManager manager = NDManager.newBaseManager()) {
      Trainer.of(recipe).findMask(model, change.apply(splits(manager, 8)));
    }
    return seen.get();
  }

  /** Scores of a fresh network. */
  public static Scores scores(RepeatedScorer scorer) {
    try (Model model = TinyResNet.newModel()) {
      return look(model, scorer::score);
    }
  }

  /** The first so many of the fixture's batches of 16. */
  public static ImageSets splits(NDManager manager, int batches) {
    float[] images = new float[batches * 16 * 3 * 24 * 24];
    List<Long> labels = new ArrayList<>();
    for (int b = 0; b < batches; b++) {
      System.arraycopy(TinyResNet.images(b), 0, images, b * 16 * 3 * 24 * 24, 16 * 3 * 24 * 24);
      for (long label : TinyResNet.labels(b)) {
        labels.add(label);
      }
    }
    return ImageSets.of(
        dataset(manager, images, labels.stream().mapToLong(Long::longValue).toArray()),
        TinyResNet.TARGET_CLASSES);
  }

  /** Images of the small network's size. */
  public static ArrayDataset dataset(NDManager manager, float[] images, long[] labels) {
    return new ArrayDataset.Builder()
        .setData(manager.create(images, new Shape(labels.length, 3, 24, 24)))
        .optLabels(manager.create(labels))
        .setSampling(16, false)
        .build();
  }

  /** The best of the scores, one ranking for all. */
  public static MaskSet best(Scores scores, String sparsity) {
    return Allocations.global().allocate(scores, Sparsity.of(sparsity));
  }

  /** Number of entries in which a mask differs from one of a fixture file. */
  public static int differing(MaskSet masks, SafeTensors file, String name) {
    byte[] expected = file.bytes(name);
    Layout layout = masks.layout();
    int differing = 0;
    for (int i = 0; i < layout.tensors(); i++) {
      Mask mask = masks.get(layout.path(i));
      for (int j = 0; j < mask.size(); j++) {
        differing += mask.isKept(j) == (expected[layout.offset(i) + j] == 1) ? 0 : 1;
      }
    }
    return differing;
  }

  /** Largest difference of two vectors, relative to the largest entry of the second. */
  public static double error(float[] found, double[] expected) {
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < expected.length; i++) {
      largest = Math.max(largest, Math.abs(expected[i]));
      difference = Math.max(difference, Math.abs(found[i] - expected[i]));
    }
    return difference / largest;
  }
}
