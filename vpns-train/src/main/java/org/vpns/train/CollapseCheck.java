package org.vpns.train;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.Problem;
import org.vpns.internal.network.Choice;
import org.vpns.internal.network.MaskInspector;
import org.vpns.internal.network.Network;
import org.vpns.internal.run.Fingerprints;
import org.vpns.internal.run.RunWords;

/**
 * Tells, the moment a mask is known, which layers it empties, and once it is final for a stage
 * whether the network still has a way from input to output.
 */
final class CollapseCheck {
  /** What has been told; part of every checkpoint. */
  static final class State {
    /** Layers that are without weights and told to be. */
    List<String> empty = new ArrayList<>();

    /** Digest of the mask that was looked at last. */
    @Nullable String inspected;

    /** What inspectors said and was told. */
    List<String> sentences = new ArrayList<>();
  }

  private final Recipe recipe;
  private final Network network;
  private final Shape input;
  private final State state;
  private final Consumer<String> warnings;
  private final Map<String, String> rounds = new HashMap<>();

  /**
   * Of a run.
   *
   * @param input shape of one network input
   * @param state what has been told
   */
  CollapseCheck(
      Recipe recipe, Network network, Shape input, State state, Consumer<String> warnings) {
    this.recipe = recipe;
    this.network = network;
    this.input = input;
    this.state = state;
    this.warnings = warnings;
  }

  /**
   * Refuses a network whose collapse nobody would notice, if the run is to fail on it.
   *
   * @throws IllegalArgumentException if no inspector understands it
   */
  static void requirePossible(Recipe recipe, Network network, Shape input) {
    if (recipe.onCollapse() == Collapse.FAIL
        && inspect(network, input, MaskSet.ones(network.layout())).isEmpty()) {
      throw Problem.argument(
          "collapse cannot be noticed",
          "model '" + network.model().getName() + "'",
          "a network whose graph a MaskInspector can follow",
          network.isScript() ? "a TorchScript module" : "none that does",
          "leave out onCollapse(FAIL), or give the network as a block or as ONNX");
    }
  }

  /** Notes in which round a layer lost its last weight. */
  void chosen(Choice choice) {
    choice
        .kept()
        .asMap()
        .forEach(
            (path, mask) -> {
              boolean lost = mask.kept() == 0 && choice.among().get(path).kept() > 0;
              if (lost && !choice.moment().isEmpty()) {
                rounds.put(path, choice.moment() + ", " + RunWords.sparsity(choice.kept()));
              }
            });
  }

  /** What was noted is of a mask that will be learned anew. */
  void forget() {
    rounds.clear();
  }

  /** Tells which layers have lost their last weight since it was last asked. */
  void masked(String moment, MaskSet masks) {
    List<String> empty = new ArrayList<>();
    List<String> told = new ArrayList<>();
    for (Map.Entry<String, Mask> entry : masks.asMap().entrySet()) {
      String path = entry.getKey();
      if (entry.getValue().kept() == 0) {
        empty.add(path);
        if (!state.empty.contains(path)) {
          told.add(rounds.containsKey(path) ? path + " (" + rounds.get(path) + ")" : path);
        }
      }
    }
    state.empty = empty;
    rounds.clear();
    if (!told.isEmpty()) {
      warnings.accept(
          RunWords.at(moment, masks)
              + (told.size() == 1 ? "1 layer has" : told.size() + " layers have")
              + " no weight left: "
              + String.join(", ", told));
    }
  }

  /**
   * Looks at a mask which will not change in the stage any more, unless it has been looked at.
   *
   * @param last whether no later stage changes it: of masks that rounds will replace it is enough
   *     to know whether they leave a way
   * @throws IllegalStateException if the network has collapsed and the run is to fail on that
   */
  void settled(String moment, MaskSet masks, boolean last) {
    String digest = Fingerprints.digest(masks);
    if (masks.kept() == masks.size() || digest.equals(state.inspected)) {
      return;
    }
    state.inspected = digest;
    for (MaskInspector.Findings findings : inspect(network, input, masks)) {
      if (findings.isCollapsed() && recipe.onCollapse() == Collapse.FAIL) {
        throw Problem.state(
            "network has collapsed",
            moment + " of recipe " + recipe + ", mask of " + RunWords.kept(masks),
            "a way from input to output",
            "none, "
                + (state.empty.isEmpty()
                    ? "though every layer keeps weights"
                    : "with no weight left in " + String.join(", ", state.empty)),
            "keep more weights, or "
                + (state.empty.isEmpty()
                    ? "choose them by Pruners.synFlow(), whose scores follow the ways"
                    : "several of each layer by Allocations.globalWithFloor, as one alone may not"
                        + " meet the next")
                + "; the model is as it was before");
      }
      for (String text : findings.sentences()) {
        boolean worthTelling = findings.isCollapsed() || last;
        if (worthTelling && !state.sentences.contains(text)) {
          state.sentences.add(text);
          warnings.accept(RunWords.at(moment, masks) + text);
        }
      }
    }
  }

  private static List<MaskInspector.Findings> inspect(Network network, Shape input, MaskSet masks) {
    List<MaskInspector.Findings> all = new ArrayList<>();
    if (!network.isScript()) {
      for (MaskInspector inspector : ServiceLoader.load(MaskInspector.class)) {
        Optional<MaskInspector.Findings> seen = inspector.inspect(network.block(), input, masks);
        seen.ifPresent(all::add);
      }
    }
    return all;
  }
}
