package org.vpns.runtime;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import org.vpns.Problem;
import org.vpns.internal.runtime.plan.Program;
import org.vpns.internal.runtime.run.Machine;
import org.vpns.internal.runtime.run.Runner;
import org.vpns.internal.runtime.run.WarmUp;

/**
 * A network that {@link SparseRuntime} has made ready to run. Any number of threads may use it at
 * once; once warm, a call allocates nothing. Closing it ends its threads.
 */
public final class SparseNetwork implements AutoCloseable {
  private final Program program;
  private final Runner runner;
  private final Shape image;
  private final String readied;
  private final WarmUp warmUp;

  /** Calls that are being made; negative once closed. */
  private final AtomicInteger calls = new AtomicInteger();

  /**
   * A network.
   *
   * @param readied how the program came about
   */
  SparseNetwork(Program program, Runner runner, Shape image, String readied, WarmUp warmUp) {
    this.program = program;
    this.runner = runner;
    this.image = image;
    this.readied = readied;
    this.warmUp = warmUp;
  }

  boolean isClosed() {
    return calls.get() < 0;
  }

  /** Shape of one image, such as (channels, height, width). */
  public Shape image() {
    return image;
  }

  /**
   * A block that runs this, for {@code model.setBlock(network.block())}: one input of any number of
   * images, no parameters, no training. Safe for several threads at once.
   */
  public Block block() {
    return new SparseBlock(this);
  }

  /** Shape of the results of a batch. */
  Shape results(long batch) {
    Shape shape = new Shape(batch);
    for (int d : program.outputShape()) {
      shape = shape.add(d);
    }
    return shape;
  }

  /** Numbers that an image's result has. */
  public int outputs() {
    return program.outputs();
  }

  /**
   * Runs images.
   *
   * @param images row-major, one after the other
   * @return the results, row-major, one after the other
   * @throws IllegalArgumentException if it is no whole number of images
   */
  public float[] run(float[] images) {
    Problem.given(images, "SparseNetwork.run", "images");
    int count = images.length / program.inputs();
    float[] results = new float[count * program.outputs()];
    run(images, count, results);
    return results;
  }

  /**
   * Runs images without allocating anything.
   *
   * @param images row-major, one after the other
   * @param count how many
   * @param results gets the results, row-major, one after the other
   * @throws IllegalArgumentException if the arrays are not as long as so many images need
   * @throws IllegalStateException if this is closed
   */
  public void run(float[] images, int count, float[] results) {
    Problem.given(images, "SparseNetwork.run", "images");
    Problem.given(results, "SparseNetwork.run", "results");
    requireLength("images", images.length, count, program.inputs());
    requireLength("results", results.length, count, program.outputs());
    enter();
    try {
      runner.run(images, count, results);
    } finally {
      leave();
    }
  }

  private void enter() {
    int before = calls.get();
    while (before >= 0 && !calls.compareAndSet(before, before + 1)) {
      before = calls.get();
    }
    if (before < 0) {
      throw Problem.state(
          "use after close",
          "SparseNetwork.run",
          "a network that is open",
          "one that was closed",
          "close it after its last use");
    }
  }

  private void leave() {
    if (calls.decrementAndGet() == Integer.MIN_VALUE) {
      runner.close();
    }
  }

  private void requireLength(String what, int found, int count, int each) {
    if (count < 0 || found != (long) count * each) {
      throw Problem.argument(
          what + " of another size",
          "SparseNetwork.run",
          (long) count * each + " numbers, " + each + " for each of " + count + " images",
          found,
          "pass images " + image + " one after the other");
    }
  }

  /**
   * How it came about and what it takes, such as {@code vectors of 16 floats; planned in 80 ms;
   * warmed up in 3.1 s, 40 runs, the first 2100.0 ms, the fastest 9.1 ms; 10.9 MB for each image at
   * a time}.
   */
  public String describe() {
    return String.format(
        Locale.ROOT,
        "%s; %s; %s; %.1f MB for each image at a time",
        Machine.describe(),
        readied,
        warmUp.describe(),
        4e-6 * program.floats());
  }

  @Override
  public String toString() {
    return "SparseNetwork, images " + image + " to " + program.outputs() + " numbers";
  }

  /** Ends the threads, once the calls that are being made have ended; it does not wait for them. */
  @Override
  public void close() {
    if (calls.getAndUpdate(made -> made | Integer.MIN_VALUE) == 0) {
      runner.close();
    }
  }
}
