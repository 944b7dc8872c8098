package org.vpns.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import ai.djl.Model;
import ai.djl.modality.cv.BufferedImageFactory;
import ai.djl.modality.cv.Image;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.SequentialBlock;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.MaskSet;
import org.vpns.Sparsity;
import org.vpns.graph.trace.BlockTracer;
import org.vpns.predict.PrunedModel;
import org.vpns.testing.Outcome;
import org.vpns.testing.TinyResNet;
import org.vpns.train.Length;
import org.vpns.train.Recipe;
import org.vpns.train.Rewind;
import org.vpns.train.RunListener;
import org.vpns.train.Trainer;
import org.vpns.weights.WeightFile;

/** Weights that one thread tunes are seen by no other. */
final class ModelInTrainingTest {
  private static final Sparsity HALF = Sparsity.of("0.5");

  @TempDir private Path folder;

  private static Recipe recipe() {
    return Recipe.of(Pruners.magnitude().length(Length.iterations(2)), HALF)
        .input(SmallRuns.input())
        .batchSize(SmallRuns.BATCH)
        .build();
  }

  /** All that reads or writes a model, by name. */
  private Map<String, ThrowingCallable> calls(
      Model model, MaskSet masks, PrunedModel earlier, NDManager images) {
    Map<String, ThrowingCallable> calls = new LinkedHashMap<>();
    Shape image = new Shape(3, SmallRuns.input().height(), SmallRuns.input().width());
    Trainer trainer = Trainer.of(recipe());
    calls.put("findMask", () -> Pruners.magnitude().findMask(model, HALF, 1));
    calls.put("findMask by shape", () -> Pruners.synFlow().findMask(model, image, HALF));
    calls.put("findMapping", () -> trainer.findMapping(model, SmallRuns.splits(images)));
    calls.put(
        "accuracy",
        () ->
            trainer.accuracy(
                model, SmallRuns.splits(images).test(SmallRuns.dataset(images, 0, 16))));
    calls.put("identity", () -> trainer.identity(model, SmallRuns.splits(images)));
    calls.put("applyTo", () -> masks.applyTo(model));
    calls.put(
        "PrunedModel.of",
        () -> PrunedModel.of(model, masks, SmallRuns.input(), earlier.classNames()));
    calls.put("save", () -> earlier.save(folder.resolve("again")));
    calls.put("saveWeights", () -> earlier.saveWeights(folder.resolve("again.safetensors")));
    calls.put("newPredictor", () -> earlier.newPredictor().close());
    calls.put("WeightFile.save", () -> WeightFile.save(model, folder.resolve("w.safetensors")));
    calls.put("Rewind.to", () -> Rewind.to("it", model));
    calls.put("trace", () -> BlockTracer.of(image).trace(model.getBlock()));
    calls.put(
        "a network around it",
        () -> BlockTracer.of(image).trace(new SequentialBlock().add(model.getBlock())));
    return calls;
  }

  /** Its weights would be moved under the outer run, which would tell nothing of it. */
  @Test
  void run_ofANetworkThatTheSameThreadTrains_isRefused_andOfAnotherNetworkItIsNot() {
    List<String> told = new ArrayList<>();
    try (Model model = TinyResNet.newModel();
        NDManager images = NDManager.newBaseManager()) {
      Outcome alone;
      try (Model other = TinyResNet.newModel();
          PrunedModel pruned = Trainer.of(recipe()).fit(other, SmallRuns.splits(images))) {
        alone = Outcome.of(pruned);
      }
      RunListener within =
          new RunListener() {
            @Override
            public void stepFinished(Step step) {
              Throwable failure =
                  catchThrowable(() -> Trainer.of(recipe()).fit(model, SmallRuns.splits(images)));
              told.add(failure.getMessage());
              Untouched.assertForm(failure);
              try (Model other = TinyResNet.newModel()) {
                Trainer.of(recipe()).fit(other, SmallRuns.splits(images)).close();
              }
            }
          };
      try (PrunedModel pruned =
          Trainer.of(recipe()).listener(within).fit(model, SmallRuns.splits(images))) {
        assertThat(Outcome.of(pruned)).isEqualTo(alone);
      }
    }
    assertThat(told)
        .hasSize(2)
        .allMatch(
            m ->
                m.startsWith("network in training already: run of OMP 0.5; expected a network")
                    && m.contains("run of OMP 0.5 under way"));
  }

  private static void assertRefused(String name, ThrowingCallable call) {
    Throwable failure = catchThrowable(call);
    assertThat(failure)
        .as(name)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("network in training on another thread: ")
        .hasMessageContaining("run of OMP 0.5 under way");
    Untouched.assertForm(failure);
  }

  /** Stops the run in its first step, once its own thread has looked at the model. */
  private static final class Halted implements RunListener {
    final CountDownLatch begun = new CountDownLatch(1);
    final CountDownLatch over = new CountDownLatch(1);
    private final Model model;
    private MaskSet seen;

    Halted(Model model) {
      this.model = model;
    }

    @Override
    public void stepFinished(Step step) {
      if (seen == null) {
        seen = Pruners.magnitude().findMask(model, HALF, 1);
        begun.countDown();
        try {
          over.await();
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
      }
    }
  }

  private static Image black() {
    return new BufferedImageFactory()
        .fromImage(new BufferedImage(24, 24, BufferedImage.TYPE_INT_RGB));
  }

  @Test
  void network_thatAnotherThreadTrains_isNeitherReadNorWritten() throws Exception {
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try (Model model = TinyResNet.newModel();
        NDManager images = NDManager.newBaseManager()) {
      Path weights = folder.resolve("weights.safetensors");
      WeightFile.save(model, weights);
      MaskSet masks = Pruners.magnitude().findMask(model, HALF, 1);
      PrunedModel earlier =
          PrunedModel.of(
              model,
              masks,
              SmallRuns.input(),
              IntStream.range(0, TinyResNet.SOURCE_CLASSES).mapToObj(i -> "c" + i).toList());
      Path result = folder.resolve("result");
      earlier.save(result);
      Halted halted = new Halted(model);
      try (var predictor = earlier.newPredictor()) {
        Future<?> run =
            thread.submit(
                () ->
                    Trainer.of(recipe())
                        .listener(halted)
                        .fit(model, SmallRuns.splits(images))
                        .close());
        halted.begun.await();
        List<Integer> halfWay = Outcome.logits(model);
        Map<String, ThrowingCallable> calls = calls(model, masks, earlier, images);
        calls.put("predict", () -> predictor.predict(black()));
        calls.put("load", () -> PrunedModel.load(result, model));
        calls.put("into", () -> WeightFile.open(weights).into(model));
        calls.forEach(ModelInTrainingTest::assertRefused);
        assertThat(Outcome.logits(model)).isEqualTo(halfWay);
        assertThat(folder.resolve("again")).doesNotExist();
        halted.over.countDown();
        run.get();
        for (ThrowingCallable call : calls.values()) {
          assertThat(String.valueOf(catchThrowable(call))).doesNotContain("in training");
        }
      } finally {
        halted.over.countDown();
      }
      assertThat(halted.seen).isEqualTo(masks);
      earlier.close();
    } finally {
      thread.shutdownNow();
    }
  }
}
