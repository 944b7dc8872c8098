package org.vpns.internal.onnx;

import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.internal.onnx.OnnxValue.OnDevice;
import org.vpns.internal.onnx.Program.Instruction;

/**
 * Runs a file that was exported for a fixed number of images with another number. Shapes that the
 * file holds, or computes, stay those of its own batch; arrays have the actual one. The axis of the
 * images is followed from the inputs through every node, and what the file says about it, in
 * reshapes, expands, slices and constants, is said of the actual number instead. A node that does
 * something else with it is refused.
 *
 * <p>That the results are right is for {@link BatchProof} to show.
 */
final class BatchLift {
  private final long own;
  private final long actual;
  private final boolean proves;
  private final Map<Integer, BatchAxis> axes = new HashMap<>();
  private boolean changed;

  /**
   * @param own the batch of the file
   * @param actual the batch of the inputs
   */
  BatchLift(long own, long actual) {
    this(own, actual, false);
  }

  private BatchLift(long own, long actual, boolean proves) {
    this.own = own;
    this.actual = actual;
    this.proves = proves;
  }

  /** The same, which also looks at what parameters have for each image of the file. */
  static BatchLift proving(long own, long actual) {
    return new BatchLift(own, actual, true);
  }

  /** Says that images lie along the first axis of the value at a place. */
  void input(int place) {
    axes.put(place, BatchAxis.FIRST);
  }

  /** Where the images lie in the value at a place; null if it does not depend on them. */
  @Nullable BatchAxis axis(int place) {
    return axes.get(place);
  }

  /** Whether the node that ran last was told something else than the file says. */
  boolean changed() {
    return changed;
  }

  /** Runs a node. */
  List<OnnxValue> run(Instruction instruction, Operands in) {
    @Nullable BatchAxis[] read = new BatchAxis[instruction.inputs().length];
    boolean batched = false;
    for (int i = 0; i < read.length; i++) {
      read[i] = axes.get(instruction.inputs()[i]);
      batched |= read[i] != null;
    }
    changed = false;
    if (!batched) {
      return instruction.step().run(in);
    }
    Lifted lifted = lifted(instruction, in, read);
    changed = lifted.changed;
    for (int i = 0; i < Math.min(lifted.results.size(), instruction.outputs().length); i++) {
      BatchAxis axis = lifted.axes.get(i);
      boolean kept = lifted.results.get(i) instanceof OnDevice && instruction.outputs()[i] >= 0;
      if (kept && axis != null) {
        axes.put(instruction.outputs()[i], axis);
      }
    }
    return lifted.results;
  }

  private Lifted lifted(Instruction instruction, Operands in, @Nullable BatchAxis[] read) {
    OnnxNode node = instruction.node();
    if (node.operator().equals(Branches.IF)) {
      return BranchOperator.lifted(instruction.step(), node, in, read);
    }
    Lifted joined =
        new BatchJoins(node, instruction.step(), in, read, own, actual, proves).lifted();
    return joined == null
        ? new BatchMoves(node, instruction.step(), in, read, own, actual).lifted()
        : joined;
  }

  /**
   * What a node gives, and where the images lie in each of it.
   *
   * @param changed whether the node may give something else when it runs as it is
   */
  record Lifted(List<OnnxValue> results, List<@Nullable BatchAxis> axes, boolean changed) {
    /** With the images along one axis of all results. */
    Lifted(List<OnnxValue> results, BatchAxis axis, boolean changed) {
      this(results, Collections.nCopies(results.size(), axis), changed);
    }

    /** Of a node that ran as it is. */
    Lifted(List<OnnxValue> results, BatchAxis axis) {
      this(results, axis, false);
    }

    /** The same results, told to be others than those of the node as it is. */
    Lifted withChange(boolean otherwise) {
      return new Lifted(results, axes, otherwise);
    }
  }

  /** A node that cannot take another number of images. */
  static final class Refused extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    Refused(OnnxNode node, String expected, Object found, long own) {
      super(
          Problem.message(
              "fixed batch cannot be opened", node.where(), expected, found, remedy(own)));
    }
  }

  /** What a user can do about a file whose batch cannot be opened. */
  static String remedy(long own) {
    return "export the model with an open batch (dynamic_axes), or read it for batches of "
        + own
        + " alone: Onnx.open(file).batch("
        + own
        + ").read()";
  }
}
