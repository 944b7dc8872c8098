package org.vpns.internal.onnx;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.io.MemoryBound;

/**
 * What a forward pass has taken and may take still, so that a file of a few bytes can ask neither
 * for all memory nor for all time: elements are bounded, those alive at a time, those made in all,
 * and those that nodes go through; each node is counted before it runs, arrays as they are made.
 */
final class PassBudget implements Operands.Room {
  /** Of all recurrent layers: two of them in both directions over the longest sequence. */
  private static final long STEPS = 4L * RecurrentOperators.MAX_STEPS;

  private final Limit limit;
  private final List<String> inputs;
  private final long javaLimit = MemoryBound.heap();
  private long alive;
  private long made;
  private long seen;
  private long sums;
  private long steps;
  private long arrays;
  private @Nullable OnnxNode stepping;
  // values of Java, and what the engine borrows of them, are not given back before the pass ends
  private long inJava;

  /**
   * What a pass may take.
   *
   * @param alive elements at a time
   * @param made elements in all
   * @param seen elements in all that nodes go through: those they read, and made more than once
   * @param sums multiply-adds in all
   * @param arrays in all: inputs, parameters, results, and what nodes make on their way to them
   */
  record Limit(long alive, long made, long seen, long sums, long arrays) {}

  PassBudget(Limit limit, List<String> inputs) {
    this.limit = limit;
    this.inputs = inputs;
  }

  @Override
  public List<String> inputs() {
    return inputs;
  }

  @Override
  public void require(OnnxNode node, long elements, boolean java) {
    if (java && elements > javaLimit - inJava) {
      throw exceeded(
          node,
          "values too large for the heap",
          "at most " + javaLimit + " elements that Java computes",
          elements + " more than " + inJava,
          MemoryBound.remedy(elements, "export a network whose values are smaller"));
    }
    if (elements > limit.alive() - alive) {
      throw exceeded(
          node,
          "values too large",
          "at most " + limit.alive() + " elements alive at a time",
          elements + " more than " + alive,
          "use smaller batches or images");
    }
    if (elements > limit.made() - made) {
      throw exceeded(
          node,
          "values too large in all",
          "at most " + limit.made() + " elements that all nodes make",
          elements + " more than " + made,
          "export a network whose layers make less of an image of this size");
    }
  }

  @Override
  public void spend(OnnxNode node, long elements) {
    seen = spent(node, seen, elements, limit.seen(), "elements that all nodes go through");
  }

  @Override
  public void sum(OnnxNode node, long terms) {
    sums = spent(node, sums, terms, limit.sums(), "multiply-adds of all nodes");
  }

  @Override
  public void step(OnnxNode node, long more) {
    if (more > STEPS - steps) {
      throw exceeded(
          node,
          "too many steps",
          "at most " + STEPS + " of the sequences of all recurrent layers",
          more + " more than " + steps,
          "use shorter sequences");
    }
    steps += more;
    stepping = node;
  }

  /** Counts an array that the pass begins with. */
  void given() {
    arrays++;
  }

  /** However small an array is, it takes its time; those of a layer's steps are counted as such. */
  @Override
  public void array(OnnxNode node) {
    if (node != stepping && ++arrays > limit.arrays()) {
      throw exceeded(
          node,
          "too many arrays",
          "at most "
              + limit.arrays()
              + " that all nodes read or make, also on the way to their results",
          "more",
          NodeLimit.UNROLLED);
    }
  }

  private static long spent(OnnxNode node, long before, long more, long most, String unit) {
    if (more > most - before) {
      throw exceeded(
          node,
          "too much arithmetic",
          "at most " + most + " " + unit,
          more + " more than " + before,
          "export a network that does less with an image of this size");
    }
    return before + more;
  }

  private static Exceeded exceeded(
      OnnxNode node, String what, Object expected, Object found, String remedy) {
    return new Exceeded(node.problem(what, expected, found, remedy));
  }

  @Override
  public void lend(OnnxNode node, long elements) {
    require(node, elements, true);
    inJava += elements;
  }

  /** Counts elements of the engine's memory that a node has made. */
  void hold(long elements) {
    alive += elements;
    made += elements;
  }

  /** Counts elements of the engine's memory that are given back. */
  void release(long elements) {
    alive -= elements;
  }
}
