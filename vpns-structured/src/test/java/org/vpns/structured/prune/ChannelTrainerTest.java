package org.vpns.structured.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.NamedParameter;
import org.vpns.ParameterPaths;
import org.vpns.Sparsity;
import org.vpns.graph.GraphBlock;
import org.vpns.graph.LayerTable;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.optim.LearningRate;
import org.vpns.optim.UpdateRule;
import org.vpns.predict.PrunedModel;
import org.vpns.prompt.Prompts;
import org.vpns.prune.Pruners;
import org.vpns.report.PruneReport;
import org.vpns.structured.ChannelRules;
import org.vpns.structured.plan.ChannelBudget;
import org.vpns.structured.plan.ChannelSelection;
import org.vpns.structured.score.Importances;
import org.vpns.testing.Outcome;
import org.vpns.testing.TinyResNet;
import org.vpns.testing.train.TinyRuns;
import org.vpns.train.ImageSets;
import org.vpns.train.Length;
import org.vpns.train.Pass;
import org.vpns.train.Recipe;
import org.vpns.train.RunListener;
import org.vpns.train.Stage;
import org.vpns.train.Target;

/** From a network to a smaller one that is tuned. */
class ChannelTrainerTest {
  private static ImageSets images(NDManager manager) {
    return TinyRuns.splits(manager).test(TinyRuns.dataset(manager, 40, 128));
  }

  private static Recipe vpns(String sparsity) {
    return ChannelRuns.recipe(ChannelRuns.quick(ChannelPruners.vpns()), sparsity)
        .prompt(Prompts.pad(4))
        .build();
  }

  private static RunListener cutAt(long at) {
    return new RunListener() {
      private long calls;

      @Override
      public void stepFinished(Step step) {
        if (++calls == at) {
          throw new IllegalStateException("cut here");
        }
      }
    };
  }

  /** All that is left of a run. */
  private static Map<String, List<Integer>> left(ChannelTrainer trainer, ImageSets images) {
    try (Model model = TinyResNet.newModel();
        ChannelRun run = trainer.fit(model, images)) {
      return Outcome.parameters(run.result().model());
    }
  }

  @Test
  void vpns_takesHalfTheChannelsOut_andTunesTheRest() {
    try (Model model = TinyResNet.newModel();
        NDManager manager = NDManager.newBaseManager()) {
      Map<String, List<Integer>> before = Outcome.parameters(model);
      try (ChannelRun run = ChannelTrainer.of(vpns("0.5")).fit(model, images(manager))) {
        ChannelReport report = run.report();
        assertThat(report.removed()).isEqualTo(24);
        // nobody has named them
        assertThat(report.plan().asked()).isEqualTo("what the mask of sparsity 0.5 shuts off");
        assertThat(report.plan().obtained()).isEqualTo("24 channels");
        assertThat(report.channels()).isEqualTo(48);
        // the whole network of structured.md's table, at a quarter of its pixels
        assertThat(report.plan().before().parameters()).isEqualTo(5_436);
        assertThat(report.plan().after().parameters()).isLessThan(5_436 / 2);
        assertThat(report.speedUp()).isGreaterThan(1);
        assertThat(report.plan().groups().get(4).note()).isEqualTo("stays: result of the network");
        assertThat(report.difference()).isLessThan(1e-5); // float32 sums, four layers
        assertThat(report.cut().prompted()).isEqualTo(report.found().prompted());
        assertThat(report.cut().plain()).isEqualTo(report.found().plain());
        assertThat(report.tuning().stages()).extracting("name").containsExactly("tune");

        PrunedModel result = run.result();
        GraphBlock block = (GraphBlock) result.model().getBlock();
        assertThat(report.plan().after().macs()).isEqualTo(LayerTable.of(block.graph()).macs());
        assertThat(result.masks().kept()).isEqualTo(result.masks().size());
        assertThat(result.prompt()).isNotNull();
        assertThat(result.report().recipe()).isEqualTo("the same 0.5, without 24 of 48 channels");
        assertThat(report.toString())
            .startsWith("the same 0.5: 24 of 48 channels removed")
            .contains("-> cut");
      }
      assertThat(Outcome.parameters(model)).isEqualTo(before);
    }
  }

