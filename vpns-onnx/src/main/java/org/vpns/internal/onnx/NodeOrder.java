package org.vpns.internal.onnx;

import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/** An order of nodes in which each comes after those that make what it reads. */
final class NodeOrder {
  private NodeOrder() {}

  /**
   * Positions of the nodes in such an order, which is the file's own wherever that does. Nodes of a
   * circle, and those that wait for one, come last.
   */
  static List<Integer> of(List<NodeProto> nodes) {
    Map<String, Integer> makers = new HashMap<>();
    for (int i = 0; i < nodes.size(); i++) {
      for (String output : nodes.get(i).getOutputList()) {
        makers.putIfAbsent(output, i);
      }
    }
    makers.remove("");
    int[] waiting = new int[nodes.size()];
    List<List<Integer>> readers = new ArrayList<>();
    nodes.forEach(node -> readers.add(new ArrayList<>()));
    for (int i = 0; i < nodes.size(); i++) {
      for (String input : nodes.get(i).getInputList()) {
        Integer maker = makers.get(input);
        if (maker != null) {
          readers.get(maker).add(i);
          waiting[i]++;
        }
      }
    }
    // the earliest of those that are ready
    PriorityQueue<Integer> ready = new PriorityQueue<>();
    for (int i = 0; i < waiting.length; i++) {
      if (waiting[i] == 0) {
        ready.add(i);
      }
    }
    List<Integer> order = new ArrayList<>();
    for (Integer next = ready.poll(); next != null; next = ready.poll()) {
      order.add(next);
      for (int reader : readers.get(next)) {
        if (--waiting[reader] == 0) {
          ready.add(reader);
        }
      }
    }
    for (int i = 0; i < waiting.length; i++) {
      if (waiting[i] > 0) {
        order.add(i);
      }
    }
    return order;
  }
}
