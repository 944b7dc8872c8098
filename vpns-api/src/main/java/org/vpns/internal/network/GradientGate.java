package org.vpns.internal.network;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import com.google.common.base.Throwables;
import com.google.common.util.concurrent.Uninterruptibles;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;

/**
 * Who may record gradients. The engine has one collector in a JVM, and what it sets to zero are the
 * gradients of all arrays, those that another thread has not read yet among them. So a run has the
 * gate to itself from start to end, and what takes moments waits for its turn.
 */
public final class GradientGate {
  private static final ReentrantLock LOCK = new ReentrantLock();
  private static final long TURN_MS = 20;

  /** What has the gate for long; set and read by the thread that has the lock, read by all. */
  private static volatile @Nullable String holder;

  private GradientGate() {}

  /** The gate, held until closed, by the thread that took it. */
  public static final class Hold implements AutoCloseable {
    private final @Nullable String before;

    private Hold(@Nullable String before) {
      this.before = before;
    }

    @Override
    public void close() {
      holder = before;
      LOCK.unlock();
    }
  }

  /**
   * Takes the gate for long, if the engine can record gradients now. A thread that has it may take
   * it again.
   *
   * @param what takes it, such as {@code run of VPNs 0.99}
   * @throws IllegalStateException if another thread has it for long, if somebody has a collector
   *     open, or if the engine cannot train
   */
  public static Hold take(NDManager manager, String what) {
    enter(what);
    Hold hold = new Hold(holder);
    try {
      requireFree(manager.getEngine(), what);
    } catch (Throwable e) {
      hold.close();
      throw e;
    }
    holder = what;
    return hold;
  }

  /**
   * Takes the gate for moments, if the engine can record gradients now: others of moments wait
   * until it is closed, as this one waits for them.
   *
   * @param what takes it, such as {@code mask of SNIP}
   * @throws IllegalStateException as {@link #take}
   */
  public static Hold turn(NDManager manager, String what) {
    enter(what);
    Hold hold = new Hold(holder);
    try {
      if (LOCK.getHoldCount() == 1) {
        requireFree(manager.getEngine(), what);
      }
      return hold;
    } catch (Throwable e) {
      hold.close();
      throw e;
    }
  }

  /**
   * A collector of the manager's engine.
   *
   * @throws IllegalStateException as {@link #take}
   */
  public static GradientCollector open(NDManager manager) {
    ProcessEnd.pass();
    String what = "recording of gradients";
    enter(what);
    try {
      // whoever has the gate for long has asked already
      if (LOCK.getHoldCount() == 1) {
        requireFree(manager.getEngine(), what);
      }
      return new Turn(collector(manager.getEngine(), what));
    } catch (Throwable e) {
      LOCK.unlock();
      throw e;
    }
  }

  /** Whether the engine records gradients; none that only predicts does. */
  static boolean isOffered(NDManager manager) {
    enter("look at the engine");
    try {
      manager.getEngine().newGradientCollector().close();
      return true;
    } catch (UnsupportedOperationException e) {
      return false;
    } catch (IllegalStateException e) {
      return true; // in use
    } finally {
      LOCK.unlock();
    }
  }

  /** Waits for turns of moments, but not for one that may last for hours. */
  private static void enter(String what) {
    try {
      while (!LOCK.tryLock(TURN_MS, TimeUnit.MILLISECONDS)) {
        String other = holder;
        if (other != null) {
          throw Problem.state(
              "engine records gradients for another thread",
              what,
              "one run at a time in a JVM",
              other + " under way",
              "wait until it has ended, or start this one in a JVM of its own");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Problem.state(
          "interrupted while waiting for the engine",
          what,
          "a turn to record gradients",
          "an interrupt of this thread",
          "start it again after Thread.interrupted(), which clears it");
    }
  }

  /**
   * Asks the engine in a thread that ends: where it refuses a collector, it leaves its recording on
   * in the thread that asked, and all that is computed there from then on would be kept.
   */
  private static void requireFree(Engine engine, String what) {
    AtomicReference<@Nullable Throwable> refusal = new AtomicReference<>();
    Thread asking =
        new Thread(
            () -> {
              try {
                collector(engine, what).close();
              } catch (Throwable e) {
                refusal.set(e);
              }
            },
            "vpns-gradient-gate");
    asking.start();
    Uninterruptibles.joinUninterruptibly(asking);
    Throwable e = refusal.get();
    if (e != null) {
      Throwables.throwIfUnchecked(e);
      throw new IllegalStateException(e);
    }
  }

  private static GradientCollector collector(Engine engine, String what) {
    try {
      return engine.newGradientCollector();
    } catch (UnsupportedOperationException e) {
      // an engine tells in no other way whether it records gradients
      throw withCause(
          Problem.state(
              "engine cannot train",
              what,
              "an engine that records gradients",
              engine.getEngineName() + " " + engine.getVersion(),
              "make the model on PyTorch: Model.newInstance(name, \"PyTorch\"), with"
                  + " ai.djl.pytorch:pytorch-engine on the class path"),
          e);
    } catch (IllegalStateException e) {
      throw withCause(
          Problem.state(
              "gradient collector in use",
              what,
              "none open in this JVM",
              "one that this library did not open",
              "close it first (Engine.newGradientCollector, Trainer.newGradientCollector)"),
          e);
    }
  }

  private static IllegalStateException withCause(IllegalStateException problem, Throwable cause) {
    problem.initCause(cause);
    return problem;
  }

  /** A collector that lets the next one in when it is closed. */
  private record Turn(GradientCollector collector) implements GradientCollector {
    @Override
    public void backward(NDArray target) {
      collector.backward(target);
    }

    @Override
    public void zeroGradients() {
      collector.zeroGradients();
    }

    @Override
    public void close() {
      try {
        collector.close();
      } finally {
        LOCK.unlock();
      }
    }
  }
}
