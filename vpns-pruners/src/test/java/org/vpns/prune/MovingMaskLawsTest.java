package org.vpns.prune;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.ParameterFilter;
import org.vpns.ParameterPaths;
import org.vpns.Sparsity;
import org.vpns.allocate.Allocations;
import org.vpns.io.SafeTensors;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.predict.PrunedModel;
import org.vpns.report.StageRecord;
import org.vpns.score.Scorers;
import org.vpns.train.Length;
import org.vpns.train.Pruner;
import org.vpns.train.Recipe;
import org.vpns.train.RunListener;
import org.vpns.train.Trainer;

/** What holds after every step of a mask that moves, read from the checkpoint of that step. */
final class MovingMaskLawsTest {
  static final Length LENGTH = Length.iterations(14);

  @TempDir Path folder;

  private static Stream<Arguments> methodsAndRules() {
    List<Arguments> all = new ArrayList<>();
    for (UpdateRule rule :
        List.of(
            SmallRuns.SGD,
            UpdateRule.sgd().momentum(0.9).decay(0.1).nesterov(),
            UpdateRule.adam().decay(0.1),
            UpdateRule.adamW().decay(0.1))) {
      List<Pruner> methods =
          List.of(
              Pruners.rigl().every(2).until(1).weights(rule, SmallRuns.TUNING).length(LENGTH),
              Pruners.rigl()
                  .released()
                  .start(Scorers.magnitude(), Allocations.erk())
                  .every(3)
                  .weights(rule, SmallRuns.TUNING)
                  .length(LENGTH),
              Pruners.itop().growAtRandom().every(1).weights(rule, SmallRuns.TUNING).length(LENGTH),
              Pruners.set().weights(rule, SmallRuns.TUNING).length(LENGTH),
              Pruners.set().initialiseGrown().weights(rule, SmallRuns.TUNING).length(LENGTH),
              Pruners.rigl()
                  .initialiseGrown()
                  .every(2)
                  .until(1)
                  .weights(rule, SmallRuns.TUNING)
                  .length(LENGTH),
              Pruners.gradual().weights(rule, SmallRuns.TUNING).length(LENGTH));
      methods.forEach(method -> all.add(Arguments.of(method.name(), method, rule)));
    }
    return all.stream();
  }

  @ParameterizedTest(name = "{0}, {index}")
  @MethodSource("methodsAndRules")
  void removedWeightsAndMoments_afterEveryStep_areZero(
      String name, Pruner method, UpdateRule rule) {
    Watch watch = new Watch(folder.resolve("checkpoint.safetensors"), rule);
    Recipe recipe =
        Recipe.of(method, Sparsity.of("0.8"))
            .input(SmallRuns.input())
            .batchSize(SmallRuns.BATCH)
            .build();
    Trainer trainer = Trainer.of(recipe).listener(watch).checkpoints(folder).checkpointEvery(1);
    try (NDManager manager = NDManager.newBaseManager();
        Model model = FixtureRuns.block();
        PrunedModel pruned = trainer.fit(model, SmallRuns.splits(manager))) {
      // The last step has no checkpoint.
      assertThat(watch.masks).hasSize(13);
      assertThat(watch.masks.get(0)).isNotEqualTo(pruned.masks());
      StageRecord stage = pruned.report().stages().get(0);
      if (method instanceof GradualPruner) {
        for (int i = 1; i < watch.masks.size(); i++) {
          assertThat(watch.masks.get(i).isSubsetOf(watch.masks.get(i - 1))).isTrue();
        }
        assertThat(stage.explored()).isNull();
      } else {
        MaskSet ever = pruned.masks();
        for (MaskSet masks : watch.masks) {
          pruned
              .masks()
              .asMap()
              .forEach((path, mask) -> assertThat(masks.get(path).kept()).isEqualTo(mask.kept()));
          ever = ever.or(masks);
        }
        assertThat(stage.explored()).isEqualTo((double) ever.kept() / ever.size());
        assertThat(stage.explored()).isGreaterThan(pruned.masks().density());
      }
    }
  }

