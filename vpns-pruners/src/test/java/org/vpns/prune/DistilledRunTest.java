package org.vpns.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.LabelMapping;
import org.vpns.ParameterPaths;
import org.vpns.Sparsity;
import org.vpns.allocate.Allocations;
import org.vpns.mapping.Mappings;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.predict.PrunedModel;
import org.vpns.prompt.Prompts;
import org.vpns.score.Scorers;
import org.vpns.testing.Engines;
import org.vpns.testing.TinyResNet;
import org.vpns.train.DataOrder;
import org.vpns.train.Distillation;
import org.vpns.train.Length;
import org.vpns.train.MaskRule;
import org.vpns.train.Mount;
import org.vpns.train.Pass;
import org.vpns.train.Recipe;
import org.vpns.train.RunListener;
import org.vpns.train.Stage;
import org.vpns.train.Target;
import org.vpns.train.Trainer;

/** Tuning with the network before pruning for a teacher. */
final class DistilledRunTest {
  private static final UpdateRule PLAIN = UpdateRule.sgd();
  private static final LearningRate RATE = LearningRate.constant(0.1);

  @TempDir Path folder;

  private static Stage.Builder stage(Distillation distillation) {
    return Stage.builder("tune")
        .train(Target.WEIGHTS, PLAIN, RATE)
        .pass(Pass.plain().order(DataOrder.sequential()))
        .length(Length.iterations(3))
        .distil(distillation);
  }

  private static Recipe.Builder recipe(Sparsity sparsity, Stage stage) {
    return Recipe.of("taught", sparsity, stage)
        .input(FixtureRuns.input())
        .batchSize(SmallRuns.BATCH);
  }

  private static PrunedModel fit(Model model, Recipe recipe) {
    try (NDManager manager = NDManager.newBaseManager()) {
      return Trainer.of(recipe).fit(model, FixtureRuns.splits(manager, SmallRuns.IMAGES));
    }
  }

  /** Who is the teacher has nothing to learn from him. */
  @Test
  void denseStudent_thatHearsTheTeacherAlone_staysAsItWas() {
    Stage stage = stage(Distillation.of(1, 2)).freezeStatistics().build();
    try (Model model = FixtureRuns.block()) {
      float[] before = weights(model);
      try (PrunedModel pruned = fit(model, recipe(Sparsity.DENSE, stage).build())) {
        // float32 noise of logits near 10
        assertThat(pruned.report().stages().get(0).losses()).allMatch(l -> Math.abs(l) < 1e-5);
        float[] after = weights(model);
        for (int i = 0; i < after.length; i++) {
          assertThat(after[i]).isCloseTo(before[i], Offset.offset(1e-5f));
        }
      }
    }
  }

  private static float[] weights(Model model) {
    return ParameterPaths.of(model.getBlock())
        .find("conv1.weight")
        .parameter()
        .getArray()
        .toFloatArray();
  }

  /** All three losses by hand: the teacher stays the dense network while the student moves. */
  @Test
  void losses_ofAPrunedStudent_areThoseByHand() throws Exception {
    double lambda = 0.3;
    double temperature = 2;
    Stage stage =
        stage(Distillation.of(lambda, temperature))
            .mask(MaskRule.once(Scorers.magnitude(), Allocations.global(), Sparsity.of("0.8")))
            .freezeStatistics()
            .build();
    List<float[]> students = new ArrayList<>();
    List<float[]> teachers = new ArrayList<>();
    try (Model dense = FixtureRuns.block();
        Model model = FixtureRuns.block();
        NDManager manager = NDManager.newBaseManager()) {
      RunListener look =
          new RunListener() {
            @Override
            public void stageStarted(StageStart start) {
              students.add(logits(model, 0));
            }

            @Override
            public void stepFinished(Step step) {
              students.add(logits(model, (int) step.done()));
            }
          };
      try (PrunedModel pruned =
          Trainer.of(recipe(Sparsity.of("0.8"), stage).build())
              .listener(look)
              .fit(model, FixtureRuns.splits(manager, SmallRuns.IMAGES))) {
        List<Double> losses = pruned.report().stages().get(0).losses();
        for (int batch = 0; batch < 2; batch++) {
          teachers.add(logits(dense, batch));
          double expected =
              byHand(students.get(batch), teachers.get(batch), batch, lambda, temperature);
          // float32 sums of 16 images
          assertThat(losses.get(batch)).isCloseTo(expected, Offset.offset(1e-5));
        }
      }
    }
  }

  private static float[] logits(Model model, int batch) {
    return Engines.evaluate(
        model.getBlock(), TinyResNet.plainInput(batch), new Shape(16, 3, 32, 32));
  }