  @Test
  void result_isSavedLoadedAndPredicts(@TempDir Path folder) throws Exception {
    try (Model model = TinyResNet.newModel();
        NDManager manager = NDManager.newBaseManager();
        ChannelRun run = ChannelTrainer.of(vpns("0.5")).fit(model, images(manager))) {
      run.result().save(folder.resolve("small"));
      Image image =
          ImageFactory.getInstance()
              .fromNDArray(
                  manager
                      .ones(new Shape(3, 8, 8), DataType.FLOAT32)
                      .mul(255)
                      .toType(DataType.UINT8, false));
      try (PrunedModel loaded = PrunedModel.load(folder.resolve("small"));
          Predictor<Image, Classifications> one = run.result().newPredictor();
          Predictor<Image, Classifications> other = loaded.newPredictor()) {
        assertThat(other.predict(image).getProbabilities())
            .isEqualTo(one.predict(image).getProbabilities());
        assertThat(loaded.report().channels()).isEqualTo(run.report().plan().toRecord());
        assertThat(loaded.report().summary()).contains(run.report().plan().toString());
        assertThat(Outcome.parameters(loaded.model()))
            .isEqualTo(Outcome.parameters(run.result().model()));
      }
    }
  }

  @Test
  void run_cutInTuningAndResumed_equalsTheRunThatWentThrough(@TempDir Path folder) {
    try (NDManager manager = NDManager.newBaseManager()) {
      ImageSets images = images(manager);
      ChannelTrainer trainer = ChannelTrainer.of(vpns("0.5"));
      Map<String, List<Integer>> whole = left(trainer, images);
      ChannelTrainer kept = trainer.checkpoints(folder);
      // 12 steps in all: after 5 it finds, after 12 it tunes
      assertThatThrownBy(() -> left(kept.listener(cutAt(12)), images)).hasMessage("cut here");
      assertThat(left(kept.resume(), images)).isEqualTo(whole);
    }
  }

  /** What a mask that is not found yet shuts off is not what leaves in the end. */
  @Test
  void run_stoppedWhileItFinds_tunesNoMore_andGoesOnAsIfItHadNotBeenStopped(@TempDir Path folder) {
    RunListener once =
        new RunListener() {
          private long steps;

          @Override
          public void stepFinished(Step step) {
            steps++;
          }

          @Override
          public boolean isStopRequested() {
            return steps == 6; // of 12: the second of the stage that finds
          }
        };
    // epochs of one step, so that a checkpoint follows each
    Recipe recipe = vpns("0.5").toBuilder().batchSize(TinyRuns.IMAGES).build();
    try (NDManager manager = NDManager.newBaseManager()) {
      ImageSets images = images(manager);
      ChannelTrainer trainer = ChannelTrainer.of(recipe);
      Map<String, List<Integer>> whole = left(trainer, images);
      ChannelTrainer kept = trainer.checkpoints(folder).resume();
      try (Model model = TinyResNet.newModel();
          ChannelRun run = kept.listener(once).fit(model, images)) {
        assertThat(run.report().finding().provenance().get(PruneReport.STOPPED))
            .isEqualTo("stage 'find channels' after step 2 of 4");
        assertThat(run.result().report().provenance().get(PruneReport.STOPPED))
            .isEqualTo("stage 'tune' after step 1 of 4");
      }
      assertThat(left(kept, images)).isEqualTo(whole);
    }
  }

  @Test
  void run_thatFails_leavesTheModelAsItWas() {
    try (Model model = TinyResNet.newModel();
        NDManager manager = NDManager.newBaseManager()) {
      Map<String, List<Integer>> before = Outcome.parameters(model);
      for (long step : new long[] {2, 6, 12}) {
        assertThatThrownBy(
                () ->
                    ChannelTrainer.of(vpns("0.5"))
                        .listener(cutAt(step))
                        .fit(model, images(manager)))
            .hasMessage("cut here");
        assertThat(Outcome.parameters(model)).isEqualTo(before);
      }
    }
  }

