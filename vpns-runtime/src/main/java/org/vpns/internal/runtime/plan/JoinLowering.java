package org.vpns.internal.runtime.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.vpns.graph.GraphNode;
import org.vpns.internal.graph.op.Elementwise;
import org.vpns.internal.graph.op.Joining;
import org.vpns.internal.graph.op.Shaping;
import org.vpns.internal.runtime.kernel.Binary;

/**
 * Makes layers of operators that move values or combine tensors; each method gives false where
 * there is nothing for one.
 */
final class JoinLowering {
  private final LoweredTensors tensors;

  JoinLowering(LoweredTensors tensors) {
    this.tensors = tensors;
  }

  boolean addMoves(GraphNode node, int in, int[] from) {
    for (int i = 0; i < node.outputs().size(); i++) {
      int[] to = tensors.shape(node.outputs().get(i));
      boolean same = Moves.keepsOrder(node.operator());
      int[] table = same ? null : Moves.table(node.operator(), i, from, to);
      if (!same && table == null) {
        return false;
      }
      int output = tensors.layers.value(to);
      int[] border = Moves.border(node.operator(), from);
      float fill = node.operator() instanceof Shaping.Pad p ? (float) p.value() : 0;
      tensors.set(
          node.outputs().get(i),
          tensors.layers.add(new Layer.Rearrange(in, output, table, fill, border)));
    }
    return true;
  }

  boolean addConcat(GraphNode node, Joining.Concat concat) {
    int[] to = tensors.shape(node.outputs().get(0));
    int axis = concat.axis() < 0 ? concat.axis() + to.length : concat.axis() - 1;
    List<Integer> parts = new ArrayList<>();
    for (int t : node.inputs()) {
      Integer part = tensors.value(t);
      if (part == null) {
        return false;
      }
      parts.add(part);
    }
    if (axis == 0) {
      return tensors.put(node, to, y -> new Layer.Append(parts, y));
    }
    return axis > 0 && addJoin(node, parts, axis, to);
  }

  /** Along another axis: behind each other first, then each value to its place. */
  private boolean addJoin(GraphNode node, List<Integer> parts, int axis, int[] to) {
    int inner = LayerList.product(to, axis + 1, to.length);
    int[] table = new int[LayerList.size(to)];
    int[] flat = {table.length};
    List<Integer> rows = new ArrayList<>();
    int begin = 0;
    int position = 0;
    for (int part : parts) {
      int[] shape = tensors.layers.shape(part);
      int size = LayerList.size(shape);
      for (int i = 0; i < size; i++) {
        int run = shape[axis] * inner;
        table[i / run * to[axis] * inner + position * inner + i % run] = begin + i;
      }
      rows.add(
          tensors.layers.add(
              new Layer.Rearrange(part, tensors.layers.value(new int[] {size}), null, 0, null)));
      begin += size;
      position += shape[axis];
    }
    int joined = tensors.layers.add(new Layer.Append(rows, tensors.layers.value(flat)));
    return tensors.put(node, to, y -> new Layer.Rearrange(joined, y, table, 0, null));
  }

  boolean addBinary(GraphNode node, Elementwise.Binary binary) {
    Binary.Function function = Functions.pair(binary.function());
    int[] to = tensors.shape(node.outputs().get(0));
    Integer left = tensors.operand(node.inputs().get(0), to);
    Integer right = tensors.operand(node.inputs().get(1), to);
    if (function == null || left == null || right == null) {
      return false;
    }
    if (!Arrays.equals(tensors.layers.shape(left), to)) {
      boolean turns = function != Binary.Function.SUB && function != Binary.Function.DIV;
      if (turns && Arrays.equals(tensors.layers.shape(right), to)) {
        int first = left;
        left = right;
        right = first;
      } else {
        left = repeated(left, to);
      }
    }
    int[] other = tensors.layers.shape(right);
    boolean byChannel =
        to.length == 3 && other.length == 3 && other[0] == to[0] && other[1] * other[2] == 1;
    if (!byChannel && !Arrays.equals(other, to)) {
      right = repeated(right, to);
    }
    tensors.set(
        node.outputs().get(0),
        tensors.layers.combine(left, right, tensors.layers.value(to), function));
    return true;
  }

  private int repeated(int value, int[] to) {
    int[] table = Moves.broadcast(tensors.layers.shape(value), to);
    return tensors.layers.add(new Layer.Rearrange(value, tensors.layers.value(to), table, 0, null));
  }
}