  /** The original form of GMP keeps what it removes, and takes back what is then larger. */
  @Test
  void removedWeights_ofTheOriginalGmp_stayWhatTheyWere_andReturn() {
    List<float[]> weights = new ArrayList<>();
    List<boolean[]> kept = new ArrayList<>();
    Path file = folder.resolve("checkpoint.safetensors");
    String path = "layer2.0.conv2.weight";
    RunListener watch =
        new RunListener() {
          @Override
          public void stepFinished(Step step) {
            if (Files.exists(file)) {
              SafeTensors tensors = read(file);
              weights.add(tensors.floats("weights/" + path + "/theta"));
              Mask mask = Mask.ofWords(new Shape(16, 16, 3, 3), tensors.longs("mask/" + path));
              boolean[] bits = new boolean[mask.size()];
              for (int i = 0; i < bits.length; i++) {
                bits[i] = mask.isKept(i);
              }
              kept.add(bits);
            }
          }
        };
    Recipe recipe =
        Recipe.of(
                Pruners.gradual()
                    .paper()
                    .weights(UpdateRule.adam().decay(0.1), LearningRate.constant(0.01))
                    .length(Length.iterations(30)),
                Sparsity.of("0.8"))
            .input(SmallRuns.input())
            .batchSize(SmallRuns.BATCH)
            .build();
    Trainer trainer = Trainer.of(recipe).listener(watch).checkpoints(folder).checkpointEvery(1);
    try (NDManager manager = NDManager.newBaseManager();
        Model model = FixtureRuns.block();
        PrunedModel pruned = trainer.fit(model, SmallRuns.splits(manager))) {
      int returned = 0;
      for (int step = 1; step < weights.size(); step++) {
        for (int i = 0; i < 2304; i++) {
          if (!kept.get(step)[i]) {
            // removed during this step: as it was before it
            assertThat(weights.get(step)[i]).isEqualTo(weights.get(step - 1)[i]);
            assertThat(weights.get(step)[i]).isNotZero();
          } else if (!kept.get(step - 1)[i]) {
            returned++;
          }
        }
      }
      assertThat(returned).isPositive();
      assertThat(pruned.masks().get(path).kept()).isEqualTo(461);
    }
  }

  private static SafeTensors read(Path file) {
    try {
      return SafeTensors.read(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Looks at the checkpoint of the step before. */
  private static final class Watch implements RunListener {
    private final Path file;
    private final UpdateRule rule;
    final List<MaskSet> masks = new ArrayList<>();

    Watch(Path file, UpdateRule rule) {
      this.file = file;
      this.rule = rule;
    }

    @Override
    public void stepFinished(Step step) {
      look();
    }

    private void look() {
      if (!Files.exists(file)) {
        return;
      }
      try (Model model = FixtureRuns.block()) {
        SafeTensors tensors = read(file);
        Layout layout = ParameterPaths.of(model.getBlock()).prunable(ParameterFilter.weights());
        Map<String, Mask> found = new LinkedHashMap<>();
        for (int i = 0; i < layout.tensors(); i++) {
          String path = layout.path(i);
          Mask mask = Mask.ofWords(layout.shape(i), tensors.longs("mask/" + path));
          found.put(path, mask);
          requireZero(mask, tensors.floats("weights/" + path + "/theta"), path);
          requireZero(mask, tensors.floats("network/" + path), path);
          for (String slot : rule.slots()) {
            requireZero(mask, tensors.floats("WEIGHTS/" + path + "/" + slot), path + " " + slot);
          }
        }
        masks.add(MaskSet.of(found));
      }
    }

    private static void requireZero(Mask mask, float[] values, String what) {
      for (int i = 0; i < values.length; i++) {
        if (!mask.isKept(i) && Float.floatToRawIntBits(values[i]) != 0) {
          throw new AssertionError(what + "[" + i + "] is " + values[i]);
        }
      }
    }
  }
}
