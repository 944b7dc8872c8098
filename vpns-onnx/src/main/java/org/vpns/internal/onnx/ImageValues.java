package org.vpns.internal.onnx;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Which values of a graph are computed from what the caller hands in, shapes apart. */
final class ImageValues {
  private ImageValues() {}

  /**
   * Names of those that nodes make.
   *
   * @param stored names of the values that the file stores
   */
  static Set<String> of(List<OnnxNode> nodes, Set<String> stored) {
    Set<String> made = new HashSet<>();
    nodes.forEach(node -> made.addAll(node.outputs()));
    Set<String> images = new HashSet<>();
    for (OnnxNode node : nodes) {
      boolean reads =
          node.inputs().stream()
              .anyMatch(
                  value ->
                      images.contains(value)
                          || !value.isEmpty() && !made.contains(value) && !stored.contains(value));
      if (reads && !isShape(node)) {
        images.addAll(node.outputs());
      }
    }
    return images;
  }

  private static boolean isShape(OnnxNode node) {
    return node.operator().equals("Shape") || node.operator().equals("Size");
  }
}
