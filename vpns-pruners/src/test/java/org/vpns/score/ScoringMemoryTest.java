package org.vpns.score;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Blocks;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vpns.ScoringContext;
import org.vpns.ScoringSet;
import org.vpns.testing.Fixtures;
import org.vpns.testing.NativeMemory;
import org.vpns.testing.TinyResNet;

/** Memory of scorings, one after the other in one process, is flat. */
final class ScoringMemoryTest {
  private static RepeatedScorer scorer(String name) {
    ScoringSet one = ScoringSet.batches(1);
    return switch (name) {
      case "snip" -> Scorers.snip().images(one);
      case "grasp" -> Scorers.grasp().images(one);
      case "frozen" -> Scorers.grasp().images(one).frozenGates(1e-2);
      default -> Scorers.synFlow();
    };
  }

  @TempDir Path folder;

  /** Owners and arrays of the model, of its sub-managers too: one that stays open is found. */
  @ParameterizedTest
  @CsvSource({
    "snip, false",
    "grasp, false",
    "frozen, false",
    "synflow, false",
    "snip, true",
    "grasp, true"
  })
  void arrays_over5Scorings_stayAsMany(String name, boolean module) throws Exception {
    try (Model model = module ? module() : TinyResNet.newModel()) {
      Scoring.look(
          model,
          context -> {
            RepeatedScorer scorer = scorer(name);
            scorer.score(context);
            long owned = Owned.by(model.getNDManager());
            for (int i = 0; i < 5; i++) {
              scorer.score(context);
            }
            assertThat(Owned.by(model.getNDManager())).isEqualTo(owned).isPositive();
            return 0;
          });
    }
  }

  private Model module() throws Exception {
    Model model = Model.newInstance("module");
    Path file = folder.resolve("tinyresnet.pt");
    if (!Files.exists(file)) {
      Fixtures.copy("tinyresnet.pt", folder);
    }
    model.load(file, null, Map.of("trainParam", "true"));
    return model;
  }

  /**
   * The small network on 128 images: one forward pass holds 20 MB of activations, so graphs that
   * were kept would add 800 MB in 40 scorings. Bound as below.
   */
  @ParameterizedTest
  @CsvSource({"frozen, false", "grasp, true"})
  @Tag("slow")
  void nativeMemory_over140ScoringsOfTheSmallNetwork_isFlat(String name, boolean module)
      throws Exception {
    NativeMemory.assumeKnown();
    try (Model model = module ? module() : TinyResNet.newModel()) {
      GraspScorer all = Scorers.grasp().images(Scoring.ALL);
      requireFlat(model, name.equals("frozen") ? all.frozenGates(1e-2) : all);
    }
  }

  /** What leaks grows in every stretch; what the allocator keeps for itself settles in one. */
  private static void requireFlat(Model model, RepeatedScorer scorer) {
    long grown =
        Scoring.look(
            model,
            context -> {
              long least = Long.MAX_VALUE;
              long before = afterScorings(20, scorer, context);
              for (int stretch = 0; stretch < 3; stretch++) {
                long after = afterScorings(40, scorer, context);
                System.out.println("memory outside the heap in kB: " + before + ", " + after);
                least = Math.min(least, after - before);
                before = after;
              }
              return least;
            });
    assertThat(grown).isLessThan(100_000);
  }

  private static long afterScorings(int count, RepeatedScorer scorer, ScoringContext context) {
    for (int i = 0; i < count; i++) {
      scorer.score(context);
    }
    return NativeMemory.kilobytesInUse();
  }

  /**
   * A network of 4 MB of weights: leaves and gradients tied into a circle would be 7 MB a scoring,
   * 290 MB in 40; the bound is a third of that.
   */
  @Test
  @Tag("slow")
  void nativeMemory_over140SecondDerivatives_isFlat() {
    NativeMemory.assumeKnown();
    try (Model model = Model.newInstance("wide")) {
      SequentialBlock block =
          new SequentialBlock()
              .add(Blocks.batchFlattenBlock())
              .add(Linear.builder().setUnits(300).build())
              .add(Activation.reluBlock())
              .add(Linear.builder().setUnits(5).build());
      block.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 3, 32, 32));
      model.setBlock(block);
      requireFlat(model, Scorers.grasp().images(ScoringSet.batches(1)));
    }
  }
}
