package org.vpns.internal.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.HashMap;
import java.util.Map;
import org.vpns.internal.io.MemoryBound;
import org.vpns.io.FormatException;

/**
 * How many nodes a graph may have. Each takes time in every pass; networks of thousands of them
 * have numbers to compute with: they store many, or steps of a sequence read the same ones again.
 */
final class NodeLimit {
  /** Nodes of a network that stores nothing. */
  private static final int PLAIN = 1 << 11;

  /** The largest networks have hundreds or thousands. */
  private static final int NUMBERS_PER_NODE = 16;

  /**
   * Nodes that reading the same numbers again may add, however few: one layer of 300 steps in both
   * directions. Any small weight could else be read by as many nodes as there may be at all.
   */
  private static final long READ_AGAIN = 12 << 10;

  /** How often stored numbers count at most, beyond that: longer sequences have larger weights. */
  private static final int TIMES = 4;

  /**
   * Arrays for each node: most make one, of more or less size; an activation by several functions,
   * or a choice between broadcast values, makes some five, and takes as long as five.
   */
  private static final double ARRAYS_PER_NODE = 1.5;

  /** What to do about a model of too many nodes. */
  static final String UNROLLED =
      "export a loop as one operator (torch.nn.LSTM in place of LSTMCell), or leave it out";

  private NodeLimit() {}

  /**
   * Refuses a graph of too many nodes.
   *
   * @param source the file, for messages
   */
  static void require(GraphProto graph, Map<String, StoredTensor> tensors, String source)
      throws FormatException {
    long numbers = numbers(graph, tensors);
    long most = Math.min(MemoryBound.NODES, PLAIN + numbers / NUMBERS_PER_NODE);
    if (graph.getNodeCount() > most) {
      throw new FormatException(
          "too many nodes",
          source + ", model",
          "at most "
              + most
              + ", as "
              + PLAIN
              + " and one for each "
              + NUMBERS_PER_NODE
              + " stored numbers, counted at each node that reads them, up to "
              + TIMES
              + " times and "
              + READ_AGAIN
              + " nodes more, but never more than "
              + MemoryBound.NODES,
          graph.getNodeCount() + " with " + numbers + " stored numbers",
          UNROLLED);
    }
  }

  /**
   * How many arrays the nodes may make, of as many nodes as there may be at all.
   *
   * @param stored how many numbers the file stores
   */
  static long arrays(long stored) {
    long nodes = PLAIN + READ_AGAIN + MemoryBound.times(TIMES, stored) / NUMBERS_PER_NODE;
    return (long) (ARRAYS_PER_NODE * Math.min(MemoryBound.NODES, nodes));
  }

  /** Stored numbers, or those that the nodes read, one after the other, where these count more. */
  private static long numbers(GraphProto graph, Map<String, StoredTensor> tensors) {
    Map<String, Long> sizes = new HashMap<>();
    tensors.forEach((name, tensor) -> sizes.put(name, tensor.shape().size()));
    long stored = sizes.values().stream().mapToLong(Long::longValue).sum();
    long read = 0;
    for (NodeProto node : graph.getNodeList()) {
      // a weight may stand in a node that is a constant
      if (node.getOpType().equals("Constant") && node.getOutputCount() > 0) {
        long size = node.getSerializedSize() / Float.BYTES;
        sizes.put(node.getOutput(0), size);
        stored += size;
        continue;
      }
      long largest = 0;
      boolean constant = node.getInputCount() > 0;
      for (String input : node.getInputList()) {
        long size = sizes.getOrDefault(input, 0L);
        largest = Math.max(largest, size);
        constant &= input.isEmpty() || sizes.containsKey(input);
        read = Math.min(read + size, Integer.MAX_VALUE);
      }
      // a weight that is turned or cut before it is read is one still, and never grows by it
      if (constant) {
        for (String output : node.getOutputList()) {
          sizes.put(output, largest);
        }
      }
    }
    return Math.max(stored, Math.min(read, TIMES * stored + NUMBERS_PER_NODE * READ_AGAIN));
  }
}