  private static double byHand(
      float[] student, float[] teacher, int batch, double lambda, double temperature) {
    long[] labels = TinyResNet.labels(batch);
    double loss = 0;
    for (int i = 0; i < 16; i++) {
      double[] v = logSoftmax(student, 20 * i, 1);
      double[] vt = logSoftmax(student, 20 * i, temperature);
      double[] tt = logSoftmax(teacher, 20 * i, temperature);
      double kl = 0;
      for (int c = 0; c < 5; c++) {
        kl += Math.exp(tt[c]) * (tt[c] - vt[c]);
      }
      loss += -(1 - lambda) * v[(int) labels[i]] + lambda * temperature * temperature * kl;
    }
    return loss / 16;
  }

  private static double[] logSoftmax(float[] logits, int from, double temperature) {
    double sum = 0;
    for (int c = 0; c < 5; c++) {
      sum += Math.exp(logits[from + c] / temperature);
    }
    double[] result = new double[5];
    for (int c = 0; c < 5; c++) {
      result[c] = logits[from + c] / temperature - Math.log(sum);
    }
    return result;
  }

  /** A module taught by a copy of itself loses as the block does. */
  @Test
  void lossesThroughTorchScript_areThoseThroughBlock() throws Exception {
    Recipe recipe =
        Recipe.of(
                Pruners.magnitude().weights(PLAIN, RATE).length(Length.iterations(3)),
                Sparsity.of("0.8"))
            .mapping(Mappings.frequency())
            .distil(Distillation.DEFAULT)
            .input(FixtureRuns.input())
            .batchSize(SmallRuns.BATCH)
            .build();
    try (Model block = FixtureRuns.block();
        Model script = FixtureRuns.script(folder);
        PrunedModel one = fit(block, recipe);
        PrunedModel two = fit(script, recipe)) {
      List<Double> expected = one.report().stages().get(0).losses();
      List<Double> found = two.report().stages().get(0).losses();
      for (int i = 0; i < 3; i++) {
        // two executors, sums in another order
        assertThat(found.get(i)).isCloseTo(expected.get(i), Offset.offset(1e-4));
      }
    }
  }

  /** At delta = 0 of an additive pad, both see the same; later the plain teacher does not. */
  @Test
  void plainTeacher_seesImagesWithoutPrompt() {
    List<List<Double>> losses = new ArrayList<>();
    for (Distillation distillation :
        List.of(Distillation.of(1, 2), Distillation.of(1, 2).plainTeacher())) {
      Recipe recipe =
          Recipe.of(
                  Pruners.magnitude()
                      .weights(PLAIN, LearningRate.constant(1e-3))
                      .length(Length.iterations(4)),
                  Sparsity.of("0.5"))
              .prompt(Prompts.pad(4))
              .mount(Mount.everywhere().trained(PLAIN, LearningRate.constant(5)))
              .distil(distillation)
              .input(FixtureRuns.input())
              .batchSize(SmallRuns.BATCH)
              .build();
      try (Model model = FixtureRuns.block();
          PrunedModel pruned = fit(model, recipe)) {
        losses.add(pruned.report().stages().get(0).losses());
      }
    }
    assertThat(losses.get(0).get(0)).isEqualTo(losses.get(1).get(0));
    assertThat(losses.get(0).get(3)).isNotEqualTo(losses.get(1).get(3));
  }

  @Test
  void recipe_teachesTheLastStageThatTrainsWeights() {
    Recipe recipe =
        Recipe.of(Pruners.lottery(), Sparsity.of("0.5")).distil(Distillation.DEFAULT).build();
    for (Stage stage : recipe.stages()) {
      boolean last = stage.name().equals("tune");
      assertThat(stage.distillation()).isEqualTo(last ? Distillation.DEFAULT : null);
    }
    assertThat(recipe.options().get("stage 5 tune"))
        .contains("taught by the dense network, share 0.5, temperature 4.0");
  }

  @Test
  void recipe_withoutWeightsToTeach_isRefused() {
    Stage prompt =
        Stage.builder("prompt")
            .train(Target.PROMPT, PLAIN, RATE)
            .pass(Pass.prompted())
            .length(Length.iterations(1))
            .build();
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                Recipe.of("prompt", Sparsity.DENSE, prompt)
                    .prompt(Prompts.pad(4))
                    .mapping(LabelMapping.identity())
                    .distil(Distillation.DEFAULT)
                    .build())
        .withMessageStartingWith("nothing to teach: Recipe prompt; expected a stage that trains");
  }
}
