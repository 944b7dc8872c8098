package org.vpns.internal.onnx;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.internal.graph.op.OperatorCall;
import org.vpns.internal.onnx.OnnxValue.OnDevice;
import org.vpns.internal.onnx.OnnxValue.OnHost;
import org.vpns.internal.onnx.OnnxValue.Origin;
import org.vpns.internal.onnx.Program.Instruction;

/**
 * One forward pass. A result is closed after its last reader; the engine keeps what a backward pass
 * needs. Each node is counted before it runs: {@link PassBudget}.
 */
final class OnnxPass {
  private final Program program;
  private final NDManager manager;
  private final boolean training;
  private final PassBudget.Limit limit;
  private final PassBudget budget;
  private final @Nullable OnnxValue[] values;
  // several places may hold one array, as after Identity
  private final Map<NDArray, Integer> holders = new IdentityHashMap<>();
  private final @Nullable BatchLift lift;

  /**
   * @param lift how to run a file that is made for another batch; null to run it as it is
   */
  OnnxPass(
      Program program,
      NDManager manager,
      boolean training,
      PassBudget.Limit limit,
      @Nullable BatchLift lift) {
    this.lift = lift;
    this.program = program;
    this.manager = manager;
    this.training = training;
    this.limit = limit;
    budget = new PassBudget(limit, program.inputNames());
    this.values = new @Nullable OnnxValue[program.places()];
  }

  /** Gives a place its value before the pass. */
  void set(int place, OnnxValue value) {
    values[place] = value;
    if (value instanceof OnDevice) {
      budget.given();
    }
  }

  /**
   * A pass that goes on from here by the file as it is. What this one has made stays its own: both
   * must go on side by side, and give back at the same time.
   */
  OnnxPass asItIs() {
    OnnxPass other = new OnnxPass(program, manager, training, limit, null);
    for (int place = 0; place < values.length; place++) {
      OnnxValue value = values[place];
      boolean made = value instanceof OnDevice device && device.origin() == Origin.RESULT;
      other.values[place] = made ? new OnDevice(((OnDevice) value).array(), Origin.INPUT) : value;
    }
    return other;
  }

  NDList run() {
    try {
      for (Instruction instruction : program.instructions()) {
        run(instruction);
        release(instruction);
      }
      NDList result = new NDList();
      for (int i = 0; i < program.outputs().length; i++) {
        result.add(output(i));
      }
      return result;
    } catch (Throwable e) {
      holders.keySet().forEach(NDArray::close);
      throw e;
    }
  }

  /** Runs one instruction; those before it must have run. */
  void run(Instruction instruction) {
    OnnxNode node = instruction.node();
    if (!applies(instruction)) {
      return;
    }
    boolean branches = node.operator().equals(Branches.IF);
    List<OnnxValue> inputs = new ArrayList<>(instruction.inputs().length);
    for (int place : instruction.inputs()) {
      // the branch that was not taken made nothing
      boolean absent = place < 0 || branches && values[place] == null;
      inputs.add(absent ? new OnnxValue.Absent() : value(node, place));
    }
    budget.spend(node, elements(inputs));
    budget.array(node);
    OperatorCall.at(node.where(), manager);
    Operands operands = new Operands(node, inputs, budget, manager, training);
    List<OnnxValue> results =
        operands.run(in -> lift == null ? instruction.step().run(in) : lift.run(instruction, in));
    int[] outputs = instruction.outputs();
    for (int i = 0; i < results.size(); i++) {
      OnnxValue result = unlessHandedIn(results.get(i), inputs);
      if (i < outputs.length && outputs[i] >= 0) {
        values[outputs[i]] = result;
        hold(node, result);
      } else if (result instanceof OnDevice unwanted
          && unwanted.origin() == Origin.RESULT
          && !holders.containsKey(unwanted.array())) {
        unwanted.array().close();
      }
    }
    budget.require(node, 0, false);
  }

  /** Whether a node of a branch runs; what decides is known without looking at images. */
  private boolean applies(Instruction instruction) {
    OnnxNode node = instruction.node();
    for (int i = 0; i < instruction.conditions().length; i++) {
      OnnxValue condition = values[instruction.conditions()[i]];
      if (condition == null
          || BranchOperator.decides(node, condition) != node.guards().get(i).value()) {
        return false;
      }
    }
    return true;
  }

  /** What Java goes through takes it about as long as the engine takes for eight times as much. */
  private static long elements(List<OnnxValue> inputs) {
    long elements = 0;
    for (OnnxValue input : inputs) {
      elements += input.shape().size() * (input instanceof OnHost ? 8 : 1);
    }
    return elements;
  }

  /**
   * A node without anything to do, such as a padding by nothing, may give what it read: that stays
   * whose it is, and is not closed as a result.
   */
  private static OnnxValue unlessHandedIn(OnnxValue result, List<OnnxValue> inputs) {
    if (result instanceof OnDevice made) {
      for (OnnxValue input : inputs) {
        if (input instanceof OnDevice read && read.array() == made.array()) {
          return read;
        }
      }
    }
    return result;
  }

  /** Closes what nobody reads after an instruction. */
  void release(Instruction instruction) {
    for (int place : instruction.last()) {
      release(place);
    }
  }

  /** The array at a place; null if there is none, or a value of Java. */
  @Nullable NDArray array(int place) {
    return values[place] instanceof OnDevice device ? device.array() : null;
  }

  /** Puts another array in the place of a result, which becomes this pass's own. */
  void replace(int place, NDArray array) {
    release(place);
    values[place] = new OnDevice(array, Origin.RESULT);
    holders.put(array, 1);
    budget.hold(array.getShape().size());
  }

  private OnnxValue value(OnnxNode node, int place) {
    OnnxValue value = values[place];
    if (value == null) {
      throw node.problem(
          "input was not produced",
          "outputs that evaluation makes",
          Arrays.toString(node.inputs().toArray()),
          "export the model in evaluation mode");
    }
    return value;
  }

  private void hold(OnnxNode node, OnnxValue value) {
    if (value instanceof OnDevice device && device.origin() == Origin.RESULT) {
      if (device.array().getDataType() == DataType.UNKNOWN) {
        // handing such an array to the engine again may end the process
        device.array().close();
        throw node.problem(
            "result of a type that the engine cannot handle",
            "floats, integers or booleans",
            "another type",
            "export the model again");
      }
      if (holders.merge(device.array(), 1, Integer::sum) == 1) {
        budget.hold(device.array().getShape().size());
      }
    } else if (value instanceof OnHost host) {
      budget.lend(node, host.tensor().size());
    }
  }

  private void release(int place) {
    OnnxValue value = values[place];
    values[place] = null;
    if (value instanceof OnDevice device && device.origin() == Origin.RESULT) {
      NDArray array = device.array();
      Integer left = holders.computeIfPresent(array, (a, count) -> count == 1 ? null : count - 1);
      if (left == null) {
        budget.release(array.getShape().size());
        array.close();
      }
    }
  }

  /** An output; all instructions must have run. */
  NDArray output(int index) {
    OnnxValue value = values[program.outputs()[index]];
    if (value instanceof OnDevice device) {
      // a caller may close its outputs, but not the parameters
      return device.origin() == Origin.PARAMETER ? device.array().duplicate() : device.array();
    }
    if (value instanceof OnHost host) {
      return host.tensor().toArray(manager);
    }
    throw Problem.argument(
        "output was not produced",
        program.source() + ", output " + index,
        "outputs that evaluation makes",
        "none",
        "export the model in evaluation mode");
  }
}
