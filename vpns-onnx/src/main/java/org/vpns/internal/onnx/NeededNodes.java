package org.vpns.internal.onnx;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.vpns.internal.onnx.OnnxFile.Item;

/** Nodes that a result follows from; what else a file computes could only get in the way. */
final class NeededNodes {
  private NeededNodes() {}

  /**
   * Those of a graph, in their order.
   *
   * @param items each after those that make what it reads
   */
  static List<Item> of(List<Item> items, Collection<String> results) {
    Set<String> needed = new HashSet<>(results);
    Deque<Item> found = new ArrayDeque<>();
    for (int i = items.size() - 1; i >= 0; i--) {
      OnnxNode node = items.get(i).node();
      if (node.outputs().stream().anyMatch(needed::contains)) {
        needed.addAll(node.inputs());
        node.guards().forEach(guard -> needed.add(guard.condition()));
        needed.remove(""); // an input that is left out
        found.addFirst(items.get(i));
      }
    }
    return List.copyOf(found);
  }
}
