package org.vpns.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.Sparsity;
import org.vpns.predict.PrunedModel;
import org.vpns.report.EpochRecord;
import org.vpns.testing.Outcome;
import org.vpns.train.Length;
import org.vpns.train.Recipe;
import org.vpns.train.RunListener;
import org.vpns.train.Trainer;

/** However a run fails: it is told, the first failure comes out, the model is as it was. */
final class RunFailureTest {
  private final NDManager manager = NDManager.newBaseManager();
  private final Model model = FixtureRuns.block();

  @AfterEach
  void close() {
    model.close();
    manager.close();
  }

  private static Recipe recipe() {
    return Recipe.of(
            Pruners.magnitude().weights(SmallRuns.SGD, SmallRuns.TUNING).length(Length.epochs(2)),
            Sparsity.of("0.5"))
        .input(SmallRuns.input())
        .batchSize(SmallRuns.BATCH)
        .build();
  }

  /** As a language without checked exceptions throws them. */
  @SuppressWarnings("unchecked")
  private static <T extends Throwable> RuntimeException sneaky(Throwable thrown) throws T {
    throw (T) thrown;
  }

  /** Throws at the end of an epoch, and again when it is told of that. */
  private static final class Thrower implements RunListener {
    private final Throwable first;
    private final Throwable second;
    private final List<Throwable> told = new ArrayList<>();

    Thrower(Throwable first, Throwable second) {
      this.first = first;
      this.second = second;
    }

    @Override
    public void epochFinished(String stage, EpochRecord epoch) {
      throw sneaky(first);
    }

    @Override
    public void runFailed(Throwable cause) {
      told.add(cause);
      throw sneaky(second);
    }
  }

  private Throwable fail(RunListener listener) {
    Untouched before = Untouched.of(model);
    Throwable failure =
        catchThrowable(
            () -> Trainer.of(recipe()).listener(listener).fit(model, SmallRuns.splits(manager)));
    before.assertStill(model);
    return failure;
  }

  @ParameterizedTest
  @ValueSource(
      classes = {
        Exception.class,
        InterruptedException.class,
        Throwable.class,
        AssertionError.class,
        RuntimeException.class
      })
  void fit_whoseListenerThrowsAnything_restores_tells_andEndsWithIt(Class<? extends Throwable> type)
      throws Exception {
    Throwable first = type.getDeclaredConstructor().newInstance();
    Throwable second = type.getDeclaredConstructor().newInstance();
    Thrower thrower = new Thrower(first, second);
    assertThat(fail(thrower)).isSameAs(first);
    assertThat(thrower.told).containsExactly(first);
    assertThat(first.getSuppressed()).containsExactly(second);
  }

  @Test
  void fit_whoseListenerThrowsTheSameAgain_endsWithIt() {
    Throwable first = new Exception("first");
    assertThat(fail(new Thrower(first, first))).isSameAs(first);
    assertThat(first.getSuppressed()).isEmpty();
  }

  @Test
  void fit_ofSeveralListeners_tellsAll() {
    Throwable first = new Exception("first");
    Thrower one = new Thrower(first, new Exception("second"));
    Thrower two = new Thrower(first, new Error("third"));
    assertThat(fail(RunListener.all(one, two))).isSameAs(first);
    assertThat(one.told).containsExactly(first);
    assertThat(two.told).containsExactly(first);
    assertThat(first.getSuppressed()).containsExactly(one.second, two.second);
  }

  @Test
  void fit_thatFailsBeforeItBegins_tells() {
    Thrower thrower = new Thrower(new Exception(), new Exception());
    try (Model empty = Model.newInstance("empty")) {
      Throwable failure =
          catchThrowable(
              () -> Trainer.of(recipe()).listener(thrower).fit(empty, SmallRuns.splits(manager)));
      assertThat(failure).hasMessageStartingWith("network without weights: ");
      assertThat(thrower.told).containsExactly(failure);
    }
    IOException unchecked = new IOException("read");
    assertThat(fail(new Thrower(unchecked, new Exception())))
        .isInstanceOf(java.io.UncheckedIOException.class)
        .hasCause(unchecked);
  }

  /** The engine has one gradient collector: the second run says so, the first is not disturbed. */
  @Test
  void fit_whileAnotherIsUnderWay_isRefusedBeforehand() throws Exception {
    List<Integer> alone;
    try (Model other = FixtureRuns.block()) {
      Trainer.of(recipe()).fit(other, SmallRuns.splits(manager)).close();
      alone = Outcome.logits(other);
    }
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
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try (Model first = FixtureRuns.block();
        NDManager images = NDManager.newBaseManager()) {
      Future<?> run =
          thread.submit(
              () ->
                  Trainer.of(recipe())
                      .listener(waits)
                      .fit(first, SmallRuns.splits(images))
                      .close());
      begun.await();
      Untouched before = Untouched.of(model);
      Trainer second = Trainer.of(recipe());
      for (Throwable failure :
          new Throwable[] {
            catchThrowable(() -> second.fit(model, SmallRuns.splits(manager))),
            catchThrowable(() -> second.findMask(model, SmallRuns.splits(manager)))
          }) {
        assertThat(failure)
            .isInstanceOf(IllegalStateException.class)
            .hasMessageStartingWith("engine records gradients for another thread: ")
            .hasMessageContaining("run of OMP 0.5 under way");
        Untouched.assertForm(failure);
      }
      before.assertStill(model);
      over.countDown();
      run.get();
      assertThat(Outcome.logits(first)).isEqualTo(alone);
    } finally {
      over.countDown();
      thread.shutdownNow();
    }
    second(alone);
  }

  /** What was refused works as the message says: once the other has ended. */
  private void second(List<Integer> expected) {
    try (PrunedModel pruned = Trainer.of(recipe()).fit(model, SmallRuns.splits(manager))) {
      assertThat(Outcome.logits(pruned.model())).isEqualTo(expected);
    }
  }

  @Test
  void fit_insideACollectorOfTheCaller_isRefusedBeforehand() {
    NDArray leaf = manager.create(3f);
    leaf.setRequiresGradient(true);
    try (GradientCollector own = Engine.getInstance().newGradientCollector()) {
      NDArray square = leaf.mul(leaf);
      ToldFailures listener = new ToldFailures();
      Throwable failure =
          catchThrowable(
              () -> Trainer.of(recipe()).listener(listener).fit(model, SmallRuns.splits(manager)));
      assertThat(failure)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("gradient collector in use: run of OMP 0.5; ");
      Untouched.assertForm(failure);
      assertThat(listener.told).containsExactly(failure);
      own.backward(square);
      assertThat(leaf.getGradient().getFloat()).isEqualTo(6f); // d(x^2)/dx = 2 x
    }
    assertThat(
            catchThrowable(() -> Trainer.of(recipe()).findMask(model, SmallRuns.splits(manager))))
        .isNull();
  }

  /** A listener may run another recipe in between, on its own thread. */
  @Test
  void fit_insideAListener_isNoOtherRun() {
    List<List<Integer>> inner = new ArrayList<>();
    RunListener listener =
        new RunListener() {
          @Override
          public void epochFinished(String stage, EpochRecord epoch) {
            try (Model other = FixtureRuns.block()) {
              Trainer.of(recipe()).fit(other, SmallRuns.splits(manager)).close();
              inner.add(Outcome.logits(other));
            }
          }
        };
    Trainer.of(recipe()).listener(listener).fit(model, SmallRuns.splits(manager)).close();
    assertThat(inner).containsExactly(Outcome.logits(model), Outcome.logits(model));
  }
}