  /** Train, remove those with the least scales, tune: the shape of Slim. */
  @Test
  void leaving_ofOnesOwn_isTakenOut() {
    Stage.Builder sparse =
        Stage.builder("sparse")
            .train(Target.WEIGHTS, UpdateRule.sgd(), LearningRate.constant(0.01))
            .pass(Pass.plain())
            .length(Length.iterations(2));
    Recipe recipe =
        Recipe.of(
                "least scales",
                Sparsity.of("0.25"),
                sparse.build(),
                Stage.tuning(Stage.Motion.OF_WEIGHTS, Length.iterations(2)).build())
            .input(TinyRuns.input())
            .batchSize(TinyRuns.BATCH)
            .build();
    ChannelChoice choice =
        ChannelChoice.least(
            Importances.normScale(),
            ChannelSelection.of(ChannelBudget.channels(Sparsity.of("0.25"))));
    try (Model model = TinyResNet.newModel();
        NDManager manager = NDManager.newBaseManager();
        ChannelRun run = ChannelTrainer.of(recipe).leaving(choice).fit(model, images(manager))) {
      assertThat(run.report().removed()).isEqualTo(12);
      assertThat(run.report().difference()).isLessThan(1e-5);
      assertThat(run.report().finding().warnings()).isEmpty();
    }
    assertThatThrownBy(
            () -> {
              try (Model model = TinyResNet.newModel();
                  NDManager manager = NDManager.newBaseManager()) {
                ChannelTrainer.of(recipe).fit(model, images(manager)).close();
              }
            })
        .hasMessageStartingWith("nothing says which channels leave: recipe least scales 0.25;");
  }

  /** Each of them alone would lose channels: as maker, as reader, and what is beside them. */
  @ParameterizedTest
  @ValueSource(strings = {"conv1.weight", "layer1.0.conv2.weight", "bn1.weight", "fc.bias"})
  void frozenParameters_loseNothing_unlessTheRulesLetThem(String path) {
    try (Model model = TinyResNet.newModel()) {
      requireFrozenKept(model, path);
    }
  }

  /** A graph, such as that of an ONNX file, does not know what is frozen after it was made. */
  @ParameterizedTest
  @ValueSource(strings = {"conv1.weight", "layer1.0.conv2.weight", "bn1.weight", "fc.bias"})
  void frozenParameters_ofAGraph_loseNothing(String path) {
    try (Model model = TinyResNet.newModel();
        Model graph = Model.newInstance("graph")) {
      Shape canvas = new Shape(3, 16, 16);
      graph.setBlock(BlockTracer.graphBlock(model.getBlock(), graph.getNDManager(), canvas));
      requireFrozenKept(graph, path);
    }
  }

  private static void requireFrozenKept(Model model, String path) {
    Recipe recipe = ChannelRuns.recipe(ChannelRuns.quick(ChannelPruners.hydra()), "0.5").build();
    try (NDManager manager = NDManager.newBaseManager()) {
      ParameterPaths.of(model.getBlock()).find(path).parameter().freeze(true);
      List<Integer> before = Outcome.parameters(model).get(path);
      try (ChannelRun run = ChannelTrainer.of(recipe).fit(model, images(manager))) {
        assertThat(run.report().removed()).isPositive();
        assertThat(Outcome.parameters(run.result().model()).get(path)).isEqualTo(before);
        assertThat(run.result().report().warnings())
            .contains(
                "frozen parameters stay as they are: 1 neither pruned nor trained (" + path + ")");
        assertThat(ParameterPaths.of(run.result().model().getBlock()).frozen())
            .extracting(NamedParameter::path)
            .containsExactly(path);
      }
    }
  }

