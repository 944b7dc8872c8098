package org.vpns.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.dataset.Batch;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vpns.MaskSet;
import org.vpns.Sparsity;
import org.vpns.testing.Outcome;
import org.vpns.testing.TinyResNet;
import org.vpns.train.Length;
import org.vpns.train.Pruner;
import org.vpns.train.Recipe;
import org.vpns.train.RunListener;
import org.vpns.train.Trainer;

/**
 * Masks that gradients decide, where somebody else records gradients too: whoever opens a collector
 * sets the gradients of all to zero.
 */
final class MasksSideBySideTest {
  private static final Sparsity HALF = Sparsity.of("0.5");
  private static final Shape IMAGE =
      new Shape(3, SmallRuns.input().height(), SmallRuns.input().width());
  private static final int ROUNDS = 4;

  private final Model model = TinyResNet.newModel();
  private final NDManager manager = NDManager.newBaseManager();
  private final ExecutorService threads = Executors.newFixedThreadPool(2);

  @AfterEach
  void close() {
    threads.shutdownNow();
    manager.close();
    model.close();
  }

  /** Ways to a mask, by method; each with arrays of its own. */
  private Map<String, Callable<MaskSet>> ways() {
    Map<String, Callable<MaskSet>> ways = new LinkedHashMap<>();
    ways.put("SNIP", () -> ofABatch(Pruners.snip()));
    ways.put("GraSP", () -> ofABatch(Pruners.grasp()));
    ways.put("SynFlow", () -> Pruners.synFlow().findMask(model, IMAGE, HALF));
    return ways;
  }

  private MaskSet ofABatch(Pruner pruner) {
    try (NDManager own = NDManager.newBaseManager()) {
      NDArray images = own.create(TinyResNet.plainInput(2), new Shape(16, 3, 32, 32));
      NDArray labels = own.create(TinyResNet.labels(2));
      Batch batch = new Batch(own, new NDList(images), new NDList(labels), 16, null, null, 0, 1);
      return pruner.findMask(model, batch, HALF);
    }
  }

  @Test
  void masksOfTwoThreads_waitForEachOther() throws Exception {
    Map<String, MaskSet> alone = new LinkedHashMap<>();
    for (Map.Entry<String, Callable<MaskSet>> way : ways().entrySet()) {
      alone.put(way.getKey(), way.getValue().call());
    }
    for (int i = 0; i < ROUNDS; i++) {
      Map<String, Future<MaskSet>> found = new LinkedHashMap<>();
      ways().forEach((method, way) -> found.put(method, threads.submit(way)));
      for (Map.Entry<String, Future<MaskSet>> mask : found.entrySet()) {
        assertThat(mask.getValue().get()).isEqualTo(alone.get(mask.getKey()));
      }
    }
  }

  @Test
  void masksBesideARunOfAnotherModel_areRefused_andTheRunIsNotDisturbed() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch over = new CountDownLatch(1);
    RunListener waits =
        new RunListener() {
          @Override
          public void stepFinished(Step step) {
            begun.countDown();
            try {
              over.await();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
          }
        };
    try (Model other = TinyResNet.newModel();
        Model alone = TinyResNet.newModel()) {
      Trainer trainer = Trainer.of(recipe());
      trainer.fit(alone, SmallRuns.splits(manager)).close();
      Future<?> run =
          threads.submit(
              () -> trainer.listener(waits).fit(other, SmallRuns.splits(manager)).close());
      begun.await();
      for (Callable<MaskSet> way : ways().values()) {
        Throwable failure = catchThrowable(way::call);
        assertThat(failure)
            .isInstanceOf(IllegalStateException.class)
            .hasMessageStartingWith(
                "engine records gradients for another thread: mask of model 'tinyresnet'; ")
            .hasMessageContaining("run of OMP 0.5 under way");
        Untouched.assertForm(failure);
      }
      assertThat(Pruners.magnitude().findMask(model, HALF, 1).sparsity()).isEqualTo(0.5);
      over.countDown();
      run.get();
      assertThat(Outcome.logits(other)).isEqualTo(Outcome.logits(alone));
    } finally {
      over.countDown();
    }
  }

  private static Recipe recipe() {
    return Recipe.of(Pruners.magnitude().length(Length.iterations(3)), HALF)
        .input(SmallRuns.input())
        .batchSize(SmallRuns.BATCH)
        .build();
  }

  @Test
  void masksInsideACollectorOfTheCaller_areRefused_andItsGradientsStay() {
    NDArray leaf = manager.create(3f);
    leaf.setRequiresGradient(true);
    List<Throwable> failures = new ArrayList<>();
    try (GradientCollector own = Engine.getInstance().newGradientCollector()) {
      NDArray square = leaf.mul(leaf);
      ways().values().forEach(way -> failures.add(catchThrowable(way::call)));
      own.backward(square);
      assertThat(leaf.getGradient().getFloat()).isEqualTo(6f); // d(x^2)/dx = 2 x
    }
    assertThat(failures)
        .hasSize(3)
        .allSatisfy(
            failure ->
                assertThat(failure)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith(
                        "gradient collector in use: mask of model 'tinyresnet'; "));
  }
}
