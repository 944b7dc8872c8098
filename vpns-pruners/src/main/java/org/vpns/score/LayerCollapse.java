package org.vpns.score;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.Problem;
import org.vpns.internal.flow.PositiveNetwork;

/**
 * What a mask leaves of the ways through a network, found by the flow of its positive network
 * ({@link SynFlowScorer}) under the mask: no flow, no way from input to output.
 *
 * @param flow R, 0 if the network has collapsed: it answers the same for every image
 * @param emptyLayers prunable parameters without a weight left, in order
 * @param deadUnits for each prunable parameter with some the number of its outputs (channels or
 *     rows of the head) through which nothing flows: without incoming or without outgoing weights
 * @param kept weights that the mask keeps
 * @param deadSurvivors those of them through which nothing flows
 */
public record LayerCollapse(
    double flow,
    List<String> emptyLayers,
    Map<String, Integer> deadUnits,
    long kept,
    long deadSurvivors) {
  /** Copies list and map. */
  public LayerCollapse {
    emptyLayers =
        ImmutableList.copyOf(Problem.givenEach(emptyLayers, "new LayerCollapse", "emptyLayers"));
    deadUnits = ImmutableMap.copyOf(Problem.givenEach(deadUnits, "new LayerCollapse", "deadUnits"));
  }

  /**
   * Looks at a network under a mask. Operators that do not conserve flow, such as sigmoid, count as
   * the identity where they keep the shape: flow or no flow is all that matters here. A kept weight
   * or a scale that happens to be 0 counts as 1, because training can move it.
   *
   * @param block the network; it stays as it is, pruned already or not
   * @param input shape of one input, (channels, height, width)
   * @throws IllegalArgumentException if the network cannot be traced or the masks do not fit it
   */
  public static LayerCollapse of(Block block, Shape input, MaskSet masks) {
    Problem.given(block, "LayerCollapse.of", "block");
    Problem.given(input, "LayerCollapse.of", "input");
    Problem.given(masks, "LayerCollapse.of", "masks");
    Map<String, Shape> shapes = new LinkedHashMap<>();
    masks.asMap().forEach((path, mask) -> shapes.put(path, mask.shape()));
    Layout layout = Layout.of(shapes);
    try (PositiveNetwork network = PositiveNetwork.ofWays(block, input, layout)) {
      PositiveNetwork.Flow flow = network.flow(masks);
      List<String> empty = new ArrayList<>();
      Map<String, Integer> units = new LinkedHashMap<>();
      long dead = 0;
      for (int i = 0; i < layout.tensors(); i++) {
        Mask mask = masks.get(layout.path(i));
        if (mask.kept() == 0) {
          empty.add(layout.path(i));
        }
        int deadRows = deadRows(flow.shares(), layout, i);
        if (deadRows > 0) {
          units.put(layout.path(i), deadRows);
        }
        for (int j = 0; j < mask.size(); j++) {
          dead += mask.isKept(j) && flow.shares()[layout.offset(i) + j] == 0 ? 1 : 0;
        }
      }
      return new LayerCollapse(flow.total(), empty, units, masks.kept(), dead);
    }
  }

  private static int deadRows(double[] shares, Layout layout, int tensor) {
    int rows = Math.toIntExact(layout.shape(tensor).get(0));
    int width = rows == 0 ? 0 : layout.size(tensor) / rows;
    int dead = 0;
    for (int r = 0; r < rows; r++) {
      double sum = 0;
      for (int j = 0; j < width; j++) {
        sum += shares[layout.offset(tensor) + r * width + j];
      }
      dead += sum == 0 ? 1 : 0;
    }
    return dead;
  }

  /** Whether no way from input to output is left. */
  public boolean isCollapsed() {
    return flow == 0;
  }

  /** Parameters without weights in a network that still has a way past them. */
  public List<String> blockedBranches() {
    return isCollapsed() ? List.of() : emptyLayers;
  }

  /** What a reader of a report should know, one sentence each; empty if nothing is wrong. */
  public List<String> sentences() {
    if (isCollapsed()) {
      return List.of(
          "the network has collapsed: no way from input to output is left, so it answers the same"
              + " for every image"
              + (emptyLayers.isEmpty()
                  ? "; no layer is empty, but the weights that are left do not meet"
                  : "; without weights: " + String.join(", ", emptyLayers)));
    }
    List<String> sentences = new ArrayList<>();
    if (!emptyLayers.isEmpty()) {
      sentences.add(
          "blocked branch: everything flows past "
              + String.join(", ", emptyLayers)
              + ", which "
              + (emptyLayers.size() == 1 ? "has" : "have")
              + " no weight left");
    }
    if (deadSurvivors > 0) {
      sentences.add(
          deadSurvivors
              + " of "
              + kept
              + " kept weights carry nothing: no way from input to output leads through them");
    }
    return sentences;
  }
}