  @Test
  void frozenParameters_underRulesThatLetThem_loseChannels_andAreNotTrained() {
    ChannelRules rules = ChannelRules.standard().frozenToo();
    Recipe recipe =
        ChannelRuns.recipe(ChannelRuns.quick(ChannelPruners.hydra()).rules(rules), "0.5").build();
    try (Model model = TinyResNet.newModel();
        NDManager manager = NDManager.newBaseManager()) {
      ParameterPaths.of(model.getBlock()).find("bn1.weight").parameter().freeze(true);
      List<Integer> before = Outcome.parameters(model).get("bn1.weight");
      ChannelTrainer trainer = ChannelTrainer.of(recipe).rules(rules);
      try (ChannelRun run = trainer.fit(model, images(manager))) {
        assertThat(Outcome.parameters(run.result().model()).get("bn1.weight"))
            .hasSizeLessThan(before.size())
            .isSubsetOf(before);
      }
    }
  }

  @Test
  void checkpointsOfTuning_thatCannotBeWritten_areRefusedBeforeTheFirstStep(@TempDir Path folder)
      throws Exception {
    Files.writeString(folder.resolve("tuning"), "a file");
    try (Model model = TinyResNet.newModel();
        NDManager manager = NDManager.newBaseManager()) {
      ChannelTrainer trainer =
          ChannelTrainer.of(vpns("0.5")).checkpoints(folder).listener(cutAt(1));
      assertThatThrownBy(() -> trainer.fit(model, images(manager)))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining("checkpoint cannot be written: " + folder.resolve("tuning"));
    }
    assertThat(folder).isDirectoryNotContaining(path -> !path.endsWith("tuning"));
  }

  @Test
  void report_ofANameThatActsOnATerminal_isSafe() {
    Recipe recipe = vpns("0.5").toBuilder().name("a\u001b[31m").build();
    try (Model model = TinyResNet.newModel();
        NDManager manager = NDManager.newBaseManager();
        ChannelRun run = ChannelTrainer.of(recipe).fit(model, images(manager))) {
      assertThat(run.report().toString()).startsWith("a [31m 0.5: ");
    }
  }

  @Test
  void whatTheCallersFunctionsGive_isMissing_namesThem() {
    ChannelPruner pruner = ChannelRuns.quick(ChannelPruners.hydra());
    assertThatThrownBy(() -> ChannelRuns.recipe(pruner.selection(s -> null), "0.5").build())
        .isInstanceOf(NullPointerException.class)
        .hasMessageStartingWith(
            "argument missing: ChannelPruner.selection, what the selection gives; ");
    try (Model model = TinyResNet.newModel();
        NDManager manager = NDManager.newBaseManager()) {
      ChannelTrainer trainer = ChannelTrainer.of(vpns("0.5")).leaving((groups, network) -> null);
      assertThatThrownBy(() -> trainer.fit(model, images(manager)))
          .isInstanceOf(NullPointerException.class)
          .hasMessageStartingWith(
              "argument missing: ChannelTrainer.leaving, what ChannelChoice.plan gives; ");
    }
  }

  @Test
  void maskOfSingleWeights_isRefused() {
    Recipe recipe =
        Recipe.of(
                Pruners.hydra().lengths(Length.iterations(2), Length.iterations(2)),
                Sparsity.of("0.5"))
            .input(TinyRuns.input())
            .batchSize(TinyRuns.BATCH)
            .build();
    try (Model model = TinyResNet.newModel();
        NDManager manager = NDManager.newBaseManager()) {
      assertThatThrownBy(() -> ChannelTrainer.of(recipe).fit(model, images(manager)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("mask of more than channels: conv1.weight; expected no weight");
    }
  }

  @Test
  void recipes_withoutAPlaceForTheCut_areRefused() {
    Recipe oneStage =
        Recipe.of(Pruners.magnitude().length(Length.iterations(2)), Sparsity.of("0.5")).build();
    assertThatThrownBy(() -> ChannelTrainer.of(oneStage))
        .hasMessageStartingWith("no place to take channels out: recipe OMP 0.5;");
  }
}
